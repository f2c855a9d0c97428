"""What happens to connections."""

from dataclasses import dataclass

from events.bus import Event


@dataclass(frozen=True, slots=True)
class ConnectionUpdated(Event):
    name = "connection.updated"
    connection_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ConnectionDeleted(Event):
    name = "connection.deleted"
    connection_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class SessionChanged(Event):
    """A connection's session has a new state: a code to scan, connected, logged out."""

    name = "session.changed"
    connection_id: int
    status: str
    reason: str = ""
