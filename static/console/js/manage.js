// Pages on which a company is run: lists that follow colleagues' changes and are searched and
// sorted, and forms that say what is wrong beside the field and warn before work is lost.
import { $, $$, announce, ask, complain, csrf, el, escape, gather, on, t, toast } from "./dom.js";
import { hear } from "./live.js";

// What is said on the page that comes next.
const SAID = "wt:said";

function sayNext(words) {
  try {
    sessionStorage.setItem(SAID, words);
  } catch {
    // Then it is not said.
  }
}

const headers = () => ({ "X-Console": "1", "X-CSRFToken": csrf() });

/** Ask for a piece of a page; throws an Error with words for the person. */
async function fragment(url, body) {
  const options = { method: body ? "POST" : "GET", body, credentials: "same-origin", headers: headers() };
  const response = await fetch(url, options).catch(() => null);
  if (!response) throw new Error(t("offline"));
  if (response.ok) return response.text();
  const told = await response.json().catch(() => ({}));
  throw new Error(Object.values(told.problems ?? {})[0] ?? told.message ?? t("failed"));
}

// On a phone the pages stand in one line; the one that is open must be seen.
$(".manage-places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Lists ------------------------------------------------------------------------------------------

const list = $("[data-rows]");
const search = () => $("[data-list-search] input");
let dragged = null;
// How many orders were sent, and how many of them the server has.
let sent = 0;
let kept = 0;

let asked = 0;

async function reload() {
  // Rows that move away under somebody's hand would be dropped elsewhere.
  if (dragged || sent !== kept) return;
  const wanted = new URLSearchParams(search() ? { q: search().value } : {});
  const number = ++asked;
  const html = await fragment(`${list.dataset.rows}?${wanted}`).catch((error) => (complain(error), null));
  // What was asked later is newer, and what begins meanwhile under a hand counts more.
  if (html === null || number !== asked || dragged || sent !== kept) return;
  // Now, not before: who was given the focus meanwhile keeps it.
  const at = document.activeElement?.closest("[data-queue], [data-person]");
  const key = at && (at.dataset.queue ? `[data-queue="${at.dataset.queue}"]` : `[data-person="${at.dataset.person}"]`);
  const place = at && $$("a, button", at).indexOf(document.activeElement);
  list.innerHTML = html;
  window.htmx.process(list);
  const again = key && $(key, list);
  if (again) $$("a, button", again)[place]?.focus();
}

if (list) {
  const soon = gather(reload, 400);
  for (const name of list.dataset.hears.split(" ")) hear(name, () => soon(1));
  hear("resync", () => soon(1));
  for (const name of ["person-gone", "queue-gone"]) document.addEventListener(`wt:${name}`, reload);
  let typing = 0;
  on("input", "[data-list-search] input", () => {
    clearTimeout(typing);
    typing = setTimeout(reload, 180);
  });
  on("submit", "[data-list-search]", (event) => (event.preventDefault(), reload()));
}

// Order ------------------------------------------------------------------------------------------

const rows = () => $$("[data-queue]", list);
let offer = null;
let line = Promise.resolve();
const order = () => rows().map((row) => row.dataset.queue);

/** Send one order after the other; only of the last one is anything said and shown. */
function keep(former, wanted = order()) {
  const mine = ++sent;
  // An older offer to take back would undo this change, too.
  offer?.remove();
  line = line.then(async () => {
    const form = new FormData();
    for (const id of wanted) form.append("queue", id);
    try {
      await ask(list.dataset.order, { method: "POST", form });
      if (mine === sent) offer = toast(t("orderKept"), former ? { action: t("undo"), run: () => keep(null, former) } : {});
    } catch (error) {
      complain(error);
    }
    if (mine !== sent) return;
    kept = sent;
    await reload();
  });
  return line;
}

async function move(button) {
  const row = button.closest("[data-queue]");
  const former = order();
  const step = Number(button.dataset.move);
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  step < 0 ? other.before(row) : other.after(row);
  announce(t("movedTo", { name: row.dataset.name, n: order().indexOf(row.dataset.queue) + 1 }));
  await keep(former);
  // At an end one button is off; the other one is at hand.
  const again = $(`[data-queue="${row.dataset.queue}"]`, list);
  ($(`[data-move="${step}"]:enabled`, again) ?? $("[data-move]:enabled", again))?.focus();
}

on("click", "[data-move]", (_, button) => move(button));
on("pointerdown", "[data-grip]", (event, grip) => {
  if (event.button) return;
  event.preventDefault();
  const row = grip.closest("[data-queue]");
  const former = order();
  dragged = row;
  row.classList.add("is-dragged");
  grip.setPointerCapture(event.pointerId);
  const follow = (moved) => {
    const over = rows().find((other) => {
      const box = other.getBoundingClientRect();
      return other !== row && moved.clientY > box.top && moved.clientY < box.bottom;
    });
    if (!over) return;
    // Those between are moved, not the row itself: it would lose the pointer.
    const all = rows();
    const [from, to] = [all.indexOf(row), all.indexOf(over)];
    const box = over.getBoundingClientRect();
    const isAbove = moved.clientY < box.top + box.height / 2;
    if (to < from) row.after(...all.slice(isAbove ? to : to + 1, from));
    else row.before(...all.slice(from + 1, isAbove ? to : to + 1));
  };
  const end = (ended) => {
    for (const name of ["pointerup", "pointercancel"]) document.removeEventListener(name, end);
    document.removeEventListener("pointermove", follow);
    if (ended.type === "pointerup") follow(ended);
    row.classList.remove("is-dragged");
    dragged = null;
    if (ended.type === "pointercancel") return reload();
    if (order().join() !== former.join()) keep(former);
  };
  // Heard on the page: it goes on where the browser takes the pointer from the handle.
  document.addEventListener("pointermove", follow);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, end);
});

