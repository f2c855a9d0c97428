"""What a driver tells: one stream of typed events."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from .chats import Identities, Identity, bounded_key
from .content import Content, Message, Person
from .errors import SendError


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
    and `needs_reauth` the stream of events ends; whether to connect again is the session's
    decision.
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
