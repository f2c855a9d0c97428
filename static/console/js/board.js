// The board: cards are moved with the mouse, a finger or the keys; what colleagues and customers do
// appears by itself; a move that is refused goes back.
import { $, $$, announce, ask, calm, complain, el, escape, fragment, gather, icon, on, plural, post, t, toast } from "./dom.js";
import { hear } from "./live.js";

const board = $("#board");
const form = $("#board-filters");
const columns = () => $$(".lane-column", board);
const columnOf = (lane) => $(`.lane-column[data-lane="${lane}"]`, board);
const cardsIn = (column) => $$(".board-card", column);
const cardOf = (id) => document.getElementById(`board-${id}`);
const list = (column) => $(".lane-cards", column);

// Moves on their way to the server, by card.
const moving = new Map();
// Which showing of the board this is; answers to earlier ones are not for it.
let showing = 0;
let isComing = false;
let isBehind = false;
let current = null;
let drag = null;
const late = new Set();

// What is shown ---------------------------------------------------------------------------------

function query(more = {}) {
  const params = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim() && !(name === "who" && value === "all")) params.set(name, value.trim());
  return new URLSearchParams([...params, ...Object.entries(more)]);
}

async function reload() {
  const mine = ++showing;
  isComing = true;
  const slow = setTimeout(() => board.classList.add("is-coming"), 200);
  const places = new Map(columns().map((column) => [column.dataset.lane, list(column).scrollTop]));
  const left = board.scrollLeft;
  const held = board.contains(document.activeElement);
  try {
    const html = await fragment(`${board.dataset.url}?${query()}`);
    if (mine !== showing) return;
    // A card under somebody's hand stays there; the board is shown anew once it is let go.
    if (drag) return (isBehind = true);
    board.innerHTML = html;
    board.scrollLeft = left;
    for (const column of columns()) list(column).scrollTop = places.get(column.dataset.lane) ?? 0;
    mark();
    if (held) cardOf(current)?.querySelector(".board-link").focus({ preventScroll: true });
    watchEnds();
  } catch (error) {
    if (mine === showing) toast(error.message || t("listFailed"), { error: true, action: t("retry"), run: reload });
  } finally {
    clearTimeout(slow);
    if (mine === showing) {
      isComing = false;
      board.classList.remove("is-coming");
      if (late.size) refresh(...late);
      late.clear();
    }
  }
}

const ends = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && more(entry.target)), { rootMargin: "300px" });

function watchEnds() {
  ends.disconnect();
  for (const end of $$(".more", board)) ends.observe(end);
}

async function more(end) {
  if (end.dataset.busy) return;
  end.dataset.busy = "1";
  const mine = showing;
  const lane = end.closest(".lane-column").dataset.lane;
  try {
    const html = await fragment(`${board.dataset.column}?${query({ lane, after: end.dataset.next })}`);
    if (mine !== showing || !end.isConnected) return;
    const rest = el(`<ul>${html}</ul>`);
    // A card that moved meanwhile may be here already, where it belongs now.
    for (const card of $$(".board-card", rest)) if (cardOf(card.dataset.id)) card.remove();
    end.replaceWith(...rest.children);
    mark();
    watchEnds();
  } catch (error) {
    delete end.dataset.busy;
    if (mine === showing) toast(error.message, { error: true, action: t("retry"), run: () => more(end) });
  }
}

/** Put a card into its column, by the time of its last change. */
function put(card, lane, { fresh = card, arrives = false } = {}) {
  const column = columnOf(lane);
  if (!column) return reload();
  const hadFocus = card?.contains(document.activeElement);
  const inButton = hadFocus && document.activeElement.matches(".board-move");
  const before = cardsIn(column).find((other) => other !== card && other.dataset.at < fresh.dataset.at);
  const end = $(".more", column);
  const from = card && !calm.matches ? card.getBoundingClientRect() : null;
  fresh.dataset.lane = lane;
  if (card && card !== fresh) card.remove();
  // Below what is loaded: it comes when one scrolls there.
  if (!before && end && !card) return;
  list(column).insertBefore(fresh, before ?? end);
  if (arrives && !card) fresh.classList.add("is-new");
  slide(fresh, from);
  mark();
  if (hadFocus) {
    $(inButton ? ".board-move" : ".board-link", fresh).focus({ preventScroll: true });
    show(fresh);
  }
}

function show(card) {
  card.scrollIntoView({ block: "nearest", inline: "nearest", behavior: calm.matches ? "auto" : "smooth" });
}

