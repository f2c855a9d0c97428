"""A conversation is removed for good."""

from django.db import transaction

from accounts.models import User
from contacts.models import Contact
from events.bus import publish
from tickets.events import TicketDeleted
from tickets.models import Ticket
from tickets.services.facts import facts_before
from tickets.services.newest import mark_newest_closed
from tickets.services.rows import lock_ticket


@transaction.atomic
def delete_ticket(ticket: Ticket, *, by: User | None) -> None:
    """Remove a ticket with its messages; raise TicketNotFound. Its log stays."""
    ticket = lock_ticket(ticket.pk)
    ticket_id, before = ticket.pk, facts_before(ticket)
    connection_id, contact_id = ticket.connection_id, ticket.contact_id
    ticket.delete()
    mark_newest_closed(connection_id, [contact_id])
    publish(TicketDeleted(ticket_id=ticket_id, before=before, by_id=by.pk if by else None))


def tell_tickets_gone(contact: Contact, by: User | None) -> None:
    """Publish the end of a contact's tickets, which go with it; runs in that transaction."""
    rows = Ticket.objects.filter(contact=contact).order_by("pk")
    news = [
        TicketDeleted(ticket_id=row.pk, before=facts_before(row), by_id=by.pk if by else None)
        for row in rows
    ]
    if news:
        publish(*news)