// Forms ------------------------------------------------------------------------------------------

const form = $(".manage-form");
const written = () => JSON.stringify([...new FormData(form)]);
let unchanged = form && written();

function data() {
  const found = new FormData(form);
  // Most people have no limit of their own: what is empty need not be sent.
  for (const name of [...found.keys()]) if (name.startsWith("capacity_") && !found.get(name)) found.delete(name);
  return found;
}

function clear(field) {
  field.removeAttribute("aria-invalid");
  const error = field.dataset.error && document.getElementById(field.dataset.error);
  if (!error) return;
  error.remove();
  const rest = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== field.dataset.error);
  rest.length ? field.setAttribute("aria-describedby", rest.join(" ")) : field.removeAttribute("aria-describedby");
  delete field.dataset.error;
}

function blame(name, words) {
  const found = form.elements[name];
  const field = found instanceof RadioNodeList ? found[0] : found;
  if (!field) return false;
  clear(field);
  field.setAttribute("aria-invalid", "true");
  const id = `error-${name}`;
  const place = field.closest(".field, .week-day, .member, fieldset, .form-card") ?? field.parentElement;
  place.append(el(`<p class="error" id="${id}">${escape(words)}</p>`));
  field.dataset.error = id;
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
  return true;
}

async function submit(event) {
  event.preventDefault();
  const button = $("button.primary", form);
  if (button.getAttribute("aria-busy")) return;
  for (const field of $$("[aria-invalid]", form)) clear(field);
  for (const field of form.elements) if (field.willValidate && !field.validity.valid) blame(field.name, field.validationMessage);
  const wrong = () => $("[aria-invalid]", form)?.focus();
  if ($("[aria-invalid]", form)) return wrong();
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(form.getAttribute("action"), { method: "POST", form: data() });
    unchanged = written();
    sayNext(answer.said);
    // One's own profile may have changed the language, the theme and the name in the menu.
    form.dataset.done ? location.assign(form.dataset.done) : location.reload();
  } catch (error) {
    button.removeAttribute("aria-busy");
    const found = Object.entries(error.data?.problems ?? {}).filter(([name, words]) => blame(name, words));
    found.length ? wrong() : complain(error);
  }
}

if (form) {
  form.addEventListener("submit", submit);
  // Until here Enter would have sent the form past this script.
  for (const button of $$("[data-awake]", form)) button.disabled = false;
  form.addEventListener("input", ({ target }) => target.matches("[aria-invalid]") && clear(target));
  addEventListener("beforeunload", (event) => written() !== unchanged && event.preventDefault());
  // What was removed in the dialog above the form is no more to be written.
  for (const name of ["person-gone", "queue-gone"])
    document.addEventListener(`wt:${name}`, () => {
      unchanged = written();
      location.assign(form.dataset.done);
    });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !$("dialog[open]")) form.requestSubmit();
  });
}

try {
  const said = sessionStorage.getItem(SAID);
  sessionStorage.removeItem(SAID);
  if (said) toast(said, { seconds: 3 });
} catch {
  // Nothing was kept.
}

on("click", "[data-sign-out]", async (_, button) => {
  if (!confirm(t("sureSignOut"))) return;
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(button.dataset.signOut, { method: "POST" });
    if (!answer.isOwn) return toast(answer.said, { seconds: 4 });
    // This page's socket ended with the others; the page comes back with a new one.
    sayNext(answer.said);
    location.reload();
  } catch (error) {
    complain(error);
  } finally {
    button.removeAttribute("aria-busy");
  }
});

// Pictures ---------------------------------------------------------------------------------------

async function send(place, body) {
  place.setAttribute("aria-busy", "true");
  try {
    place.innerHTML = await fragment(place.dataset.pictures, body);
    toast(t("saved"), { seconds: 3 });
    $("[data-picture]", place).focus();
  } catch (error) {
    complain(error);
  } finally {
    place.removeAttribute("aria-busy");
  }
}

on("change", "[data-picture]", (_, input) => {
  const body = new FormData();
  body.append("file", input.files[0]);
  send(input.form, body);
});
on("click", "[data-picture-drop]", (_, button) => {
  const body = new FormData();
  body.append("drop", "1");
  send(button.form, body);
});
on("submit", "[data-pictures]", (event) => event.preventDefault());

// The queue's form -------------------------------------------------------------------------------

on("input", "[data-narrow]", (_, input) => {
  const text = input.value.trim().toLowerCase();
  for (const row of $$("[data-text]", $(input.dataset.narrow))) row.hidden = !row.dataset.text.includes(text);
});

const colour = $("#queue-color");
if (colour) {
  const well = $("[data-well]");
  const show = () => {
    const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(colour.value);
    if (short) well.value = `#${short[1].repeat(2)}${short[2].repeat(2)}${short[3].repeat(2)}`;
    else if (/^#[0-9a-f]{6}$/i.test(colour.value)) well.value = colour.value;
    for (const swatch of $$("[data-colour]")) swatch.setAttribute("aria-pressed", swatch.dataset.colour === colour.value.toLowerCase());
  };
  const take = (value) => {
    colour.value = value;
    colour.dispatchEvent(new Event("input", { bubbles: true }));
  };
  colour.addEventListener("input", show);
  well.addEventListener("input", () => take(well.value));
  on("click", "[data-colour]", (_, swatch) => take(swatch.dataset.colour));
  show();
}

on("click", "[data-copy-day]", (_, button) => {
  const [first, ...others] = $$("[data-day]", button.form);
  for (const day of others)
    $$("select, input", first).forEach((field, at) => {
      $$("select, input", day)[at].value = field.value;
    });
  announce(t("copiedDay"));
});
