"""What happens to people. Published inside the schema of their company."""

from dataclasses import dataclass
from typing import ClassVar

from events.bus import Event


@dataclass(frozen=True, slots=True)
class UserCreated(Event):
    """Somebody joined the company."""

    name: ClassVar[str] = "user.created"
    user_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class UserUpdated(Event):
    """Something about a person changed; `sight_changed`: they may see other tickets now."""

    name: ClassVar[str] = "user.updated"
    user_id: int
    fields: tuple[str, ...] = ()
    sight_changed: bool = False
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class UserRemoved(Event):
    """Somebody left the company for good; what they held must go back to the queue."""

    name: ClassVar[str] = "user.removed"
    user_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class UserPresenceChanged(Event):
    """Somebody came online or went away."""

    name: ClassVar[str] = "user.presence_changed"
    user_id: int
    is_online: bool


@dataclass(frozen=True, slots=True)
class UserSignedIn(Event):
    """Somebody signed in with their password."""

    name: ClassVar[str] = "user.signed_in"
    user_id: int
    session_id: str


@dataclass(frozen=True, slots=True)
class SessionsEnded(Event):
    """Sign-ins of a person stopped counting; sockets that stand on them must go."""

    name: ClassVar[str] = "user.sessions_ended"
    user_id: int
