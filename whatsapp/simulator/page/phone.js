import { get, post } from "./api.js";
import { bubble, summary } from "./bubbles.js";
import { Composer } from "./composer.js";
import { linkedDevices, pickChat, toast } from "./dialogs.js";
import { avatar, h, icon, nice, ticks } from "./dom.js";
import { day, t, time } from "./i18n.js";

const KEPT = 3000;
const PAGE = 120;
const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/** One telephone on the board. */
export class PhoneView {
  constructor(number, board) {
    this.number = number;
    this.board = board;
    this.messages = new Map();
    this.chats = new Map();
    this.unread = new Map();
    this.typists = new Map();
    this.drafts = new Map();
    this.chat = null;
    this.shownFrom = 0;
    this.body = h("div.screen");
    this.element = h("section.phone", {
      "aria-label": this.name(),
      onkeydown: (event) => event.key === "Escape" && this.chat && !event.defaultPrevented && this.openChat(null),
    }, this.body);
    this.drawList();
  }

  name() {
    return this.board.nameOf(this.number);
  }

  nameOf(number, me = false) {
    return me && number === this.number ? t("you") : this.board.nameOf(number);
  }

  chatName() {
    return this.nameOf(this.chat);
  }

  message(id) {
    return this.messages.get(id);
  }

  // What the network tells

  async load() {
    const messages = await get(`/api/phones/${this.number}/messages?last=${KEPT}`);
    this.messages.clear();
    this.chats.clear();
    this.unread.clear();
    for (const message of messages) this.keep(message);
    this.draw();
  }

  keep(message) {
    const fresh = !this.messages.has(message.id);
    this.messages.set(message.id, message);
    if (!this.chats.has(message.chat)) this.chats.set(message.chat, []);
    if (!fresh) return;
    this.chats.get(message.chat).push(message.id);
    if (message.from !== this.number && ["sent", "delivered"].includes(message.status)) {
      this.unread.set(message.chat, (this.unread.get(message.chat) || 0) + 1);
    }
  }

  hear({ type, data }) {
    if (type === "message") {
      this.keep(data);
      this.hush(data.chat, data.from);
      if (data.chat === this.chat) this.arrive(data);
      else this.drawListSoon();
      return;
    }
    if (type === "typing") return this.showTyping(data);
    if (type === "device" || type === "phone") return undefined;
    const message = this.messages.get(data.id);
    if (!message) return undefined;
    if (type === "status") message.status = data.status;
    if (type === "edit") Object.assign(message, { edited: true }, data);
    if (type === "revoke") message.deleted = true;
    if (type === "reaction") {
      message.reactions = message.reactions.filter((reaction) => reaction.from !== data.from);
      if (data.emoji) message.reactions.push({ from: data.from, emoji: data.emoji });
    }
    if (message.chat === this.chat) this.redraw(message);
    else this.drawListSoon();
    return undefined;
  }

  showTyping({ chat, from, active }) {
    clearTimeout(this.typists.get(chat)?.timer);
    if (!active) return this.hush(chat, from);
    this.typists.set(chat, { from, timer: setTimeout(() => this.hush(chat, from), 25000) });
    return this.drawTyping(chat);
  }

  hush(chat, from) {
    const typist = this.typists.get(chat);
    if (typist?.from !== from) return;
    clearTimeout(typist.timer);
    this.typists.delete(chat);
    this.drawTyping(chat);
  }

  // What its owner does

  post(action, body) {
    return post(`/api/phones/${this.number}/${action}`, body);
  }

  async act(action, body) {
    try {
      return await this.post(action, body);
    } catch (error) {
      toast(error.message);
      return null;
    }
  }

  send(message) {
    return this.act("messages", { to: this.chat, ...message });
  }

  typing(active) {
    if (this.chat) this.post("typing", { to: this.chat, active }).catch(() => {});
  }

  played(message) {
    this.act("read", { id: message.id, played: true });
  }

  read() {
    if (!this.chat || document.visibilityState !== "visible" || !this.board.isVisible(this)) return;
    if (!this.unread.get(this.chat)) return;
    this.unread.delete(this.chat);
    this.act("read", { chat: this.chat, played: false });
  }

