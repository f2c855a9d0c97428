"""Who looked at a conversation, for audit."""

from django.db import transaction

from accounts.models import User
from events.bus import publish
from tickets.events import TicketViewed


@transaction.atomic
def note_view(ticket_id: int, *, by: User) -> None:
    """Write into a ticket's log that somebody opened it."""
    publish(TicketViewed(ticket_id=ticket_id, by_id=by.pk))
