// The panel beside a conversation: a lane is chosen at once, changes of colleagues are shown, and
// what is half written there stays when the panel is drawn again.
import { $, $$, on } from "./dom.js";
import { hear } from "./live.js";
import { openId } from "./list.js";
import * as thread from "./thread.js";

let drafts = [];

function keep(panel) {
  drafts = $$("[data-draft]", panel)
    .filter((field) => field.value)
    .map((field) => ({ key: field.dataset.draft, text: field.value, focused: field === document.activeElement }));
}

function giveBack(panel) {
  for (const { key, text, focused } of drafts) {
    const field = $(`[data-draft="${CSS.escape(key)}"]`, panel);
    if (!field) continue;
    field.value = text;
    if (focused) field.focus();
  }
  drafts = [];
}

/** What was sent is no draft any more, not even in a panel drawn again before the answer came. */
export function sent(form) {
  for (const { dataset, value } of $$("[data-draft]", form)) {
    const field = $(`#details [data-draft="${CSS.escape(dataset.draft)}"]`);
    if (field?.value === value) field.value = "";
  }
}

export function start() {
  const panel = $("#details");
  if (!panel) return;
  panel.addEventListener("htmx:beforeSwap", (event) => event.target === panel && keep(panel));
  panel.addEventListener("htmx:afterSwap", (event) => event.target === panel && giveBack(panel));
  on("change", "[data-submits]", (_, field) => field.form.requestSubmit());
  const again = () => !panel.hidden && openId() && thread.details(true);
  hear("ticket", (data) => data.action === "update" && Number(data.ticketId ?? data.ticket?.id) === openId() && again());
  hear("tag", again);
}
