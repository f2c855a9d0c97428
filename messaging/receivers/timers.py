"""What customers are told when nothing happens, or when an agent is being looked for.

The texts are written in the commit of what they tell of: there is never the one without the other.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from companies.services import settings_of
from events.bus import within
from messaging.services.say import in_company_language, say
from tickets.events import TicketAssigned, TicketExpired, TicketWarned
from tickets.models import Assignment, Episode, Ticket
from whaticket.tenancy import current_company_id


def _tickets(ids: Sequence[int]) -> dict[int, Ticket]:
    return Ticket.objects.select_related("connection", "contact").in_bulk(ids)


@within(TicketWarned)
def warn_of_the_end(news: Sequence[TicketWarned]) -> None:
    """Send the connection's `inactiveMessage` (behaviour 102)."""
    tickets = _tickets([event.ticket_id for event in news])
    for ticket in tickets.values():
        if ticket.connection is not None:
            say(ticket, ticket.connection.inactive_message)
    # A text of ours ends a warning; this one is the warning.
    Ticket.objects.filter(pk__in=list(tickets)).update(is_warned_inactive=True)


@within(TicketExpired)
def tell_the_end(news: Sequence[TicketExpired]) -> None:
    """Send the connection's `expiresInactiveMessage`, after a rating `complationMessage`."""
    tickets = _tickets([event.ticket_id for event in news])
    for event in news:
        ticket = tickets.get(event.ticket_id)
        if ticket is None or ticket.connection is None:
            continue
        unrated = event.before.status == Ticket.Status.NPS
        connection = ticket.connection
        say(ticket, connection.completion_message if unrated else connection.expires_message)


@within(TicketAssigned)
def tell_of_the_search(news: Sequence[TicketAssigned]) -> None:
    """Say once that an agent is being looked for (behaviour 105)."""
    if not settings_of(current_company_id()).greets_on_single_queue:
        return
    tickets = _tickets([event.ticket_id for event in news])
    for event in news:
        ticket = tickets.get(event.ticket_id)
        if ticket is not None and not ticket.is_group and _is_first(ticket):
            with in_company_language():
                text = _("Please wait a moment while we look for somebody to help you.")
            say(ticket, text)


def _is_first(ticket: Ticket) -> bool:
    """Tell whether this stretch of service has had one assignment, the one just made."""
    given = Assignment.objects.filter(ticket=ticket, outcome=Assignment.Outcome.ASSIGNED)
    since = Episode.objects.filter(ticket=ticket, finished_at=None).values_list("created_at")
    began = since.first()
    return (given.filter(created_at__gte=began[0]) if began else given).count() == 1
