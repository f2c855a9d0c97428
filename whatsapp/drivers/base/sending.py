"""What a driver is asked to send, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .chats import Identities
from .content import Content, Upload
from .errors import SendError, unsupported_error


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to send.

    `client_message_id` becomes the wire id where the driver takes ours (capability
    `client_message_id`); the same one again is then shown once. `outbox_id` comes back in
    `Receipt.opaque` where the network carries it.
    """

    outbox_id: str
    client_message_id: str
    chat: str
    # Every identity known of the recipient; the driver addresses the best it can. May be empty:
    # then `chat` says it.
    to: Identities = ()
    content: Content
    # The file of a media message.
    upload: Upload | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKey:
    """Names one message of a chat; `sender` is the chat key of who wrote it, needed in groups."""

    chat: str
    wire_id: str
    from_me: bool = False
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The network took it. `at` is the network's clock where it said so, else ours.

    `identities` are the recipient's as the network resolved them (a ninth digit, a BSUID).
    """

    wire_id: str
    at: datetime
    identities: Identities = ()
    # What the network added, such as `held_for_quality_assessment`.
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The network proved that it did not take it."""

    error: SendError


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody knows whether the network took it. Never sent again without the capability
    `client_message_id`, or a person's decision."""

    reason: str


SendResult = Accepted | Rejected | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCheck:
    """Whether a number is on WhatsApp, and how the network names it."""

    number: str
    exists: bool
    identities: Identities = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """Somebody in the phone's address book."""

    name: str
    identities: Identities


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedMedia:
    """What was written to the target of `fetch_media`."""

    size: int
    sha256: str
    mimetype: str = ""
    file_name: str = ""


def unsupported(what: str) -> Rejected:
    """Refuse what the driver has no way to send."""
    return Rejected(error=unsupported_error(what))