  // Drawing

  draw() {
    if (this.chat) this.drawChat();
    else this.drawList();
  }

  drawListSoon() {
    if (this.chat) {
      this.drawBack();
      return;
    }
    if (this.waiting) return;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      if (!this.chat) this.drawList();
    }, 60);
  }

  drawList() {
    const chats = [...this.chats.keys()]
      .map((chat) => [chat, this.messages.get(this.chats.get(chat).at(-1))])
      .filter(([, last]) => last)
      .sort((one, other) => other[1].seq - one[1].seq);
    const head = h("header.head", {},
      avatar(this.number, this.name()),
      h("span.who", {}, h("h2", {}, this.name()), h("small", {}, nice(this.number))),
      h("button.ghost", { type: "button", "aria-label": t("linked"), title: t("linked"), onclick: () => linkedDevices(this.number) }, icon("qr")),
      h("button.ghost", { type: "button", "aria-label": t("closePhone"), title: t("closePhone"), onclick: () => this.board.close(this.number) }, icon("close")));
    const list = h("ul.chats", {}, ...chats.map(([chat, last]) => this.chatRow(chat, last)));
    const empty = chats.length ? null : h("p.hint", {}, t("noChats"));
    this.body.replaceChildren(head, empty || list,
      h("button.compose", { type: "button", "aria-label": t("newChat"), title: t("newChat"), onclick: () => this.newChat() }, icon("chat")));
    this.thread = null;
  }

  chatRow(chat, last) {
    const unread = this.unread.get(chat) || 0;
    const draft = this.drafts.get(chat);
    const typing = this.typists.has(chat);
    const preview = typing ? h("em.typing", {}, t("typing"))
      : draft ? h("span", {}, h("em.draft", {}, `${t("draft")}: `), draft)
        : h("span", {}, last.from === this.number && !last.deleted ? ticks(last.status, t(last.status)) : null, summary(last));
    return h("li", {}, h(`button.chat${unread ? ".unread" : ""}`, { type: "button", onclick: () => this.openChat(chat) },
      avatar(chat, this.nameOf(chat)),
      h("span.lines", {},
        h("span", {}, h("strong", {}, this.nameOf(chat)), h("time", {}, day(last.at) === t("today") ? time(last.at) : day(last.at))),
        h("span", {}, preview, unread ? h("b.badge", {}, String(unread)) : null))));
  }

  newChat() {
    pickChat(t("newChat"), this.number, (address) => this.openChat(address)).catch((error) => toast(error.message));
  }

  openChat(chat) {
    if (this.chat && this.composer) {
      const draft = this.composer.editing ? "" : this.composer.input.value;
      if (draft) this.drafts.set(this.chat, draft);
      else this.drafts.delete(this.chat);
      this.composer.stopTyping();
    }
    this.chat = chat;
    this.shownFrom = Math.max(0, (this.chats.get(chat)?.length || 0) - PAGE);
    this.draw();
    this.board.remember();
    if (!chat) {
      this.body.querySelector(".chat, .compose")?.focus();
      return;
    }
    this.composer.input.value = this.drafts.get(chat) || "";
    this.composer.changed(false);
    this.composer.input.focus({ preventScroll: true });
    this.read();
  }

  drawChat() {
    this.subtitle = h("small");
    this.back = h("b.badge", { hidden: true });
    this.thread = h("ol.thread", { "aria-live": "polite", "aria-label": this.chatName() });
    this.composer = new Composer(this);
    this.pinned = true;
    this.thread.addEventListener("scroll", () => {
      this.pinned = this.thread.scrollHeight - this.thread.scrollTop - this.thread.clientHeight < 80;
    });
    // A picture that arrives late must not push the newest message out of sight.
    const stay = () => this.pinned && this.toEnd();
    for (const name of ["load", "loadedmetadata"]) this.thread.addEventListener(name, stay, true);
    const area = h("div.area", {}, this.thread);
    const head = h("header.head", {},
      h("button.ghost", { type: "button", "aria-label": t("back"), onclick: () => this.openChat(null) }, icon("back"), this.back),
      avatar(this.chat, this.chatName()),
      h("span.who", {}, h("h2", {}, this.chatName()), this.subtitle),
      this.chat.includes("@") ? null : h("button.ghost", {
        type: "button", "aria-label": t("missedCall"), title: t("missedCall"),
        onclick: async () => (await this.act("calls", { to: this.chat })) && toast(t("called")),
      }, icon("call")));
    const screen = [head, area, this.composer.element];
    this.body.replaceChildren(...screen);
    this.acceptDrops(area);
    this.drawThread();
    this.drawTyping(this.chat);
    this.drawBack();
    this.toEnd();
  }

  toEnd() {
    this.thread.scrollTop = this.thread.scrollHeight;
    this.pinned = true;
  }

  drawBack() {
    if (!this.back) return;
    const others = [...this.unread].filter(([chat]) => chat !== this.chat).reduce((sum, [, count]) => sum + count, 0);
    this.back.hidden = !others;
    this.back.textContent = others;
  }

  drawThread() {
    const ids = this.chats.get(this.chat) || [];
    const rows = [];
    if (this.shownFrom > 0) {
      rows.push(h("li.older", {}, h("button", {
        type: "button",
        onclick: () => {
          const height = this.thread.scrollHeight;
          this.shownFrom = Math.max(0, this.shownFrom - PAGE);
          this.drawThread();
          this.thread.scrollTop = this.thread.scrollHeight - height;
        },
      }, t("older"))));
    }
    let last = null;
    for (const id of ids.slice(this.shownFrom)) {
      const message = this.messages.get(id);
      rows.push(...this.rows(message, last));
      last = message;
    }
    this.thread.replaceChildren(...rows);
    this.lastDrawn = last;
  }

  rows(message, before) {
    const row = bubble(message, this);
    if (!before || before.from !== message.from || message.at - before.at > 300) row.classList.add("first");
    if (before && day(before.at) === day(message.at)) return [row];
    row.classList.add("first");
    return [h("li.day", {}, h("span", {}, day(message.at))), row];
  }

  arrive(message) {
    if (this.thread.querySelector(`.row[data-id="${CSS.escape(message.id)}"]`)) {
      this.redraw(message);
      return;
    }
    const near = this.pinned;
    const dots = this.thread.querySelector(".row.dots");
    const rows = this.rows(message, this.lastDrawn);
    if (dots) dots.before(...rows);
    else this.thread.append(...rows);
    this.lastDrawn = message;
    if (near || message.from === this.number) this.toEnd();
    this.read();
  }

  redraw(message) {
    const row = this.thread?.querySelector(`.row[data-id="${CSS.escape(message.id)}"]`);
    if (!row) return;
    const fresh = bubble(message, this);
    if (row.classList.contains("first")) fresh.classList.add("first");
    // A playing voice message or open list must not be torn down by a tick.
    const old = row.querySelector(".bubble > .stamp");
    if (old && !message.deleted && sameBody(row, fresh)) {
      old.replaceWith(fresh.querySelector(".bubble > .stamp"));
      return;
    }
    row.replaceWith(fresh);
    if (this.pinned) this.toEnd();
  }

  drawTyping(chat) {
    if (chat !== this.chat) return this.drawListSoon();
    if (!this.thread) return undefined;
    const typing = this.typists.has(chat);
    const kind = chat.includes("@") ? t("group") : nice(chat);
    this.subtitle.textContent = typing ? t("typing") : kind;
    this.subtitle.classList.toggle("typing", typing);
    this.thread.querySelector(".row.dots")?.remove();
    if (typing) {
      this.thread.append(h("li.row.dots.first", {}, h("div.bubble.theirs", { "aria-label": t("typing") }, h("i"), h("i"), h("i"))));
      if (this.pinned) this.toEnd();
    }
    return undefined;
  }

  showMessage(id) {
    const index = (this.chats.get(this.chat) || []).indexOf(id);
    if (index < 0) return;
    if (index < this.shownFrom) {
      this.shownFrom = index;
      this.drawThread();
    }
    const row = this.thread.querySelector(`.row[data-id="${CSS.escape(id)}"]`);
    row.scrollIntoView({ block: "center", behavior: "smooth" });
    row.classList.add("flash");
    setTimeout(() => row.classList.remove("flash"), 1500);
  }

  // The menu of a message

  menu(message, tile) {
    if (message.deleted) return;
    this.body.querySelector(".menu")?.remove();
    const mine = message.from === this.number;
    const reaction = message.reactions?.find((found) => found.from === this.number)?.emoji;
    const text = message.text || message.caption;
    const editable = mine && (message.kind === "text" || message.mediaUrl);
    const items = [
      ["reply", () => this.composer.about(message)],
      ["forward", () => this.forward(message)],
      text ? ["copy", () => navigator.clipboard?.writeText(text)] : null,
      editable ? ["edit", () => this.composer.about(message, { edit: true })] : null,
      mine ? ["remove", () => this.act("deletes", { id: message.id })] : null,
    ].filter(Boolean);
    const close = () => {
      menu.remove();
      document.removeEventListener("pointerdown", outside, true);
    };
    const outside = (event) => menu.contains(event.target) || close();
    const run = (action) => () => {
      close();
      tile.focus({ preventScroll: true });
      action();
    };
    const menu = h("div.menu", {
      role: "menu", "aria-label": t("menu"),
      onkeydown: (event) => {
        const buttons = [...menu.querySelectorAll("button")];
        const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
        if (step) {
          event.preventDefault();
          const at = buttons.indexOf(document.activeElement);
          buttons.at((at + step) % buttons.length).focus();
        }
        if (event.key === "Escape") {
          event.preventDefault();
          close();
          tile.focus();
        }
      },
    },
    h("div.quick", {}, ...QUICK.map((emoji) => h(`button${emoji === reaction ? ".chosen" : ""}`, {
      type: "button", role: "menuitem", "aria-label": `${t("react")} ${emoji}`,
      onclick: run(() => this.act("reactions", { id: message.id, emoji: emoji === reaction ? "" : emoji })),
    }, emoji))),
    ...items.map(([key, action]) => h("button", { type: "button", role: "menuitem", onclick: run(action) }, t(key))));
    this.body.append(menu);
    const screen = this.body.getBoundingClientRect();
    const at = tile.getBoundingClientRect();
    const top = Math.min(Math.max(at.top - screen.top + 24, 60), screen.height - menu.offsetHeight - 12);
    const left = mine ? at.right - screen.left - menu.offsetWidth : at.left - screen.left;
    menu.style.top = `${top}px`;
    menu.style.left = `${Math.min(Math.max(left, 10), screen.width - menu.offsetWidth - 10)}px`;
    menu.querySelector("button").focus();
    document.addEventListener("pointerdown", outside, true);
  }

  forward(message) {
    pickChat(t("forward"), this.number, async (to) => {
      const { kind, text, caption, mediaId, latitude, longitude, name, address, contacts } = message;
      const plain = ["interactive", "template", "button_reply", "list_reply"].includes(kind) ? "text" : kind;
      const sent = await this.act("messages", {
        to, kind: plain, text, caption, mediaId, latitude, longitude, name, address, contacts, forwarded: true,
      });
      if (sent) this.openChat(to);
    });
  }

  acceptDrops(area) {
    area.dataset.hint = t("drop");
    area.addEventListener("dragover", (event) => {
      event.preventDefault();
      area.classList.add("dropping");
    });
    area.addEventListener("dragleave", () => area.classList.remove("dropping"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      area.classList.remove("dropping");
      this.composer.offer([...event.dataTransfer.files]);
    });
  }
}

/** Whether two rows differ in nothing but the stamp. */
function sameBody(one, other) {
  const strip = (row) => {
    const copy = row.cloneNode(true);
    copy.querySelectorAll(".stamp, progress, .player small, .play").forEach((node) => node.remove());
    copy.querySelectorAll("details[open]").forEach((node) => node.removeAttribute("open"));
    return copy.innerHTML;
  };
  return strip(one) === strip(other);
}
