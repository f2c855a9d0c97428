// Writing: text, files, notes, answers and corrections; a draft per ticket; nothing sent twice.
import { $, complain, el, escape, facts, icon, on, post, store, t, uniqueId, upload } from "./dom.js";
import { say } from "./live.js";
import { openId } from "./list.js";
import { bottom, refresh } from "./thread.js";

const CAPTION = 1024;
let files = [];
let quoted = null;
let editing = null;
let typed = 0;
const field = () => $("#composer-text");
const isNote = () => $("#composer").classList.contains("only-notes") || $("#composer").classList.contains("is-note");

export function ready() {
  if (!field()) return;
  files = [];
  quoted = editing = null;
  field().value = store.get(`draft:${openId()}`, "") || "";
  changed();
  if (matchMedia("(hover: hover)").matches && !$("#composer").hidden && !isNote()) field().focus({ preventScroll: true });
}

export function changed() {
  const area = field();
  if (!CSS.supports("field-sizing", "content")) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }
  $("#composer").classList.toggle("can-send", !!area.value.trim() || files.some((file) => !file.bad));
}

export function note(wanted = !isNote()) {
  const form = $("#composer");
  if (!form || form.classList.contains("only-notes")) return;
  form.classList.toggle("is-note", wanted);
  $(".note-toggle").setAttribute("aria-pressed", wanted);
  field().placeholder = t(wanted ? "note" : "message");
  field().focus();
}

export function answer(message) {
  editing = null;
  quoted = message.dataset.id;
  bar(t("replyingTo", { name: message.dataset.who }), message.dataset.body || "…");
}

export function correct(message) {
  quoted = null;
  editing = message.dataset.id;
  field().value = message.dataset.body;
  bar(t("editing"), message.dataset.body);
  changed();
}

function bar(title, text) {
  $("#quote-bar").hidden = false;
  $("#quote-bar .quote-text").innerHTML = `<strong>${escape(title)}</strong><span>${escape(text)}</span>`;
  field().focus();
}

export function drop() {
  if (editing) field().value = "";
  quoted = editing = null;
  if ($("#quote-bar")) $("#quote-bar").hidden = true;
}

export const isBusy = () => !!(quoted || editing);

export function attach(list) {
  if (!field() || $("#composer").classList.contains("only-notes")) return;
  for (const file of list) {
    put(file, { bad: file.size > facts.maxBytes, address: file.type.startsWith("image/") ? URL.createObjectURL(file) : "" });
  }
  $("#tray").hidden = !files.length;
  changed();
  field().focus();
}

/** The file of a quick message: it lies at the server already, so only its number is sent. */
export function attachQuick({ id, file }) {
  // Where only notes are written, nothing is attached.
  if ($("#composer").classList.contains("only-notes")) return;
  put({ name: file.name, quick: id, takesCaption: file.kind !== "audio" }, { address: file.small });
  $("#tray").hidden = false;
  changed();
}

function put(file, { bad = false, address = "" }) {
  const item = { file, bad, key: uniqueId() };
  files.push(item);
  const size = `${(facts.maxBytes / 1048576).toLocaleString(facts.language)} MB`;
  item.node = el(`<div class="tray-item ${bad ? "is-bad" : ""}"><span class="thumb">${address ? `<img src="${address}" alt="">` : escape(file.name.split(".").pop().slice(0, 4).toUpperCase())}</span><small>${escape(file.name)}</small>${bad ? `<small class="why" role="alert">${escape(t("tooLarge", { size }))}</small>` : `<input placeholder="${escape(t("caption"))}" aria-label="${escape(t("caption"))}" maxlength="1024">`}<button class="icon-button small" type="button" aria-label="${escape(t("remove"))}">${icon("x")}</button></div>`);
  $("button", item.node).addEventListener("click", () => {
    files = files.filter((other) => other !== item);
    item.node.remove();
    $("#tray").hidden = !files.length;
    changed();
  });
  $("#tray").append(item.node);
}

function pending(key, text, file) {
  const node = el(`<article class="msg ${isNote() ? "note" : "out"} is-sending is-fresh" data-pending="${key}" data-at="${new Date().toISOString()}"><div class="bubble">${file ? `<span class="document"><span class="doc-icon">${escape(file.name.split(".").pop().slice(0, 4).toUpperCase())}</span><span class="doc-name"><strong>${escape(file.name)}</strong></span></span><div class="progress" role="progressbar"><i></i></div><button class="link-button" type="button">${escape(t("cancel"))}</button>` : ""}<div class="text">${escape(text).replace(/\n/g, "<br>")}</div><span class="meta"><span class="ticks wait">${icon("clock")}</span></span></div></article>`);
  $("#messages").append(node);
  bottom();
  return node;
}

