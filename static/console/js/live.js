// The socket to the server: frames in, joins and typing out. Comes back by itself and asks for
// what it missed; what it cannot get back is fetched again (`resync`).
import { $, facts } from "./dom.js";

const listeners = new Map();
let socket = null;
let last = null;
let tries = 0;
let box = null;
let beat = 0;
let alive = 0;
let bannerTimer = 0;

/** Hear frames by the end of their name: "ticket", "appMessage", "presence", … */
export function hear(name, handler) {
  if (!listeners.has(name)) listeners.set(name, []);
  listeners.get(name).push(handler);
}

const tell = (name, data) => (listeners.get(name) || []).forEach((handler) => handler(data));

export function say(event, data) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ event, data }));
}

/** Tell which conversation is open, so that colleagues see who looks at it. */
export function look(uuid) {
  if (box === uuid) return;
  if (box) say("joinChatBoxLeave", box);
  box = uuid;
  if (box) say("joinChatBox", box);
}

function connect() {
  const query = last ? `?after=${encodeURIComponent(last)}` : "";
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/ws/${facts.company}${query}`);
  socket.onmessage = (message) => {
    alive = Date.now();
    const frame = JSON.parse(message.data);
    if (frame.id) last = frame.id;
    if (frame.event === "ready") ready();
    else if (frame.event === "resync") tell("resync");
    else tell(frame.event.replace(/^company-?\d*-/, ""), frame.data);
  };
  socket.onclose = (event) => {
    clearInterval(beat);
    if (event.code === 4401) {
      // A new password of one's own ends the socket before the page has the new cookie.
      const leave = () => location.assign(`${facts.login}?next=${encodeURIComponent(location.pathname)}`);
      setTimeout(leave, $(".manage-form [aria-busy]") ? 4000 : 0);
      return;
    }
    if (event.code === 4403 || event.code === 4404) return;
    bannerTimer ||= setTimeout(() => ($("#offline").hidden = false), 1500);
    // Jitter: after a restart of the server not everybody comes in the same moment.
    setTimeout(connect, Math.min(15000, 400 * 2 ** tries++) * (0.7 + Math.random() * 0.6));
  };
}

function ready() {
  tries = 0;
  clearTimeout(bannerTimer);
  bannerTimer = 0;
  $("#offline").hidden = true;
  if (box) say("joinChatBox", box);
  document.body.dataset.live = "1";
  tell("ready");
  clearInterval(beat);
  alive = Date.now();
  beat = setInterval(() => {
    // A sleeping laptop leaves a socket that looks open and hears nothing.
    if (Date.now() - alive > 70000) socket.close();
    else say("ping");
  }, 25000);
}

export function start() {
  connect();
  addEventListener("online", () => socket?.readyState > 1 && ((tries = 0), connect()));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - alive > 40000) say("ping");
  });
}
