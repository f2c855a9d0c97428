// The page of team chat: its rooms, the one that is open, and what is written there.
import { $, $$, announce, ask, complain, el, escape, facts, gather, icon, on, parse, post, store, t, toast, uniqueId, upload } from "./dom.js";
import { hear } from "./live.js";
import { tidy } from "./thread.js";

const base = facts.urls.team;
const convo = () => $("#team-convo");
const thread = () => $("#team-thread");
const box = () => $("#team-messages");
const field = () => $("#team-text");
const openRoom = () => Number(convo()?.dataset.room) || null;
const url = (tail = "") => `${base}${openRoom()}/${tail}`;
const atBottom = () => thread().scrollHeight - thread().scrollTop - thread().clientHeight < 90;

let pinned = true;
let missed = 0;
let loading = false;
let files = [];
// Pictures that come late must not push the newest words out of sight.
const grows = new ResizeObserver(() => pinned && thread() && bottom());

// The list ----------------------------------------------------------------------------------------

let searching = 0;
let asked = 0;
async function rows() {
  const number = ++asked;
  const query = new URLSearchParams({ q: $("#team-search").value, open: openRoom() ?? "" });
  const response = await fetch(`${base}rows/?${query}`, { headers: { "X-Console": "1" } }).catch(() => null);
  if (!response?.ok || number !== asked) return;
  const focus = document.activeElement?.dataset?.roomOpen;
  $("#team-rows").innerHTML = await response.text();
  window.htmx.process($("#team-rows"));
  if (focus) $(`[data-room-open="${focus}"]`)?.focus({ preventScroll: true });
}
const rowsSoon = gather(rows, 200);

function mark() {
  for (const card of $$("[data-room-card]")) {
    const here = Number(card.dataset.roomCard) === openRoom();
    card.classList.toggle("is-open", here);
    here ? $("a", card).setAttribute("aria-current", "true") : $("a", card).removeAttribute("aria-current");
  }
}

// The open room -----------------------------------------------------------------------------------

async function open(id, { push = true } = {}) {
  try {
    const response = await fetch(`${base}${id}/`, { headers: { "X-Console": "1" } });
    if (!response.ok) throw new Error((await response.json().catch(() => ({}))).message || t("failed"));
    $("#team-place").innerHTML = await response.text();
    $("#team").classList.add("has-conversation");
    if (push) history.pushState({ id }, "", `${base}${id}/`);
    arrive();
  } catch (error) {
    complain(error);
  }
}

function close({ push = true } = {}) {
  $("#team").classList.remove("has-conversation");
  $("#team-place").replaceChildren($("#team-nothing").content.cloneNode(true));
  if (push) history.pushState({}, "", base);
  mark();
}

function arrive() {
  mark();
  if (!convo()) return;
  missed = 0;
  files = [];
  same();
  const line = $("#team-unread-line");
  line ? line.scrollIntoView({ block: "center" }) : bottom();
  pinned = atBottom();
  grows.disconnect();
  grows.observe(box());
  grows.observe(thread());
  thread().addEventListener("scroll", scrolled, { passive: true });
  field().value = store.get(`team:${openRoom()}`, "") || "";
  changed();
  if (matchMedia("(hover: hover)").matches) field().focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("wt:team-opened"));
  if (Number(convo().dataset.unread)) read();
}

function bottom(smooth = false) {
  thread().scrollTo({ top: thread().scrollHeight, behavior: smooth ? "smooth" : "instant" });
}

let top = 0;
function scrolled() {
  pinned = atBottom() || (pinned && thread().scrollTop >= top);
  top = thread().scrollTop;
  if (top < 350 && convo().dataset.older) older();
  const down = atBottom();
  $("#team-bottom").hidden = down;
  if (down) missed = 0;
  $("#team-bottom b").textContent = missed;
  $("#team-bottom b").hidden = !missed;
}

function read() {
  if (openRoom() && !document.hidden) post(url("read/")).then(() => convo() && (convo().dataset.unread = ""), () => {});
}

/** Who says several things in a row is named once. */
function same() {
  let before = null;
  for (const node of box().children) {
    node.classList.toggle("is-same", !!before && node.dataset.sender === before);
    before = node.dataset.sender ?? null;
  }
}

