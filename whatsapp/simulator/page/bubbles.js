import { h, icon, rich, size, ticks } from "./dom.js";
import { t, time } from "./i18n.js";

const LABELS = {
  image: "photo", video: "video", audio: "audio", voice: "voice", document: "document",
  sticker: "sticker", location: "location", contacts: "contacts", unknown: "unknown",
};
const MARKS = {
  image: "📷", video: "🎬", audio: "🎵", voice: "🎤", document: "📄", sticker: "✨", location: "📍",
  contacts: "👤", unknown: "❔",
};

/** One line that stands for a message: in the chat list, in quotes. */
export function summary(message) {
  if (message.deleted) return `🚫 ${t("deleted")}`;
  const text = message.text || message.caption || message.fileName || message.name;
  const mark = MARKS[message.kind];
  return mark ? `${mark} ${text || t(LABELS[message.kind])}` : text || message.header || "";
}

/** A message as a bubble. `phone` is the PhoneView it is shown on. */
export function bubble(message, phone) {
  const mine = message.from === phone.number;
  const classes = ["bubble", mine ? "mine" : "theirs", `kind-${message.kind}`, message.deleted && "deleted"];
  const stamp = h("span.stamp", {},
    message.copies > 1 ? h("span.copies", { title: t("copies", { n: message.copies }) }, `×${message.copies}`) : null,
    message.edited && !message.deleted ? h("span", {}, t("edited")) : null,
    h("time", {}, time(message.at)),
    mine ? ticks(message.status, t(message.status)) : null);
  const body = message.deleted
    ? [h("p.text", {}, `🚫 ${t("deleted")}`)]
    : [
      message.forwarded ? h("p.forwarded", {}, `↪ ${t("forwarded")}`) : null,
      message.chat.includes("@") && !mine ? h("p.author", {}, phone.nameOf(message.from)) : null,
      message.quotedId ? quote(message, phone) : null,
      ...content(message, phone),
    ];
  // The stamp sits in the last line's corner; a gap of its width keeps the words out from under it.
  const last = body.filter(Boolean).at(-1);
  const roomy = last.matches?.("p.text:not(.big)");
  if (roomy) {
    const letters = time(message.at).length + (message.edited ? t("edited").length + 1 : 0) + (message.copies > 1 ? 4 : 0);
    last.append(h("span.gap", { style: `width:${letters * 6.4 + (mine ? 32 : 10)}px` }));
  } else {
    classes.push(["image", "video"].includes(message.kind) ? "bleed" : "bare");
  }
  const tile = h(`div.${classes.filter(Boolean).join(".")}`, {
    tabIndex: 0, "data-id": message.id,
    onkeydown: (event) => {
      if (event.target === tile && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        phone.menu(message, tile);
      }
    },
    oncontextmenu: (event) => {
      event.preventDefault();
      phone.menu(message, tile);
    },
  }, ...body, stamp,
  message.deleted ? null : h("button.more", {
    type: "button", tabIndex: -1, "aria-label": t("menu"), onclick: () => phone.menu(message, tile),
  }, icon("down")));
  const row = h(`li.row${mine ? ".mine" : ""}`, {}, tile, ...buttons(message, phone), reactions(message));
  row.dataset.id = message.id;
  return row;
}

function reactions(message) {
  if (!message.reactions?.length || message.deleted) return null;
  const shown = [...new Set(message.reactions.map((reaction) => reaction.emoji))].slice(0, 3).join("");
  const count = message.reactions.length > 1 ? ` ${message.reactions.length}` : "";
  return h("span.reactions", {}, shown + count);
}

function quote(message, phone) {
  const original = phone.message(message.quotedId);
  return h("button.quote", {
    type: "button",
    onclick: () => phone.showMessage(message.quotedId),
  }, h("strong", {}, original ? phone.nameOf(original.from, true) : "…"),
  h("span", {}, original ? summary(original) : message.quotedId));
}

