"""Where a live ticket stands: its status, queue and agent, changed in one way."""

from enum import Enum
from typing import Literal

from django.utils import timezone

from accounts.models import User
from events.bus import publish
from tickets.events import (
    TicketAccepted,
    TicketFactsBefore,
    TicketReopened,
    TicketReturned,
    TicketTransferred,
)
from tickets.models import Ticket
from tickets.services.episodes import note_move
from tickets.services.facts import facts_before


class Unchanged(Enum):
    """Says that an argument was not given, where None means "nobody"."""

    KEEP = "keep"


KEEP = Unchanged.KEEP
Kept = Literal[Unchanged.KEEP]


def place(
    ticket: Ticket,
    *,
    by: User | None,
    status: str,
    queue_id: int | None,
    agent_id: int | None,
    note: str = "",
    is_announced: bool = False,
) -> Ticket:
    """Put a locked ticket somewhere, note it in the episode, and publish the one event that fits.

    Runs inside the caller's transaction. Nothing is published when nothing changed.
    """
    before = facts_before(ticket)
    if (before.status, before.queue_id, before.agent_id) == (status, queue_id, agent_id):
        if note:
            _publish_move(ticket, before, by=by, note=note, is_announced=False)
        return ticket
    ticket.status, ticket.queue_id, ticket.agent_id = status, queue_id, agent_id
    ticket.is_bot = False
    ticket.updated_at = timezone.now()
    ticket.closed_at = None
    ticket.is_newest_closed = False
    ticket.save(
        update_fields=[
            "status",
            "queue_id",
            "agent_id",
            "is_bot",
            "updated_at",
            "closed_at",
            "is_newest_closed",
        ]
    )
    note_move(ticket, at=ticket.updated_at)
    _publish_move(ticket, before, by=by, note=note, is_announced=is_announced)
    return ticket


def _publish_move(
    ticket: Ticket, before: TicketFactsBefore, *, by: User | None, note: str, is_announced: bool
) -> None:
    by_id = by.pk if by else None
    waits = {Ticket.Status.PENDING, Ticket.Status.LGPD}
    if before.status in {Ticket.Status.CLOSED, Ticket.Status.NPS}:
        publish(TicketReopened(ticket_id=ticket.pk, before=before, by_id=by_id))
    elif note or is_announced or ticket.queue_id != before.queue_id:
        publish(_transferred(ticket, before, by_id, note, is_announced))
    elif ticket.status == Ticket.Status.PENDING:
        publish(TicketReturned(ticket_id=ticket.pk, before=before, by_id=by_id))
    elif ticket.agent_id is not None and before.status in waits:
        publish(
            TicketAccepted(
                ticket_id=ticket.pk, agent_id=ticket.agent_id, before=before, by_id=by_id
            )
        )
    else:
        publish(_transferred(ticket, before, by_id, note, is_announced))


def _transferred(
    ticket: Ticket, before: TicketFactsBefore, by_id: int | None, note: str, is_announced: bool
) -> TicketTransferred:
    return TicketTransferred(
        ticket_id=ticket.pk,
        queue_id=ticket.queue_id,
        agent_id=ticket.agent_id,
        before=before,
        note=note,
        is_announced=is_announced,
        by_id=by_id,
    )
