"""How well was it? Asked at the end, answered with a number (behaviour 44.1, 88-90)."""

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from companies.services import settings_of
from events.bus import publish
from tickets.events import TicketClosed, TicketRated, TicketRatingAsked
from tickets.models import Episode, Rating, Ticket
from tickets.services.ending import end_tickets
from tickets.services.facts import facts_before
from whaticket.tenancy import current_company_id


def is_to_be_rated(ticket: Ticket, *, by: User | None) -> bool:
    """Tell whether the end of a live ticket is the moment to ask for a rating (behaviour 44.1).

    Somebody must have served, or there is nobody to rate; and groups are not asked.
    """
    served = ticket.agent_id is not None or by is not None
    if not served or ticket.is_group or ticket.connection is None:
        return False
    if ticket.status not in {Ticket.Status.OPEN, Ticket.Status.PENDING}:
        return False
    if not ticket.connection.rating_message.strip():
        return False
    if not settings_of(current_company_id()).asks_rating:
        return False
    return _unrated(ticket).exists()


@transaction.atomic
def ask_rating(ticket: Ticket, *, by: User | None) -> Ticket:
    """Let a locked ticket wait for its rating; the question goes out with the event."""
    before = facts_before(ticket)
    now = timezone.now()
    _unrated(ticket).update(closed_at=now, agent_id=ticket.agent_id or (by.pk if by else None))
    Ticket.objects.filter(pk=ticket.pk).update(
        status=Ticket.Status.NPS, rating_retry_count=1, is_bot=False, updated_at=now
    )
    publish(
        TicketRatingAsked(ticket_id=ticket.pk, before=before, by_id=by.pk if by else None),
    )
    ticket.refresh_from_db()
    return ticket


def rated_episode(ticket: Ticket) -> Episode | None:
    """Give the stretch of service whose rating a ticket waits for, if it waits (behaviour 88)."""
    if ticket.status != Ticket.Status.NPS:
        return None
    return _unrated(ticket).filter(closed_at__isnull=False, agent_id__isnull=False).first()


@transaction.atomic
def rate_ticket(ticket: Ticket, episode: Episode, *, rate: int) -> None:
    """Keep a customer's answer, clamped to 0-10, and end the locked ticket (behaviour 89)."""
    before = facts_before(ticket)
    rate = min(max(rate, 0), Rating.HIGHEST)
    Rating.objects.create(ticket=ticket, episode=episode, agent_id=episode.agent_id, rate=rate)
    closed_at = episode.closed_at
    now = timezone.now()
    Episode.objects.filter(pk=episode.pk).update(rated_at=now)
    end_tickets([ticket])
    # The service ended when the agent closed it, not when the customer answered.
    Episode.objects.filter(pk=episode.pk).update(closed_at=closed_at)
    publish(
        TicketRated(ticket_id=ticket.pk, agent_id=episode.agent_id, rate=rate),
        TicketClosed(ticket_id=ticket.pk, before=before),
    )
    ticket.refresh_from_db()


def count_rating_retry(ticket: Ticket) -> None:
    """Note that a locked ticket's question was asked once more (behaviour 90)."""
    Ticket.objects.filter(pk=ticket.pk).update(rating_retry_count=F("rating_retry_count") + 1)
    ticket.rating_retry_count += 1


def _unrated(ticket: Ticket) -> models.QuerySet[Episode]:
    return Episode.objects.filter(ticket=ticket, finished_at=None, rated_at=None)
