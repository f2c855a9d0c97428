// The ticket list: tabs, filters, search, endless scrolling, and live changes that never jump.
import { $, $$, announce, ask, calm, complain, el, facts, gather, load, on, phone, plural, t } from "./dom.js";

const rows = () => $("#rows");
let focused = null;
let news = 0;
let pointerAt = 0;
let searching = null;
// Which showing of the list this is, whether it has come, and the tickets of which news came meanwhile.
let showing = 0;
let isComing = false;
const late = new Set();

export const isHere = () => !!rows();
export const cards = () => $$("#rows > .card");
export const cardOf = (id) => document.getElementById(`card-${id}`);
export const openId = () => Number($("#convo")?.dataset.ticket) || null;

export function query(more = {}) {
  const data = rows().dataset;
  const params = new URLSearchParams({ tab: data.tab, who: data.who });
  if (data.queue) params.set("queue", data.queue);
  const text = $("#search").value.trim();
  if (text.length > 1) params.set("q", text);
  for (const [key, value] of Object.entries(more)) params.set(key, value);
  return params;
}

/** Show the list anew: another tab, filter, search, or after a resync. */
export async function reload(change = {}) {
  const search = $("#search");
  const at = document.activeElement === search ? search.selectionStart : null;
  const text = search.value;
  const params = query(change);
  for (const key of ["queue", "q"]) if (params.get(key) === "") params.delete(key);
  const slow = setTimeout(() => rows()?.replaceChildren(...skeletons()), 160);
  const mine = ++showing;
  isComing = true;
  try {
    const response = await fetch(`${facts.urls.list}?${params}`, { headers: { "HX-Request": "true", "X-Console": "1" } });
    if (response.status === 401) return location.assign(facts.login);
    if (!response.ok) throw new Error(t("listFailed"));
    const html = await response.text();
    clearTimeout(slow);
    if (mine !== showing) return;
    $("#list").innerHTML = html;
    news = 0;
    const field = $("#search");
    if (at !== null) {
      field.value = text;
      field.focus({ preventScroll: true });
      field.setSelectionRange(at, at);
    }
    mark();
    watchEnd();
    return true;
  } catch {
    clearTimeout(slow);
    if (mine === showing) fail(change);
  } finally {
    if (mine === showing) {
      isComing = false;
      // The list may have been read before these changed.
      if (late.size) refresh(...late);
      late.clear();
    }
  }
}

const skeletons = () => Array.from({ length: 7 }, () => el('<li class="skeleton card-skeleton"></li>'));

function fail(change) {
  rows().replaceChildren();
  $(".list-error")?.remove();
  const box = el(`<div class="list-error" role="alert"><span>${t("listFailed")}</span><button class="button small" type="button">${t("retry")}</button></div>`);
  $("button", box).addEventListener("click", () => (box.remove(), reload(change)));
  rows().after(box);
}

/** Highlight the opened and the focused card. */
export function mark() {
  const id = openId();
  for (const card of cards()) {
    const isOpen = Number(card.dataset.id) === id;
    card.classList.toggle("is-open", isOpen);
    card.firstElementChild.toggleAttribute("aria-current", isOpen);
    card.classList.toggle("is-focus", card.dataset.id === focused);
    card.firstElementChild.tabIndex = card.dataset.id === focused || (!focused && card === cards()[0]) ? 0 : -1;
  }
}

export function move(step) {
  const all = cards();
  if (!all.length) return;
  const from = focused ?? String(openId() ?? "");
  const at = all.findIndex((card) => card.dataset.id === from);
  const next = at < 0 ? all[step > 0 ? 0 : all.length - 1] : all[Math.max(0, Math.min(all.length - 1, at + step))];
  focused = next.dataset.id;
  mark();
  next.scrollIntoView({ block: "nearest" });
  announce($(".card-name", next).textContent);
}

export const focusedId = () => (focused && cardOf(focused) ? Number(focused) : null);
export const unfocus = () => ((focused = null), mark());

// Endless scrolling -----------------------------------------------------------------------------

const end = new IntersectionObserver(
  (entries) => entries.some((entry) => entry.isIntersecting) && more(),
  { rootMargin: "500px" },
);
let loadingMore = false;

function watchEnd() {
  end.disconnect();
  const last = $("#rows > .more");
  if (last) end.observe(last);
}

async function more() {
  const last = $("#rows > .more");
  if (!last || loadingMore) return;
  loadingMore = true;
  try {
    await load(`${facts.urls.list}?${query({ after: last.dataset.next })}`, last, "outerHTML");
    // A card that moved up meanwhile may come twice; the upper one is the newer.
    const seen = new Set();
    for (const card of cards()) seen.has(card.id) ? card.remove() : seen.add(card.id);
  } finally {
    loadingMore = false;
    mark();
    watchEnd();
  }
}

// Live ------------------------------------------------------------------------------------------

/** Fetch these cards again after events, and put them where they belong now. */
export const refresh = gather(async (ids) => {
  if (!isHere()) return;
  await settled();
  const mine = showing;
  try {
    for (let at = 0; at < ids.length; at += 50) {
      const data = isComing ? null : await ask(`${facts.urls.cards}?${query({ ids: ids.slice(at, at + 50).join(",") })}`);
      if (isComing || mine !== showing) return again(ids.slice(at));
      for (const [id, card] of Object.entries(data.cards)) card ? place(id, card) : leave(id);
      counts(data.counts);
    }
  } catch {
    // The next event or reconnect fetches again.
  }
  empty();
  mark();
}, 90);

