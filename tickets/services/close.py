"""Conversations end."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from events.bus import publish
from tickets.events import TicketClosed
from tickets.exceptions import PendingTicketsStayOpen
from tickets.models import Ticket
from tickets.services.episodes import end_episodes
from tickets.services.facts import facts_before
from tickets.services.newest import mark_newest_closed
from tickets.services.rows import lock_ticket

# Tickets closed in one transaction by close_all: short locks, yet few commits.
_BATCH = 500


@transaction.atomic
def close_ticket(ticket: Ticket, *, by: User | None, says_farewell: bool = True) -> Ticket:
    """End a conversation (behaviour 44.3); a closed one stays as it is.

    `says_farewell` goes out with the event; whether and what is said is decided there, where
    messages are sent. Raises TicketNotFound, and PendingTicketsStayOpen for an agent who may not
    close what still waits.
    """
    ticket = lock_ticket(ticket.pk)
    if ticket.status == Ticket.Status.CLOSED:
        return ticket
    if by is not None and not (by.closes_pending or by.is_admin) and _waits(ticket):
        raise PendingTicketsStayOpen
    before = facts_before(ticket)
    _close([ticket])
    publish(
        TicketClosed(
            ticket_id=ticket.pk,
            before=before,
            says_farewell=says_farewell,
            by_id=by.pk if by else None,
        )
    )
    ticket.refresh_from_db()
    return ticket


def close_all(*, status: str, by: User | None) -> int:
    """Close every ticket of a status without farewell; give how many.

    In batches, each committed: what is closed stays closed when the process dies.
    """
    count = 0
    while True:
        with transaction.atomic():
            tickets = list(
                Ticket.objects.filter(status=status)
                .exclude(status=Ticket.Status.CLOSED)
                .select_related("connection")
                .order_by("id")
                .select_for_update(no_key=True, of=("self",))[:_BATCH]
            )
            if not tickets:
                return count
            befores = [facts_before(ticket) for ticket in tickets]
            _close(tickets)
            publish(
                *(
                    TicketClosed(ticket_id=ticket.pk, before=before, by_id=by.pk if by else None)
                    for ticket, before in zip(tickets, befores, strict=True)
                )
            )
        count += len(tickets)


def _waits(ticket: Ticket) -> bool:
    return ticket.status == Ticket.Status.PENDING


def _close(tickets: Sequence[Ticket]) -> None:
    now = timezone.now()
    ids = [ticket.pk for ticket in tickets]
    Ticket.objects.filter(pk__in=ids).update(
        status=Ticket.Status.CLOSED, closed_at=now, updated_at=now, automation={}
    )
    end_episodes(ids, at=now)
    by_connection: dict[int | None, list[int]] = {}
    for ticket in tickets:
        by_connection.setdefault(ticket.connection_id, []).append(ticket.contact_id)
    for connection_id, contact_ids in by_connection.items():
        mark_newest_closed(connection_id, contact_ids)