async function older() {
  const first = $("#team-messages .msg[data-said]");
  if (loading || !first) return;
  loading = true;
  const room = openRoom();
  const spinner = el('<span class="loading-older"></span>');
  box().prepend(spinner);
  try {
    const data = await ask(url(`messages/?before=${first.dataset.said}`));
    if (openRoom() !== room) return;
    spinner.remove();
    const height = thread().scrollHeight;
    const at = thread().scrollTop;
    box().prepend(parse(data.html));
    tidy(box());
    same();
    thread().scrollTop = at + thread().scrollHeight - height;
    convo().dataset.older = data.older ? "1" : "";
  } catch (error) {
    spinner.remove();
    complain(error);
  } finally {
    loading = false;
  }
}

function put(node) {
  if (document.getElementById(node.id)) return;
  const next = $$("#team-messages .msg").find((other) => other.dataset.pending || Number(other.dataset.said) > Number(node.dataset.said));
  box().insertBefore(node, next ?? null);
  node.classList.add("is-fresh");
  return true;
}

/** Fetch what was said since; an open room shows it and is read. */
const news = gather(async () => {
  const room = openRoom();
  if (!room) return;
  try {
    let more = true;
    while (more) {
      const last = $$("#team-messages .msg[data-said]").pop()?.dataset.said ?? 0;
      const data = await ask(url(`messages/?after=${last}`));
      if (openRoom() !== room) return;
      const down = atBottom();
      for (const node of $$(".msg", parse(data.html))) {
        if (!put(node) || node.matches(".out")) continue;
        if (!down) missed += 1;
        announce(t("newFrom", { name: node.dataset.who }));
      }
      tidy(box());
      same();
      down ? bottom() : scrolled();
      more = data.newer;
    }
    convo().dataset.unread = "1";
    read();
  } catch (error) {
    if (error.status === 404) gone();
  }
}, 60);

function gone() {
  toast(t("team.gone"));
  close();
}

// Writing -----------------------------------------------------------------------------------------

function changed() {
  const area = field();
  if (!CSS.supports("field-sizing", "content")) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }
  $("#team-composer").classList.toggle("can-send", !!area.value.trim() || files.some((item) => !item.bad));
}

function attach(list) {
  if (!field()) return;
  for (const file of list) {
    const item = { file, bad: file.size > facts.maxBytes };
    const size = `${(facts.maxBytes / 1048576).toLocaleString(facts.language)} MB`;
    const picture = file.type.startsWith("image/") ? URL.createObjectURL(file) : "";
    item.node = el(`<div class="tray-item ${item.bad ? "is-bad" : ""}"><span class="thumb">${picture ? `<img src="${picture}" alt="">` : escape(file.name.split(".").pop().slice(0, 4).toUpperCase())}</span><small>${escape(file.name)}</small>${item.bad ? `<small class="why" role="alert">${escape(t("tooLarge", { size }))}</small>` : ""}<button class="icon-button small" type="button" aria-label="${escape(t("remove"))}">${icon("x")}</button></div>`);
    $("button", item.node).addEventListener("click", () => {
      files = files.filter((other) => other !== item);
      item.node.remove();
      $("#team-tray").hidden = !files.length;
      changed();
      field().focus();
    });
    files.push(item);
    $("#team-tray").append(item.node);
  }
  $("#team-tray").hidden = !files.length;
  changed();
  field().focus();
}

function pending(text, file) {
  const node = el(`<article class="msg out is-sending is-fresh" data-pending="${uniqueId()}" data-sender="${facts.user.id}" data-at="${new Date().toISOString()}"><div class="bubble">${file ? `<span class="document"><span class="doc-icon">${escape(file.name.split(".").pop().slice(0, 4).toUpperCase())}</span><span class="doc-name"><strong>${escape(file.name)}</strong></span></span><div class="progress" role="progressbar"><i></i></div><button class="link-button" type="button">${escape(t("cancel"))}</button>` : ""}<div class="text">${escape(text).replace(/\n/g, "<br>")}</div><span class="meta"><span class="ticks wait">${icon("clock")}</span></span></div></article>`);
  box().append(node);
  bottom();
  return node;
}

async function deliver(room, text, file) {
  const node = pending(text, file);
  // One for all tries: what arrived while its answer was lost is not said twice.
  const key = uniqueId();
  const attempt = async () => {
    const form = new FormData();
    form.set("key", key);
    form.set("text", text);
    if (file) form.set("file", file);
    const handle = {};
    const stop = $(".bubble .link-button", node);
    if (stop) stop.onclick = () => handle.abort();
    try {
      const data = await upload(`${base}${room}/send/`, form, (part) => {
        const line = $(".progress i", node);
        if (line) line.style.width = `${part * 100}%`;
      }, handle);
      const fresh = $(".msg", parse(data.html));
      node.remove();
      if (openRoom() === room) {
        put(fresh);
        tidy(box());
        same();
        bottom();
      }
    } catch (error) {
      if (error.name === "AbortError") return node.remove();
      node.classList.replace("is-sending", "is-failed");
      const trouble = el(`<div class="trouble"><span>${escape(error.message)}</span><button class="link-button" type="button">${escape(t("sendAgain"))}</button></div>`);
      $("button", trouble).onclick = () => {
        trouble.remove();
        node.classList.replace("is-failed", "is-sending");
        attempt();
      };
      node.append(trouble);
    }
  };
  await attempt();
}

