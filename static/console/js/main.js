// Puts the parts together: frames of the socket, keys, preferences, notifications.
import { $, $$, complain, el, escape, facts, icon, isTyping, on, post, store, t, toast } from "./dom.js";
import * as live from "./live.js";
import * as list from "./list.js";
import * as panel from "./panel.js";
import * as thread from "./thread.js";
import * as composer from "./composer.js";
import * as actions from "./actions.js";
import * as media from "./media.js";
import * as palette from "./palette.js";
import * as quick from "./quick.js";
import * as notices from "./notices.js";
import * as sheets from "./sheets.js";
import * as rooms from "./rooms.js";
import * as todos from "./todos.js";

document.cookie = `tz=${Intl.DateTimeFormat().resolvedOptions().timeZone};path=/;max-age=31536000;samesite=lax`;

const goTab = (name) => (list.isHere() ? list.tab(name) : location.assign(`${facts.urls.inbox}?tab=${name}`));
const commands = {
  open: thread.open,
  fresh: actions.fresh,
  all() {
    const ticket = list.openId()
      ? [["k.accept", "check", "a", () => actions.act("accept")], ["k.transfer", "swap", "t", () => actions.act("transfer")], ["k.close", "done", "e", () => actions.act("close")], ["k.unread", "unread", "u", () => actions.act("unread")], ["k.note", "note", "n", () => composer.note(true)], ["k.details", "panel", "d", () => thread.details()]]
      : [];
    const rest = [["k.new", "plus", "c", () => actions.fresh()], ["tab.pending", "clock", "g p", () => goTab("pending")], ["tab.open", "inbox", "g o", () => goTab("open")], ["tab.closed", "done", "g c", () => goTab("closed")], ["todo", "done", "", todos.open], ["theme.light", "sun", "", () => theme("light")], ["theme.dark", "moon", "", () => theme("dark")], ["help", "keyboard", "?", help]];
    const pages = facts.pages.map(({ name, icon: sign, url }) => ({ name, icon: sign, run: () => location.assign(url) }));
    return [...[...ticket, ...rest].map(([name, sign, key, run]) => ({ name: t(name), icon: sign, key, run })), ...pages];
  },
};
const openPalette = palette.start(commands);

function theme(name) {
  document.documentElement.dataset.theme = name;
  for (const button of $$("[data-theme-choice]")) button.setAttribute("aria-pressed", button.dataset.themeChoice === name);
  store.set("theme", name);
  post(facts.urls.theme, { theme: name }).catch(complain);
}

function help() {
  const rows = [["k.move", "j", "k"], ["k.open", "↵"], ["k.search", "/"], ["k.palette", "Ctrl", "K"], ["k.tabs", "g", "p o c"], ["k.new", "c"], ["k.accept", "a"], ["k.transfer", "t"], ["k.close", "e"], ["k.unread", "u"], ["k.reply", "r"], ["k.note", "n"], ["quick.hint", "/"], ["k.details", "d"], ["k.editLast", "↑"], ["k.escape", "Esc"]];
  const box = $("#dialog");
  box.replaceChildren(el(`<div><header class="dialog-head"><h2>${escape(t("help"))}</h2><button class="icon-button" type="button" data-do="dismiss" aria-label="${escape(t("close"))}">${icon("x")}</button></header><div class="dialog-body"><div class="help-grid"><dl>${rows.map(([name, ...keys]) => `<div><dt>${escape(t(name))}</dt><dd>${keys.map((key) => `<kbd>${key}</kbd>`).join("")}</dd></div>`).join("")}</dl></div></div></div>`));
  if (!box.open) box.showModal();
}

const DO = {
  palette: openPalette,
  help,
  new: () => actions.fresh(),
  dismiss: actions.dismiss,
  details: () => ($("#ticket-menu:popover-open")?.hidePopover(), thread.details()),
  back: () => thread.close(),
  attach: () => $("#files").click(),
  note: () => composer.note(),
  "drop-quote": () => (composer.drop(), composer.changed()),
  emoji: (button) => media.emoji(button),
};
on("click", "[data-do]", (event, button) => {
  if (button.matches("a")) event.preventDefault();
  DO[button.dataset.do]?.(button);
});
on("click", ".ticket-menu .menu-item", (_, item) => item.closest(".menu").hidePopover());
on("change", "[data-submit]", (_, field) => field.form.submit());
on("click", "[data-theme-choice]", (_, button) => theme(button.dataset.themeChoice));
addEventListener("storage", (event) => {
  if (event.key?.endsWith(":theme")) document.documentElement.dataset.theme = store.get("theme", "system");
});

// Keys ------------------------------------------------------------------------------------------

