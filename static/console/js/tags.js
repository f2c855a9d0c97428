// Tags and lanes: choosing a colour, and the page on which they are kept, as colleagues change it.
import { $, $$, load, on } from "./dom.js";
import { hear } from "./live.js";

const rows = $("#tag-rows");
let timer = 0;

async function again() {
  if (!rows) return;
  const field = $("[data-tag-search]", rows);
  const isHeld = field === document.activeElement;
  const [text, at] = [field.value, field.selectionStart];
  await load(`${rows.dataset.url}?${new URLSearchParams(text.trim() ? { q: text.trim() } : {})}`, rows);
  const fresh = $("[data-tag-search]", rows);
  if (!isHeld) return;
  fresh.value = text;
  fresh.focus({ preventScroll: true });
  fresh.setSelectionRange(at, at);
}

function soon(wait) {
  clearTimeout(timer);
  timer = setTimeout(again, wait);
}

function press(swatch) {
  for (const one of $$(".swatch", swatch?.form ?? document)) one.setAttribute("aria-pressed", one === swatch);
}

on("input", "[data-tag-search]", () => soon(220));
on("click", "[data-swatch]", (_, swatch) => {
  swatch.form.elements.color.value = swatch.dataset.swatch;
  press(swatch);
});
on("input", ".tag-form [name=color]", (_, field) => press($(`[data-swatch="${field.value}"]`, field.form)));
document.addEventListener("wt:tags", again);
hear("tag", () => soon(250));
hear("resync", again);
