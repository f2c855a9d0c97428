"""The rules of the network: what happens to a message between two people."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import sqlite3
import time
from collections.abc import Callable
from typing import Any, Protocol

import orjson

from . import content as contents
from .devices import Device, Devices
from .directory import Directory
from .errors import Refusal
from .faults import Faults
from .ledger import Ledger
from .media import MediaStore

FAILED, ACCEPTED, SENT, DELIVERED, READ, PLAYED = -1, 0, 1, 2, 3, 4
STATUS_WORDS = {
    FAILED: "failed",
    ACCEPTED: "accepted",
    SENT: "sent",
    DELIVERED: "delivered",
    READ: "read",
    PLAYED: "played",
}

_COLUMNS = (
    "seq, chat, id, sender, recipient, origin, content, at, status, edited_at, revoked_at, "
    "callback_data, copy_of, error"
)
_QUALIFIED = ", ".join(f"m.{column.strip()}" for column in _COLUMNS.split(","))


@dataclasses.dataclass(slots=True)
class Message:
    """One message the network accepted. `seq` is its number in the ledger."""

    seq: int
    chat: str
    id: str
    sender: str
    recipient: str
    origin: str
    content: dict[str, Any]
    at: float
    status: int
    edited_at: float | None
    revoked_at: float | None
    callback_data: str | None
    copy_of: int | None
    error: int | None

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> Message:
        """Read a row selected with this module's columns."""
        values = list(row)[:14]
        values[6] = orjson.loads(values[6])
        return cls(*values)


class CloudSide(Protocol):
    """What the Graph face does for numbers on the Cloud API."""

    def message(self, message: Message) -> None:
        """A phone wrote to a cloud number."""

    def status(self, message: Message, status: int, reader: str) -> None:
        """A message of a cloud number got further."""

    def reaction(self, message: Message, sender: str, reaction_id: str, emoji: str) -> None:
        """A phone reacted in a chat with a cloud number."""

    def edit(self, message: Message) -> None:
        """A phone changed its message."""

    def revoke(self, message: Message) -> None:
        """A phone deleted its message for everyone."""


Watcher = Callable[[str, str, dict[str, Any]], None]


def chat_key(one: str, other: str) -> str:
    """Return the name under which the ledger keeps a chat between two numbers."""
    return f"{one}|{other}" if one < other else f"{other}|{one}"


