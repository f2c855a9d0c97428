"""What happens to a message after it was sent: edits, deletions, reactions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import orjson

from whatsapp.simulator.devices import Device
from whatsapp.simulator.errors import Refusal

from .messages import Message, new_id

if TYPE_CHECKING:
    from . import Network


class Changes:
    """Changes messages and tells everyone in the chat."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._ledger = network.ledger
        self._messages = network.messages

    def edit(self, me: str, message: Message, text: str, device: Device | None = None) -> None:
        """Change the text or caption of one's own message; raise Refusal(bad_request)."""
        self._only_mine(me, message)
        key = "text" if message.content["type"] == "text" else "caption"
        if key == "caption" and "media" not in message.content:
            raise Refusal("bad_request", "only a text or a caption can be edited")
        message.content[key] = text
        message.edited_at = time.time()
        self._ledger.write(
            "UPDATE messages SET content = ?, edited_at = ? WHERE seq = ?",
            orjson.dumps(message.content).decode(),
            message.edited_at,
            message.seq,
        )
        self._spread(message, me, device, {"kind": "edit", "id": message.id, "text": text})
        self._network.screens.notify_chat(message, "edit", {"id": message.id, key: text})
        if self._network.cloud and message.recipient in self._network.directory.cloud:
            self._network.cloud.edit(message)

    def revoke(self, me: str, message: Message, device: Device | None = None) -> None:
        """Delete one's own message for everyone; raise Refusal(bad_request)."""
        self._only_mine(me, message)
        if message.revoked_at:
            return
        message.revoked_at = time.time()
        self._ledger.write(
            "UPDATE messages SET revoked_at = ? WHERE seq = ?", message.revoked_at, message.seq
        )
        self._spread(message, me, device, {"kind": "revoke", "id": message.id})
        self._network.screens.notify_chat(message, "revoke", {"id": message.id})
        if self._network.cloud and message.recipient in self._network.directory.cloud:
            self._network.cloud.revoke(message)

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
        known = self._ledger.one(
            "SELECT id, emoji, at FROM reactions WHERE message = ? AND sender = ?", message.seq, me
        )
        if known and reaction_id and known["id"] == reaction_id:
            return known["id"], known["at"]
        reaction_id = reaction_id or new_id()
        at = time.time()
        self._ledger.write(
            "REPLACE INTO reactions VALUES (?, ?, ?, ?, ?)", message.seq, me, reaction_id, emoji, at
        )
        self._spread(
            message,
            me,
            device,
            {"kind": "reaction", "id": reaction_id, "target": message.id, "emoji": emoji},
        )
        self._network.screens.notify_chat(
            message, "reaction", {"id": message.id, "from": me, "emoji": emoji}
        )
        if self._network.cloud:
            for number in self._messages.everyone(message):
                if number in self._network.directory.cloud and number != me:
                    self._network.cloud.reaction(message, me, reaction_id, emoji)
        return reaction_id, at

    def _only_mine(self, me: str, message: Message) -> None:
        if message.sender != me:
            raise Refusal("bad_request", "only the sender can change a message")

    def _spread(
        self, message: Message, by: str, device: Device | None, event: dict[str, Any]
    ) -> None:
        """Queue a change for every other device of everyone in the chat."""
        for number in self._messages.everyone(message):
            for other in self._network.devices.of_number(number):
                if other is not device:
                    scene = self._network.device_events.scene(other, by, message.chat)
                    self._network.devices.enqueue(other, event | scene | {"at": time.time()})
