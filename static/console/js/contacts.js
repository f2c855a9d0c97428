// The page of contacts: searching, endless scrolling, live changes, and tables that are taken in.
import { $, $$, ask, complain, el, escape, fragment, gather, on, plural, post, t, toast, upload } from "./dom.js";
import { hear } from "./live.js";

const place = $("#contacts");
const form = $("#contact-filters");
const rowOf = (id) => document.getElementById(`contact-${id}`);
let showing = 0;
let typing = 0;

function query(more = {}) {
  const given = [...new FormData(form)].map(([name, value]) => [name, value.trim()]);
  return new URLSearchParams([...given.filter(([, value]) => value), ...Object.entries(more)]);
}

async function reload() {
  const mine = ++showing;
  const held = document.activeElement?.closest(".contact-row")?.id;
  try {
    const html = await fragment(`${place.dataset.url}?${query()}`);
    if (mine !== showing) return;
    place.innerHTML = html;
    window.htmx.process(place);
    if (held) document.getElementById(held)?.querySelector("button").focus({ preventScroll: true });
    watchEnd();
  } catch (error) {
    if (mine === showing) toast(error.message, { error: true, action: t("retry"), run: reload });
  }
}

function apply() {
  const text = query().toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
  files();
  reload();
}

function files() {
  for (const link of $$("[data-export]")) link.href = `${link.pathname}?${query()}`;
}

const end = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && more(), { rootMargin: "500px" });

function watchEnd() {
  end.disconnect();
  const last = $(".more", place);
  if (last) end.observe(last);
}

async function more() {
  const last = $(".more", place);
  if (!last || last.dataset.busy) return;
  last.dataset.busy = "1";
  const mine = showing;
  try {
    const html = await fragment(`${place.dataset.url}?${query({ after: last.dataset.next })}`);
    if (mine !== showing || !last.isConnected) return;
    const rest = el(`<ul>${html}</ul>`);
    for (const row of $$(".contact-row", rest)) rowOf(row.dataset.id)?.remove();
    last.replaceWith(...rest.children);
    watchEnd();
  } catch (error) {
    delete last.dataset.busy;
    toast(error.message, { error: true, action: t("retry"), run: more });
  }
}

// Live ------------------------------------------------------------------------------------------

const refresh = gather(async (ids) => {
  const mine = showing;
  try {
    for (let at = 0; at < ids.length; at += 50) {
      const part = ids.slice(at, at + 50);
      const data = await ask(`${place.dataset.some}?${query({ ids: part.join(",") })}`);
      if (mine !== showing) return;
      for (const id of part) draw(id, data.rows[id]);
      $("[data-amount]", place).textContent = data.amount;
    }
  } catch {
    // The next event or reconnect fetches again.
  }
}, 150);

function draw(id, found) {
  const old = rowOf(id);
  const list = $(".contact-rows", place);
  if (!found) {
    old?.remove();
    if (list && !$(".contact-row, .more", list)) reload();
    return;
  }
  if (!list) return reload();
  // An open menu is not drawn away under the hand.
  if (old && $(".contact-menu:popover-open", old)) $(".contact-menu", old).hidePopover();
  const fresh = el(found.html);
  const held = old?.contains(document.activeElement) ? [...$$("button", old)].indexOf(document.activeElement) : -1;
  const before = $$(".contact-row", list).find((row) => row !== old && row.dataset.key.localeCompare(found.key) > 0);
  const last = $(".more", list);
  // Past what is loaded: it comes when one scrolls there.
  if (!old && !before && last) return;
  if (old?.dataset.key === found.key) old.replaceWith(fresh);
  else {
    old?.remove();
    list.insertBefore(fresh, before ?? last);
  }
  if (held >= 0) $$("button", fresh)[held]?.focus({ preventScroll: true });
}

let again = 0;
const soon = () => {
  clearTimeout(again);
  again = setTimeout(reload, 400);
};
hear("contact", (data) => {
  if (data.action === "reload") return soon();
  const id = Number(data.contact?.id ?? data.contactId);
  if (id) refresh(id);
});
hear("tag", soon);
hear("resync", soon);

// What one does ---------------------------------------------------------------------------------

