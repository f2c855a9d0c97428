"""What every WhatsApp driver is: one interface, one stream of typed events, capabilities as data.

A driver speaks one network's wire for one connection and knows nothing of companies, tickets or
the database. What it reads becomes the events below; what it is asked to send is answered by
`Accepted`, `Rejected` or `Unknown`, and by nothing else: a lost answer is never a failure.
"""

from __future__ import annotations

import enum
import hashlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, NoReturn

# The widths of the columns that hold these texts; what is longer is digested, never cut, because
# two ids that differ after the 255th character are two messages.
MAX_KEY = 255
MAX_CODE = 32
MAX_REASON = 255


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


class IdentityKind(enum.StrEnum):
    """The names by which the network knows a person or a group."""

    PHONE = "phone"
    LID = "lid"
    BSUID = "bsuid"
    PARENT_BSUID = "parent_bsuid"
    USERNAME = "username"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Identity:
    """One name of a person or group. Phones are digits only; LIDs and groups without their suffix.

    One person usually has several; `identities` fields hold all that one event told.
    """

    kind: IdentityKind
    value: str


Identities = tuple[Identity, ...]

_SUFFIXES = {
    IdentityKind.PHONE: "@s.whatsapp.net",
    IdentityKind.LID: "@lid",
    IdentityKind.GROUP: "@g.us",
    IdentityKind.BSUID: "@bsuid",
    IdentityKind.PARENT_BSUID: "@parent_bsuid",
    IdentityKind.USERNAME: "@username",
}


def chat_key(identity: Identity) -> str:
    """Return the text that names a chat, the same in every driver: `5511…@s.whatsapp.net`."""
    return bounded_key(identity.value + _SUFFIXES[identity.kind])


def identity_of(chat: str) -> Identity | None:
    """Return the identity a chat key names, or None for what is no chat of a person or group."""
    value, at, server = chat.rpartition("@")
    if not value:
        return None
    # 5511…:12@s.whatsapp.net is device 12 of that person.
    for kind, suffix in _SUFFIXES.items():
        if at + server == suffix:
            person = kind in {IdentityKind.PHONE, IdentityKind.LID}
            return Identity(kind, value.split(":")[0] if person else value)
    return None


def bounded_key(text: str) -> str:
    """Return a key that fits its column: itself, or its digest where it is too long."""
    if len(text) <= MAX_KEY:
        return text
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# What a message holds ---------------------------------------------------------------------


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


# Errors -----------------------------------------------------------------------------------


class ErrorClass(enum.StrEnum):
    """What a sender does about a failure (whatsapp.md §13)."""

    THROTTLE = "throttle"
    TRANSIENT = "transient"
    AUTH = "auth"
    ACCOUNT = "account"
    WINDOW = "window"
    RECIPIENT = "recipient"
    CONTENT = "content"
    GROUPS = "groups"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendError:
    """Why the network said no. `permanent`: the same message will never be taken.

    `retry_after` is in seconds, where the network or its rules name a time.
    """

    cls: ErrorClass
    code: str
    reason: str
    permanent: bool
    retry_after: float | None = None


class DriverFailure(Exception):
    """Something other than a send did not work; `error` says what to do about it."""

    def __init__(self, error: SendError) -> None:
        super().__init__(f"{error.cls}/{error.code}: {error.reason}")
        self.error = error

    @property
    def permanent(self) -> bool:
        """Whether trying again is useless."""
        return self.error.permanent


class NotSupported(DriverFailure):
    """The driver cannot do this; its capabilities said so."""


class MediaUnavailable(DriverFailure):
    """A file could not be fetched: gone, too large, damaged, or the network is away."""


class NotConnected(DriverFailure):
    """Asked of a driver that has no open session."""


# Events, driver to core -------------------------------------------------------------------


