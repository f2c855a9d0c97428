"""The interface of a driver, and what it is built from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from .chats import Identities
from .content import Kind, MediaRef
from .errors import not_supported
from .events import Event, Token
from .sending import (
    FetchedMedia,
    KnownPerson,
    MessageKey,
    NumberCheck,
    Outgoing,
    SendResult,
    unsupported,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a driver can do, as data: screens, flows and the API degrade by it."""

    # How a number is linked: "qr", "code", "token".
    pairing: frozenset[str]
    buttons: bool = False
    lists: bool = False
    templates: bool = False
    # How long free-form messages may follow the person's last one; None: always.
    window_hours: int | None = None
    edit: bool = False
    revoke: bool = False
    reactions: bool = False
    groups: bool = False
    history: bool = False
    # Sending the same client_message_id again shows nothing twice.
    client_message_id: bool = False
    typing: bool = False
    presence: bool = False
    read_receipts: bool = True
    check_numbers: bool = False
    # Whether it can shut a person out, and tell whom its phone knows by name.
    block: bool = False
    address_book: bool = False
    voice: bool = True
    stickers: bool = True
    locations: bool = True
    contacts: bool = True
    # How long after sending a message can still be edited or deleted; None: no limit known.
    edit_minutes: int | None = None
    revoke_minutes: int | None = None
    max_text: int = 4096
    max_caption: int = 1024
    # Media of other kinds lose their text: it has to go as a message of its own.
    caption_kinds: frozenset[Kind] = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.DOCUMENT})
    max_buttons: int = 0
    max_list_rows: int = 0
    # Bytes per media kind; a kind that is missing cannot be sent.
    max_bytes: Mapping[Kind, int] = field(default_factory=dict)
    # Whether events arrive over the driver's own session (else by webhook).
    pushes_events: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverConfig:
    """Everything a driver is built from; plain values, so it can cross a process boundary.

    `connection_key` is stable for the connection's life and names it to the network.
    """

    connection_key: str
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    # The name the phone shows under "linked devices".
    brand: str = "Whaticket"
    connect_seconds: float = 15.0
    request_seconds: float = 30.0
    # Uploads and downloads may take this long in all.
    transfer_seconds: float = 300.0
    # Events in one batch, and events read ahead of the consumer.
    batch_size: int = 200
    read_ahead: int = 1000


class Driver(ABC):
    """One connection of one network.

    Life: build, `connect()`, iterate `events()` in a task of its own (sends are answered over the
    same socket: a consumer that sends from within the iteration waits for itself), `close()`.
    A driver never connects again by itself: `events()` ends after `disconnected`, and a new driver
    is built. Nothing here logs or prints credentials, codes or message texts.
    """

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    def __init__(self, config: DriverConfig) -> None:
        self.config = config

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.config.connection_key}>"

    @classmethod
    @abstractmethod
    def parse(cls, raw: Mapping[str, Any]) -> list[Event]:
        """Read a stored `raw` again; pure, never raises, keeps what it cannot read."""

    @abstractmethod
    async def connect(self) -> None:
        """Open the session; raise DriverFailure (`permanent` false when the network is away).

        Returns when the network can be heard, not when it is paired: that is told by events.
        """

    @abstractmethod
    def events(self) -> AsyncIterator[list[Event]]:
        """Give events in batches, in order, until the session ends. One consumer only."""

    @abstractmethod
    async def acknowledge(self, tokens: Iterable[Token]) -> None:
        """Tell the network that the events with these tokens are stored; any order, any subset."""

    @abstractmethod
    async def send(self, outgoing: Outgoing) -> SendResult:
        """Send one message. Never raises for what the network or the content did."""

    async def edit(self, target: MessageKey, text: str) -> SendResult:
        """Change the text of a message of ours."""
        return unsupported("edit")

    async def revoke(self, target: MessageKey) -> SendResult:
        """Delete a message of ours for everyone."""
        return unsupported("revoke")

    async def react(
        self, target: MessageKey, emoji: str, *, client_message_id: str, outbox_id: str = ""
    ) -> SendResult:
        """Put an emoji on a message; an empty one takes ours away."""
        return unsupported("react")

    async def mark_read(self, chat: str, wire_ids: Sequence[str], *, sender: str = "") -> None:
        """Show the other side that these were read, newest last; raise DriverFailure.

        `sender` is the chat key of who wrote them all, needed in groups.
        """
        not_supported("mark_read")

    @abstractmethod
    async def typing(self, chat: str, active: bool, *, last_wire_id: str = "") -> None:
        """Show that somebody types, or stopped; `last_wire_id` is the last message received there.

        Best effort: drivers that cannot, do nothing. Raises DriverFailure when the network is away.
        """

    @abstractmethod
    async def fetch_media(self, ref: MediaRef, target: Path, *, limit: int) -> FetchedMedia:
        """Write a file's bytes to `target`, at most `limit`; leave nothing there on failure.

        Raises MediaUnavailable; `permanent` when the file is gone, too large or damaged.
        """

    def history(self, since: datetime | None) -> AsyncIterator[list[Event]]:
        """Give the messages of both sides since a moment, oldest first, marked `is_history`.

        Only with the capability `history`; raises NotSupported, DriverFailure. None of them is to
        be acknowledged.
        """
        not_supported("history")

    async def check_numbers(self, numbers: Sequence[str]) -> list[NumberCheck]:
        """Ask which numbers are on WhatsApp; raise NotSupported, DriverFailure."""
        not_supported("check_numbers")

    async def block(self, to: Identities, blocked: bool) -> None:
        """Shut a person out, or let him in again; harmless twice. Raises DriverFailure."""
        not_supported("block")

    async def address_book(self) -> list[KnownPerson]:
        """Tell whom the phone knows by name; raise NotSupported, DriverFailure."""
        not_supported("address_book")

    async def request_pair_code(self, number: str) -> str:
        """Ask for a code to type on the phone of this number, and return it.

        Raises NotSupported, DriverFailure (number not on WhatsApp, already paired).
        """
        not_supported("request_pair_code")

    async def logout(self) -> None:
        """Unlink this device; the credentials are void afterwards. Raises DriverFailure."""
        not_supported("logout")

    @abstractmethod
    async def close(self) -> None:
        """End the session and free everything, keeping the credentials good. May be called twice.

        Sends still waiting become Unknown.
        """
