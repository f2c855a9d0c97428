// The command palette: conversations, contacts and everything one can do, by name.
import { $, ask, el, escape, facts, icon, t } from "./dom.js";

let items = [];
let at = 0;
let asked = 0;

export function start(commands) {
  const box = $("#palette");
  const field = $("input", box);
  const list = $("#palette-list");
  const choose = (to) => {
    at = (to + items.length) % items.length || 0;
    list.querySelectorAll("[role=option]").forEach((row, index) => {
      row.setAttribute("aria-selected", index === at);
      if (index === at) {
        row.scrollIntoView({ block: "nearest" });
        field.setAttribute("aria-activedescendant", row.id);
      }
    });
  };
  const run = (item) => item && (box.close(), item.run());
  const show = (groups) => {
    list.replaceChildren();
    items = [];
    for (const [title, rows] of groups) {
      if (!rows.length) continue;
      list.append(el(`<li class="group" role="presentation">${escape(title)}</li>`));
      for (const item of rows) {
        const row = el(`<li role="option" id="palette-${items.length}" aria-selected="false">${icon(item.icon)}<span>${escape(item.name)}${item.hint ? `<small>${escape(item.hint)}</small>` : ""}</span>${item.key ? `<kbd>${escape(item.key)}</kbd>` : ""}</li>`);
        row.addEventListener("click", () => run(item));
        items.push(item);
        list.append(row);
      }
    }
    if (items.length) choose(0);
    else list.append(el(`<li class="nothing">${escape(t("nothingFound"))}</li>`));
  };
  const search = async () => {
    const text = field.value.trim();
    const known = commands.all().filter((c) => c.name.toLowerCase().includes(text.toLowerCase()));
    show([[t("actions"), known]]);
    if (text.length < 2) return;
    const number = ++asked;
    const data = await ask(`${facts.urls.palette}?q=${encodeURIComponent(text)}`).catch(() => null);
    if (!data || number !== asked) return;
    show([
      [t("tickets"), data.tickets.map((x) => ({ ...x, icon: "inbox", run: () => commands.open(x.id) }))],
      [t("contacts"), data.contacts.map((x) => ({ ...x, icon: "user", run: () => commands.fresh({ number: x.hint, name: x.name }) }))],
      [t("actions"), known],
    ]);
  };
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") (event.preventDefault(), choose(at + 1));
    else if (event.key === "ArrowUp") (event.preventDefault(), choose(at - 1));
    else if (event.key === "Enter") (event.preventDefault(), run(items[at]));
  });
  box.addEventListener("click", (event) => event.target === box && box.close());
  return () => {
    field.value = "";
    search();
    box.showModal();
    field.focus();
  };
}
