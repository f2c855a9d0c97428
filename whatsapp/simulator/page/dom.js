/** Make an element: h("button.primary", {onclick, "aria-label": "x"}, "text", child). */
export function h(spec, props = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && !key.includes("-") && key !== "list" && key !== "style") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const paths = {
  back: "M15 5l-7 7 7 7",
  menu: "M12 5.5v.01M12 12v.01M12 18.500v.01",
  plus: "M12 5v14M5 12h14",
  send: "M4 12l16-7-5 16-3.500-6.500L4 12zM11.500 14.500L20 5",
  mic: "M12 4a2.500 2.500 0 0 1 2.500 2.500v5a2.500 2.500 0 0 1-5 0v-5A2.500 2.500 0 0 1 12 4zM6.500 11.500a5.500 5.500 0 0 0 11 0M12 17v3",
  smile: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM8.500 14.500c.9 1.200 2 1.800 3.500 1.800s2.600-.6 3.500-1.800M9 9.500v.6M15 9.500v.6",
  close: "M6 6l12 12M18 6L6 18",
  phone: "M8 3.500h8a1.500 1.500 0 0 1 1.500 1.500v14a1.500 1.500 0 0 1-1.500 1.500H8A1.500 1.500 0 0 1 6.500 19V5A1.500 1.500 0 0 1 8 3.500zM11 17.800h2",
  call: "M6.500 4.500h3l1.500 4-2 1.300a11 11 0 0 0 5.200 5.200l1.300-2 4 1.500v3a1.800 1.800 0 0 1-2 1.800A15.500 15.500 0 0 1 4.700 6.500a1.800 1.800 0 0 1 1.800-2z",
  chat: "M5 5h14a1.500 1.500 0 0 1 1.500 1.500v9A1.500 1.500 0 0 1 19 17h-8l-4.500 3.500V17H5a1.500 1.500 0 0 1-1.500-1.500v-9A1.500 1.500 0 0 1 5 5z",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM14 19h1M19 14h1",
  play: "M8 5.500v13l10.500-6.500z",
  pause: "M8.500 6v12M15.500 6v12",
  file: "M7 3.500h7l4 4v13H7zM14 3.500v4h4",
  pin: "M12 21s-6.500-6-6.500-11a6.500 6.500 0 0 1 13 0c0 5-6.500 11-6.500 11zM12 12.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600z",
  person: "M12 12a3.800 3.800 0 1 0 0-7.600 3.800 3.800 0 0 0 0 7.600zM4.800 20c.8-3.400 3.600-5.200 7.200-5.200s6.400 1.800 7.200 5.200",
  down: "M6 9.500l6 6 6-6",
  trash: "M5 7h14M9.500 7V4.500h5V7M7 7l.8 13h8.400L17 7",
  list: "M5 7h14M5 12h14M5 17h14",
};

/** A line icon; decoration only, its button carries the label. */
export function icon(name) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon", `icon-${name}`);
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}

/** The double tick of a sent message. */
export function ticks(status, label) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 18 12");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.classList.add("ticks", status);
  const two = ["delivered", "read", "played"].includes(status);
  const drawing = {
    failed: "M9 2v5M9 9.500v.3",
    accepted: "M9 2.500v4l2.500 1.500M9 1a5 5 0 1 0 0 10A5 5 0 0 0 9 1z",
  }[status] || (two ? "M1.500 6.500L4.500 9.500 11 2.500M8 8.500l1 1L15.500 2.500" : "M4.500 6.500L7.500 9.500 14 2.500");
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", drawing);
  svg.append(path);
  return svg;
}

/** A person's initial on a colour of their own. */
export function avatar(key, name) {
  let hash = 0;
  for (const char of key) hash = (hash * 31 + char.codePointAt(0)) % 360;
  const letter = [...(name || key).replace(/[^\p{L}\p{N}]/gu, "")][0] || "#";
  return h("span.avatar", { "aria-hidden": "true", style: `--hue:${hash}` }, letter.toUpperCase());
}

/** WhatsApp's marks (*bold*, _italic_, ~strike~, `code`) and links, as nodes; never as HTML. */
export function rich(text) {
  const pattern = /(```[\s\S]+?```|`[^`\n]+`|(?<![\w*])\*(?=\S)[^*\n]+(?<=\S)\*(?!\w)|(?<![\w_])_(?=\S)[^_\n]+(?<=\S)_(?!\w)|(?<![\w~])~(?=\S)[^~\n]+(?<=\S)~(?!\w)|https?:\/\/[^\s<>"]+)/gu;
  return text.split(pattern).filter(Boolean).map((part) => {
    if (/^https?:\/\//.test(part)) {
      return h("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part);
    }
    if (part.length > 6 && part.startsWith("```") && part.endsWith("```")) return h("code", {}, part.slice(3, -3));
    const tag = { "*": "strong", _: "em", "~": "s", "`": "code" }[part[0]];
    if (tag && part.length > 2 && part.endsWith(part[0])) return h(tag, {}, ...rich(part.slice(1, -1)));
    return document.createTextNode(part);
  });
}

export const nice = (number) => {
  const brazil = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(number);
  if (brazil) return `+55 ${brazil[1]} ${brazil[2]}-${brazil[3]}`;
  return number.includes("@") ? number : `+${number}`;
};

export const size = (bytes) => {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1048576) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1048576).toFixed(1)} MB`;
};
