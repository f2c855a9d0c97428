"""What keeps the way of messages clean: late projection, pruning, replay, a report of the stuck."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from dispatch.models import Inbox, Outbox
from dispatch.services import approve_agenda, discard_agenda
from messaging.models import InboundEvent, Message
from messaging.services.ledger import Rise, raise_statuses
from messaging.services.outbox import wake_after_commit
from whaticket.tenancy import current_company_id, in_company
from whatsapp.models import DirectMessage
from whatsapp.services.external.direct import note_direct
from whatsapp.services.inbound import project_events

# A session projects within a moment; older than this, none does.
LATE_SECONDS = 10
# Work that has waited this long without being held is worth an operator's look.
STUCK_MINUTES = 10
PRUNE_BATCH = 5000
REPLAY_BATCH = 1000


def late_connections(limit: int = 200) -> list[tuple[int, int]]:
    """Name (company, connection) with stored events that no session has projected; one query."""
    late = timezone.now() - timedelta(seconds=LATE_SECONDS)
    rows = (
        Inbox.objects.filter(created_at__lt=late)
        .values("company_id", "connection_id")
        .annotate(oldest=Min("created_at"))
        .order_by("oldest")[:limit]
    )
    return [(row["company_id"], row["connection_id"]) for row in rows]


def project_all(connection_id: int) -> int:
    """Project everything that waits for a connection of the current company; return how much."""
    total = 0
    while done := project_events(connection_id):
        total += done
    return total


def prune_events(older_than: datetime | None = None) -> int:
    """Remove a company's raw events that are understood and old; return how many.

    An event still waiting to be understood is kept, however old.
    """
    limit = older_than or timezone.now() - timedelta(days=settings.RAW_EVENT_DAYS)
    gone = 0
    while True:
        ids = list(
            InboundEvent.objects.filter(received_at__lt=limit, projected_at__isnull=False)
            .order_by("received_at")
            .values_list("pk", flat=True)[:PRUNE_BATCH]
        )
        waiting = set(
            Inbox.objects.filter(company_id=current_company_id(), event_id__in=ids).values_list(
                "event_id", flat=True
            )
        )
        ids = [pk for pk in ids if pk not in waiting]
        if not ids:
            return gone
        gone += InboundEvent.objects.filter(pk__in=ids).delete()[0]


def replay(since: datetime, connection_id: int | None = None) -> Iterator[tuple[int, int]]:
    """Have a company's stored events understood again; give (done, all) after every batch.

    Nothing doubles: what is stored already is left alone. Pointers are left first, so a replay that
    is killed is finished by the sessions or the sweep.
    """
    events = InboundEvent.objects.filter(received_at__gte=since)
    if connection_id is not None:
        events = events.filter(connection_id=connection_id)
    total, done, last = events.count(), 0, 0
    while True:
        rows = list(
            events.filter(pk__gt=last)
            .order_by("pk")
            .values_list("pk", "connection_id")[:REPLAY_BATCH]
        )
        if not rows:
            return
        last = rows[-1][0]
        _leave_pointers(rows)
        for connection in {connection for _, connection in rows}:
            project_all(connection)
        done += len(rows)
        yield done, max(total, done)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Outgoing work of one connection that nobody has done for too long."""

    company_id: int
    connection_id: int
    waiting: int
    oldest: datetime


def stuck_outbox() -> list[Stuck]:
    """List connections whose outgoing work is overdue, the oldest first; one query."""
    overdue = timezone.now() - timedelta(minutes=STUCK_MINUTES)
    rows = (
        Outbox.objects.exclude(state=Outbox.State.HELD)
        .filter(created_at__lt=overdue, not_before__lt=timezone.now())
        .values("company_id", "connection_id")
        .annotate(waiting=Count("pk"), oldest=Min("created_at"))
        .order_by("oldest")
    )
    return [Stuck(**row) for row in rows]


def release_held(company_id: int) -> tuple[int, int]:
    """Let a company's held sends and plans happen after all; return how many of each."""
    with transaction.atomic():
        return release_sends(company_id), approve_agenda(company_id)


def release_sends(company_id: int, ids: Collection[int] | None = None) -> int:
    """Let a company's held sends happen after all, all of them or those; return how many."""
    with in_company(company_id), transaction.atomic():
        held = _held_sends(company_id, ids)
        connections = set(held.values_list("connection_id", flat=True))
        sends = held.update(state=Outbox.State.QUEUED, claimed_by=None, attempts=0)
        for connection_id in connections:
            wake_after_commit(company_id, connection_id)
        return sends


def discard_held(company_id: int) -> tuple[int, int]:
    """Give up a company's held sends and plans; the messages say so. Return how many of each."""
    with transaction.atomic():
        return discard_sends(company_id), discard_agenda(company_id)


def discard_sends(company_id: int, ids: Collection[int] | None = None) -> int:
    """Give up all held sends of a company, or those; the messages say so. Return how many."""
    with in_company(company_id), transaction.atomic():
        held = list(_held_sends(company_id, ids).select_for_update())
        by_connection: dict[int, list[Rise]] = {}
        for row in held:
            if row.kind == Outbox.Kind.SEND:
                by_connection.setdefault(row.connection_id, []).append(
                    Rise(
                        status=Message.Status.FAILED,
                        wire_id="",
                        message_id=row.message_id,
                        failure_class="held",
                        failure_code="discarded",
                        failure_reason="Held after a restore and not sent",
                    )
                )
        for connection_id, rises in by_connection.items():
            raise_statuses(connection_id, rises)
        note_direct(
            [row.message_id or 0 for row in held if row.kind == Outbox.Kind.DIRECT],
            DirectMessage.Status.FAILED,
            failure=("held", "discarded", "Held after a restore and not sent"),
        )
        Outbox.objects.filter(pk__in=[row.pk for row in held]).delete()
        return len(held)


def _held_sends(company_id: int, ids: Collection[int] | None) -> QuerySet[Outbox]:
    held = Outbox.objects.filter(company_id=company_id, state=Outbox.State.HELD)
    return held if ids is None else held.filter(pk__in=ids)


def understand_again(event_ids: Collection[int]) -> int:
    """Have some of a company's stored events understood again; return how many.

    Nothing doubles: what is stored already is left alone (`replay` does the same for a time).
    """
    rows = list(InboundEvent.objects.filter(pk__in=event_ids).values_list("pk", "connection_id"))
    _leave_pointers(rows)
    for connection_id in sorted({connection for _, connection in rows}):
        project_all(connection_id)
    return len(rows)


@transaction.atomic
def _leave_pointers(rows: Sequence[tuple[int, int]]) -> None:
    company_id = current_company_id()
    pending = set(
        Inbox.objects.filter(
            company_id=company_id, event_id__in=[pk for pk, _ in rows]
        ).values_list("event_id", flat=True)
    )
    Inbox.objects.bulk_create(
        [
            Inbox(company_id=company_id, connection_id=connection, event_id=pk)
            for pk, connection in rows
            if pk not in pending
        ]
    )
