"""Where a ticket stands, in the few facts that decide who sees it."""

from tickets.events import TicketFactsBefore
from tickets.models import Ticket


def facts_before(ticket: Ticket) -> TicketFactsBefore:
    """Note where a ticket is, for the event of the change that moves it."""
    return TicketFactsBefore(
        status=ticket.status,
        queue_id=ticket.queue_id,
        agent_id=ticket.agent_id,
        is_group=ticket.is_group,
        connection_id=ticket.connection_id,
    )