let going = 0;
const KEYS = {
  j: () => list.move(1), k: () => list.move(-1), ArrowDown: () => list.move(1), ArrowUp: () => list.move(-1),
  Enter: () => list.focusedId() && thread.open(list.focusedId()),
  a: () => actions.act("accept", list.focusedId() ?? list.openId()), t: () => actions.act("transfer"), e: () => actions.act("close"), u: () => actions.act("unread"),
  r: () => $("#composer-text")?.focus(), n: () => composer.note(true), d: () => thread.details(), c: () => actions.fresh(),
  "/": () => $("#search")?.focus(), "?": help, g: () => (going = Date.now()),
  Escape: () => ($("#details") && !$("#details").hidden ? ($("#details").hidden = true) : list.openId() ? thread.close() : list.unfocus()),
};
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (!$("#palette").open) openPalette();
    return;
  }
  const top = $$("dialog[open]").pop();
  if (event.key === "Escape" && top && !event.isComposing && !$("[popover].menu:popover-open, .emoji:popover-open")) {
    // By itself the browser closes it a moment later, and the next key would still land inside.
    event.preventDefault();
    top.close();
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || $("dialog[open], [popover].menu:popover-open, .emoji:popover-open")) return;
  if (Date.now() - going < 1200 && "poc".includes(event.key)) {
    going = 0;
    event.preventDefault();
    return goTab({ p: "pending", o: "open", c: "closed" }[event.key]);
  }
  if (event.target.closest("#thread") && event.key.startsWith("Arrow")) return;
  if (event.key === "Enter" && event.target.closest("button, a, [role=tab]")) return;
  const run = KEYS[event.key];
  if (!run || (!list.isHere() && !["?", "c"].includes(event.key))) return;
  event.preventDefault();
  run();
});

// Notifications ---------------------------------------------------------------------------------

function drawSwitches() {
  for (const button of $$("[data-toggle]")) button.setAttribute("aria-checked", !!store.get(button.dataset.toggle, false));
}
on("click", "[data-toggle]", async (_, button) => {
  const name = button.dataset.toggle;
  const wanted = !store.get(name, false);
  if (name === "notify" && wanted && (!("Notification" in window) || (await Notification.requestPermission()) !== "granted"))
    return toast(t("notifyRefused"), { error: true });
  store.set(name, wanted);
  drawSwitches();
});

function beep() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.25);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.25);
}

function notice({ message, ticket }) {
  if (message.fromMe || message.mediaType === "reactionMessage") return;
  const holder = ticket?.userId ?? message.ticket?.userId;
  const id = message.ticketId ?? ticket?.id;
  if ((holder && holder !== facts.user.id) || (!document.hidden && id === list.openId())) return;
  // Of several tabs one makes the noise.
  const speak = () => {
    if (store.get("sound", false)) beep();
    if (store.get("notify", false) && document.hidden && Notification.permission === "granted") {
      const box = new Notification(message.contact?.name || "Whaticket", { body: message.body?.slice(0, 140), tag: `t${id}`, icon: "/static/console/mark.svg" });
      box.onclick = () => (window.focus(), thread.open(id));
    }
  };
  navigator.locks
    ? navigator.locks.request(`wt-${message.id}`, { ifAvailable: true }, async (lock) => lock && (speak(), await new Promise((done) => setTimeout(done, 1500))))
    : speak();
}

live.hear("ticket", (data) => {
  const id = Number(data.ticketId ?? data.ticket?.id);
  list.refresh(id);
  if (id === list.openId() && data.action !== "updateUnread") {
    thread.state();
    thread.refresh(0);
  }
});
live.hear("appMessage", (data) => {
  const message = data.message ?? {};
  const id = Number(message.ticketId ?? data.ticket?.id ?? message.ticket?.id);
  if (id) list.refresh(id);
  if (list.openId()) {
    if (data.action === "delete") document.getElementById(`m-${message.id ?? data.messageId}`)?.remove();
    else thread.refresh(message.quotedMsgId || 0, message.id);
  }
  if (data.action === "create") notice(data);
});
live.hear("presence", thread.presence);
live.hear("resync", () => {
  if (list.isHere()) list.reload();
  thread.reload();
});

document.body.addEventListener("htmx:responseError", (event) => {
  let data = {};
  try {
    data = JSON.parse(event.detail.xhr.responseText);
  } catch {
    // Not ours to explain.
  }
  toast(data.message || t("failed"), { error: true });
});
document.body.addEventListener("htmx:sendError", () => toast(t("offline"), { error: true }));

drawSwitches();
list.start();
media.start();
quick.start();
composer.start();
actions.start();
if (list.isHere()) thread.start();
panel.start();
rooms.start();
todos.start();
notices.start();
sheets.start();
live.start();
