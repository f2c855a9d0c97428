// Small helpers every module uses: finding, asking the server, saying something to the person.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const readJson = (id) => JSON.parse(document.getElementById(id)?.textContent || "{}");
export const facts = readJson("facts");
const texts = readJson("texts");
export const calm = matchMedia("(prefers-reduced-motion: reduce)");
export const phone = matchMedia("(max-width: 760px)");

/** A text in the person's language; `{name}` is filled in. */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function plural(key, n, values = {}) {
  const rule = new Intl.PluralRules(facts.language).select(n) === "one" ? "one" : "many";
  return t(`${key}.${rule}`, { n, ...values });
}

/** Listen on the document for events of elements that come and go. */
export function on(type, selector, handler, options) {
  document.addEventListener(
    type,
    (event) => {
      const target = event.target.closest?.(selector);
      if (target) handler(event, target);
    },
    options,
  );
}

export function el(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup.trim();
  return template.content.firstElementChild;
}

export function parse(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup;
  return template.content;
}

export const escape = (text) =>
  String(text ?? "").replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

export const icon = (name, extra = "") =>
  `<svg class="icon ${extra}" aria-hidden="true"><use href="#i-${name}"/></svg>`;

export const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

export class Refused extends Error {
  constructor(status, data) {
    super(data?.message || t("failed"));
    this.status = status;
    this.code = data?.error;
    this.data = data;
  }
}

/** Ask the server and read its JSON. Throws Refused with words for the person. */
export async function ask(url, { method = "GET", form, signal } = {}) {
  let body;
  if (form instanceof FormData) body = form;
  else if (form) body = new URLSearchParams(Object.entries(form).filter(([, v]) => v != null));
  let response;
  try {
    response = await fetch(url, {
      method,
      body,
      signal,
      credentials: "same-origin",
      // What was chosen is kept even when the page is left at once (browsers allow it 64 kB).
      keepalive: body instanceof URLSearchParams && body.toString().length < 60_000,
      headers: { "X-Console": "1", "X-CSRFToken": csrf(), Accept: "application/json" },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { message: t("offline") });
  }
  return answerOf(response.status, response.headers.get("content-type"), await response.text());
}

function answerOf(status, type, text) {
  const data = type?.includes("json") ? JSON.parse(text) : null;
  if (status === 401) location.assign(`${facts.login}?next=${encodeURIComponent(location.pathname)}`);
  if (status >= 400) throw new Refused(status, data);
  return data;
}

export const post = (url, form = {}) => ask(url, { method: "POST", form });

/** Send a form with files and tell how far it is; `handle.abort()` stops it. */
export function upload(url, form, onProgress, handle = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-Console", "1");
    request.setRequestHeader("X-CSRFToken", csrf());
    request.upload.onprogress = (event) =>
      event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      try {
        resolve(answerOf(request.status, request.getResponseHeader("content-type"), request.responseText));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () => reject(new Refused(0, { message: t("offline") }));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    handle.abort = () => request.abort();
    request.send(form);
  });
}

/** Ask for a part of a list; throws an Error with words for the person. */
export async function fragment(url) {
  const response = await fetch(url, { headers: { "X-Console": "1" }, credentials: "same-origin" });
  if (response.status === 401) location.assign(facts.login);
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.message || t("listFailed"));
  return response.text();
}

/** Put a fragment of the server into an element. */
export const load = (url, target, swap = "innerHTML") =>
  window.htmx.ajax("GET", url, { target, swap });

/** The same, for parts that may be asked for at once, of which htmx drops all but the last. */
export async function renew(url, target) {
  const response = await fetch(url, { headers: { "X-Console": "1" } }).catch(() => null);
  if (!response?.ok) return false;
  target.innerHTML = await response.text();
  window.htmx.process(target);
  return true;
}

export function toast(text, { action, run, error = false, seconds = 6 } = {}) {
  const box = el(`<div class="toast ${error ? "is-error" : ""}"><span>${escape(text)}</span></div>`);
  if (action) {
    const button = el(`<button type="button">${escape(action)}</button>`);
    button.addEventListener("click", () => {
      box.remove();
      run();
    });
    box.append(button);
  }
  const all = $("#toasts");
  if (all.children.length > 2) all.firstElementChild.remove();
  // A modal dialog covers everything outside of the top layer.
  all.popover ??= "manual";
  if (all.hidePopover && all.matches(":popover-open")) all.hidePopover();
  all.showPopover?.();
  all.append(box);
  let timer = setTimeout(() => box.remove(), seconds * 1000);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => (timer = setTimeout(() => box.remove(), 2500)));
  return box;
}

export const complain = (error) => {
  if (error?.name !== "AbortError") toast(error.message || t("failed"), { error: true });
};

export function announce(text) {
  $("#announce").textContent = text;
}

/** Collect calls for a moment and make them one. */
export function gather(run, wait = 70) {
  let ids = new Set();
  let timer = null;
  let busy = false;
  const flush = async () => {
    timer = null;
    if (busy) {
      timer = setTimeout(flush, wait);
      return;
    }
    const now = [...ids];
    ids = new Set();
    if (!now.length) return;
    busy = true;
    try {
      await run(now);
    } finally {
      busy = false;
    }
  };
  return (...more) => {
    for (const id of more) ids.add(id);
    timer ??= setTimeout(flush, wait);
  };
}

export const store = {
  get(key, otherwise = null) {
    try {
      return JSON.parse(localStorage.getItem(`wt:${facts.user?.id}:${key}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      if (value == null) localStorage.removeItem(`wt:${facts.user?.id}:${key}`);
      else localStorage.setItem(`wt:${facts.user?.id}:${key}`, JSON.stringify(value));
    } catch {
      // A full or forbidden storage costs a draft, nothing else.
    }
  },
};

export function uniqueId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Pages without TLS lack randomUUID.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** A field that just went away with its dialog keeps the focus until the next frame: it is no typing. */
export const isTyping = (target = document.activeElement) =>
  !!target?.closest?.("input, textarea, select, [contenteditable]") && target.checkVisibility();
