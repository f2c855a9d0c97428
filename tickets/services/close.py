"""Conversations end."""

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from events.bus import publish
from tickets.events import TicketClosed
from tickets.exceptions import PendingTicketsStayOpen
from tickets.models import Ticket
from tickets.services.ending import end_tickets
from tickets.services.facts import facts_before
from tickets.services.ratings import ask_rating, is_to_be_rated
from tickets.services.rows import lock_ticket

# Tickets closed in one transaction by close_all: short locks, yet few commits.
_BATCH = 500


@transaction.atomic
def close_ticket(ticket: Ticket, *, by: User | None, says_farewell: bool = True) -> Ticket:
    """End a conversation (behaviour 44); a closed one stays as it is.

    With `says_farewell`, and where the company asks for ratings, the customer is asked for one
    first and the ticket waits for it (status nps). Otherwise it goes out with the event; whether
    and what is said is decided there, where messages are sent. Raises TicketNotFound, and
    PendingTicketsStayOpen for an agent who may not close what still waits.
    """
    ticket = lock_ticket(ticket.pk)
    if ticket.status == Ticket.Status.CLOSED:
        return ticket
    if by is not None and not (by.closes_pending or by.is_admin) and _waits(ticket):
        raise PendingTicketsStayOpen
    if says_farewell and is_to_be_rated(ticket, by=by):
        return ask_rating(ticket, by=by)
    before = facts_before(ticket)
    end_tickets([ticket])
    publish(
        TicketClosed(
            ticket_id=ticket.pk,
            before=before,
            # Whoever was asked for a rating has been told that it is over.
            says_farewell=says_farewell and before.status != Ticket.Status.NPS,
            by_id=by.pk if by else None,
        )
    )
    ticket.refresh_from_db()
    return ticket


def close_all(*, status: str, by: User | None) -> int:
    """Close every ticket of a status without farewell; give how many.

    In batches, each committed: what is closed stays closed when the process dies.
    """
    return _close_each(Ticket.objects.filter(status=status), by=by)


def close_imported(connection_id: int, *, by: User | None) -> int:
    """Close what an import of old messages left waiting on a connection (behaviour 141).

    Without farewell, in batches, as `close_all`; give how many.
    """
    waiting = Ticket.objects.filter(
        connection_id=connection_id, status=Ticket.Status.PENDING, imported_at__isnull=False
    )
    return _close_each(waiting, by=by)


def _close_each(rows: QuerySet[Ticket], *, by: User | None) -> int:
    count = 0
    while True:
        with transaction.atomic():
            tickets = list(
                rows.exclude(status=Ticket.Status.CLOSED)
                .select_related("connection")
                .order_by("id")
                .select_for_update(no_key=True, of=("self",))[:_BATCH]
            )
            if not tickets:
                return count
            befores = [facts_before(ticket) for ticket in tickets]
            end_tickets(tickets)
            publish(
                *(
                    TicketClosed(ticket_id=ticket.pk, before=before, by_id=by.pk if by else None)
                    for ticket, before in zip(tickets, befores, strict=True)
                )
            )
        count += len(tickets)


def _waits(ticket: Ticket) -> bool:
    return ticket.status == Ticket.Status.PENDING
