import { get, post } from "./api.js";
import { avatar, h, icon, nice } from "./dom.js";
import { t } from "./i18n.js";

/** Open a dialog with a title; resolves when closed. */
export function dialog(title, ...content) {
  const box = h("dialog", { "aria-label": title },
    h("header", {},
      h("h2", {}, title),
      h("button.ghost", { type: "button", "aria-label": t("close"), onclick: () => box.close() }, icon("close"))),
    ...content);
  box.addEventListener("close", () => box.remove());
  box.addEventListener("click", (event) => event.target === box && box.close());
  document.body.append(box);
  box.showModal();
  return box;
}

/** A form of fields; `submit` may throw, and what it throws is shown. */
export function form(fields, label, submit) {
  const problem = h("p.problem", { role: "alert" });
  const button = h("button.primary", { type: "submit" }, label);
  const inputs = fields.map(({ name, text, ...props }) => {
    const input = h(props.rows ? "textarea" : "input", { name, required: true, ...props });
    return [name, h("label", {}, h("span", {}, text), input), input];
  });
  return h("form", {
    async onsubmit(event) {
      event.preventDefault();
      button.disabled = true;
      problem.textContent = "";
      try {
        await submit(Object.fromEntries(inputs.map(([name, , input]) => [name, input.value.trim()])));
      } catch (error) {
        problem.textContent = error.message;
      } finally {
        button.disabled = false;
      }
    },
  }, ...inputs.map(([, label]) => label), problem, h("footer", {}, button));
}

export function toast(text) {
  const note = h("p.toast", { role: "status" }, text);
  document.body.append(note);
  setTimeout(() => note.remove(), 4000);
}

/** Create a phone, or open one that is on the network. */
export function addPhone(state, onOpen) {
  const list = h("ul.people");
  const filter = (wanted) => {
    const needle = wanted.toLowerCase();
    const found = state.phones.filter((phone) => `${phone.name} ${phone.number}`.toLowerCase().includes(needle));
    list.replaceChildren(...found.slice(0, 50).map((phone) => person(phone.number, phone.name, () => {
      box.close();
      onOpen(phone.number);
    })));
  };
  const box = dialog(t("add"),
    form([
      { name: "name", text: t("name"), autocomplete: "off", placeholder: "Ana", autofocus: true },
      { name: "number", text: t("number"), inputMode: "tel", autocomplete: "off", placeholder: "5511987654321" },
    ], t("create"), async (values) => {
      const phone = await post("/api/phones", values);
      box.close();
      onOpen(phone.number);
    }),
    state.phones.length ? h("section", {},
      h("h3", {}, t("known")),
      h("input", { type: "search", placeholder: t("search"), "aria-label": t("search"), oninput: (e) => filter(e.target.value) }),
      list) : null);
  filter("");
}

function person(number, name, choose) {
  return h("li", {}, h("button.person", { type: "button", onclick: choose },
    avatar(number, name), h("span", {}, h("strong", {}, name || nice(number)), h("small", {}, nice(number)))));
}

/** Everyone a phone may write to; `choose` gets the address. */
export async function pickChat(title, me, choose) {
  const state = await get("/api/state");
  const people = [
    ...state.cloudNumbers.map((business) => [business.number, business.name]),
    ...state.phones.filter((phone) => phone.number !== me).map((phone) => [phone.number, phone.name]),
    ...state.groups.filter((group) => group.members.includes(me)).map((group) => [group.id, group.subject]),
  ];
  const list = h("ul.people");
  const filter = (wanted) => {
    const needle = wanted.toLowerCase();
    list.replaceChildren(...people
      .filter(([number, name]) => `${name} ${number}`.toLowerCase().includes(needle))
      .slice(0, 50)
      .map(([number, name]) => person(number, name, () => {
        box.close();
        choose(number);
      })));
  };
  const box = dialog(title,
    form([{
      name: "number", text: t("startChat"), inputMode: "tel", placeholder: "5511987654321",
      autocomplete: "off", oninput: (event) => filter(event.target.value),
    }], t("newChat"), async ({ number }) => {
      box.close();
      choose(number.replace(/[^\d@a-z.]/gi, ""));
    }),
    h("section", {}, h("h3", {}, t("known")), list));
  filter("");
}

/** Linked devices of a phone: scan a code, log one out. */
export async function linkedDevices(number) {
  const devices = h("ul.people");
  const codes = h("ul.people");
  const refresh = async () => {
    const state = await get("/api/state");
    const mine = state.devices.filter((device) => device.number === number && device.state === "paired");
    devices.replaceChildren(...(mine.length ? mine.map((device) => h("li", {},
      h("span.person", {},
        h(`span.dot${device.online ? ".on" : ""}`),
        h("span", {}, h("strong", {}, device.name), h("small", {}, device.id)),
        h("button.ghost", {
          type: "button", "aria-label": `${t("disconnect")} ${device.name}`, title: t("disconnect"),
          onclick: async () => {
            await post(`/api/devices/${encodeURIComponent(device.id)}/logout`);
            refresh();
          },
        }, icon("trash"))))) : [h("li.empty", {}, t("noDevices"))]));
    const waiting = state.devices.filter((device) => device.state === "waiting" && device.online);
    codes.replaceChildren(...waiting.map((device) => h("li", {},
      h("button.person", {
        type: "button",
        onclick: async () => {
          await post(`/api/devices/${encodeURIComponent(device.id)}/pair`, { number });
          refresh();
        },
      }, icon("qr"), h("span", {}, h("strong", {}, device.name), h("small", {}, t("waiting"))))))); 
  };
  const box = dialog(t("linked"),
    devices,
    h("section", {}, h("h3", {}, t("scan")), codes,
      form([{ name: "code", text: t("scanHint"), rows: 3, spellcheck: false, autofocus: true }], t("link"), async ({ code }) => {
        await post(`/api/phones/${number}/scan`, { code });
        box.close();
      })));
  const timer = setInterval(() => refresh().catch(() => {}), 3000);
  box.addEventListener("close", () => clearInterval(timer));
  await refresh();
}
