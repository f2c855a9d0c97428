"""The last line a ticket's card shows."""

from messaging.models import Message
from messaging.preview import preview_of
from tickets.models import Ticket


def refresh_last_line(message: Message) -> None:
    """Show the new text on the ticket's card where this message is its last one."""
    Ticket.objects.filter(pk=message.ticket_id, last_message_at=message.sent_at).update(
        last_message=preview_of(message)
    )
