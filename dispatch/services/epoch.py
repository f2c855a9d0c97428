"""A restored backup is a new life: what was due before it is held until somebody approves it.

The backup does not know what was sent after it was taken, so sending what it still holds would
send it twice (design §6).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from dispatch.models import Agenda, Installation, Outbox

# What shows nothing to anybody when it is done twice.
_HARMLESS = (Outbox.Kind.READ, Outbox.Kind.FETCH)


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for approval in one company."""

    company_id: int
    messages: int
    plans: int
    oldest: datetime | None


def current_epoch() -> Installation:
    """Give this database's life since its last restore, beginning one where there is none."""
    newest = Installation.objects.order_by("-began_at", "-pk").first()
    return newest or Installation.objects.create()


@transaction.atomic
def begin_epoch() -> tuple[int, int]:
    """Begin a new epoch; hold what was due before it. Return how many sends and plans are held.

    Run it after a restore, before any process starts.
    """
    now = timezone.now()
    Installation.objects.create(began_at=now)
    sends = (
        Outbox.objects.exclude(kind__in=_HARMLESS)
        .exclude(state=Outbox.State.HELD)
        .update(state=Outbox.State.HELD, claimed_by=None)
    )
    plans = Agenda.objects.filter(due_at__lte=now, is_held=False).update(
        is_held=True, claimed_at=None
    )
    return sends, plans


def held_work(company_id: int | None = None) -> list[Held]:
    """List what is held, by company."""
    messages = Outbox.objects.filter(state=Outbox.State.HELD)
    plans = Agenda.objects.filter(is_held=True)
    if company_id is not None:
        messages = messages.filter(company_id=company_id)
        plans = plans.filter(company_id=company_id)
    found: dict[int, Held] = {}
    for row in messages.values("company_id").annotate(number=Count("pk"), since=Min("created_at")):
        found[row["company_id"]] = Held(row["company_id"], row["number"], 0, row["since"])
    for row in plans.values("company_id").annotate(number=Count("pk"), since=Min("due_at")):
        known = found.get(row["company_id"], Held(row["company_id"], 0, 0, None))
        oldest = min(filter(None, [known.oldest, row["since"]]))
        found[row["company_id"]] = Held(known.company_id, known.messages, row["number"], oldest)
    return [found[key] for key in sorted(found)]


def approve_agenda(company_id: int, ids: Collection[int] | None = None) -> int:
    """Let a company's held plans happen after all, all of them or those; return how many."""
    return _held_plans(company_id, ids).update(is_held=False)


def discard_agenda(company_id: int, ids: Collection[int] | None = None) -> int:
    """Forget a company's held plans, all of them or those; return how many."""
    gone, _ = _held_plans(company_id, ids).delete()
    return gone


def _held_plans(company_id: int, ids: Collection[int] | None) -> QuerySet[Agenda]:
    held = Agenda.objects.filter(company_id=company_id, is_held=True)
    return held if ids is None else held.filter(pk__in=ids)
