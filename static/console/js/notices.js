// Announcements of the platform: the bell, its dot, and what is urgent above every page. What
// somebody has read is known to their browser alone.
import { $, $$, el, escape, facts, gather, icon, renew, store, t } from "./dom.js";
import { hear } from "./live.js";

const MOST = 100;
const URGENT = 1;
const NEWS = 2;
const read = () => new Set(store.get("notices", []));
const all = () => $$("#notices [data-notice]");

function note(keys) {
  store.set("notices", [...new Set([...read(), ...keys])].slice(-MOST));
  draw();
}

function strip(notice) {
  const title = $("h3", notice).textContent;
  const line = el(`<div class="strip bad" role="status" data-strip="${escape(notice.dataset.notice)}">${icon("bell")}<span><strong>${escape(title)}</strong></span><button class="button small" type="button" popovertarget="notices">${escape(t("notice.read"))}</button><button class="icon-button small" type="button" data-dismiss aria-label="${escape(t("notice.dismiss"))}">${icon("x")}</button></div>`);
  $("[data-dismiss]", line).addEventListener("click", () => note([notice.dataset.notice]));
  return line;
}

function draw() {
  const known = read();
  const fresh = all().filter((notice) => !known.has(notice.dataset.notice));
  for (const way of $$("#notices-button, [data-notices-way]")) way.hidden = !all().length;
  $("[data-notices-badge]").hidden = !fresh.some((notice) => Number(notice.dataset.priority) <= NEWS);
  const urgent = fresh.filter((notice) => Number(notice.dataset.priority) === URGENT);
  for (const old of $$("[data-strip]")) {
    if (!urgent.some((notice) => notice.dataset.notice === old.dataset.strip)) old.remove();
  }
  for (const notice of urgent) {
    if (!$(`[data-strip="${CSS.escape(notice.dataset.notice)}"]`)) $("#strips").append(strip(notice));
  }
}

const again = gather(async () => {
  if (await renew(facts.urls.notices, $("#notices"))) draw();
}, 200);

export function start() {
  if (!$("#notices")) return;
  $("#notices").addEventListener("toggle", (event) => {
    // Read when it is closed, so that what is new stands out until then.
    if (event.newState === "closed") note(all().map((notice) => notice.dataset.notice));
  });
  addEventListener("storage", (event) => event.key?.endsWith(":notices") && draw());
  hear("announcement", () => again(1));
  hear("resync", () => again(1));
  draw();
}
