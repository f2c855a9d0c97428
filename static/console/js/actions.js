// What one does with tickets and messages, and the dialogs that ask for more.
import { $, $$, ask, complain, el, escape, facts, icon, load, on, post, t, toast } from "./dom.js";
import { hear } from "./live.js";
import { cardOf, focusedId, openId, refresh as refreshCards, reload as reloadList } from "./list.js";
import * as composer from "./composer.js";
import { sent } from "./panel.js";
import * as thread from "./thread.js";

const base = facts.urls?.inbox;
const target = () => openId() ?? focusedId();
const WORDS = { accept: "accepted", take: "accepted", close: "closed", reopen: "reopened", return: "returned", unread: "markedUnread" };

export async function act(name, id = target()) {
  if (!id) return;
  if (name === "transfer") return dialog(`${base}t/${id}/transfer/`);
  try {
    const data = await post(`${base}t/${id}/${name}/`);
    refreshCards(id, data.id);
    if (name === "close") toast(t("closed"), { action: t("undo"), run: () => act("reopen", id) });
    else toast(t(WORDS[name]));
    if (name === "accept" && openId() !== id) return thread.open(id);
    if (data.id !== id) return thread.open(data.id);
    if (name === "unread" && matchMedia("(max-width: 760px)").matches) return thread.close();
    if (openId() === id) {
      await thread.state();
      thread.refresh(0);
      if (["accept", "take", "reopen"].includes(name)) $("#composer-text")?.focus();
    }
  } catch (error) {
    complain(error);
    refreshCards(id);
    if (openId() === id) thread.state();
  }
}

export async function dialog(url) {
  const box = $("#dialog");
  await load(url, box);
  if (!box.open) box.showModal();
  $("[autofocus]", box)?.focus();
  if ($("[data-narrows]", box)) narrow($("[data-narrows]", box));
}

/** Offer only colleagues who answer the chosen queue. */
function narrow(form) {
  const queue = new FormData(form).get("queue");
  for (const choice of $$("[data-queues]:not([data-everywhere])", form)) {
    choice.hidden = !!queue && !choice.dataset.queues.split(",").includes(queue);
    if (choice.hidden && $("input", choice).checked) form.elements.agent.value = "";
  }
}

export const dismiss = () => $("#dialog").close();
export const fresh = (data = {}) => dialog(`${facts.urls.new}?${new URLSearchParams(data)}`);

const THEN = {
  reload: () => location.reload(),
  open: (data) => thread.open(data.id),
  forwarded: () => toast(t("forwarded")),
  quick: () => document.dispatchEvent(new CustomEvent("wt:quick")),
  details: () => thread.details(true),
  transferred: (data) => {
    toast(t("transferred"));
    refreshCards(openId() ?? data.id, data.id);
    if (openId()) thread.state();
  },
};