class Network:
    """Accepts, delivers and remembers; each face translates to and from it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.media = MediaStore(ledger)
        self.directory = Directory(ledger)
        self.devices = Devices(ledger)
        self.faults = Faults.from_json(ledger.get_meta("faults", {}))
        self.cloud: CloudSide | None = None
        self.watchers: set[Watcher] = set()
        self._last_due: dict[str, float] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def resume(self) -> None:
        """Deliver what was accepted but not delivered when the program last ended."""
        for row in self.ledger.all(
            f"SELECT {_COLUMNS} FROM messages WHERE routed = 0 ORDER BY seq"  # noqa: S608
        ):
            self._route(Message.from_row(row))

    def stop(self) -> None:
        """Cancel what is on its way; `resume` takes it up at the next start."""
        for timer in self._timers:
            timer.cancel()

    def forget_history(self) -> None:
        """Forget every message, event and file, also those on their way."""
        self.stop()
        self._timers.clear()
        self._last_due.clear()
        self.ledger.clear_history()
        self.ledger.after_commit(self.media.forget_all)

    def set_faults(self, faults: Faults) -> None:
        """Change the troubles, for this and later runs."""
        self.faults = faults
        self.ledger.set_meta("faults", faults.as_json())

    # Looking up ---------------------------------------------------------------------------

    def chat_with(self, me: str, address: Any) -> tuple[str, str]:
        """Return the peer meant by an address and the chat; raise Refusal(not_on_whatsapp)."""
        peer = self.directory.resolve(address)
        if peer is None:
            raise Refusal("not_on_whatsapp", "this number is not on WhatsApp")
        if group := self.directory.groups.get(peer):
            if me not in group.members:
                raise Refusal("not_on_whatsapp", "not a member of this group")
            return peer, peer
        return peer, chat_key(me, peer)

    def find(self, chat: str, message_id: str) -> Message | None:
        """Return a message of a chat by its id."""
        row = self.ledger.one(
            f"SELECT {_COLUMNS} FROM messages WHERE chat = ? AND id = ?",  # noqa: S608
            chat,
            message_id,
        )
        return Message.from_row(row) if row else None

    def find_by_id(self, me: str, message_id: Any) -> Message:
        """Return a message `me` takes part in, by its id alone; raise Refusal(not_found)."""
        if isinstance(message_id, str):
            for row in self.ledger.all(
                f"SELECT {_COLUMNS} FROM messages WHERE id = ?",  # noqa: S608
                message_id,
            ):
                message = Message.from_row(row)
                if me in (message.sender, *self.recipients(message)):
                    return message
        raise Refusal("not_found", "no such message in this phone's chats")

    def by_seq(self, seq: int) -> Message | None:
        """Return a message by its number in the ledger."""
        row = self.ledger.one(f"SELECT {_COLUMNS} FROM messages WHERE seq = ?", seq)  # noqa: S608
        return Message.from_row(row) if row else None

    def recipients(self, message: Message) -> list[str]:
        """Return the numbers a message goes to."""
        group = self.directory.groups.get(message.recipient)
        if group is None:
            return [message.recipient]
        return [member for member in group.members if member != message.sender]

    # Sending ------------------------------------------------------------------------------

    def send(
        self,
        sender: str,
        to: Any,
        content: dict[str, Any],
        *,
        message_id: str | None = None,
        origin: str = "phone",
        device: Device | None = None,
        callback_data: str | None = None,
        error: int | None = None,
    ) -> tuple[Message, bool]:
        """Accept a message; return it and whether it is new (the same id is accepted once).

        With `error` the network accepts the message but will report it as failed. Raise
        Refusal(not_on_whatsapp).
        """
        recipient, chat = self.chat_with(sender, to)
        if message_id and (known := self.find(chat, message_id)):
            return known, False
        message_id = message_id or secrets.token_hex(10).upper()
        copy_of = self._original(sender, recipient, callback_data)
        at = time.time()
        status = FAILED if error else SENT
        seq = self.ledger.write(
            "INSERT INTO messages (chat, id, sender, recipient, origin, content, at, status, "
            "routed, callback_data, copy_of, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            chat,
            message_id,
            sender,
            recipient,
            origin,
            orjson.dumps(content).decode(),
            at,
            status,
            1 if error else 0,
            callback_data,
            copy_of,
            error,
        ).lastrowid
        message = Message(
            seq or 0, chat, message_id, sender, recipient, origin, content, at, status,
            None, None, callback_data, copy_of, error,
        )  # fmt: skip
        if sender in self.directory.phones:
            self._show(sender, message)
        for other in self.devices.of_number(sender):
            if other is not device:
                self._tell_device(other, message)
        if self.cloud and sender in self.directory.cloud:
            self.cloud.status(message, status, recipient)
        if error is None:
            self._soon(chat, lambda: self._route(message))
        return message, True

    def record_undeliverable(
        self,
        sender: str,
        to: str,
        content: dict[str, Any],
        message_id: str,
        callback_data: str | None,
        error: int,
    ) -> Message:
        """Accept a message of a cloud number to nobody, and report that it failed."""
        chat, at = chat_key(sender, to), time.time()
        seq = self.ledger.write(
            "INSERT INTO messages (chat, id, sender, recipient, origin, content, at, status, "
            "routed, callback_data, error) VALUES (?, ?, ?, ?, 'cloud', ?, ?, ?, 1, ?, ?)",
            chat,
            message_id,
            sender,
            to,
            orjson.dumps(content).decode(),
            at,
            FAILED,
            callback_data,
            error,
        ).lastrowid
        message = Message(
            seq or 0, chat, message_id, sender, to, "cloud", content, at, FAILED,
            None, None, callback_data, None, error,
        )  # fmt: skip
        if self.cloud:
            self.cloud.status(message, FAILED, to)
        return message

    def _original(self, sender: str, recipient: str, callback_data: str | None) -> int | None:
        """The first message our side sent under this callback data: a second one is a repeat."""
        if callback_data is None:
            return None
        row = self.ledger.one(
            "SELECT seq FROM messages WHERE sender = ? AND callback_data = ? AND recipient = ? "
            "AND status >= 0 ORDER BY seq LIMIT 1",
            sender,
            callback_data,
            recipient,
        )
        return row[0] if row else None

    def _route(self, message: Message) -> None:
        """Bring a message to everyone it is for, in one group with the mark that it was."""
        self.ledger.write("UPDATE messages SET routed = 1 WHERE seq = ?", message.seq)
        for number in self.recipients(message):
            if number == message.sender:  # A note to oneself is there already.
                self.advance(message, READ, number)
                continue
            if number in self.directory.cloud:
                if self.cloud:
                    self.cloud.message(message)
                continue
            self._show(number, message)
            devices = self.devices.of_number(number)
            for device in devices:
                self._tell_device(device, message)
            # A number with linked devices counts as reached when one of them has confirmed.
            if not devices:
                self.advance(message, DELIVERED, number)

    def _show(self, phone: str, message: Message) -> None:
        first = message.copy_of
        copies = 1
        if first is not None and phone != message.sender:
            row = self.ledger.one(
                "SELECT count(*) FROM messages WHERE copy_of = ? OR seq = ?", first, first
            )
            copies = row[0] if row else 1
            self.ledger.write(
                "UPDATE shown SET copies = ? WHERE phone = ? AND message IN "
                "(SELECT seq FROM messages WHERE copy_of = ? OR seq = ?)",
                copies,
                phone,
                first,
                first,
            )
        seq = self.ledger.write(
            "INSERT INTO shown (phone, message, copies) VALUES (?, ?, ?) "
            "ON CONFLICT (phone, message) DO UPDATE SET copies = copies + 1",
            phone,
            message.seq,
            copies,
        ).lastrowid
        self._notify(phone, "message", lambda: self.view(phone, message, seq or 0, copies))

    def _tell_device(self, device: Device, message: Message) -> None:
        self.devices.enqueue(device, self.message_event(device, message), message.seq)

    def message_event(self, device: Device, message: Message) -> dict[str, Any]:
        """Return the device protocol's event for a message, as this device sees it."""
        event = self._scene(device, message.sender, message.chat, message.recipient)
        event |= {"id": message.id, "at": message.at}
        if message.content["type"] == "unknown":
            return event | {"kind": "unknown", "raw": message.content["raw"]}
        return event | {
            "kind": "message",
            "push_name": self.directory.name(message.sender),
            "message": contents.for_device(message.content),
        }

    def _scene(self, device: Device, sender: str, chat: str, recipient: str) -> dict[str, Any]:
        """Who and where of an event, in the JIDs this device is shown."""
        me = device.number or ""
        from_me = sender == me
        peer = recipient if from_me or chat in self.directory.groups else sender
        chat_jid, chat_alt = self.directory.jids(peer)
        sender_jid, sender_alt = self.directory.jids(sender)
        scene: dict[str, Any] = {"chat": chat_jid, "sender": sender_jid, "from_me": from_me}
        if chat_alt:
            scene["chat_alt"] = chat_alt
        if sender_alt:
            scene["sender_alt"] = sender_alt
        return scene

    # Receipts -----------------------------------------------------------------------------

    def advance(self, message: Message, status: int, reader: str) -> bool:
        """Move a message's status up (never down); tell its sender. Return whether it moved."""
        moved = self.ledger.write(
            "UPDATE messages SET status = ? WHERE seq = ? AND status >= 0 AND status < ?",
            status,
            message.seq,
            status,
        ).rowcount
        if not moved:
            return False
        message.status = status
        self._notify_chat(message, "status", {"id": message.id, "status": STATUS_WORDS[status]})
        if message.sender in self.directory.cloud:
            if self.cloud:
                self.cloud.status(message, status, reader)
            return True
        for device in self.devices.of_number(message.sender):
            chat, _ = self.directory.jids(message.recipient)
            receipt = {
                "kind": "receipt",
                "id": message.id,
                "chat": chat,
                "status": STATUS_WORDS[status],
                "at": time.time(),
            }
            if self.faults.reorder:
                self._soon(None, self._enqueue_later(device, receipt))
            else:
                self.devices.enqueue(device, receipt)
        return True

    def _enqueue_later(self, device: Device, event: dict[str, Any]) -> Callable[[], None]:
        return lambda: self.devices.enqueue(device, event)

    def confirm(self, device: Device, seq: int) -> None:
        """A device has stored everything up to `seq`: its messages count as delivered."""
        for number in self.devices.confirm(device, seq):
            message = self.by_seq(number)
            if message and message.sender != device.number:
                self.advance(message, DELIVERED, device.number or "")

    def read_chat(self, me: str, peer: Any, *, played: bool = True) -> int:
        """Mark what a phone received in a chat as read, voice as played; return how many."""
        _, chat = self.chat_with(me, peer)
        rows = self.ledger.all(
            f"SELECT {_COLUMNS} FROM messages WHERE chat = ? AND sender <> ? "  # noqa: S608
            "AND status BETWEEN 1 AND 2 ORDER BY seq",
            chat,
            me,
        )
        if played:
            rows += self.ledger.all(
                f"SELECT {_COLUMNS} FROM messages WHERE chat = ? AND sender <> ? "  # noqa: S608
                'AND status = 3 AND content LIKE \'%"type":"voice"%\' ORDER BY seq',
                chat,
                me,
            )
        for row in rows:
            message = Message.from_row(row)
            self.advance(message, READ, me)
            if played and message.content["type"] == "voice":
                self.advance(message, PLAYED, me)
        return len(rows)

    def read(self, me: str, message: Message, *, played: bool = False) -> None:
        """Mark one received message as read, or as played."""
        if message.sender != me:
            self.advance(message, PLAYED if played else READ, me)

    # Changing -----------------------------------------------------------------------------

    def edit(self, me: str, message: Message, text: str, device: Device | None = None) -> None:
        """Change the text or caption of one's own message; raise Refusal(bad_request)."""
        self._only_mine(me, message)
        key = "text" if message.content["type"] == "text" else "caption"
        if key == "caption" and "media" not in message.content:
            raise Refusal("bad_request", "only a text or a caption can be edited")
        message.content[key] = text
        message.edited_at = time.time()
        self.ledger.write(
            "UPDATE messages SET content = ?, edited_at = ? WHERE seq = ?",
            orjson.dumps(message.content).decode(),
            message.edited_at,
            message.seq,
        )
        self._spread(message, me, device, {"kind": "edit", "id": message.id, "text": text})
        self._notify_chat(message, "edit", {"id": message.id, key: text})
        if self.cloud and message.recipient in self.directory.cloud:
            self.cloud.edit(message)

    def revoke(self, me: str, message: Message, device: Device | None = None) -> None:
        """Delete one's own message for everyone; raise Refusal(bad_request)."""
        self._only_mine(me, message)
        if message.revoked_at:
            return
        message.revoked_at = time.time()
        self.ledger.write(
            "UPDATE messages SET revoked_at = ? WHERE seq = ?", message.revoked_at, message.seq
        )
        self._spread(message, me, device, {"kind": "revoke", "id": message.id})
        self._notify_chat(message, "revoke", {"id": message.id})
        if self.cloud and message.recipient in self.directory.cloud:
            self.cloud.revoke(message)

    def react(
        self,
        me: str,
        message: Message,
        emoji: str,
        *,
        reaction_id: str | None = None,
        device: Device | None = None,
    ) -> tuple[str, float]:
        """Set, change or (with an empty emoji) remove one's reaction; return its id and time."""
        known = self.ledger.one(
            "SELECT id, emoji, at FROM reactions WHERE message = ? AND sender = ?", message.seq, me
        )
        if known and reaction_id and known["id"] == reaction_id:
            return known["id"], known["at"]
        reaction_id = reaction_id or secrets.token_hex(10).upper()
        at = time.time()
        self.ledger.write(
            "REPLACE INTO reactions VALUES (?, ?, ?, ?, ?)", message.seq, me, reaction_id, emoji, at
        )
        self._spread(
            message,
            me,
            device,
            {"kind": "reaction", "id": reaction_id, "target": message.id, "emoji": emoji},
        )
        self._notify_chat(message, "reaction", {"id": message.id, "from": me, "emoji": emoji})
        if self.cloud:
            for number in {message.sender, *self.recipients(message)} & self.directory.cloud.keys():
                if number != me:
                    self.cloud.reaction(message, me, reaction_id, emoji)
        return reaction_id, at

    def _only_mine(self, me: str, message: Message) -> None:
        if message.sender != me:
            raise Refusal("bad_request", "only the sender can change a message")

    def _spread(
        self, message: Message, by: str, device: Device | None, event: dict[str, Any]
    ) -> None:
        """Queue a change for every other device of everyone in the chat."""
        for number in dict.fromkeys((message.sender, *self.recipients(message))):
            for other in self.devices.of_number(number):
                if other is device:
                    continue
                peer = message.recipient if number == message.sender else message.sender
                if message.chat in self.directory.groups:
                    peer = message.recipient
                chat, _ = self.directory.jids(peer)
                sender, _ = self.directory.jids(by)
                change = event | {
                    "chat": chat,
                    "sender": sender,
                    "from_me": by == number,
                    "at": time.time(),
                }
                self.devices.enqueue(other, change)

    # Fleeting -----------------------------------------------------------------------------

    def typing(self, me: str, to: Any, *, active: bool) -> None:
        """Show someone that one is typing; nothing is kept."""
        peer, chat = self.chat_with(me, to)
        group = self.directory.groups.get(peer)
        for number in group.members if group else [peer]:
            if number == me:
                continue
            for device in self.devices.of_number(number):
                scene = self._scene(device, me, chat, peer)
                self.devices.pass_by(
                    device,
                    {
                        "kind": "typing",
                        "chat": scene["chat"],
                        "sender": scene["sender"],
                        "active": active,
                        "at": time.time(),
                    },
                )
            shown = {"chat": chat_peer(chat, number), "from": me, "active": active}
            self._notify(number, "typing", lambda shown=shown: shown)  # type: ignore[misc]

    def call(self, me: str, to: Any, status: str) -> str:
        """Ring a number's devices; `status`: offered or missed."""
        peer, _ = self.chat_with(me, to)
        call_id = secrets.token_hex(10).upper()
        for device in self.devices.of_number(peer):
            chat, _ = self.directory.jids(me)
            event = {"kind": "call", "id": call_id, "chat": chat, "status": status}
            self.devices.enqueue(device, event | {"at": time.time()})
        return call_id

    # Showing ------------------------------------------------------------------------------

    def shown_to(
        self, phone: str, after: int = 0, limit: int = 1000, *, newest: bool = False
    ) -> list[dict[str, Any]]:
        """Return what a phone was shown, in that order; with `newest` the last ones of it."""
        order = "DESC" if newest else "ASC"
        rows = self.ledger.all(
            f"SELECT {_QUALIFIED}, s.seq AS shown_seq, s.copies FROM shown s "  # noqa: S608
            "JOIN messages m ON m.seq = s.message WHERE s.phone = ? AND s.seq > ? "
            f"ORDER BY s.seq {order} LIMIT ?",
            phone,
            after,
            limit,
        )
        if newest:
            rows.reverse()
        return [
            self.view(phone, Message.from_row(row), row["shown_seq"], row["copies"]) for row in rows
        ]

    def view(self, phone: str, message: Message, seq: int, copies: int) -> dict[str, Any]:
        """Return a message as the control API shows it on a phone."""
        shown: dict[str, Any] = {
            "id": message.id,
            "seq": seq,
            "from": message.sender,
            "to": message.recipient,
            "chat": chat_peer(message.chat, phone),
            "at": message.at,
            "status": STATUS_WORDS[message.status],
            "copies": copies,
            "edited": message.edited_at is not None,
            "deleted": message.revoked_at is not None,
            "origin": message.origin,
        }
        if message.revoked_at:
            shown["kind"] = message.content["type"]
        else:
            shown |= contents.for_api(message.content)
        shown["reactions"] = [
            {"from": row["sender"], "emoji": row["emoji"]}
            for row in self.ledger.all(
                "SELECT sender, emoji FROM reactions WHERE message = ? AND emoji <> '' ORDER BY at",
                message.seq,
            )
        ]
        return shown

    def history(self, device: Device, since: float, limit: int) -> list[dict[str, Any]]:
        """Return the message events of a device's number since a moment, oldest first."""
        rows = self.ledger.all(
            f"SELECT {_QUALIFIED} FROM shown s JOIN messages m ON m.seq = s.message "  # noqa: S608
            "WHERE s.phone = ? AND m.at > ? AND m.revoked_at IS NULL ORDER BY m.at, m.seq LIMIT ?",
            device.number,
            since,
            limit,
        )
        return [self.message_event(device, Message.from_row(row)) for row in rows]

    def _notify(self, phone: str, kind: str, payload: Callable[[], dict[str, Any]]) -> None:
        if not self.watchers:
            return
        data = payload()
        self.ledger.after_commit(lambda: self._call_watchers(phone, kind, data))

    def _notify_chat(self, message: Message, kind: str, payload: dict[str, Any]) -> None:
        for number in dict.fromkeys((message.sender, *self.recipients(message))):
            if number in self.directory.phones:
                data = payload | {"chat": chat_peer(message.chat, number)}
                self._notify(number, kind, lambda data=data: data)  # type: ignore[misc]

    def _call_watchers(self, phone: str, kind: str, data: dict[str, Any]) -> None:
        for watcher in list(self.watchers):
            watcher(phone, kind, data)

    # Time ---------------------------------------------------------------------------------

    def _soon(self, lane: str | None, call: Callable[[], None]) -> None:
        """Run after the network's delay; within a lane in order, unless disorder is asked for."""
        delay = self.faults.delivery_delay()
        loop = asyncio.get_running_loop()
        due = loop.time() + delay
        if lane is not None and not self.faults.reorder:
            # The last one of this chat may still be on its way.
            due = max(due, self._last_due.get(lane, 0) + 1e-6)
        if due <= loop.time():
            call()
            return
        if lane is not None:
            self._last_due[lane] = due

        def arrive() -> None:
            self._timers.discard(timer)
            if lane is not None and self._last_due.get(lane) == due:
                del self._last_due[lane]
            call()

        timer = loop.call_at(due, arrive)
        self._timers.add(timer)


def chat_peer(chat: str, me: str) -> str:
    """Return the other side of a chat, or the group itself."""
    if "|" not in chat:
        return chat
    one, other = chat.split("|")
    return other if one == me else one
