"""The agenda: what happens later, of all companies in one table and found by one query.

An app registers what to do with `@on_due("kind")` and calls `plan`. Something due is claimed, done
inside its company, and only then forgotten: a process killed in between leaves the claim, which
grows old and is claimed again. So whatever is registered must bear being done twice.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection as database
from django.utils import timezone

from dispatch.models import Agenda
from whaticket.tenancy import current_company_id, in_company

log = structlog.get_logger(__name__)

# Whoever claimed something and is silent for this long is dead. Longer than anything registered
# should take, shorter than anybody would notice.
CLAIM_SECONDS = 120
# Waits after a failure; the last one for ever, so that nothing is lost without a word in the log.
PUT_OFF_SECONDS = (
    10,  # a hiccup
    60,  # a restart of the database
    300,  # an outage
    1800,  # a fault somebody has to mend
)

Action = Callable[[int], None]
_actions: dict[str, Action] = {}


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come, claimed by this process."""

    id: int
    company_id: int
    kind: str
    object_id: int
    claimed_at: datetime
    attempts: int


def on_due(kind: str) -> Callable[[Action], Action]:
    """Register what is done when a kind is due; it gets the object's id, inside the company.

    It must bear being called twice. Raises ValueError where the kind is taken.
    """

    def register(action: Action) -> Action:
        if _actions.get(kind, action) is not action:
            raise ValueError(f"two actions for {kind!r}")
        _actions[kind] = action
        return action

    return register


def plan(kind: str, object_id: int, due_at: datetime) -> None:
    """Have the current company's object dealt with at a time; an earlier plan for it is moved."""
    Agenda.objects.update_or_create(
        company_id=current_company_id(),
        kind=kind,
        object_id=object_id,
        # What was held or being done is a new plan from now on.
        defaults={"due_at": due_at, "claimed_at": None, "is_held": False, "attempts": 0},
    )


def plan_each(kind: str, times: Mapping[int, datetime]) -> None:
    """Have many of the current company's objects dealt with, each at its time; one statement.

    Earlier plans of these objects are moved, as `plan` does.
    """
    _insert(
        kind,
        times,
        "DO UPDATE SET due_at = excluded.due_at, claimed_at = NULL, is_held = false, attempts = 0",
    )


def plan_at_latest(kind: str, times: Mapping[int, datetime]) -> None:
    """The same where an earlier plan stands; what is being done is planned anew.

    What is held since a restore stays held.
    """
    table = Agenda._meta.db_table
    _insert(
        kind,
        times,
        f"DO UPDATE SET claimed_at = NULL, due_at = CASE WHEN {table}.claimed_at IS NULL"
        f" THEN least({table}.due_at, excluded.due_at) ELSE excluded.due_at END",
    )


def _insert(kind: str, times: Mapping[int, datetime], on_conflict: str) -> None:
    if not times:
        return
    # Sorted, so that two callers never wait for each other's rows crosswise.
    ids = sorted(times)
    sql = f"""
        INSERT INTO {Agenda._meta.db_table}
            (company_id, kind, object_id, due_at, attempts, is_held)
        SELECT %s, %s, given.id, given.due_at, 0, false
        FROM unnest(%s::bigint[], %s::timestamptz[]) AS given(id, due_at) ORDER BY given.id
        ON CONFLICT (company_id, kind, object_id) {on_conflict}
    """  # noqa: S608 (the table's own name and two fixed endings)
    with database.cursor() as cursor:
        cursor.execute(sql, [current_company_id(), kind, ids, [times[pk] for pk in ids]])


def hasten(kind: str, object_ids: Collection[int], due_at: datetime) -> int:
    """Move later plans of the current company's objects to an earlier time; tell how many.

    Nothing is planned anew, and what is held or being done is left alone.
    """
    return Agenda.objects.filter(
        company_id=current_company_id(),
        kind=kind,
        object_id__in=object_ids,
        due_at__gt=due_at,
        claimed_at=None,
        is_held=False,
    ).update(due_at=due_at)


def unplan(kind: str, object_id: int) -> bool:
    """Forget a plan of the current company; tell whether there was one."""
    gone, _ = Agenda.objects.filter(
        company_id=current_company_id(), kind=kind, object_id=object_id
    ).delete()
    return bool(gone)


def claim_due(limit: int = 500) -> list[Due]:
    """Claim what is due over all companies, the longest waiting first; one statement.

    Two callers at once get different rows. What is held since a restore is left alone.
    """
    now = timezone.now()
    table = Agenda._meta.db_table
    sql = f"""
        UPDATE {table} a SET claimed_at = %s, attempts = least(a.attempts + 1, 1000)
        FROM (
            SELECT id FROM {table}
            WHERE due_at <= %s AND NOT is_held AND (claimed_at IS NULL OR claimed_at < %s)
            ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
        ) due
        WHERE a.id = due.id
        RETURNING a.id, a.company_id, a.kind, a.object_id, a.claimed_at, a.attempts, a.due_at
    """  # noqa: S608 (the table's own name)
    with database.cursor() as cursor:
        cursor.execute(sql, [now, now, now - timedelta(seconds=CLAIM_SECONDS), limit])
        rows = sorted(cursor.fetchall(), key=lambda row: (row[6], row[0]))
    return [Due(*row[:6]) for row in rows]


def run_due(due: Due) -> bool:
    """Do what was claimed and forget it; a failure puts it off. Tell whether it was done.

    A kind nobody registered is put off as well: the code that knows it may come with the next
    release, and nothing planned is ever dropped in silence.
    """
    action = _actions.get(due.kind)
    try:
        if action is None:
            raise LookupError(due.kind)
        with in_company(due.company_id):
            action(due.object_id)
    except Exception:
        log.exception("agenda.failed", kind=due.kind, company=due.company_id, object=due.object_id)
        put_off(due)
        return False
    settle(due)
    return True


def settle(due: Due) -> None:
    """Forget what was done, unless it was planned anew meanwhile."""
    Agenda.objects.filter(pk=due.id, claimed_at=due.claimed_at).delete()


def put_off(due: Due) -> None:
    """Try again later what failed, unless it was planned anew meanwhile."""
    wait = PUT_OFF_SECONDS[min(due.attempts, len(PUT_OFF_SECONDS)) - 1]
    Agenda.objects.filter(pk=due.id, claimed_at=due.claimed_at).update(
        due_at=timezone.now() + timedelta(seconds=wait), claimed_at=None
    )
