"""Accepting messages and bringing them to everyone they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whatsapp.simulator.devices import Device

from .messages import DELIVERED, FAILED, READ, Message, chat_key, new_id

if TYPE_CHECKING:
    from . import Network


class Deliveries:
    """The way of a message from its sender to its recipients."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._directory = network.directory
        self._messages = network.messages

    def resume(self) -> None:
        """Deliver what was accepted but not delivered when the program last ended."""
        for message in self._messages.unrouted():
            self._route(message)

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
        recipient, chat = self._messages.chat_with(sender, to)
        if message_id and (known := self._messages.find(chat, message_id)):
            return known, False
        message = self._messages.add(
            chat,
            message_id or new_id(),
            sender,
            recipient,
            content,
            origin=origin,
            callback_data=callback_data,
            copy_of=self._messages.original(sender, recipient, callback_data),
            error=error,
        )
        if sender in self._directory.phones:
            self._network.screens.show(sender, message)
        for other in self._network.devices.of_number(sender):
            if other is not device:
                self._network.device_events.tell(other, message)
        if self._network.cloud and sender in self._directory.cloud:
            self._network.cloud.status(message, message.status, recipient)
        if error is None:
            self._network.delays.soon(chat, lambda: self._route(message))
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
        message = self._messages.add(
            chat_key(sender, to),
            message_id,
            sender,
            to,
            content,
            origin="cloud",
            callback_data=callback_data,
            error=error,
        )
        if self._network.cloud:
            self._network.cloud.status(message, FAILED, to)
        return message

    def _route(self, message: Message) -> None:
        """Bring a message to everyone it is for, in one group with the mark that it was."""
        network = self._network
        self._messages.mark_routed(message)
        for number in self._messages.recipients(message):
            if number == message.sender:  # A note to oneself is there already.
                network.receipts.advance(message, READ, number)
                continue
            if number in self._directory.cloud:
                if network.cloud:
                    network.cloud.message(message)
                continue
            private = message.recipient not in self._directory.groups
            if private and self._directory.is_blocked(number, message.sender):
                # Who is shut out is not told: the message stays with one tick.
                continue
            network.screens.show(number, message)
            devices = network.devices.of_number(number)
            for device in devices:
                network.device_events.tell(device, message)
            # A number with linked devices counts as reached when one of them has confirmed.
            if not devices:
                network.receipts.advance(message, DELIVERED, number)
