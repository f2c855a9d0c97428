"""Webhooks to businesses: built as Meta builds them, kept until answered, signed, posted."""

from __future__ import annotations

import random
from typing import Any

from whatsapp.simulator.graph_face.accounts import Accounts, CloudNumber
from whatsapp.simulator.network import (
    DELIVERED,
    FAILED,
    PLAYED,
    READ,
    SENT,
    STATUS_WORDS,
    Message,
    Network,
)

from .queue import WebhookQueue
from .wording import Wording


class Webhooks:
    """Tells businesses what happens to their numbers. Implements network.CloudSide."""

    def __init__(self, network: Network, accounts: Accounts) -> None:
        self.queue = WebhookQueue(network, accounts)
        self._accounts = accounts
        self._wording = Wording(network, accounts)

    def message(self, message: Message) -> None:
        """A phone wrote to a cloud number."""
        cloud = self._accounts.numbers[message.recipient]
        if message.sender not in cloud.blocked:
            body = self._wording.message(message)
            self._queue_message(cloud, message.sender, body, message.seq)

    def status(self, message: Message, status: int, reader: str) -> None:
        """A message of a cloud number got further."""
        if status not in (SENT, DELIVERED, READ, PLAYED, FAILED):
            return
        cloud = self._accounts.numbers[message.sender]
        self.queue_status(cloud, message, STATUS_WORDS[status])

    def reaction(self, message: Message, sender: str, reaction_id: str, emoji: str) -> None:
        """A phone reacted in a chat with a cloud number."""
        number = message.sender if message.sender != sender else message.recipient
        if cloud := self._accounts.numbers.get(number):
            body = self._wording.reaction(message, sender, reaction_id, emoji)
            self._queue_message(cloud, sender, body)

    def edit(self, message: Message) -> None:
        """A phone changed its message."""
        cloud = self._accounts.numbers[message.recipient]
        self._queue_message(cloud, message.sender, self._wording.edit(message))

    def revoke(self, message: Message) -> None:
        """A phone deleted its message for everyone."""
        cloud = self._accounts.numbers[message.recipient]
        self._queue_message(cloud, message.sender, self._wording.revoke(message))

    def queue_status(self, cloud: CloudNumber, message: Message, word: str) -> None:
        """Queue one status of a message."""
        self.queue.add(
            cloud,
            self._wording.status(cloud, message, word),
            lane=message.recipient,
            delay=random.uniform(0, 1) if self._accounts.knobs.reorderStatuses else 0,  # noqa: S311
        )

    def _queue_message(
        self, cloud: CloudNumber, sender: str, body: dict[str, Any], message: int | None = None
    ) -> None:
        value = self._wording.from_phone(cloud, sender, body)
        self.queue.add(cloud, value, lane=sender, message=message)
