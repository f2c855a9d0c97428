"""What the network tells the Graph face, without knowing it."""

from __future__ import annotations

from typing import Protocol

from .messages import Message


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
