"""The messages of the ledger, and the chats they stand in."""

from __future__ import annotations

import dataclasses
import secrets
import sqlite3
import time
from typing import Any

import orjson

from whatsapp.simulator.directory import GROUP_SERVER, Directory
from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.ledger import Ledger

FAILED, ACCEPTED, SENT, DELIVERED, READ, PLAYED = -1, 0, 1, 2, 3, 4
STATUS_WORDS = {
    FAILED: "failed",
    ACCEPTED: "accepted",
    SENT: "sent",
    DELIVERED: "delivered",
    READ: "read",
    PLAYED: "played",
}

COLUMNS = (
    "seq, chat, id, sender, recipient, origin, content, at, status, edited_at, revoked_at, "
    "callback_data, copy_of, error"
)
QUALIFIED_COLUMNS = ", ".join(f"m.{column.strip()}" for column in COLUMNS.split(","))


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


def chat_key(one: str, other: str) -> str:
    """Return the name under which the ledger keeps a chat between two numbers."""
    return f"{one}|{other}" if one < other else f"{other}|{one}"


def chat_peer(chat: str, me: str) -> str:
    """Return the other side of a chat, or the group itself."""
    if chat.endswith(GROUP_SERVER):
        return chat
    one, other = chat.split("|")
    return other if one == me else one


def new_id() -> str:
    """Return a fresh id for what its sender did not name."""
    return secrets.token_hex(10).upper()


class Messages:
    """Every message the network accepted."""

    def __init__(self, ledger: Ledger, directory: Directory) -> None:
        self._ledger = ledger
        self._directory = directory

    # Chats --------------------------------------------------------------------------------

    def chat_with(self, me: str, address: Any) -> tuple[str, str]:
        """Return the peer meant by an address and the chat; raise Refusal(not_on_whatsapp)."""
        peer = self._directory.resolve(address)
        if peer is None:
            raise Refusal("not_on_whatsapp", "this number is not on WhatsApp")
        if group := self._directory.groups.get(peer):
            if me not in group.members:
                raise Refusal("not_on_whatsapp", "not a member of this group")
            return peer, peer
        return peer, chat_key(me, peer)

    def recipients(self, message: Message) -> list[str]:
        """Return the numbers a message goes to."""
        group = self._directory.groups.get(message.recipient)
        if group is None:
            return [message.recipient]
        return [member for member in group.members if member != message.sender]

    def everyone(self, message: Message) -> list[str]:
        """Return the sender and the recipients of a message, each once."""
        return list(dict.fromkeys((message.sender, *self.recipients(message))))

    # Looking up ---------------------------------------------------------------------------

    def find(self, chat: str, message_id: str) -> Message | None:
        """Return a message of a chat by its id."""
        found = self._where("chat = ? AND id = ?", chat, message_id)
        return found[0] if found else None

    def find_by_id(self, me: str, message_id: Any) -> Message:
        """Return a message `me` takes part in, by its id alone; raise Refusal(not_found)."""
        if isinstance(message_id, str):
            for message in self._where("id = ?", message_id):
                if me in self.everyone(message):
                    return message
        raise Refusal("not_found", "no such message in this phone's chats")

    def by_seq(self, seq: int) -> Message | None:
        """Return a message by its number in the ledger."""
        found = self._where("seq = ?", seq)
        return found[0] if found else None

    def unrouted(self) -> list[Message]:
        """Return what was accepted and is still on its way, oldest first."""
        return self._where("routed = 0 ORDER BY seq")

    def unread(self, chat: str, me: str) -> list[Message]:
        """Return what `me` received in a chat and has not read, oldest first."""
        condition = "chat = ? AND sender <> ? AND status BETWEEN 1 AND 2 ORDER BY seq"
        return self._where(condition, chat, me)

    def unplayed(self, chat: str, me: str) -> list[Message]:
        """Return the voice messages `me` has read but not played, oldest first."""
        return self._where(
            "chat = ? AND sender <> ? AND status = 3 "
            'AND content LIKE \'%"type":"voice"%\' ORDER BY seq',
            chat,
            me,
        )

    def original(self, sender: str, recipient: str, callback_data: str | None) -> int | None:
        """The first message our side sent under this callback data: a second one is a repeat."""
        if callback_data is None:
            return None
        row = self._ledger.one(
            "SELECT seq FROM messages WHERE sender = ? AND callback_data = ? AND recipient = ? "
            "AND status >= 0 ORDER BY seq LIMIT 1",
            sender,
            callback_data,
            recipient,
        )
        return row[0] if row else None

    def _where(self, condition: str, *params: Any) -> list[Message]:
        rows = self._ledger.all(
            f"SELECT {COLUMNS} FROM messages WHERE {condition}",  # noqa: S608 - our own fragments
            *params,
        )
        return [Message.from_row(row) for row in rows]

    # Writing ------------------------------------------------------------------------------

    def add(
        self,
        chat: str,
        message_id: str,
        sender: str,
        recipient: str,
        content: dict[str, Any],
        *,
        origin: str,
        callback_data: str | None,
        copy_of: int | None = None,
        error: int | None = None,
    ) -> Message:
        """Write a message: sent and on its way, or failed if there is an error."""
        at = time.time()
        status = FAILED if error else SENT
        seq = self._ledger.write(
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
        return Message(
            seq or 0, chat, message_id, sender, recipient, origin, content, at, status,
            None, None, callback_data, copy_of, error,
        )  # fmt: skip

    def mark_routed(self, message: Message) -> None:
        """Remember that a message was brought to everyone it is for."""
        self._ledger.write("UPDATE messages SET routed = 1 WHERE seq = ?", message.seq)

    def advance(self, message: Message, status: int) -> bool:
        """Move a message's status up (never down); return whether it moved."""
        moved = self._ledger.write(
            "UPDATE messages SET status = ? WHERE seq = ? AND status >= 0 AND status < ?",
            status,
            message.seq,
            status,
        ).rowcount
        if moved:
            message.status = status
        return bool(moved)
