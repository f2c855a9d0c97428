"""The badge of unread messages."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Greatest

from accounts.models import User
from events.bus import publish
from tickets.events import TicketMarkedUnread, TicketRead
from tickets.exceptions import TicketNotFound
from tickets.models import Ticket
from whatsapp.models import Connection


@dataclass(frozen=True, slots=True)
class ReadMark:
    """What came of marking a ticket read, for the side that talks to the network."""

    was_unread: bool
    # Rule 59: blue ticks only where an agent (or a group) reads, not the bot.
    tells_network: bool


@transaction.atomic
def mark_read(ticket: Ticket, *, by: User | None) -> ReadMark:
    """Clear the badge of an open or group ticket on a connected number (behaviour 59).

    Otherwise, and when there was nothing unread, nothing changes. Reading does not move the ticket
    in the lists.
    """
    changed = Ticket.objects.filter(
        pk=ticket.pk,
        status__in=[Ticket.Status.OPEN, Ticket.Status.GROUP],
        unread_count__gt=0,
        connection__in=Connection.objects.connected(),
    ).update(unread_count=0)
    if not changed:
        return ReadMark(was_unread=False, tells_network=False)
    ticket.refresh_from_db()
    tells = not ticket.is_bot and (ticket.agent_id is not None or ticket.is_group)
    publish(TicketRead(ticket_id=ticket.pk, tells_network=tells, by_id=by.pk if by else None))
    return ReadMark(was_unread=True, tells_network=tells)


@transaction.atomic
def mark_unread(ticket: Ticket, *, by: User | None) -> Ticket:
    """Give a ticket a badge again, as a reminder; raise TicketNotFound when it is gone."""
    changed = Ticket.objects.filter(pk=ticket.pk).update(unread_count=Greatest("unread_count", 1))
    if not changed:
        raise TicketNotFound
    publish(TicketMarkedUnread(ticket_id=ticket.pk, by_id=by.pk if by else None))
    ticket.refresh_from_db()
    return ticket
