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


@dataclass(frozen=True, slots=True)
class ApiTokenIssued(Event):
    """Another program may work through a connection from now on."""

    name = "api_token.issued"
    token_id: int
    connection_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ApiTokenRevoked(Event):
    name = "api_token.revoked"
    token_id: int
    connection_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ConnectionAdministered(Event):
    """An operator of the platform changed a connection of some company."""

    name = "connection.administered"
    connection_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedTicketsClosed(Event):
    """What an import of old messages left waiting is closed."""

    name = "import.tickets_closed"
    connection_id: int
    count: int
    by_id: int | None = None
