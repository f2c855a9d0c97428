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
class ConsentAwaited(Event):
    """A conversation began with somebody who must first agree to our keeping their data."""

    name = "ticket.consent_awaited"
    log: ClassVar[str] = "lgpd"
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ConsentGiven(Event):
    """The customer agreed (or need not any more); the ticket waits like any other."""

    name = "ticket.consent_given"
    log: ClassVar[str] = "pending"
    ticket_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketQueued(Event):
    """The customer chose a queue from the menu, or the bot led there."""

    name = "ticket.queued"
    log: ClassVar[str] = "queue"
    ticket_id: int
    queue_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class MenuSent(Event):
    """The bot asked which queue it should be."""

    name = "ticket.menu_sent"
    log: ClassVar[str] = "chatBot"
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketRatingAsked(Event):
    """An agent's part is over; the ticket ends when the customer has rated it."""

    name = "ticket.rating_asked"
    log: ClassVar[str] = "nps"
    ticket_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketRated(Event):
    """The customer's answer, 0 to 10."""

    name = "ticket.rated"
    ticket_id: int
    agent_id: int | None
    rate: int
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
    # Somebody handed it over on purpose, of which the customer may be told (rule 48).
    is_announced: bool = False
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
class TicketAssigned(Event):
    """A waiting ticket was given to an agent, who has yet to accept it (behaviour 105)."""

    name = "ticket.assigned"
    log: ClassVar[str] = "userDefine"
    ticket_id: int
    agent_id: int
    queue_id: int
    assignment_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketRedirected(Event):
    """It waited without a queue for so long that it was put into one (behaviour 99)."""

    name = "ticket.redirected"
    log: ClassVar[str] = "redirect"
    ticket_id: int
    queue_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketWarned(Event):
    """Nobody has said anything for long; the customer is told before it ends (behaviour 102)."""

    name = "ticket.warned"
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketExpired(Event):
    """Nobody said anything, or nobody rated it, and so it was closed (behaviour 101-103)."""

    name = "ticket.expired"
    log: ClassVar[str] = "autoClose"
    ticket_id: int
    before: TicketFactsBefore
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketUpdated(Event):
    """A detail changed that moves the ticket nowhere (bot flag, counters)."""

    name = "ticket.updated"
    ticket_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketTagged(Event):
    name = "ticket.tagged"
    ticket_id: int
    tag_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketUntagged(Event):
    name = "ticket.untagged"
    ticket_id: int
    tag_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketLaneChanged(Event):
    """A card moved on the board; `cause` is `agent`, `time` or `message` (rule 107).

    `placement_id` is its stay in the new lane (TicketTag); None with `lane_id` where it left the
    board.
    """

    name = "ticket.lane_changed"
    ticket_id: int
    lane_id: int | None
    former_lane_id: int | None
    placement_id: int | None
    cause: str
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class NoteAdded(Event):
    name = "ticket.note_added"
    note_id: int
    contact_id: int
    ticket_id: int | None
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class NoteChanged(Event):
    name = "ticket.note_changed"
    note_id: int
    contact_id: int
    ticket_id: int | None
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class NoteDeleted(Event):
    name = "ticket.note_deleted"
    note_id: int
    contact_id: int
    ticket_id: int | None
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
