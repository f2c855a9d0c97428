import { follow, get } from "./api.js";
import { addPhone, toast } from "./dialogs.js";
import { h, icon, nice } from "./dom.js";
import { t } from "./i18n.js";
import { PhoneView } from "./phone.js";

const STORE = "open phones";
const FIRST = 3;

/** All open phones, side by side; on a narrow screen one at a time. */
class Board {
  constructor() {
    this.main = document.querySelector(".board");
    this.tabs = document.querySelector(".tabs");
    this.line = document.querySelector(".line");
    this.views = new Map();
    this.state = { phones: [], groups: [], cloudNumbers: [] };
    this.names = new Map();
    this.front = null;
  }

  async start() {
    document.title = t("title");
    document.querySelector("h1").textContent = t("title");
    const add = document.querySelector(".add");
    add.append(icon("plus"), h("span", {}, t("add")));
    add.setAttribute("aria-label", t("add"));
    add.addEventListener("click", () => addPhone(this.state, (number) => this.open(number)));
    document.addEventListener("visibilitychange", () => this.views.forEach((view) => view.read()));
    document.addEventListener("click", (event) => {
      for (const popup of document.querySelectorAll("details.popup[open]")) {
        if (!popup.contains(event.target)) popup.open = false;
      }
    });
    await this.refresh();
    const query = new URLSearchParams(location.search);
    const wished = query.getAll("phone").flatMap((list) => list.split(",")).map((n) => n.replace(/\D/g, "")).filter(Boolean);
    const kept = JSON.parse(localStorage.getItem(STORE) || "null") || this.state.phones.slice(0, FIRST).map((p) => ({ number: p.number }));
    const opening = wished.length ? wished.map((number) => ({ number, chat: query.get("chat") })) : kept;
    for (const { number, chat } of opening) {
      if (this.known(number)) await this.open(number, chat);
      else if (wished.length) toast(`${nice(number)}?`);
    }
    this.draw();
  }

  async refresh() {
    this.state = await get("/api/state");
    this.names = new Map([
      ...this.state.phones.map((phone) => [phone.number, phone.name]),
      ...this.state.groups.map((group) => [group.id, group.subject]),
      ...this.state.cloudNumbers.map((business) => [business.number, business.name]),
    ]);
  }

  known(number) {
    return this.state.phones.some((phone) => phone.number === number);
  }

  nameOf(number) {
    return this.names.get(number) || nice(number);
  }

  isVisible(view) {
    return getComputedStyle(view.element).display !== "none";
  }

  async open(number, chat = null) {
    if (!this.known(number)) await this.refresh();
    let view = this.views.get(number);
    if (!view) {
      view = new PhoneView(number, this);
      this.views.set(number, view);
      this.main.append(view.element);
      this.follow();
      await view.load();
    }
    this.front = number;
    this.draw();
    if (chat) view.openChat(chat);
    view.element.scrollIntoView({ inline: "nearest", block: "nearest" });
    this.remember();
  }

  close(number) {
    this.views.get(number)?.element.remove();
    this.views.delete(number);
    if (this.front === number) this.front = this.views.keys().next().value || null;
    this.follow();
    this.draw();
    this.remember();
  }

  remember() {
    if (new URLSearchParams(location.search).has("phone")) return;
    const open = [...this.views.values()].map((view) => ({ number: view.number, chat: view.chat }));
    localStorage.setItem(STORE, JSON.stringify(open));
  }

  follow() {
    this.unfollow?.();
    this.unfollow = null;
    if (!this.views.size) return;
    this.unfollow = follow([...this.views.keys()], (event) => this.hear(event), (connected) => {
      this.line.textContent = connected ? "" : t("offline");
    });
  }

  async hear(event) {
    if (event.type === "resync") {
      await this.refresh();
      await Promise.all([...this.views.values()].map((view) => view.load()));
    } else {
      if (event.type === "phone") this.names.set(event.data.number, event.data.name);
      this.views.get(event.phone)?.hear(event);
    }
    this.drawTabs();
  }

  draw() {
    for (const view of this.views.values()) view.element.classList.toggle("front", view.number === this.front);
    this.main.querySelector(".welcome")?.remove();
    if (!this.views.size) {
      this.main.append(h("div.welcome", {}, icon("phone"), h("p", {}, t("noPhones")),
        h("button.primary", { type: "button", onclick: () => addPhone(this.state, (number) => this.open(number)) }, t("add"))));
    }
    this.drawTabs();
  }

  drawTabs() {
    this.tabs.replaceChildren(...[...this.views.values()].map((view) => {
      const unread = [...view.unread.values()].reduce((sum, count) => sum + count, 0);
      return h("button", {
        type: "button", role: "tab", "aria-selected": String(view.number === this.front),
        onclick: () => {
          this.front = view.number;
          this.draw();
          view.read();
        },
      }, view.name(), unread ? h("b.badge", {}, String(unread)) : null);
    }));
  }
}

new Board().start().catch((error) => toast(error.message));
