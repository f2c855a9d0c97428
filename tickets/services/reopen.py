"""Closed conversations come back, and agents' tickets go back to the waiting list."""

from django.db import IntegrityError, transaction

from accounts.models import User
from tickets.models import Ticket
from tickets.services.move import place
from tickets.services.newest import mark_newest_closed
from tickets.services.rows import agent_or_refuse, lock_ticket

_OVER = (Ticket.Status.CLOSED, Ticket.Status.NPS)


@transaction.atomic
def reopen_ticket(
    ticket: Ticket,
    *,
    by: User | None,
    agent_id: int | None = None,
    queue_id: int | None = None,
    waits: bool = False,
) -> Ticket:
    """Bring a closed conversation back to an agent (or, with `waits`, to the waiting list).

    Where the contact has another live ticket on the connection, that one is returned and nothing
    changes (behaviour 43); a live ticket is returned as it is. Raises TicketNotFound, AgentNotFound
    and AgentNotInQueue.
    """
    ticket = lock_ticket(ticket.pk)
    if ticket.status not in _OVER:
        return ticket
    if other := other_live(ticket):
        return other
    queue = queue_id or ticket.queue_id
    if agent_id is not None and (by is None or agent_id != by.pk):
        agent_or_refuse(agent_id, queue_id=queue)
    if agent_id is None and not waits and by is not None:
        agent_id = by.pk
    status = Ticket.Status.OPEN if agent_id else Ticket.Status.PENDING
    if ticket.is_group and not (ticket.connection and ticket.connection.groups_as_tickets):
        status = Ticket.Status.GROUP
    try:
        with transaction.atomic():
            place(ticket, by=by, status=status, queue_id=queue, agent_id=agent_id)
    except IntegrityError:
        # A message opened a new ticket between the look and the write.
        ticket.refresh_from_db()
        return other_live(ticket) or ticket
    mark_newest_closed(ticket.connection_id, [ticket.contact_id])
    return ticket


@transaction.atomic
def return_ticket(ticket: Ticket, *, by: User | None) -> Ticket:
    """Put a live ticket back to the waiting list, without an agent; raise TicketNotFound.

    A closed ticket stays closed; a group that is no ticket stays a group.
    """
    ticket = lock_ticket(ticket.pk)
    if ticket.status in _OVER:
        return ticket
    is_chatter = ticket.status == Ticket.Status.GROUP
    status = Ticket.Status.GROUP if is_chatter else Ticket.Status.PENDING
    return place(ticket, by=by, status=status, queue_id=ticket.queue_id, agent_id=None)


def other_live(ticket: Ticket) -> Ticket | None:
    """Give the live ticket of the same conversation, if it is another one."""
    if ticket.connection_id is None:
        return None
    return (
        Ticket.objects.live()
        .filter(contact_id=ticket.contact_id, connection_id=ticket.connection_id)
        .exclude(pk=ticket.pk)
        .order_by("-id")
        .first()
    )
