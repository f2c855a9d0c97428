"""The stretches of service within tickets, kept beside every change (behaviour 46)."""

import datetime
from collections.abc import Sequence

from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce

from tickets.models import Episode, Ticket


def begin_episodes(tickets: Sequence[Ticket], *, at: datetime.datetime) -> None:
    """Start the stretch of service of tickets that came to life; those that have one keep it."""
    Episode.objects.bulk_create(
        [
            Episode(
                ticket=ticket,
                connection_id=ticket.connection_id,
                queue_id=ticket.queue_id,
                agent_id=ticket.agent_id,
                queued_at=at,
                started_at=at if ticket.agent_id else None,
            )
            for ticket in tickets
        ],
        ignore_conflicts=True,
    )


def note_move(ticket: Ticket, *, at: datetime.datetime) -> None:
    """Write where a live ticket now stands into its open episode, which is begun when missing."""
    waits = ticket.status == Ticket.Status.PENDING
    # Who takes up what waited ends the wait; who hands it on directly keeps nobody waiting.
    queued_at = (
        at
        if waits
        else Case(When(started_at=None, then=Coalesce("queued_at", Value(at))), default=Value(at))
    )
    changed = Episode.objects.filter(ticket=ticket, finished_at=None).update(
        queued_at=queued_at,
        queue_id=ticket.queue_id,
        connection_id=ticket.connection_id,
        agent_id=None if waits else ticket.agent_id,
        started_at=None if waits else at,
        rated_at=None,
        # Somebody took it up again before the customer had rated it.
        closed_at=None,
    )
    if not changed:
        begin_episodes([ticket], at=at)


def end_episodes(ticket_ids: Sequence[int], *, at: datetime.datetime) -> None:
    """End the open episodes of tickets.

    Where the agent had closed and only the customer's rating was missing, service ended then.
    """
    Episode.objects.filter(ticket_id__in=ticket_ids, finished_at=None).update(
        finished_at=at, closed_at=Coalesce("closed_at", Value(at))
    )