function slide(card, from) {
  if (!from) return;
  const now = card.getBoundingClientRect();
  const [x, y] = [from.left - now.left, from.top - now.top];
  if (Math.hypot(x, y) > 2) card.animate([{ translate: `${x}px ${y}px` }, { translate: "0 0" }], { duration: 200, easing: "cubic-bezier(.2,.8,.3,1)" });
}

function count(lane, step) {
  const badge = columnOf(lane)?.querySelector("[data-lane-count]");
  if (badge && !badge.textContent.endsWith("+")) badge.textContent = Math.max(0, Number(badge.textContent) + step);
}

/** Fetch cards again after events, and put them where they belong now. */
const refresh = gather(async (ids) => {
  if (isComing || drag?.ghost) return ids.forEach((id) => late.add(id));
  const mine = showing;
  const asked = ids.filter((id) => !moving.has(id));
  try {
    for (let at = 0; at < asked.length; at += 50) {
      const part = asked.slice(at, at + 50);
      const data = await ask(`${board.dataset.cards}?${query({ ids: part.join(",") })}`);
      if (mine !== showing) return part.forEach((id) => (isComing ? late.add(id) : refresh(id)));
      if (drag?.ghost) return part.forEach((id) => late.add(id));
      for (const id of part) if (!moving.has(id)) redraw(id, data.cards[id]);
    }
    recount();
  } catch {
    // The next event or reconnect fetches again.
  }
}, 120);

// The numbers above the columns follow a little later: counting very many costs more than cards do.
const RECOUNT = 3000;
let countedAt = 0;
let counting = 0;

function recount() {
  counting ||= setTimeout(async () => {
    counting = 0;
    countedAt = Date.now();
    const mine = showing;
    const data = await ask(`${board.dataset.cards}?${query({ counts: "1" })}`).catch(() => null);
    if (!data || mine !== showing) return;
    if (moving.size) return recount();
    for (const [lane, n] of Object.entries(data.counts)) {
      const column = columnOf(lane);
      if (column) $("[data-lane-count]", column).textContent = n;
    }
  }, Math.max(0, countedAt + RECOUNT - Date.now()));
}

function redraw(id, found) {
  const old = cardOf(id);
  if (!found) {
    old?.remove();
    return mark();
  }
  put(old, String(found.lane), { fresh: el(found.html), arrives: true });
}

// Moving ----------------------------------------------------------------------------------------

const nameOf = (lane) => columnOf(lane)?.dataset.name ?? "";

/** Move a card at once, tell the server, and bring it back where that is refused. */
async function move(id, to, { offersUndo = true } = {}) {
  const card = cardOf(id);
  const from = card?.dataset.lane;
  if (!card || from === to || !columnOf(to)) return;
  const earlier = moving.get(id) ?? Promise.resolve(true);
  let done;
  const mine = new Promise((resolve) => (done = resolve));
  moving.set(id, mine);
  const name = card.dataset.name;
  card.classList.add("is-moving");
  put(card, to);
  count(from, -1);
  count(to, 1);
  announce(t("board.moved", { name, lane: nameOf(to) }));
  let isDone = false;
  try {
    // In the order in which they were made.
    await earlier;
    await post(board.dataset.move.replace("/0/", `/${id}/`), { lane: to === "0" ? "" : to });
    isDone = true;
    if (offersUndo && moving.get(id) === mine)
      toast(t("board.moved", { name, lane: nameOf(to) }), { action: t("undo"), run: () => move(id, from, { offersUndo: false }) });
  } catch (error) {
    const here = cardOf(id);
    if (here && moving.get(id) === mine) {
      put(here, from);
      count(to, -1);
      count(from, 1);
      announce(t("board.back", { name, lane: nameOf(from) }));
    }
    complain(error);
  } finally {
    done(isDone);
    if (moving.get(id) === mine) {
      moving.delete(id);
      cardOf(id)?.classList.remove("is-moving");
      refresh(id);
    }
  }
}

function neighbour(column, step) {
  const all = columns();
  return all[all.indexOf(column) + step];
}

