import { call, kindOf } from "./api.js";
import { dialog, form, toast } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { summary } from "./bubbles.js";

const EMOJI = "😀 😃 😄 😁 😅 😂 🤣 😊 😇 🙂 😉 😍 🥰 😘 😋 😜 🤪 🤔 🤨 😐 🙄 😏 😴 😷 🤒 🥵 🥳 😎 🤓 😕 😟 😢 😭 😤 😡 🤯 😱 🥺 😳 🤗 🤝 👍 👎 👌 ✌️ 🤞 👏 🙌 🙏 💪 👋 ❤️ 🧡 💛 💚 💙 💜 🖤 💔 🔥 ✨ ⭐ 🎉 🎂 🎁 ☕ 🍕 🍺 ⚽ 🏆 🚗 ✈️ 🏠 📞 📷 📦 💰 💳 🧾 📅 ⏰ ✅ ❌ ❓ ❗ ⚠️ 🇧🇷".split(" ");

/** The line where a message is written, with everything that can be attached to it. */
export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.reply = this.editing = null;
    this.recorder = null;
    this.lastTyping = 0;
    this.input = h("textarea", {
      rows: 1, placeholder: t("type"), "aria-label": t("type"),
      oninput: () => this.changed(), onkeydown: (event) => this.key(event), onpaste: (event) => this.paste(event),
    });
    this.file = h("input", {
      type: "file", multiple: true, hidden: true,
      onchange: () => {
        this.offer([...this.file.files]);
        this.file.value = "";
      },
    });
    this.banner = h("div.banner", { hidden: true });
    this.action = h("button.action", { type: "button", onclick: () => this.act() });
    this.emoji = this.popup("emoji", "smile", EMOJI.map((char) => h("button", {
      type: "button", onclick: () => this.insert(char),
    }, char)));
    this.attach = this.popup("attach", "plus", [
      ["file", "file", () => this.file.click()],
      ["location", "pin", () => this.askLocation()],
      ["contact", "person", () => this.askContact()],
    ].map(([key, symbol, run]) => h("button", {
      type: "button",
      onclick: (event) => {
        event.target.closest("details").open = false;
        run();
      },
    }, icon(symbol), t(key))));
    this.element = h("form.composer", {
      onsubmit: (event) => event.preventDefault(),
    }, this.banner, h("div.line", {}, this.attach, h("div.field", {}, this.emoji, this.input), this.action), this.file);
    this.changed(false);
  }

  popup(key, symbol, buttons) {
    const details = h(`details.popup.${key}`, {}, h("summary", { "aria-label": t(key), title: t(key) }, icon(symbol)),
      h("div", {}, ...buttons));
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !details.open) return;
      event.stopPropagation();
      details.open = false;
      details.querySelector("summary").focus();
    });
    return details;
  }

  insert(char) {
    this.input.setRangeText(char, this.input.selectionStart, this.input.selectionEnd, "end");
    this.changed();
    this.input.focus();
  }

  changed(tell = true) {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 110)}px`;
    const talking = this.recorder || this.input.value.trim() || this.editing;
    this.action.replaceChildren(icon(talking ? "send" : "mic"));
    this.action.setAttribute("aria-label", t(talking ? "send" : "record"));
    if (tell && this.input.value && Date.now() - this.lastTyping > 2500) {
      this.lastTyping = Date.now();
      this.phone.typing(true);
    }
    clearTimeout(this.still);
    if (tell) this.still = setTimeout(() => this.stopTyping(), 4000);
  }

  stopTyping() {
    clearTimeout(this.still);
    if (!this.lastTyping) return;
    this.lastTyping = 0;
    this.phone.typing(false);
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (this.input.value.trim()) this.act();
    }
    if (event.key === "Escape" && (this.reply || this.editing)) {
      event.stopPropagation();
      this.rest();
    }
  }

  paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.offer(files);
  }

  /** Answer a message, or change one of one's own. */
  about(message, { edit = false } = {}) {
    this.reply = edit ? null : message;
    this.editing = edit ? message : null;
    if (edit) this.input.value = message.text || message.caption || "";
    this.banner.replaceChildren(
      h("span.quote", {}, h("strong", {}, edit ? t("edit") : this.phone.nameOf(message.from, true)), h("span", {}, summary(message))),
      h("button.ghost", { type: "button", "aria-label": t("cancel"), onclick: () => this.rest() }, icon("close")));
    this.banner.hidden = false;
    this.changed(false);
    this.input.focus();
  }

  rest() {
    if (this.editing) this.input.value = "";
    this.reply = this.editing = null;
    this.banner.hidden = true;
    this.changed(false);
  }

  async act() {
    if (this.recorder) return this.recorder.stop();
    const text = this.input.value.trim();
    if (!text) return this.editing ? this.rest() : this.record();
    const { editing, reply } = this;
    this.input.value = "";
    this.reply = this.editing = null;
    this.banner.hidden = true;
    this.changed(false);
    this.stopTyping();
    const done = editing
      ? await this.phone.act("edits", { id: editing.id, text })
      : await this.phone.send({ kind: "text", text, quotedId: reply?.id });
    if (!done && !this.input.value) {
      this.input.value = text;
      this.changed(false);
    }
    this.input.focus();
  }

  // Files and recordings

  /** Show chosen files with a caption before they are sent. */
  offer(files) {
    if (!files.length) return;
    const shown = files.map((file) => {
      const kind = kindOf(file);
      const url = URL.createObjectURL(file);
      if (kind === "image" || kind === "sticker") return h("img", { src: url, alt: file.name });
      if (kind === "video") return h("video", { src: url, controls: true });
      if (kind === "audio") return h("audio", { src: url, controls: true });
      return h("span.document", {}, icon("file"), h("strong", {}, file.name));
    });
    const box = dialog(this.phone.chatName(), h("div.preview", {}, ...shown),
      form([{ name: "caption", text: t("caption"), required: false, autocomplete: "off", autofocus: true }], t("send"), async ({ caption }) => {
        for (const [index, file] of files.entries()) {
          await this.upload(file, kindOf(file), index === 0 ? caption : "");
        }
        box.close();
        this.rest();
      }));
    box.addEventListener("close", () => shown.forEach((node) => node.src && URL.revokeObjectURL(node.src)));
  }

  async upload(file, kind, caption) {
    const name = file.name ? `?fileName=${encodeURIComponent(file.name)}` : "";
    const media = await call("POST", `/api/media${name}`, file);
    await this.phone.send({ kind, mediaId: media.id, caption: caption || undefined, quotedId: this.reply?.id });
  }

  async record() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      return toast(t("micDenied"));
    }
    const type = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"].find((kind) => MediaRecorder.isTypeSupported(kind));
    const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
    const parts = [];
    const began = Date.now();
    let cancelled = false;
    const clock = h("strong", {}, "0:00");
    const timer = setInterval(() => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }, 250);
    this.banner.replaceChildren(
      h("span.quote.recording", {}, clock, h("span", {}, t("recording"))),
      h("button.ghost", {
        type: "button", "aria-label": t("cancel"),
        onclick: () => {
          cancelled = true;
          recorder.stop();
        },
      }, icon("trash")));
    this.banner.hidden = false;
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = async () => {
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      this.recorder = null;
      this.banner.hidden = true;
      this.changed(false);
      if (cancelled) return;
      try {
        await this.upload(new Blob(parts, { type: recorder.mimeType }), "voice");
      } catch (error) {
        toast(error.message);
      }
    };
    this.recorder = recorder;
    recorder.start();
    this.changed(false);
  }

  askLocation() {
    const box = dialog(t("location"), form([
      { name: "latitude", text: t("latitude"), value: "-23.5614", inputMode: "decimal" },
      { name: "longitude", text: t("longitude"), value: "-46.6559", inputMode: "decimal" },
      { name: "name", text: t("place"), value: "Avenida Paulista", required: false },
    ], t("send"), async ({ latitude, longitude, name }) => {
      await this.phone.post("messages", {
        to: this.phone.chat, kind: "location", latitude: Number(latitude), longitude: Number(longitude), name: name || undefined,
      });
      box.close();
    }));
  }

  askContact() {
    const box = dialog(t("contact"), form([
      { name: "name", text: t("name"), autofocus: true },
      { name: "number", text: t("number"), inputMode: "tel" },
    ], t("send"), async ({ name, number }) => {
      await this.phone.post("messages", { to: this.phone.chat, kind: "contacts", contacts: [{ name, number }] });
      box.close();
    }));
  }
}
