// The dot of team chat on the rail: which rooms have something the person has not read.
import { $, facts } from "./dom.js";
import { hear } from "./live.js";

const unread = new Map(Object.entries(facts.teamUnread ?? {}).map(([id, n]) => [Number(id), n]));
const isRead = (id) => !document.hidden && Number($("#team-convo")?.dataset.room) === id;

function draw() {
  const dot = $("[data-team-badge]");
  if (dot) dot.hidden = ![...unread].some(([id, n]) => n && !isRead(id));
}

function note(chat) {
  const mine = chat?.users?.find((one) => one.userId === facts.user.id);
  if (mine) unread.set(chat.id, mine.unreads);
  draw();
}

export function start() {
  hear("chat", (data) => {
    if (data.action === "delete") unread.delete(data.id);
    note(data.chat);
  });
  hear(`chat-user-${facts.user?.id}`, (data) => note(data.record));
  // A room that comes into view is read there.
  document.addEventListener("wt:team-opened", draw);
}
