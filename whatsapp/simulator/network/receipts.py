"""How far a message has come: delivered, read, played."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from whatsapp.simulator.devices import Device

from .messages import DELIVERED, PLAYED, READ, STATUS_WORDS, Message

if TYPE_CHECKING:
    from . import Network


class Receipts:
    """Moves statuses up and tells the senders."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._messages = network.messages

    def advance(self, message: Message, status: int, reader: str) -> bool:
        """Move a message's status up (never down); tell its sender. Return whether it moved."""
        network = self._network
        if not self._messages.advance(message, status):
            return False
        word = STATUS_WORDS[status]
        network.screens.notify_chat(message, "status", {"id": message.id, "status": word})
        if message.sender in network.directory.cloud:
            if network.cloud:
                network.cloud.status(message, status, reader)
            return True
        for device in network.devices.of_number(message.sender):
            chat, _ = network.directory.jids(message.recipient)
            receipt = {
                "kind": "receipt",
                "id": message.id,
                "chat": chat,
                "status": word,
                "at": time.time(),
            }
            enqueue = functools.partial(network.devices.enqueue, device, receipt)
            if network.faults.reorder:
                network.delays.soon(None, enqueue)
            else:
                enqueue()
        return True

    def confirm(self, device: Device, seq: int) -> None:
        """A device has stored everything up to `seq`: its messages count as delivered."""
        for number in self._network.devices.confirm(device, seq):
            message = self._messages.by_seq(number)
            if message and message.sender != device.number:
                self.advance(message, DELIVERED, device.number or "")

    def read(self, me: str, message: Message, *, played: bool = False) -> None:
        """Mark one received message as read, or as played."""
        if message.sender != me:
            self.advance(message, PLAYED if played else READ, me)

    def read_chat(self, me: str, peer: Any, *, played: bool = True) -> int:
        """Mark what a phone received in a chat as read, voice as played; return how many."""
        _, chat = self._messages.chat_with(me, peer)
        messages = self._messages.unread(chat, me)
        if played:
            messages += self._messages.unplayed(chat, me)
        for message in messages:
            self.advance(message, READ, me)
            if played and message.content["type"] == "voice":
                self.advance(message, PLAYED, me)
        return len(messages)