async function submit(event, form) {
  event.preventDefault();
  const button = $("button:not([type=button])", form);
  button.setAttribute("aria-busy", "true");
  try {
    const data = await ask(form.getAttribute("action"), { method: "POST", form: new FormData(form) });
    if (form.dataset.then === "code") $(".code", form).textContent = data.code;
    else {
      sent(form);
      form.reset();
      dismiss();
      if (THEN[form.dataset.then]) THEN[form.dataset.then](data);
      // Pages with scripts of their own hear of it there.
      else document.dispatchEvent(new CustomEvent(`wt:${form.dataset.then}`, { detail: data }));
    }
  } catch (error) {
    if (error.data?.id) {
      dismiss();
      thread.open(error.data.id);
    }
    for (const field of $$("input, textarea, select", form)) field.toggleAttribute("aria-invalid", false);
    for (const name of error.data?.fields ?? []) form.elements[name]?.setAttribute?.("aria-invalid", "true");
    $("[aria-invalid=true]", form)?.focus();
    complain(error);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function menu(message) {
  $("#message-menu")?.remove();
  const caps = $("#desk .desk-in").dataset;
  const own = message.dataset.own;
  const items = [
    ["reply", "reply", true], ["react", "smile", caps.react], ["copy", "copy", message.dataset.body],
    ["forward", "forward", !message.matches(".note")],
    ["edit", "edit", own && message.dataset.kind === "text" && (caps.edit || message.matches(".note"))],
    ["delete", "trash", message.dataset.fromMe && (caps.revoke || message.matches(".note, .is-failed"))],
  ];
  const box = el(`<div class="menu" id="message-menu" popover>${items.filter((i) => i[2]).map(([name, sign]) => `<button class="menu-item ${name === "delete" ? "danger" : ""}" type="button" data-for="${name}">${icon(sign)}${escape(t(name))}</button>`).join("")}</div>`);
  document.body.append(box);
  box.showPopover();
  const at = message.getBoundingClientRect();
  box.style.cssText = `position:fixed;left:${Math.min(innerWidth - box.offsetWidth - 8, Math.max(8, message.matches(".in") ? at.left + 20 : at.right - box.offsetWidth))}px;top:${Math.max(8, Math.min(innerHeight - box.offsetHeight - 8, at.top + 26))}px`;
  box.addEventListener("click", (event) => {
    const name = event.target.closest("[data-for]")?.dataset.for;
    if (name) {
      box.hidePopover();
      onMessage(name, message);
    }
  });
  $("button", box).focus();
}

async function onMessage(name, message) {
  const id = message.dataset.id;
  try {
    if (name === "menu") menu(message);
    else if (name === "reply") composer.answer(message);
    else if (name === "edit") composer.correct(message);
    else if (name === "copy") copy(message.dataset.body);
    else if (name === "forward") dialog(`${base}m/${id}/forward/`);
    else if (name === "react") quick(message);
    else if (name === "delete" && confirm(t("sureDelete"))) {
      await post(`${base}m/${id}/delete/`);
      message.matches(".note") ? message.remove() : thread.refresh(id);
    }
  } catch (error) {
    complain(error);
  }
}

function quick(message) {
  $("#quick")?.remove();
  const box = el(`<div class="emoji quick" id="quick" popover><div class="emoji-grid">${["👍", "❤️", "😂", "😮", "😢", "🙏"].map((e) => `<button type="button">${e}</button>`).join("")}</div></div>`);
  document.body.append(box);
  box.showPopover();
  const at = message.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(innerWidth - box.offsetWidth - 8, at.left))}px`;
  box.style.top = `${Math.max(8, at.top - 56)}px`;
  box.addEventListener("click", (event) => {
    const emoji = event.target.closest("button")?.textContent;
    if (!emoji) return;
    box.hidePopover();
    react(message, emoji);
  });
}

async function react(message, emoji) {
  const mine = $(`.reaction.mine[data-reaction="${CSS.escape(emoji)}"]`, message);
  try {
    await post(`${base}m/${message.dataset.id}/react/`, { emoji: mine ? "" : emoji });
    thread.refresh(message.dataset.id);
  } catch (error) {
    complain(error);
  }
}

export function copy(text) {
  navigator.clipboard?.writeText(text).then(() => toast(t("copied"), { seconds: 2 }), () => {});
}

let asked = 0;
async function find(field) {
  const form = field.closest("form");
  const number = ++asked;
  form.elements.contact.value = "";
  const data = await ask(`${facts.urls.contactSearch}?q=${encodeURIComponent(field.value)}`).catch(() => ({ contacts: [] }));
  if (number !== asked) return;
  $("[data-found]", form).replaceChildren(...data.contacts.map((c) => {
    const row = el(`<button class="choice" type="button" aria-pressed="false"><i class="face s h${c.hue}">${escape(c.initials)}</i><span>${escape(c.name)}<small>${escape(c.number)}</small></span></button>`);
    row.addEventListener("click", () => {
      $$(".choice", form).forEach((other) => other.setAttribute("aria-pressed", other === row));
      form.elements.contact.value = c.id;
    });
    return row;
  }));
}

export function start() {
  on("click", "[data-act]", (_, button) => act(button.dataset.act));
  on("click", "[data-accept]", (event, button) => (event.preventDefault(), act("accept", Number(button.dataset.accept))));
  on("click", "[data-dialog]", (_, button) => dialog(button.dataset.dialog));
  on("submit", "form.ajax", submit);
  on("click", "[data-add-field]", (_, button) => {
    const rows = $("[data-fields]", button.form);
    rows.append($("template", button.form).content.cloneNode(true));
    rows.lastElementChild.querySelector("input").focus();
  });
  on("click", "[data-drop-field]", (_, button) => button.closest(".field-row").remove());
  on("change", "[data-narrows] [name=queue]", (_, field) => narrow(field.form));
  on("input", "[data-find]", (_, field) => {
    clearTimeout(find.timer);
    find.timer = setTimeout(() => find(field), 220);
  });
  on("click", "[data-msg]", (_, button) => onMessage(button.dataset.msg, button.closest(".msg")));
  on("click", ".reaction", (_, button) => react(button.closest(".msg"), button.dataset.reaction));
  on("click", "[data-copy]", (_, button) => copy(button.dataset.copy));
  on("click", "[data-new-number]", (_, button) => fresh({ number: button.dataset.newNumber, name: button.dataset.newName }));
  on("click", "[data-resend]", async (_, button) => {
    if (button.dataset.unsure && !confirm(t("sureUnknown"))) return;
    try {
      await post(`${base}m/${button.dataset.resend}/resend/`);
      thread.refresh(button.dataset.resend);
    } catch (error) {
      complain(error);
    }
  });
  on("click", "[data-post]", async (_, button) => {
    if (button.dataset.sure && !confirm(t(button.dataset.sure))) return;
    button.disabled = true;
    try {
      await post(button.dataset.post, button.dataset.fieldDrop ? { drop: button.dataset.fieldDrop } : {});
      button.dataset.then === "details" ? thread.details(true) : connections();
    } catch (error) {
      complain(error);
    } finally {
      button.disabled = false;
    }
  });
  $("#dialog").addEventListener("click", (event) => event.target === event.currentTarget && dismiss());
  hear("whatsappSession", connections);
  hear("whatsapp", connections);
  hear("contact", (data) => {
    if (!openId() || Number($("#convo").dataset.contact) !== Number(data.contact?.id ?? data.contactId)) return;
    refreshCards(openId());
    thread.state();
    if (!$("#details").hidden) thread.details(true);
  });
}

function connections() {
  const rows = $("#connections");
  if (rows) load(facts.urls.connectionRows, rows);
  const link = $("#dialog[open] [data-link]");
  if (link) load(link.dataset.link, $("#dialog"));
}
export { cardOf, reloadList };
