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


def _tickets(news: Sequence[TicketWarned | TicketExpired | TicketAssigned]) -> dict[int, Ticket]:
    return Ticket.objects.select_related("connection", "contact").in_bulk(
        [event.ticket_id for event in news]
    )


@within(TicketWarned)
def warn_of_the_end(news: Sequence[TicketWarned]) -> None:
    """Send the connection's `inactiveMessage` (behaviour 102)."""
    tickets = _tickets(news)
    for ticket in tickets.values():
        say(ticket, _text_of(ticket, "inactive_message"))
    # A text of ours ends a warning; this one is the warning.
    Ticket.objects.filter(pk__in=list(tickets)).update(is_warned_inactive=True)


@within(TicketExpired)
def tell_the_end(news: Sequence[TicketExpired]) -> None:
    """Send the connection's `expiresInactiveMessage`, after a rating `complationMessage`."""
    unrated = {event.ticket_id for event in news if event.before.status == Ticket.Status.NPS}
    for pk, ticket in _tickets(news).items():
        say(ticket, _text_of(ticket, "completion_message" if pk in unrated else "expires_message"))


def _text_of(ticket: Ticket, column: str) -> str:
    text: str = getattr(ticket.connection, column, "")
    return text


@within(TicketAssigned)
def tell_of_the_search(news: Sequence[TicketAssigned]) -> None:
    """Say once that an agent is being looked for (behaviour 105)."""
    if not settings_of(current_company_id()).greets_on_single_queue:
        return
    for ticket in _tickets(news).values():
        if not ticket.is_group and _is_first(ticket):
            with in_company_language():
                text = _("Please wait a moment while we look for somebody to help you.")
            say(ticket, text)


def _is_first(ticket: Ticket) -> bool:
    """Tell whether this stretch of service has had one assignment, the one just made."""
    began_at = (
        Episode.objects.filter(ticket=ticket, finished_at=None)
        .values_list("created_at", flat=True)
        .first()
    )
    given = Assignment.objects.filter(ticket=ticket, outcome=Assignment.Outcome.ASSIGNED)
    return given.filter(created_at__gte=began_at or ticket.created_at).count() == 1