function menu(card) {
  $("#board-menu")?.remove();
  const button = $(".board-move", card);
  const items = columns().map((column) => {
    const { lane, name, color } = column.dataset;
    const isHere = lane === card.dataset.lane;
    const item = el(`<button class="menu-item" type="button" data-to="${lane}" ${isHere ? 'aria-current="true"' : ""}><i class="mark"></i><span>${escape(name)}</span>${isHere ? icon("check") : ""}</button>`);
    if (color) $(".mark", item).style.background = color;
    return item;
  });
  const box = el(`<div class="menu board-menu" id="board-menu" popover><h3>${escape(t("board.moveTo"))}</h3></div>`);
  box.append(...items);
  document.body.append(box);
  box.showPopover();
  const at = button.getBoundingClientRect();
  box.style.cssText = `position:fixed;left:${Math.max(8, Math.min(innerWidth - box.offsetWidth - 8, at.right - box.offsetWidth))}px;top:${Math.max(8, Math.min(innerHeight - box.offsetHeight - 8, at.bottom + 4))}px`;
  const id = Number(card.dataset.id);
  const back = () => cardOf(id)?.querySelector(".board-link").focus({ preventScroll: true });
  box.addEventListener("click", (event) => {
    const to = event.target.closest("[data-to]")?.dataset.to;
    if (to === undefined) return;
    box.hidePopover();
    back();
    move(id, to);
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      box.hidePopover();
      back();
    }
    if (!step) return;
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  });
  box.addEventListener("toggle", (event) => event.newState === "closed" && box.remove());
  (items.find((item) => !item.hasAttribute("aria-current")) ?? items[0]).focus();
}

// Keys: one stop of Tab for the board, arrows inside ---------------------------------------------

function mark() {
  const all = $$(".board-card", board);
  const here = all.find((card) => Number(card.dataset.id) === current) ?? all[0];
  current = here ? Number(here.dataset.id) : null;
  for (const card of all) {
    $(".board-link", card).tabIndex = card === here ? 0 : -1;
    $(".board-move", card).tabIndex = card === here ? 0 : -1;
  }
}

function go(card) {
  if (!card) return;
  current = Number(card.dataset.id);
  mark();
  $(".board-link", card).focus({ preventScroll: true });
  show(card);
}

function aside(card, step) {
  const from = card.closest(".lane-column");
  const place = cardsIn(from).indexOf(card);
  for (let column = neighbour(from, step); column; column = neighbour(column, step)) {
    const there = cardsIn(column);
    if (!there.length) continue;
    go(there[Math.min(place, there.length - 1)]);
    announce(plural("board.column", there.length, { lane: column.dataset.name }));
    return;
  }
}

on("keydown", ".board-card", (event, card) => {
  const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (side && (event.ctrlKey || event.shiftKey)) {
    const to = neighbour(card.closest(".lane-column"), side);
    if (to) move(Number(card.dataset.id), to.dataset.lane);
  } else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (side) aside(card, side);
  else if (step) {
    const all = cardsIn(card.closest(".lane-column"));
    go(all[all.indexOf(card) + step]);
  } else if (event.key === "Home") go(cardsIn(card.closest(".lane-column"))[0]);
  else if (event.key === "End") go(cardsIn(card.closest(".lane-column")).pop());
  else if (event.key.toLowerCase() === "m") menu(card);
  else return;
  event.preventDefault();
});
on("focusin", ".board-card", (_, card) => {
  current = Number(card.dataset.id);
  mark();
});
on("click", ".board-move", (_, button) => menu(button.closest(".board-card")));

// Dragging --------------------------------------------------------------------------------------

const HOLD = 280;
const SLACK = 6;

board.addEventListener("dragstart", (event) => event.preventDefault());
board.addEventListener("pointerdown", (event) => {
  const card = event.target.closest(".board-card");
  if (!card || event.button || !event.isPrimary || event.target.closest("button")) return;
  const isFinger = event.pointerType !== "mouse";
  drag = { id: Number(card.dataset.id), pointer: event.pointerId, isFinger, x: event.clientX, y: event.clientY, startX: event.clientX, startY: event.clientY };
  // A finger that moves at once scrolls; one that rests lifts the card.
  if (isFinger) drag.timer = setTimeout(lift, HOLD);
});

function lift() {
  const card = cardOf(drag.id);
  if (!card) return drop(null);
  const box = card.getBoundingClientRect();
  const ghost = card.cloneNode(true);
  ghost.removeAttribute("id");
  ghost.setAttribute("aria-hidden", "true");
  ghost.classList.add("board-ghost");
  ghost.style.width = `${box.width}px`;
  Object.assign(drag, { ghost, dx: drag.startX - box.left, dy: drag.startY - box.top });
  document.body.append(ghost);
  card.classList.add("is-lifted");
  board.classList.add("is-dragging");
  navigator.vibrate?.(12);
  follow();
}