form.addEventListener("submit", (event) => (event.preventDefault(), apply()));
form.addEventListener("change", (event) => event.target.name !== "q" && apply());
form.elements.q.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(apply, 220);
});

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches?.(".contact-menu") || event.newState !== "open") return;
    const at = document.getElementById(menu.dataset.anchor).getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(innerWidth - menu.offsetWidth - 8, at.right - menu.offsetWidth))}px`;
    menu.style.top = `${at.bottom + menu.offsetHeight + 8 > innerHeight ? Math.max(8, at.top - menu.offsetHeight - 4) : at.bottom + 4}px`;
    $(".menu-item", menu)?.focus();
  },
  true,
);
on("click", ".contact-menu .menu-item", (_, item) => item.closest(".contact-menu").hidePopover());
on("keydown", ".contact-menu", (event, menu) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = $$(".menu-item", menu);
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
});

async function block(url, name, active) {
  try {
    await post(url, { active });
    toast(t(active === "1" ? "contact.unblocked" : "contact.blocked", { name }), { action: t("undo"), run: () => block(url, name, active === "1" ? "0" : "1") });
  } catch (error) {
    complain(error);
  }
}
on("click", "[data-block]", (_, button) => block(button.dataset.block, button.closest(".contact-row").dataset.name, button.dataset.active));

document.addEventListener("wt:contacts", ({ detail }) => refresh(detail.id));
document.addEventListener("wt:contact-gone", ({ detail }) => {
  toast(t("contact.deleted"));
  refresh(detail.id);
});
document.addEventListener("wt:contact-merged", ({ detail }) => {
  soon();
  toast(t("contact.merged"), {
    action: t("undo"),
    run: async () => {
      try {
        await post(place.dataset.merges.replace("/0/", `/${detail.merge}/`));
        toast(t("contact.parted"));
        soon();
      } catch (error) {
        complain(error);
      }
    },
  });
});

// Importing -------------------------------------------------------------------------------------

const importing = () => $("#contact-import");
let current = null;
let poll = 0;

function wrong(text) {
  const line = $("[data-error]", importing());
  line.textContent = text;
  line.hidden = !text;
}

on("change", "#contact-import [name=file]", async (_, field) => {
  const box = importing();
  const take = $("[data-take]", box);
  take.disabled = true;
  wrong("");
  $("[data-preview-place]", box).replaceChildren();
  $("[data-progress-place]", box).hidden = true;
  if (!field.files.length) return;
  const chosen = field.files[0];
  take.setAttribute("aria-busy", "true");
  try {
    const data = await ask(box.dataset.preview, { method: "POST", form: new FormData(box) });
    if (field.files[0] !== chosen) return;
    $("[data-preview-place]", box).innerHTML = data.html;
    take.textContent = plural("import.take", data.good);
    take.disabled = !data.good;
  } catch (error) {
    wrong(error.message);
  } finally {
    take.removeAttribute("aria-busy");
  }
});

on("submit", "#contact-import", async (event, box) => {
  event.preventDefault();
  const take = $("[data-take]", box);
  take.disabled = true;
  wrong("");
  $("[data-progress-place]", box).hidden = false;
  $("[data-preview-place]", box).replaceChildren();
  const bar = $("progress", box);
  try {
    bar.removeAttribute("value");
    const told = await upload(box.getAttribute("action"), new FormData(box), () => {});
    current = told;
    tell(told);
    if (!told.finished) askAgain();
  } catch (error) {
    $("[data-progress-place]", box).hidden = true;
    take.disabled = false;
    wrong(error.message);
  }
});

function tell(data) {
  const box = importing();
  if (!box || data.id !== current?.id) return;
  const bar = $("progress", box);
  bar.max = Math.max(1, data.total);
  bar.value = data.finished ? bar.max : data.done;
  $("[data-progress-words]", box).textContent = data.finished ? t("import.result", data) : t("import.running", data);
  $("[data-errors]", box).replaceChildren(...data.errors.map((one) => el(`<li>${escape(t("import.row", { n: one.row, words: one.words }))}</li>`)));
  if (data.finished) {
    current = null;
    clearTimeout(poll);
    soon();
  }
}

async function progress() {
  const box = importing();
  if (!current || !box) return;
  try {
    tell(await ask(box.dataset.progress.replace("/0/", `/${current.id}/`)));
  } catch {
    // The next round asks again.
  }
}

function askAgain() {
  clearTimeout(poll);
  poll = setTimeout(async () => {
    await progress();
    if (current) askAgain();
  }, 2500);
}
// A long table says how far it is; what was wrong is asked for in words.
hear("contactImport", (data) => current && Number(data.import?.id) === current.id && progress());

files();
watchEnd();