class Status(enum.StrEnum):
    """How far an outgoing message got."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    DELETED = "deleted"


class State(enum.StrEnum):
    """What a session is."""

    CONNECTING = "connecting"
    QR = "qr"
    CONNECTED = "connected"
    DEGRADED = "degraded"
    LOGGED_OUT = "logged_out"
    RESTRICTED = "restricted"
    OUTDATED = "outdated"
    NEEDS_REAUTH = "needs_reauth"
    PASSKEY_REQUIRED = "passkey_required"
    DISCONNECTED = "disconnected"


# What the network is told once an event is stored; None where there is nothing to tell.
Token = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything a driver reports."""

    kind: ClassVar[str] = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode(Event):
    """Show this code; it can be scanned until `expires_at`."""

    kind: ClassVar[str] = "qr"
    code: str = field(repr=False)
    expires_at: datetime
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCode(Event):
    """Type this code on the phone."""

    kind: ClassVar[str] = "pair_code"
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired(Event):
    """The phone linked us. `credentials` replace the stored ones and must be kept at once."""

    kind: ClassVar[str] = "paired"
    number: str
    lid: str = ""
    credentials: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Event):
    """The session is now this. `reason` is a short code (`banned`, `socket_lost`, `replaced`).

    `number` and `name` are told when known (on `connected`). After `disconnected`, `logged_out`
    and `restricted` the stream of events ends; whether to connect again is the session's decision.
    """

    kind: ClassVar[str] = "state"
    state: State
    reason: str = ""
    number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Event):
    """Somebody is typing, or stopped. Fleeting: neither stored nor acknowledged."""

    kind: ClassVar[str] = "typing"
    chat: str
    sender: Person
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Event):
    """Events between these moments may be missing for good."""

    kind: ClassVar[str] = "gap"
    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent(Event):
    """An event that must be stored before its `token` is acknowledged.

    `raw` is its wire form, JSON that PostgreSQL accepts; `Driver.parse(raw)` gives the event again.
    `wire_id` is the network's id of the event, or, where it has none, one made from its facts, so
    that a second delivery has the same. `chat` is a chat key (see `chat_key`), empty where the
    event belongs to no chat.
    """

    wire_id: str
    chat: str
    at: datetime
    raw: Mapping[str, Any] = field(repr=False)
    token: Token = None

    @property
    def store_key(self) -> str:
        """What makes this event one, within its connection, chat and kind."""
        return self.wire_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound(StoredEvent):
    """A message from the other side."""

    kind: ClassVar[str] = "message"
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo(StoredEvent):
    """A message of ours the driver did not send: typed on the phone. No bot answers it.

    The echo of a send whose answer was lost looks the same; the core recognises it by `wire_id`.
    """

    kind: ClassVar[str] = "echo"
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(StoredEvent):
    """How far our message `wire_id` got. May come twice, late, or out of order: merge by rank.

    `opaque` is the outbox id the send carried, where the network gives it back; `recipient` are the
    identities it names (they may differ from what was addressed); `pricing` is the network's own.
    """

    kind: ClassVar[str] = "receipt"
    status: Status
    recipient: Identities = ()
    opaque: str = ""
    pricing: Mapping[str, Any] | None = None
    error: SendError | None = None

    @property
    def store_key(self) -> str:
        """One message has one receipt per status and, in groups, per recipient."""
        who = self.recipient[0].value if self.recipient else ""
        return bounded_key(f"{self.wire_id}:{self.status}:{who}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(StoredEvent):
    """Message `target` now says this. `wire_id` names the edit itself."""

    kind: ClassVar[str] = "edit"
    target: str
    content: Content
    sender: Person
    from_me: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked(StoredEvent):
    """Message `target` was deleted for everyone. `wire_id` names the deletion itself."""

    kind: ClassVar[str] = "revoke"
    target: str
    sender: Person
    from_me: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted(StoredEvent):
    """Somebody put this emoji on message `target`; an empty one takes theirs away."""

    kind: ClassVar[str] = "reaction"
    target: str
    emoji: str
    sender: Person
    peer: Identities = ()
    from_me: bool = False
    is_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLinked(StoredEvent):
    """Both are the same person. `replaces`: `a` is no longer theirs, `b` takes its place."""

    kind: ClassVar[str] = "identity"
    a: Identity
    b: Identity
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(StoredEvent):
    """Somebody called, or called in vain (`status`: offered, missed, ended, …)."""

    kind: ClassVar[str] = "call"
    status: str
    caller: Person
    is_video: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingPreference(StoredEvent):
    """A person asked to get no more marketing messages, or to get them again."""

    kind: ClassVar[str] = "preference"
    person: Person
    wanted: bool
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(StoredEvent):
    """News of the account, not of a chat: a template's status, quality, limits, restrictions.

    `name` is the network's name of it, `data` its own form.
    """

    kind: ClassVar[str] = "notice"
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(StoredEvent):
    """Something the driver cannot read or decrypt: kept, shown as a placeholder, never dropped.

    `reason` says what it seems to be; `sender` is empty where it belongs to nobody.
    """

    kind: ClassVar[str] = "unreadable"
    reason: str = ""
    sender: Person | None = None


# What is sent, and what comes back ----------------------------------------------------------


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
class FetchedMedia:
    """What was written to the target of `fetch_media`."""

    size: int
    sha256: str
    mimetype: str = ""
    file_name: str = ""


# The driver itself ------------------------------------------------------------------------


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
    voice: bool = True
    stickers: bool = True
    locations: bool = True
    contacts: bool = True
    # How long after sending a message can still be edited or deleted; None: no limit known.
    edit_minutes: int | None = None
    revoke_minutes: int | None = None
    max_text: int = 4096
    max_caption: int = 1024
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
        """Show the other side that these were read, newest last; raise DriverFailure."""
        _not_supported("mark_read")

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

    async def check_numbers(self, numbers: Sequence[str]) -> list[NumberCheck]:
        """Ask which numbers are on WhatsApp; raise NotSupported, DriverFailure."""
        _not_supported("check_numbers")

    async def request_pair_code(self, number: str) -> str:
        """Ask for a code to type on the phone of this number, and return it.

        Raises NotSupported, DriverFailure (number not on WhatsApp, already paired).
        """
        _not_supported("request_pair_code")

    async def logout(self) -> None:
        """Unlink this device; the credentials are void afterwards. Raises DriverFailure."""
        _not_supported("logout")

    @abstractmethod
    async def close(self) -> None:
        """End the session and free everything, keeping the credentials good. May be called twice.

        Sends still waiting become Unknown.
        """


def send_error(
    cls: ErrorClass,
    code: str | int,
    reason: str,
    *,
    permanent: bool,
    retry_after: float | None = None,
) -> SendError:
    """Build a SendError whose texts fit the columns that keep them."""
    return SendError(
        cls=cls,
        code=str(code)[:MAX_CODE],
        reason=reason[:MAX_REASON],
        permanent=permanent,
        retry_after=retry_after,
    )


def unsupported(what: str) -> Rejected:
    """Refuse what the driver has no way to send."""
    return Rejected(error=_unsupported_error(what))


def _unsupported_error(what: str) -> SendError:
    return send_error(
        ErrorClass.CONTENT, "unsupported", f"This connection cannot do this: {what}", permanent=True
    )


def _not_supported(what: str) -> NoReturn:
    raise NotSupported(_unsupported_error(what))