function content(message, phone) {
  const caption = message.caption ? h("p.text", {}, ...rich(message.caption)) : null;
  switch (message.kind) {
    case "image":
    case "sticker":
      return [h("button.picture", { type: "button", "aria-label": t(LABELS[message.kind]), onclick: () => enlarge(message) },
        h("img", { src: message.mediaUrl, alt: message.caption || t(LABELS[message.kind]), loading: "lazy" })), caption];
    case "video":
      return [h("video", { src: message.mediaUrl, controls: true, preload: "metadata", playsInline: true }), caption];
    case "audio":
    case "voice":
      return [player(message, phone), caption];
    case "document":
      return [h("a.document", { href: message.mediaUrl, target: "_blank", rel: "noopener", download: message.fileName || "" },
        icon("file"), h("span", {}, h("strong", {}, message.fileName || t("document")),
          h("small", {}, `${size(message.size)} · ${(message.mimetype || "").split("/").pop()}`))), caption];
    case "location": {
      const at = `${message.latitude},${message.longitude}`;
      return [h("a.place", {
        href: `https://www.openstreetmap.org/?mlat=${message.latitude}&mlon=${message.longitude}#map=16/${message.latitude}/${message.longitude}`,
        target: "_blank", rel: "noopener noreferrer",
      }, h("span.map", {}, icon("pin")), h("strong", {}, message.name || t("location")), h("small", {}, message.address || at))];
    }
    case "contacts":
      return message.contacts.map((card) => h("span.card", {}, icon("person"),
        h("span", {}, h("strong", {}, card.name),
          h("small", {}, [...card.vcard.matchAll(/^TEL[^:\n]*:(.+)$/gm)].map((found) => found[1]).join(", ")))));
    case "unknown":
      return [h("p.text", {}, `❔ ${t("unknown")}`)];
    default:
      return [
        message.header ? h("p.heading", {}, message.header) : null,
        message.mediaUrl ? h("img", { src: message.mediaUrl, alt: "" }) : null,
        h(`p.text${bigEmoji(message) ? ".big" : ""}`, {}, ...rich(message.text || "")),
        message.footer ? h("p.foot", {}, message.footer) : null,
      ];
  }
}

const bigEmoji = (message) => message.kind === "text" && !message.quotedId
  && /^(\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\uFE0F]?(\u200D\p{Extended_Pictographic}\uFE0F?)*){1,3}$/u.test(message.text || "");

function buttons(message, phone) {
  if (message.deleted || message.from === phone.number) return [];
  const answer = (kind, text, replyId, description) => phone.send({ kind, text, replyId, description, quotedId: message.id });
  const made = (message.buttons || []).map((button) => button.url
    ? h("a.tap", { href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.title)
    : h("button.tap", {
      type: "button",
      onclick: () => button.request === "location" ? phone.composer.askLocation() : answer("button_reply", button.title, button.id || button.title),
    }, button.title));
  if (message.list) {
    made.push(h("details.tap", {}, h("summary", {}, icon("list"), message.list.button || t("list")),
      ...message.list.sections.flatMap((section) => [
        section.title ? h("h4", {}, section.title) : null,
        ...section.rows.map((row) => h("button", {
          type: "button",
          onclick: (event) => {
            event.target.closest("details").open = false;
            answer("list_reply", row.title, row.id, row.description);
          },
        }, row.title, row.description ? h("small", {}, row.description) : null)),
      ])));
  }
  return made;
}

let playing = null;

function player(message, phone) {
  const audio = new Audio();
  audio.preload = "metadata";
  audio.src = message.mediaUrl;
  const bar = h("progress", { max: 1, value: 0 });
  const left = h("small", {}, "0:00");
  const button = h("button.play", { type: "button", "aria-label": t("play") }, icon("play"));
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const draw = () => {
    const length = Number.isFinite(audio.duration) ? audio.duration : 0;
    bar.value = length ? audio.currentTime / length : 0;
    left.textContent = clock(audio.currentTime || length);
    button.setAttribute("aria-label", t(audio.paused ? "play" : "pause"));
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
  };
  for (const name of ["loadedmetadata", "timeupdate", "play", "pause", "ended"]) audio.addEventListener(name, draw);
  button.addEventListener("click", () => {
    if (!audio.paused) return audio.pause();
    if (playing && playing !== audio) playing.pause();
    playing = audio;
    audio.play().catch(() => {});
    if (message.from !== phone.number && message.kind === "voice") phone.played(message);
  });
  bar.addEventListener("click", (event) => {
    if (Number.isFinite(audio.duration)) audio.currentTime = audio.duration * event.offsetX / bar.clientWidth;
  });
  return h("div.player", {}, button, bar, left, icon(message.kind === "voice" ? "mic" : "file"));
}

function enlarge(message) {
  const box = h("dialog.lightbox", { "aria-label": t("photo"), onclick: () => box.close() },
    h("img", { src: message.mediaUrl, alt: message.caption || "" }));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}
