"""What happens to tickets. Names under `log` are the ticket log's words (models.md, LogTicket)."""

from dataclasses import dataclass
from typing import ClassVar

from events.bus import Event


@dataclass(frozen=True, slots=True)
class TicketFactsBefore:
    """Where a ticket was before a change, so that those who lose it hear of it."""

    status: str
    queue_id: int | None
    agent_id: int | None
    is_group: bool
    connection_id: int | None


@dataclass(frozen=True, slots=True)
class TicketOpened(Event):
    """A conversation began, by a customer's message or an agent's wish."""

    name = "ticket.opened"
    log: ClassVar[str] = "create"
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketReopened(Event):
    name = "ticket.reopened"
    log: ClassVar[str] = "reopen"
    ticket_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketAccepted(Event):
    name = "ticket.accepted"
    log: ClassVar[str] = "open"
    ticket_id: int
    agent_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketReturned(Event):
    """Back to the waiting list."""

    name = "ticket.returned"
    log: ClassVar[str] = "pending"
    ticket_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketTransferred(Event):
    name = "ticket.transferred"
    log: ClassVar[str] = "transfered"
    ticket_id: int
    queue_id: int | None
    agent_id: int | None
    before: TicketFactsBefore
    # What the former agent tells the next one; messaging stores it as a private note (rule 48).
    note: str = ""
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketClosed(Event):
    name = "ticket.closed"
    log: ClassVar[str] = "closed"
    ticket_id: int
    before: TicketFactsBefore
    says_farewell: bool = False
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketUpdated(Event):
    """A detail changed that moves the ticket nowhere (tags, bot flag, counters)."""

    name = "ticket.updated"
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketRead(Event):
    """The badge is gone. `tells_network`: the customer may see blue ticks (behaviour 59)."""

    name = "ticket.read"
    ticket_id: int
    tells_network: bool = False
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketMarkedUnread(Event):
    name = "ticket.marked_unread"
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketFolded(Event):
    """Two live tickets of merged contacts became one; this one gave its messages to the other."""

    name = "ticket.folded"
    log: ClassVar[str] = "redirect"
    ticket_id: int
    into_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketUnfolded(Event):
    """A merge was undone: a folded ticket lives again."""

    name = "ticket.unfolded"
    log: ClassVar[str] = "reopen"
    ticket_id: int
    from_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketDeleted(Event):
    name = "ticket.deleted"
    log: ClassVar[str] = "delete"
    ticket_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketViewed(Event):
    """Somebody opened the conversation; kept for audit."""

    name = "ticket.viewed"
    log: ClassVar[str] = "access"
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueueUpdated(Event):
    name = "queue.updated"
    queue_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueueDeleted(Event):
    name = "queue.deleted"
    queue_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueueMembersChanged(Event):
    """Who answers a queue has changed, and with it what those people may see."""

    name = "queue.members_changed"
    user_ids: tuple[int, ...]
    by_id: int | None = None
