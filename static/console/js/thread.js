// One open conversation: its bubbles, history, live changes and who else is there.
import { $, $$, announce, ask, complain, el, escape, facts, gather, on, parse, phone, post, t } from "./dom.js";
import { look } from "./live.js";
import { cardOf, mark, openId } from "./list.js";

const thread = () => $("#thread");
const box = () => $("#messages");
let missed = 0;
let loading = false;
let pinned = true;
let lastTop = 0;
// A picture that arrives late, or a column that changes its width, must not push the newest
// message out of sight.
const grows = new ResizeObserver(() => pinned && bottom());
const people = new Map();

const url = (tail = "") => `${facts.urls.inbox}t/${openId()}/${tail}`;
export const atBottom = () => !thread() || thread().scrollHeight - thread().scrollTop - thread().clientHeight < 90;

export async function open(id, { push = true } = {}) {
  if (!$("#conversation")) return location.assign(`${facts.urls.inbox}t/${id}/`);
  const slow = setTimeout(() => {
    $("#conversation").innerHTML = '<div class="convo-skeleton"><span class="skeleton"></span><span class="skeleton"></span><span class="skeleton"></span></div>';
    $("#inbox").classList.add("has-conversation");
  }, 140);
  try {
    const response = await fetch(`${facts.urls.inbox}t/${id}/`, { headers: { "X-Console": "1" } });
    if (!response.ok) throw new Error((await response.json().catch(() => ({}))).message || t("failed"));
    const html = await response.text();
    clearTimeout(slow);
    $("#conversation").innerHTML = html;
    $("#inbox").classList.add("has-conversation");
    if (push) history.pushState({ id }, "", `${facts.urls.inbox}t/${id}/`);
    arrive();
    if (!$("#details").hidden) details(true);
  } catch (error) {
    clearTimeout(slow);
    complain(error);
  }
}

export function close({ push = true } = {}) {
  look(null);
  $("#inbox")?.classList.remove("has-conversation");
  $("#conversation")?.replaceChildren();
  if ($("#details")) $("#details").hidden = true;
  if (push) history.pushState({}, "", facts.urls.inbox);
  mark();
}

/** Make a conversation that just came into the page work. */
export function arrive() {
  if (!$("#convo")) return;
  missed = 0;
  people.clear();
  look($("#convo").dataset.uuid);
  mark();
  tidy();
  const line = $("#unread-line");
  if (line) line.scrollIntoView({ block: "center" });
  else bottom();
  pinned = atBottom();
  lastTop = thread().scrollTop;
  grows.disconnect();
  grows.observe(box());
  grows.observe(thread());
  read();
  document.dispatchEvent(new CustomEvent("wt:opened"));
  thread().addEventListener("scroll", scrolled, { passive: true });
}

export function bottom(smooth = false) {
  thread()?.scrollTo({ top: thread().scrollHeight, behavior: smooth ? "smooth" : "instant" });
}

function scrolled() {
  // Only somebody who scrolls up leaves the end; content that grows does not.
  pinned = atBottom() || (pinned && thread().scrollTop >= lastTop);
  lastTop = thread().scrollTop;
  if (thread().scrollTop < 350 && thread().dataset.older) older();
  const down = atBottom();
  $("#to-bottom").hidden = down;
  if (down && missed) {
    missed = 0;
    read();
  }
  const badge = $("#to-bottom b");
  badge.textContent = missed;
  badge.hidden = !missed;
}

async function older() {
  const first = $("#messages .msg");
  if (loading || !first) return;
  loading = true;
  const spinner = el('<span class="loading-older"></span>');
  box().prepend(spinner);
  try {
    const data = await ask(url(`messages/?before=${first.dataset.id}`));
    spinner.remove();
    const height = thread().scrollHeight;
    const top = thread().scrollTop;
    box().prepend(parse(data.html));
    tidy();
    thread().scrollTop = top + thread().scrollHeight - height;
    thread().dataset.older = data.older ? "1" : "";
  } catch (error) {
    spinner.remove();
    complain(error);
  } finally {
    loading = false;
  }
}

export async function jump(id) {
  let target = document.getElementById(`m-${id}`);
  if (!target) {
    try {
      const data = await ask(url(`messages/?around=${id}`));
      box().replaceChildren(parse(data.html));
      thread().dataset.older = data.older ? "1" : "";
      thread().dataset.newer = data.newer ? "1" : "";
      tidy();
      target = document.getElementById(`m-${id}`);
    } catch (error) {
      return complain(error);
    }
  }
  target?.scrollIntoView({ block: "center" });
  target?.classList.add("is-lit");
  setTimeout(() => target?.classList.remove("is-lit"), 1700);
}

const dayOf = (at) => new Date(at).toLocaleDateString("sv");

/** One separator per day, none twice. */
export function tidy(holder = box()) {
  let day = null;
  for (const node of [...holder.children]) {
    if (node.matches(".day")) {
      if (node.dataset.day === day) node.remove();
      else day = node.dataset.day;
    } else if (node.dataset.at) {
      const its = dayOf(node.dataset.at);
      if (its !== day && node.matches(".msg")) {
        day = its;
        const label = its === dayOf(Date.now()) ? t("today") : new Date(node.dataset.at).toLocaleDateString(facts.language);
        node.before(el(`<div class="day" data-day="${its}"><span>${escape(label)}</span></div>`));
      }
    }
  }
}