function follow() {
  if (!drag?.ghost) return;
  drag.ghost.style.translate = `${drag.x - drag.dx}px ${drag.y - drag.dy}px`;
  const edge = board.getBoundingClientRect();
  const near = 70;
  const speed = drag.x < edge.left + near ? drag.x - edge.left - near : drag.x > edge.right - near ? drag.x - edge.right + near : 0;
  board.scrollLeft += speed / 5;
  drag.over = document.elementFromPoint(drag.x, drag.y)?.closest(".lane-column") ?? null;
  for (const column of columns()) column.classList.toggle("is-target", column === drag.over);
  drag.frame = requestAnimationFrame(follow);
}

function drop(column) {
  const { id, ghost, timer, frame } = drag;
  drag = null;
  clearTimeout(timer);
  cancelAnimationFrame(frame);
  if (ghost) putDown(id, ghost, column);
  if (isBehind) {
    isBehind = false;
    Promise.all(moving.values()).then(reload);
  } else if (late.size) refresh(...late);
  late.clear();
}

function putDown(id, ghost, column) {
  ghost.remove();
  cardOf(id)?.classList.remove("is-lifted");
  board.classList.remove("is-dragging");
  for (const one of columns()) one.classList.remove("is-target");
  // The click that ends a drag opens nothing.
  const stop = (event) => (event.preventDefault(), event.stopPropagation());
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, { capture: true }), 60);
  if (column) move(id, column.dataset.lane);
}

addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  drag.x = event.clientX;
  drag.y = event.clientY;
  if (drag.ghost || Math.hypot(drag.x - drag.startX, drag.y - drag.startY) < SLACK) return;
  if (drag.isFinger) drop(null);
  else lift();
});
addEventListener("pointerup", (event) => drag?.pointer === event.pointerId && drop(drag.over));
addEventListener("pointercancel", (event) => drag?.pointer === event.pointerId && drop(null));
board.addEventListener("touchmove", (event) => drag?.ghost && event.preventDefault(), { passive: false });
board.addEventListener("contextmenu", (event) => drag?.isFinger && event.preventDefault());
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !drag?.ghost) return;
    event.stopPropagation();
    drop(null);
  },
  true,
);

// Filters ---------------------------------------------------------------------------------------

function filtered() {
  const given = new FormData(form);
  const days = given.get("since") || given.get("until");
  const rests = $("[data-rests]", form);
  rests.classList.toggle("is-resting", !!days);
  const n = days ? 1 : ["queue", "agent", "tag", "unread"].filter((name) => given.get(name)).length;
  const badge = $("[data-filters]", form);
  badge.textContent = n;
  badge.hidden = !n;
}

function apply() {
  filtered();
  const text = query().toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
  reload();
}

const panel = $(".board-more", form);
form.addEventListener("submit", (event) => (event.preventDefault(), apply()));
form.addEventListener("change", (event) => event.target.name !== "q" && apply());
form.elements.q.addEventListener("input", () => {
  clearTimeout(apply.timer);
  apply.timer = setTimeout(apply, 250);
});
on("click", "[data-clear-filters]", () => {
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = false;
    else if (field.matches("select, [type=date]")) field.value = "";
  }
  apply();
});
document.addEventListener("click", (event) => panel.open && !panel.contains(event.target) && (panel.open = false));
panel.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  panel.open = false;
  $("summary", panel).focus();
});

// Live ------------------------------------------------------------------------------------------

let again = 0;
const soon = () => {
  clearTimeout(again);
  again = setTimeout(reload, 300);
};
hear("ticket", (data) => {
  const id = Number(data.ticketId ?? data.ticket?.id);
  if (id) refresh(id);
});
hear("appMessage", (data) => {
  const id = Number(data.message?.ticketId ?? data.ticket?.id ?? data.message?.ticket?.id);
  if (id) refresh(id);
});
// A lane came, went or changed, or a label's name or colour did.
hear("tag", soon);
document.addEventListener("wt:tags", soon);
hear("resync", soon);
// What happened between the drawing of the page and the first word of the socket was told to nobody.
let isHeard = false;
const caughtUp = () => {
  if (!isHeard) reload();
  isHeard = true;
};
hear("ready", caughtUp);
if (document.body.dataset.live) caughtUp();

setInterval(() => {
  for (const time of $$("[data-lasting]", board)) {
    const minutes = Math.floor((Date.now() - new Date(time.dateTime)) / 60000);
    time.textContent = minutes < 1 ? t("now") : minutes < 60 ? t("minutes", { n: minutes }) : minutes < 2880 ? t("hours", { n: Math.floor(minutes / 60) }) : t("days", { n: Math.floor(minutes / 1440) });
  }
}, 30000);

mark();
filtered();
watchEnds();