/** What was asked of another tab says nothing about this one. */
function again(ids) {
  if (!isComing) return refresh(...ids);
  for (const id of ids) late.add(id);
}

/** Wait while somebody is about to click a card: it must not move away under the pointer. */
async function settled() {
  const since = Date.now();
  while (Date.now() - pointerAt < 500 && Date.now() - since < 3000)
    await new Promise((done) => setTimeout(done, 120));
}

function place(id, { html, at }) {
  const list = rows();
  const fresh = el(html);
  const old = cardOf(id);
  const before = cards().find((card) => card.id !== fresh.id && card.dataset.at < at);
  const isSame = old && (old.nextElementSibling === before || (!before && old.nextElementSibling?.matches(".more, :not(*)")) );
  if (old && isSame) {
    old.replaceWith(fresh);
    return;
  }
  // Below the loaded part: it comes when one scrolls there.
  if (!before && $("#rows > .more") && !old) return;
  const tops = calm.matches ? null : new Map(cards().map((card) => [card.id, card.getBoundingClientRect().top]));
  const scrolled = list.scrollTop;
  const anchor = scrolled > 40 ? cards().find((card) => card !== old && card.offsetTop >= scrolled) : null;
  const anchorTop = anchor?.offsetTop;
  old?.remove();
  list.insertBefore(fresh, before ?? $("#rows > .more"));
  if (!old) fresh.classList.add("is-new");
  if (anchor) {
    list.scrollTop = scrolled + (anchor.offsetTop - anchorTop);
    if (fresh.offsetTop < list.scrollTop) tellNews();
  } else if (tops) slide(tops);
}

function slide(tops) {
  for (const card of cards().slice(0, 25)) {
    const was = tops.get(card.id);
    const delta = was === undefined ? 0 : was - card.getBoundingClientRect().top;
    if (Math.abs(delta) > 1)
      card.animate([{ translate: `0 ${delta}px` }, { translate: "0 0" }], { duration: 220, easing: "cubic-bezier(.2,.8,.3,1)" });
  }
}

function leave(id) {
  const card = cardOf(id);
  if (!card) return;
  card.classList.add("is-leaving");
  card.removeAttribute("id");
  setTimeout(() => (card.remove(), empty()), calm.matches ? 0 : 220);
}

function tellNews() {
  news += 1;
  const pill = $("#list-news");
  pill.hidden = false;
  $("span", pill).textContent = plural("newTickets", news);
}

function empty() {
  const box = $("#list-empty");
  if (box) box.hidden = cards().some((card) => !card.classList.contains("is-leaving")) || !!$("#rows > .more");
}

export function counts(data) {
  for (const badge of $$("[data-count]")) {
    const n = data[badge.dataset.count] ?? 0;
    badge.textContent = n;
    badge.hidden = !n;
  }
  const unread = data.unread + data.groups_unread;
  $("[data-badge]").hidden = !unread;
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (unread) document.title = `(${unread}) ${document.title}`;
  navigator.setAppBadge?.(unread).catch(() => {});
}

export const tab = (name) => $(`[data-tab="${name}"][role="tab"]`) && ($("#search").value = "", reload({ tab: name, q: "" }));

export function start() {
  if (!isHere()) return;
  on("click", '[role="tab"][data-tab]', (_, button) => tab(button.dataset.tab));
  on("click", "[data-who]", (_, button) => button.matches("button") && reload({ who: button.dataset.who }));
  on("change", "#queue-filter", (_, select) => reload({ queue: select.value }));
  on("input", "#search", () => {
    clearTimeout(searching);
    searching = setTimeout(() => reload($("#search").value.trim().length > 1 ? {} : { q: "" }), 230);
  });
  on("keydown", "#search", (event, field) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (field.value) {
        field.value = "";
        reload({ q: "" });
      } else field.blur();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      field.blur();
      focused = null;
      const first = cards()[0];
      if (!first) return;
      if (event.key === "Enter") $(".card-link", first).click();
      else move(1);
    }
  });
  on("keydown", '[role="tab"]', (event, button) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = $$('[role="tab"]');
    all[(all.indexOf(button) + step + all.length) % all.length].focus();
  });
  on("click", "#list-news", () => {
    rows().scrollTo({ top: 0, behavior: "smooth" });
    news = 0;
    $("#list-news").hidden = true;
  });
  document.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" && event.target.closest?.("#rows")) pointerAt = Date.now();
  }, { passive: true });
  document.addEventListener("scroll", (event) => {
    if (event.target === rows() && rows().scrollTop < 30 && !$("#list-news").hidden) {
      news = 0;
      $("#list-news").hidden = true;
    }
  }, { capture: true, passive: true });
  setInterval(relativeTimes, 30000);
  mark();
  watchEnd();
}

function relativeTimes() {
  for (const time of $$("[data-relative]")) {
    const minutes = Math.floor((Date.now() - new Date(time.dateTime)) / 60000);
    if (minutes < 1) time.textContent = t("now");
    else if (minutes < 60) time.textContent = t("minutes", { n: minutes });
  }
}

export { phone, complain };