/** Fetch these messages again; new ones find their place, known ones change in place. */
export const refresh = gather(async (ids) => {
  const id = openId();
  if (!id) return;
  const events = $$("#messages .event").map((node) => Number(node.dataset.event));
  try {
    const data = await ask(url(`messages/?ids=${ids.filter(Boolean).join(",")}&history=${Math.max(0, ...events)}`));
    if (openId() !== id) return;
    const down = atBottom();
    for (const node of [...parse(data.html).children]) put(node, down);
    tidy();
    if (down) {
      bottom();
      read();
    } else scrolled();
  } catch {
    // The next event or reconnect asks again.
  }
}, 60);

function put(node, down) {
  const old = document.getElementById(node.id);
  if (old) {
    if ($(".player.is-playing", old)) $(".meta", old).replaceWith($(".meta", node));
    else old.replaceWith(node);
    return;
  }
  const own = node.dataset.key && $(`[data-pending="${CSS.escape(node.dataset.key.split(":").pop())}"]`);
  if (own) return void own.replaceWith(node);
  if (thread().dataset.newer) return void missed++;
  // What is still on its way stays last: everything the server knows is older.
  const next = [...box().children].find((other) => other.dataset.pending || (other.dataset.at && new Date(other.dataset.at) > new Date(node.dataset.at)));
  box().insertBefore(node, next ?? null);
  node.classList.add("is-fresh");
  if (node.matches(".in")) {
    if (!down) missed += 1;
    announce(t("newFrom", { name: node.dataset.who }));
  }
}

/** What a resync or reconnect needs: the newest page, as it is now. */
export async function reload() {
  if (!openId()) return;
  try {
    const data = await ask(url("messages/"));
    box().replaceChildren(parse(data.html));
    thread().dataset.older = data.older ? "1" : "";
    thread().dataset.newer = "";
    tidy();
    bottom();
    await state();
  } catch (error) {
    complain(error);
  }
}

/** Head and composer again, as after somebody moved the ticket. */
export const state = async () => {
  const id = openId();
  if (!id) return;
  try {
    const data = await ask(url("state/"));
    if (openId() !== id) return;
    const was = $("#composer-text")?.value;
    const focus = document.activeElement?.id === "composer-text";
    $("#convo-head").innerHTML = data.head;
    const fresh = el(`<div>${data.desk}</div>`);
    // What somebody is writing stays untouched while nothing about the composer changed.
    if ($(".desk-in", fresh).dataset.notice !== $("#desk .desk-in").dataset.notice) {
      $("#desk").innerHTML = data.desk;
      $("#composer-text").value = was ?? "";
      if (focus) $("#composer-text").focus();
      document.dispatchEvent(new CustomEvent("wt:desk"));
    }
    $("#convo").dataset.status = data.status;
    showPeople();
  } catch (error) {
    if (error.status === 404) close();
  }
};

export function read() {
  const card = openId() && cardOf(openId());
  const unread = $("#unread-line") || Number(card?.dataset.unread) || missed === 0;
  if (openId() && unread && !document.hidden) post(url("read/")).catch(() => {});
}

export async function details(force = false) {
  const panel = $("#details");
  if (!openId()) return;
  if (!panel.hidden && !force) {
    panel.hidden = true;
    return;
  }
  panel.hidden = false;
  await window.htmx.ajax("GET", url("details/"), { target: panel, swap: "innerHTML" });
}

export function presence(data) {
  if (data.ticketId !== openId()) return;
  if (data.action === "viewers") data.users.forEach((user) => user.id !== facts.user.id && people.set(user.id, user.name));
  if (data.action === "viewing" && data.user.id !== facts.user.id)
    data.active ? people.set(data.user.id, data.user.name) : people.delete(data.user.id);
  if (data.action === "typing" && data.user?.id !== facts.user.id) {
    const who = data.user?.name ?? $("#convo").dataset.name;
    $("#signals").innerHTML = data.active ? `<span class="dots"><i></i><i></i><i></i></span>${escape(t("typing", { name: who }))}` : "";
    clearTimeout(presence.timer);
    presence.timer = setTimeout(() => $("#signals")?.replaceChildren(), 8000);
  }
  showPeople();
}

function showPeople() {
  const place = $("#viewers");
  if (place) place.innerHTML = [...people.values()].slice(0, 2).map((name) => `<span class="viewer">${escape(t("viewing", { name: name.split(" ")[0] }))}</span>`).join("");
}

export function start() {
  on("click", "[data-open]", (event, link) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(Number(link.dataset.open));
  });
  on("click", "[data-jump]", (event, link) => (event.preventDefault(), jump(link.dataset.jump)));
  on("click", "#to-bottom", () => (thread().dataset.newer ? reload() : bottom(true)));
  addEventListener("popstate", () => {
    const id = Number(location.pathname.match(/\/t\/(\d+)\//)?.[1]);
    id ? open(id, { push: false }) : close({ push: false });
  });
  document.addEventListener("visibilitychange", () => !document.hidden && atBottom() && read());
  thread()?.focus({ preventScroll: true });
  arrive();
}
export { phone };
