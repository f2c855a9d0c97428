"""What every end of a conversation writes, whoever ends it."""

from collections.abc import Sequence

from django.utils import timezone

from tickets.models import Ticket
from tickets.services.episodes import end_episodes
from tickets.services.newest import mark_newest_closed


def end_tickets(tickets: Sequence[Ticket]) -> None:
    """Write locked tickets down as closed, with their episodes; the caller publishes."""
    now = timezone.now()
    ids = [ticket.pk for ticket in tickets]
    Ticket.objects.filter(pk__in=ids).update(
        status=Ticket.Status.CLOSED,
        closed_at=now,
        updated_at=now,
        automation={},
        is_bot=False,
        rating_retry_count=0,
    )
    end_episodes(ids, at=now)
    by_connection: dict[int | None, list[int]] = {}
    for ticket in tickets:
        by_connection.setdefault(ticket.connection_id, []).append(ticket.contact_id)
    for connection_id, contact_ids in by_connection.items():
        mark_newest_closed(connection_id, contact_ids)
