// The reports page: filters that send themselves, a view of now that stays fresh, parts that failed.
import { $, el, escape, on, t } from "./dom.js";
import { hear } from "./live.js";

// The page comes back as a whole; who changed a filter by keyboard goes on from there.
const KEPT = "wt:report-filter";
on("change", "[data-report-filter]", (_, field) => {
  sessionStorage.setItem(KEPT, field.id);
  // An address to be shared says nothing of filters that are not set.
  for (const other of field.form.elements) if (!other.value) other.disabled = true;
  field.form.requestSubmit();
});
const changed = sessionStorage.getItem(KEPT);
sessionStorage.removeItem(KEPT);
if (changed) document.getElementById(changed)?.focus({ preventScroll: true });
// Coming back by the browser's own button shows the page as it was left.
addEventListener("pageshow", (event) => event.persisted && location.reload());

const now = $("#report-now");
const EVERY = 4000;
let timer = 0;
function freshen() {
  if (!now || timer) return;
  timer = setTimeout(() => {
    timer = 0;
    if (!document.hidden) window.htmx.ajax("GET", now.getAttribute("hx-get"), { target: now, swap: "innerHTML" });
  }, EVERY);
}
for (const name of ["ticket", "user", "resync"]) hear(name, freshen);
document.addEventListener("visibilitychange", () => document.hidden || freshen());

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"])
  document.body.addEventListener(name, (event) => {
    const part = event.detail.target?.closest?.(".report-part");
    if (!part || !$(".skeleton", part)) return;
    part.replaceChildren(el(`<p class="report-none">${escape(t("listFailed"))} <button class="link-button" type="button" data-report-again>${escape(t("retry"))}</button></p>`));
  });
on("click", "[data-report-again]", (_, button) => {
  const part = button.closest(".report-part");
  part.replaceChildren(el('<span class="skeleton skeleton-chart"></span>'));
  window.htmx.ajax("GET", part.getAttribute("hx-get"), { target: part, swap: "innerHTML" });
});
