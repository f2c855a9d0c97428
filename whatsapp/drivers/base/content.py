"""What a message holds, either way."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .chats import Identities


class Kind(enum.StrEnum):
    """What a message is."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    LIVE_LOCATION = "live_location"
    CONTACTS = "contacts"
    REACTION = "reaction"
    BUTTON_REPLY = "button_reply"
    LIST_REPLY = "list_reply"
    FORM_REPLY = "form_reply"
    ORDER = "order"
    CALL = "call"
    SYSTEM = "system"
    UNSUPPORTED = "unsupported"
    # Only sent, never received.
    BUTTONS = "buttons"
    LIST = "list"
    TEMPLATE = "template"
    INTERACTIVE = "interactive"


MEDIA_KINDS = frozenset(
    {Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.VOICE, Kind.DOCUMENT, Kind.STICKER}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """Where the network keeps a file, and what it says about it. Enough for `fetch_media`."""

    id: str = ""
    url: str = ""
    # Key material of end-to-end encrypted files; opaque to everyone but the driver.
    key: str = field(default="", repr=False)
    mimetype: str = ""
    size: int | None = None
    file_name: str = ""
    # Lower-case hex of the plain bytes, empty where the network did not say.
    sha256: str = ""
    seconds: int | None = None
    animated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on this machine that is to be sent."""

    path: Path
    mimetype: str
    file_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place on the map."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class CardPhone:
    """One number on a contact card; `whatsapp` is its WhatsApp number where the card says it."""

    number: str
    label: str = ""
    whatsapp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCard:
    """One shared contact. `vcard` is the card as it came or as it will be sent."""

    name: str
    phones: tuple[CardPhone, ...] = ()
    emails: tuple[str, ...] = ()
    organization: str = ""
    vcard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One button or list row: what comes back when it is tapped, and what it shows."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSection:
    """Rows of a list under one heading."""

    title: str = ""
    rows: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the reader can tap. Buttons use `buttons`; a list uses `sections` and `opener`."""

    buttons: tuple[Choice, ...] = ()
    sections: tuple[ChoiceSection, ...] = ()
    # The text on the button that opens a list.
    opener: str = ""
    header: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A message the network approved beforehand. `components` are in Graph's form."""

    name: str
    language: str
    components: tuple[Mapping[str, Any], ...] = ()
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one message says, either way. Which fields are set follows from `kind`.

    `text` is the body or the caption; of a reply, the title that was tapped; of a system message,
    what happened in words.
    """

    kind: Kind
    text: str = ""
    media: MediaRef | None = None
    location: Location | None = None
    contacts: tuple[ContactCard, ...] = ()
    # The wire id of the message this one answers, and who wrote that.
    quoted: str = ""
    quoted_sender: str = ""
    forwarded: bool = False
    view_once: bool = False
    # Chat keys of the people named in the text.
    mentions: tuple[str, ...] = ()
    # The id of the tapped button or row.
    reply_id: str = ""
    # The advertisement or page the person came from, in the network's form.
    referral: Mapping[str, Any] | None = None
    choices: Choices | None = None
    template: Template | None = None
    # A Graph `interactive` object for what has no field here (link button, flow, location request).
    interactive: Mapping[str, Any] | None = None
    # Anything else worth keeping: order items, form answers, the type of what is unsupported.
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who wrote something: every identity the event told, best first, and the names they chose."""

    identities: Identities
    push_name: str = ""
    username: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it came: who the chat is with, who wrote it, what it says."""

    # The other side of the chat: the person, or the group.
    peer: Identities
    # Equal to the peer's person in a direct chat, the participant in a group, us in an echo.
    sender: Person
    content: Content
    is_group: bool = False
    # Brought by a synchronisation of old messages: no bot answers it, no counter rises.
    is_history: bool = False