async function send() {
  const room = openRoom();
  const text = field().value.trim();
  const chosen = files.filter((item) => !item.bad).map((item) => item.file);
  if (!text && !chosen.length) return;
  field().value = "";
  store.set(`team:${room}`, null);
  files = [];
  $("#team-tray").replaceChildren();
  $("#team-tray").hidden = true;
  changed();
  // The words go with the first file.
  const work = chosen.length ? chosen.map((file, at) => [at ? "" : text, file]) : [[text, null]];
  for (const [words, file] of work) await deliver(room, words, file);
}

// What is heard -----------------------------------------------------------------------------------

on("click", "[data-room-open]", (event, link) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(Number(link.dataset.roomOpen));
});
on("click", "[data-team-back]", (event) => (event.preventDefault(), close()));
on("click", "#team-bottom", () => bottom(true));
on("click", "[data-team-attach]", () => $("#team-files").click());
on("change", "#team-files", (_, input) => (attach(input.files), (input.value = "")));
on("submit", "#team-composer", (event) => (event.preventDefault(), send()));
on("input", "#team-text", () => (changed(), store.set(`team:${openRoom()}`, field().value || null)));
on("keydown", "#team-text", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape") field().blur();
});
on("paste", "#team-text", (event) => {
  if (event.clipboardData.files.length) (event.preventDefault(), attach(event.clipboardData.files));
});
on("input", "#team-search", () => {
  clearTimeout(searching);
  searching = setTimeout(rows, 180);
});
on("submit", ".team .list-search", (event) => (event.preventDefault(), rows()));
on("input", "[data-narrow]", (_, input) => {
  const text = input.value.trim().toLowerCase();
  for (const row of $$("[data-text]", $(input.dataset.narrow))) row.hidden = !row.dataset.text.includes(text);
});

const isFiles = (event) => event.dataTransfer?.types.includes("Files") && $("#team-drop");
document.addEventListener("dragover", (event) => isFiles(event) && (event.preventDefault(), ($("#team-drop").hidden = false)));
document.addEventListener("dragleave", (event) => !event.relatedTarget && $("#team-drop") && ($("#team-drop").hidden = true));
document.addEventListener("drop", (event) => {
  if (!isFiles(event)) return;
  event.preventDefault();
  $("#team-drop").hidden = true;
  attach(event.dataTransfer.files);
});
document.addEventListener("visibilitychange", () => !document.hidden && Number(convo()?.dataset.unread) && read());
addEventListener("popstate", () => {
  const id = Number(location.pathname.match(/\/chat\/(\d+)\//)?.[1]);
  id ? open(id, { push: false }) : close({ push: false });
});

document.addEventListener("wt:team", (event) => {
  rowsSoon(1);
  open(event.detail.id, { push: event.detail.id !== openRoom() });
});
document.addEventListener("wt:team-gone", (event) => {
  rowsSoon(1);
  if (event.detail.id === openRoom()) close();
});
hear("chat", (data) => {
  rowsSoon(1);
  if (data.action === "new-message" && data.chat?.id === openRoom()) news(1);
  // Whoever removed it knows.
  if (data.action === "delete" && data.id === openRoom() && !$("#dialog[open] [data-then=team-gone]")) gone();
});
hear(`chat-user-${facts.user.id}`, (data) => {
  rowsSoon(1);
  if (data.action === "update" && data.record?.id === openRoom()) head();
});
hear("resync", () => (rowsSoon(1), news(1)));

/** The head again, after somebody renamed the room or changed its people. */
async function head() {
  const room = openRoom();
  const response = await fetch(`${base}${room}/`, { headers: { "X-Console": "1" } }).catch(() => null);
  if (!response?.ok || openRoom() !== room) return;
  const fresh = parse(await response.text());
  $(".convo-head").replaceWith($(".convo-head", fresh));
  field().placeholder = $("#team-text", fresh).placeholder;
}

if ($("#team")) arrive();
