// Quick messages: a list that opens on "/" in the composer, and the page where they are kept.
import { $, $$, ask, complain, el, escape, facts, icon, load, on, plural, t } from "./dom.js";
import { hear } from "./live.js";
import { openId } from "./list.js";
import * as composer from "./composer.js";

// A slash at the beginning or after a space, and what is typed after it, up to the caret.
const TOKEN = /(?:^|\s)\/([^\n/]{0,60})$/;
const SHOWN = 40;
const field = () => $("#composer-text");
const box = () => $("#quick-list");

let offers = null;
let asked = 0;
let found = [];
let at = 0;
// Where the list was sent away: it stays closed until another slash is typed.
let refused = -1;
let inserting = false;

const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function token() {
  const area = field();
  if (!area || area.selectionStart !== area.selectionEnd) return null;
  const match = TOKEN.exec(area.value.slice(0, area.selectionStart));
  if (!match) return null;
  return { text: match[1], start: area.selectionStart - match[1].length - 1, end: area.selectionStart };
}

/** Names that begin with it come first, then names that have it, then texts that have it. */
function matching(text) {
  const wanted = folded(text.trim());
  const rank = (offer) => {
    const name = folded(offer.name);
    return name.startsWith(wanted) ? 0 : name.includes(wanted) ? 1 : folded(offer.text).includes(wanted) ? 2 : 3;
  };
  return offers
    .map((offer) => [rank(offer), offer])
    .filter(([place]) => place < 3)
    .sort(([a], [b]) => a - b)
    .slice(0, SHOWN)
    .map(([, offer]) => offer);
}

async function fetchOffers() {
  const ticket = openId();
  const number = ++asked;
  const data = await ask(`${facts.urls.quickOffers}?ticket=${ticket}`).catch((error) => (complain(error), null));
  // The answer to another conversation's question must not be offered in this one.
  return data && number === asked && ticket === openId() ? data.offers : null;
}

async function update() {
  const now = token();
  if (!now || now.start === refused) return close(now ? refused : -1);
  refused = -1;
  if (!box()) {
    // Asked every time it opens: the hour and the ticket are in the texts.
    offers = null;
    open();
    offers = await fetchOffers();
    if (!offers) return close();
    return update();
  }
  if (!offers) return;
  found = matching(now.text);
  // Somebody writes on after "5 /month"; that is no name of anything.
  if (!found.length && offers.length && now.text.includes(" ")) return close();
  paint();
}

function open() {
  const list = el(`<div class="quick-list" id="quick-list"><ul id="quick-options" role="listbox" aria-label="${escape(t("quick"))}"></ul><a class="quick-manage" href="${facts.urls.quickMessages}">${icon("quick")}${escape(t("quick.manage"))}</a></div>`);
  // The caret stays in the message whatever is touched here.
  list.addEventListener("mousedown", (event) => event.target.closest("a") || event.preventDefault());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) insert(found[Number(row.dataset.at)]);
  });
  $("#composer").append(list);
  field().setAttribute("aria-controls", "quick-options");
}

function close(kept = -1) {
  refused = kept;
  asked += 1;
  found = [];
  box()?.remove();
  for (const name of ["aria-controls", "aria-activedescendant"]) field()?.removeAttribute(name);
}

function drawing(file) {
  if (!file) return "";
  const sign = { image: "image", video: "video", audio: "music" }[file.kind] ?? "file";
  return `<span class="quick-thumb" title="${escape(file.name)}">${file.small ? `<img src="${escape(file.small)}" alt="${escape(file.name)}">` : icon(sign)}</span>`;
}

function paint() {
  const list = $("#quick-options");
  list.innerHTML = found.length
    ? found.map((offer, place) => `<li role="option" id="quick-${place}" data-at="${place}" aria-selected="false"><span><strong>/${escape(offer.name)}</strong><small>${escape(offer.text || offer.file?.name || "")}</small></span>${drawing(offer.file)}</li>`).join("")
    : `<li class="nothing" role="presentation">${escape(t(offers.length ? "quick.noMatch" : "quick.none"))}</li>`;
  $("#announce").textContent = found.length ? plural("quick", found.length) : list.textContent;
  choose(0);
}

function choose(to) {
  if (!found.length) return field().removeAttribute("aria-activedescendant");
  at = (to + found.length) % found.length;
  for (const row of $$("#quick-options [role=option]")) {
    const chosen = Number(row.dataset.at) === at;
    row.setAttribute("aria-selected", chosen);
    if (chosen) row.scrollIntoView({ block: "nearest" });
  }
  field().setAttribute("aria-activedescendant", `quick-${at}`);
}

function insert(offer) {
  const now = token();
  if (!offer || !now) return close();
  const area = field();
  close();
  area.focus();
  area.setRangeText(offer.text, now.start, now.end, "end");
  if (offer.file) composer.attachQuick(offer);
  // What was inserted may hold a slash itself.
  inserting = true;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  inserting = false;
  area.scrollTop = area.scrollHeight;
  $("#announce").textContent = t("quick.inserted", { name: offer.name });
}

/** The button: what a slash does, for those who do not type it. */
function begin() {
  const area = field();
  if (!area) return;
  if (box()) return close();
  area.focus();
  const before = area.value.slice(0, area.selectionStart);
  area.setRangeText(before && !/\s$/.test(before) ? " /" : "/", area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

const KEYS = {
  ArrowDown: () => choose(at + 1),
  ArrowUp: () => choose(at - 1),
  Enter: () => insert(found[at]),
  Tab: () => insert(found[at]),
};

function press(event) {
  if (!box() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  // With nothing to choose Enter does not send either: no customer shall read half a name.
  if (event.key === "Escape" || (event.key === "Enter" && offers && !found.length)) close(token()?.start);
  else if (event.shiftKey || !KEYS[event.key] || (event.key === "Tab" && !found.length)) return;
  else if (found.length) KEYS[event.key]();
  // Neither does the composer send, nor the page leave the field.
  event.preventDefault();
  event.stopPropagation();
}

// The page where they are kept --------------------------------------------------------------------

let typing = 0;
function reload() {
  const rows = $("#quick-messages");
  if (rows) load(`${facts.urls.quickRows}?${new URLSearchParams({ q: $("[data-quick-search]").value })}`, rows);
}

function addVariable(button) {
  const area = $("textarea", button.form);
  area.focus();
  area.setRangeText(`{{${button.dataset.variable}}}`, area.selectionStart, area.selectionEnd, "end");
}

export function start() {
  on("input", "#composer-text", () => !inserting && update());
  on("keydown", "#composer-text", press, { capture: true });
  on("click", "#composer-text", () => box() && update());
  on("focusout", "#composer-text", (event) => {
    if (box() && !event.relatedTarget?.closest("#quick-list, [data-do=quick]")) close();
  });
  on("mousedown", "[data-do=quick]", (event) => event.preventDefault());
  on("click", "[data-do=quick]", begin);
  document.addEventListener("wt:opened", () => close());
  on("input", "[data-quick-search]", () => {
    clearTimeout(typing);
    typing = setTimeout(reload, 180);
  });
  on("submit", ".quick-search", (event) => (event.preventDefault(), reload()));
  on("click", "[data-variable]", (_, button) => addVariable(button));
  document.addEventListener("wt:quick", reload);
  hear("quickmessage", reload);
}
