// A person's list of things to do: added by Enter, edited where it stands, ticked off, removed and
// brought back.
import { $, announce, complain, el, escape, facts, on, parse, post, t } from "./dom.js";
import { dialog } from "./actions.js";

const lines = () => $("#todo-lines");
const lineOf = (node) => node.closest("[data-todo]");
const words = (line) => $("textarea", line);
// Lines are added one after the other, so that they keep the order in which they were typed.
let work = Promise.resolve();

export async function open() {
  const menu = $("#me-menu");
  // Closed first, it gives the focus to its button, where the dialog gives it back.
  if (menu?.matches(":popover-open")) menu.hidePopover();
  await dialog(facts.urls.todos);
  lines()?.querySelectorAll("textarea").forEach(grow);
}

function grow(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

/** Lines may hold no empty text between them: where there are none, the page says so. */
function tidy() {
  if (!lines().children.length) lines().replaceChildren();
}

function drawn(data) {
  return $("[data-todo]", parse(data.html));
}

function add(form) {
  const field = form.elements.text;
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  field.removeAttribute("aria-invalid");
  const list = lines();
  work = work.then(async () => {
    try {
      const line = drawn(await post(form.getAttribute("action"), { text }));
      const done = $(".todo.is-done", list);
      list.insertBefore(line, done);
      grow(words(line));
      line.scrollIntoView({ block: "nearest" });
      announce(t("todo.added", { text }));
    } catch (error) {
      // Nothing typed is lost.
      field.value = [text, field.value].filter(Boolean).join(" ");
      field.setAttribute("aria-invalid", "true");
      complain(error);
    }
  });
}

async function save(area) {
  const line = lineOf(area);
  const text = area.value.replace(/\s+/g, " ").trim();
  if (text === area.dataset.kept) return void (area.value = text);
  if (!text) {
    area.value = area.dataset.kept;
    return remove(line);
  }
  const before = area.dataset.kept;
  area.dataset.kept = text;
  try {
    const fresh = drawn(await post(line.dataset.change, { text }));
    for (const [part, name] of [["[type=checkbox]", "aria-label"], ["[data-todo-delete]", "aria-label"]])
      $(part, line).setAttribute(name, $(part, fresh).getAttribute(name));
    area.removeAttribute("aria-invalid");
    announce(t("todo.saved"));
  } catch (error) {
    area.dataset.kept = before;
    area.setAttribute("aria-invalid", "true");
    complain(error);
    if (error.status === 404) vanish(line);
  }
}

async function tick(box) {
  const line = lineOf(box);
  line.classList.toggle("is-done", box.checked);
  try {
    await post(line.dataset.change, { done: box.checked ? "1" : "0" });
  } catch (error) {
    box.checked = !box.checked;
    line.classList.toggle("is-done", box.checked);
    complain(error);
    if (error.status === 404) vanish(line);
  }
}

/** It was removed elsewhere. */
function vanish(line) {
  line.remove();
  tidy();
  $("#todo-add input")?.focus();
}

async function remove(line) {
  const kept = { text: words(line).dataset.kept, done: $("[type=checkbox]", line).checked ? "1" : "0", position: line.dataset.position, due: line.dataset.due };
  try {
    await post(line.dataset.delete);
  } catch (error) {
    complain(error);
    if (error.status === 404) vanish(line);
    return;
  }
  $(".todo-gone")?.remove();
  // A toast lies outside of the dialog, where nothing can be clicked while it is open.
  const gone = el(`<li class="todo-gone" role="status"><span>${escape(t("todo.deleted", { text: kept.text }))}</span><button class="button small" type="button">${escape(t("undo"))}</button></li>`);
  $("button", gone).addEventListener("click", async (event) => {
    event.target.disabled = true;
    try {
      const back = drawn(await post($("#todo-add").getAttribute("action"), kept));
      gone.replaceWith(back);
      grow(words(back));
      words(back).focus();
    } catch (error) {
      event.target.disabled = false;
      complain(error);
    }
  });
  line.replaceWith(gone);
  $("button", gone).focus();
}

export function start() {
  on("click", "[data-todos]", open);
  on("submit", "#todo-add", (event, form) => (event.preventDefault(), add(form)));
  on("change", "#todo-lines [type=checkbox]", (_, box) => tick(box));
  on("change", "#todo-lines textarea", (_, area) => save(area));
  on("input", "#todo-lines textarea", (_, area) => grow(area));
  on("click", "[data-todo-delete]", (_, button) => remove(lineOf(button)));
  on("keydown", "#todo-lines textarea", (event, area) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      save(area);
    } else if (event.key === "Escape" && area.value !== area.dataset.kept) {
      // The first Escape takes the change back, the next one closes the dialog.
      event.preventDefault();
      event.stopPropagation();
      area.value = area.dataset.kept;
      grow(area);
    }
  }, { capture: true });
}