async function deliver(ticket, key, text, options, file) {
  const node = pending(key, text, file);
  const attempt = async () => {
    const form = new FormData();
    form.set("key", key);
    form.set("body", text);
    if (options.private) form.set("private", "1");
    if (options.quoted) form.set("quoted", options.quoted);
    if (file?.quick) form.set("quick", file.quick);
    else if (file) form.set("file", file);
    const handle = {};
    $(".link-button", node)?.addEventListener("click", () => handle.abort());
    try {
      const data = await upload(`${facts.urls.inbox}t/${ticket}/send/`, form, (part) => {
        const line = $(".progress i", node);
        if (line) line.style.width = `${part * 100}%`;
      }, handle);
      if (openId() === ticket) refresh(data.id);
    } catch (error) {
      if (error.name === "AbortError") return node.remove();
      node.classList.replace("is-sending", "is-failed");
      $(".trouble", node)?.remove();
      const trouble = el(`<div class="trouble"><span>${escape(error.message)}</span><button class="link-button" type="button">${escape(t("sendAgain"))}</button></div>`);
      $("button", trouble).addEventListener("click", () => {
        trouble.remove();
        node.classList.replace("is-failed", "is-sending");
        attempt();
      });
      node.append(trouble);
    }
  };
  await attempt();
}

async function send() {
  const ticket = openId();
  const text = field().value.trim();
  const options = { private: isNote(), quoted };
  const chosen = files.filter((item) => !item.bad);
  if (!text && !chosen.length) return;
  field().value = "";
  store.set(`draft:${ticket}`, null);
  if (editing) {
    const id = editing;
    drop();
    changed();
    try {
      await post(`${facts.urls.inbox}m/${id}/edit/`, { body: text });
      refresh(id);
    } catch (error) {
      field().value = text;
      complain(error);
    }
    return;
  }
  drop();
  files = [];
  $("#tray").replaceChildren();
  $("#tray").hidden = true;
  changed();
  const work = chosen.map((item) => [item.key, $("input", item.node).value.trim(), item.file]);
  const [first] = work;
  // A quick message with a file is one message: its words are the caption.
  if (work.length === 1 && !first[1] && first[2].takesCaption && text.length <= CAPTION) first[1] = text;
  else if (text) work.push([uniqueId(), text, null]);
  for (const [key, body, file] of work) await deliver(ticket, key, body, options, file);
}

const isFiles = (event) => event.dataTransfer?.types.includes("Files");

export function start() {
  on("submit", "#composer", (event) => (event.preventDefault(), send()));
  on("input", "#composer-text", () => {
    changed();
    if (!editing) store.set(`draft:${openId()}`, field().value || null);
    if (!isNote() && Date.now() - typed > 2500) {
      typed = Date.now();
      say("typing", { uuid: $("#convo").dataset.uuid, active: true });
    }
  });
  on("keydown", "#composer-text", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (isBusy()) (drop(), changed());
      else field().blur();
    } else if (event.key === "ArrowUp" && !field().value) {
      const own = [...document.querySelectorAll('.msg[data-own="1"][data-kind="text"][data-body]')].pop();
      if (own) (event.preventDefault(), correct(own));
    }
  });
  on("paste", "#composer-text", (event) => {
    if (event.clipboardData.files.length) (event.preventDefault(), attach(event.clipboardData.files));
  });
  on("change", "#files", (_, input) => (attach(input.files), (input.value = "")));
  document.addEventListener("dragover", (event) => {
    if (!isFiles(event) || !$("#drop")) return;
    event.preventDefault();
    $("#drop").hidden = false;
  });
  document.addEventListener("dragleave", (event) => !event.relatedTarget && $("#drop") && ($("#drop").hidden = true));
  document.addEventListener("drop", (event) => {
    if (!isFiles(event) || !$("#drop")) return;
    event.preventDefault();
    $("#drop").hidden = true;
    attach(event.dataTransfer.files);
  });
  addEventListener("storage", (event) => {
    if (field() && document.hidden && event.key?.endsWith(`:draft:${openId()}`)) {
      field().value = store.get(`draft:${openId()}`, "") || "";
      changed();
    }
  });
  document.addEventListener("wt:opened", ready);
  document.addEventListener("wt:desk", changed);
}
