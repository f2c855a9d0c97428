"""What phones are shown, how often, and who looks on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whatsapp.simulator import content as contents
from whatsapp.simulator.directory import Directory
from whatsapp.simulator.ledger import Ledger

from .messages import QUALIFIED_COLUMNS, STATUS_WORDS, Message, Messages, chat_peer

Watcher = Callable[[str, str, dict[str, Any]], None]


class Screens:
    """The screens of all phones, and those who watch them."""

    def __init__(self, ledger: Ledger, directory: Directory, messages: Messages) -> None:
        self._ledger = ledger
        self._directory = directory
        self._messages = messages
        self.watchers: set[Watcher] = set()

    def show(self, phone: str, message: Message) -> None:
        """Show a message on a phone and count how often it was shown."""
        first = message.copy_of
        copies = 1
        if first is not None and phone != message.sender:
            row = self._ledger.one(
                "SELECT count(*) FROM messages WHERE copy_of = ? OR seq = ?", first, first
            )
            copies = row[0] if row else 1
            self._ledger.write(
                "UPDATE shown SET copies = ? WHERE phone = ? AND message IN "
                "(SELECT seq FROM messages WHERE copy_of = ? OR seq = ?)",
                copies,
                phone,
                first,
                first,
            )
        seq = self._ledger.write(
            "INSERT INTO shown (phone, message, copies) VALUES (?, ?, ?) "
            "ON CONFLICT (phone, message) DO UPDATE SET copies = copies + 1",
            phone,
            message.seq,
            copies,
        ).lastrowid
        if self.watchers:
            self.notify(phone, "message", self._view(phone, message, seq or 0, copies))

    def shown_to(
        self, phone: str, after: int = 0, limit: int = 1000, *, newest: bool = False
    ) -> list[dict[str, Any]]:
        """Return what a phone was shown, in that order; with `newest` the last ones of it."""
        order = "DESC" if newest else "ASC"
        rows = self._ledger.all(
            f"SELECT {QUALIFIED_COLUMNS}, s.seq AS shown_seq, s.copies FROM shown s "  # noqa: S608
            "JOIN messages m ON m.seq = s.message WHERE s.phone = ? AND s.seq > ? "
            f"ORDER BY s.seq {order} LIMIT ?",
            phone,
            after,
            limit,
        )
        if newest:
            rows.reverse()
        return [
            self._view(phone, Message.from_row(row), row["shown_seq"], row["copies"])
            for row in rows
        ]

    def _view(self, phone: str, message: Message, seq: int, copies: int) -> dict[str, Any]:
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
            for row in self._ledger.all(
                "SELECT sender, emoji FROM reactions WHERE message = ? AND emoji <> '' ORDER BY at",
                message.seq,
            )
        ]
        return shown

    # Watching -----------------------------------------------------------------------------

    def notify(self, phone: str, kind: str, data: dict[str, Any]) -> None:
        """Tell the watchers of a phone once everything written so far is durable."""
        if self.watchers:
            self._ledger.after_commit(lambda: self.tell(phone, kind, data))

    def notify_chat(self, message: Message, kind: str, data: dict[str, Any]) -> None:
        """Tell the watchers of every phone in a message's chat."""
        if not self.watchers:
            return
        for number in self._messages.everyone(message):
            if number in self._directory.phones:
                chat = {"chat": chat_peer(message.chat, number)}
                self.notify(number, kind, data | chat)

    def tell(self, phone: str, kind: str, data: dict[str, Any]) -> None:
        """Tell the watchers of a phone now."""
        for watcher in list(self.watchers):
            watcher(phone, kind, data)
