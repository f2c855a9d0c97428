"""Queues and the people who answer them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from billing.services import limit_of
from companies.hours import clean_schedules
from events.bus import Event, publish
from tickets.events import QueueDeleted, QueueMembersChanged, QueueUpdated
from tickets.exceptions import (
    AgentNotFound,
    AgentNotInQueue,
    IntegrationNotFound,
    QueueColorInvalid,
    QueueColorTaken,
    QueueLimitReached,
    QueueNameInvalid,
    QueueNameTaken,
    QueueNotFound,
)
from tickets.models import Queue, QueueMember, Ticket
from tickets.ports import require_file_list
from tickets.services.distribution.plans import plan_distribution
from tickets.services.reopen import return_ticket
from whaticket.tenancy import current_company_id
from whatsapp.models import Connection

_COLOR = re.compile(r"#[0-9a-fA-F]{3,6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionChange:
    """How waiting tickets should find an agent.

    `capacities` are of single members by their user id; None: the queue's.
    """

    mode: str
    opens: bool = False
    capacity: int = 0
    minutes: int = 0
    capacities: Mapping[int, int | None] = field(default_factory=dict)


@transaction.atomic
def create_queue(*, by: User | None, **fields: Any) -> Queue:
    """Create a queue; raise QueueNameInvalid, QueueNameTaken, QueueColor…, QueueLimitReached.

    Raises, too, IntegrationNotFound and FileListNotFound where it names what is not there.
    """
    _require_links(fields)
    queue = Queue(**fields)
    _follow_router(queue)
    _check(queue)
    limit = limit_of(current_company_id(), "queues")
    if limit is not None and Queue.objects.count() >= limit:
        raise QueueLimitReached(limit=limit)
    _save(queue)
    publish(QueueUpdated(queue_id=queue.pk, by_id=by.pk if by else None))
    return queue


@transaction.atomic
def update_queue(queue: Queue, *, by: User | None, **fields: Any) -> Queue:
    """Change a queue; raises what create_queue raises, but for its limit."""
    # Before the queue is locked: who removes a list of files locks that first, then its queues.
    _require_links(fields)
    locked = _lock(queue.pk)
    router = (locked.router_is_on, locked.router_minutes)
    former = _rhythm(locked)
    for name, value in fields.items():
        setattr(locked, name, value)
    if router != (locked.router_is_on, locked.router_minutes):
        _follow_router(locked)
    _check(locked)
    _save(locked)
    if former != _rhythm(locked):
        plan_distribution(locked)
    publish(QueueUpdated(queue_id=locked.pk, by_id=by.pk if by else None))
    return locked


@transaction.atomic
def delete_queue(queue: Queue, *, by: User | None) -> None:
    """Remove a queue; its tickets stay, without a queue. Its people see less from now on.

    Connections no longer move anything to it.
    """
    locked = _lock(queue.pk, with_key=True)
    queue_id = locked.pk
    members = tuple(
        QueueMember.objects.filter(queue=locked)
        .order_by("user_id")
        .values_list("user_id", flat=True)
    )
    locked.delete()
    Connection.objects.filter(move_to_queue_id=queue_id).update(
        move_to_queue_id=None, move_after_minutes=0
    )
    Connection.objects.filter(import_queue_id=queue_id).update(import_queue_id=None)
    by_id = by.pk if by else None
    news: list[Event] = [QueueDeleted(queue_id=queue_id, by_id=by_id)]
    if members:
        news.append(QueueMembersChanged(user_ids=members, by_id=by_id))
    publish(*news)


@transaction.atomic
def set_distribution(queue: Queue, change: DistributionChange, *, by: User | None) -> Queue:
    """Say how a queue's waiting tickets find an agent; raise QueueNotFound or AgentNotInQueue.

    Nobody's capacity is changed where one of the people named is no member.
    """
    locked = _lock(queue.pk)
    locked.distribution = change.mode
    locked.opens_assigned = change.opens
    locked.agent_capacity = change.capacity
    locked.router_minutes = change.minutes
    # What clients of the contract show; they know no other way than drawing.
    locked.router_is_on = change.mode != Queue.Distribution.OFF
    _save(locked)
    for user_id, capacity in sorted(change.capacities.items()):
        changed = QueueMember.objects.filter(queue=locked, user_id=user_id).update(
            capacity=capacity
        )
        if not changed:
            raise AgentNotInQueue
    plan_distribution(locked)
    publish(QueueUpdated(queue_id=locked.pk, by_id=by.pk if by else None))
    return locked


@transaction.atomic
def set_up_queue(
    queue: Queue | None,
    *,
    by: User | None,
    fields: Mapping[str, Any],
    member_ids: Iterable[int],
    distribution: DistributionChange,
) -> Queue:
    """Create or change a queue with its people and its distribution: all of it, or nothing.

    Raises what create_queue, set_members_of and set_distribution raise.
    """
    kept = update_queue(queue, by=by, **fields) if queue else create_queue(by=by, **fields)
    set_members_of(kept, member_ids, by=by)
    return set_distribution(kept, distribution, by=by)


@transaction.atomic
def order_queues(queue_ids: Sequence[int], *, by: User | None) -> None:
    """Put queues in an order, as the customers' menu then shows them; the others come after.

    Raises QueueNotFound when one of those named does not exist.
    """
    # Always in the same order, so that two who sort at once wait for each other and no deadlock.
    locked = list(Queue.objects.order_by("pk").select_for_update(no_key=True))
    place = {pk: number for number, pk in enumerate(dict.fromkeys(queue_ids))}
    if not {row.pk for row in locked} >= place.keys():
        raise QueueNotFound
    last = len(locked)
    wanted = sorted(
        locked,
        key=lambda row: (place.get(row.pk, last), row.position is None, row.position or 0, row.pk),
    )
    moved = []
    for position, row in enumerate(wanted, start=1):
        if row.position != position:
            row.position = position
            moved.append(row)
    Queue.objects.bulk_update(moved, ["position"])
    by_id = by.pk if by else None
    publish(*(QueueUpdated(queue_id=row.pk, by_id=by_id) for row in moved))


@transaction.atomic
def set_members_of(queue: Queue, user_ids: Iterable[int], *, by: User | None) -> None:
    """Say who answers a queue; raise AgentNotFound when one is not of this company."""
    wanted = set(user_ids)
    people = User.objects.of_company(current_company_id()).filter(pk__in=wanted)
    if people.count() != len(wanted):
        raise AgentNotFound
    held = set(QueueMember.objects.filter(queue=queue).values_list("user_id", flat=True))
    changed = wanted ^ held
    if not changed:
        return
    QueueMember.objects.filter(queue=queue, user_id__in=held - wanted).delete()
    QueueMember.objects.bulk_create(
        [QueueMember(queue=queue, user_id=pk) for pk in sorted(wanted - held)],
        ignore_conflicts=True,
    )
    publish(QueueMembersChanged(user_ids=tuple(sorted(changed)), by_id=by.pk if by else None))


@transaction.atomic
def release_tickets_of(user_id: int) -> int:
    """Give a removed person's live tickets back to the waiting list (behaviour 53); say how many.

    Their queues are left, too.
    """
    QueueMember.objects.filter(user_id=user_id).delete()
    tickets = list(Ticket.objects.live().filter(agent_id=user_id).exclude(status=Ticket.Status.NPS))
    for ticket in tickets:
        return_ticket(ticket, by=None)
    return len(tickets)


def _require_links(fields: Mapping[str, Any]) -> None:
    if fields.get("integration_id") is not None:
        # No company has any yet, so every id is a wrong one.
        raise IntegrationNotFound
    if fields.get("file_list_id") is not None:
        require_file_list(fields["file_list_id"])


def _lock(queue_id: int, *, with_key: bool = False) -> Queue:
    queue = Queue.objects.select_for_update(no_key=not with_key).filter(pk=queue_id).first()
    if queue is None:
        raise QueueNotFound
    return queue


def _rhythm(queue: Queue) -> tuple[str, int]:
    return queue.distribution, queue.router_minutes


def _follow_router(queue: Queue) -> None:
    """Take over what a client of the contract switched (rule 105: both columns, or nothing)."""
    if not (queue.router_is_on and queue.router_minutes):
        queue.distribution = Queue.Distribution.OFF
    elif queue.distribution == Queue.Distribution.OFF:
        queue.distribution = Queue.Distribution.RANDOM


def _check(queue: Queue) -> None:
    queue.name = str(queue.name or "").strip()
    if not 2 <= len(queue.name) <= 255:
        raise QueueNameInvalid
    if not isinstance(queue.color, str) or not _COLOR.fullmatch(queue.color):
        raise QueueColorInvalid
    queue.schedules = clean_schedules(queue.schedules)


def _save(queue: Queue) -> None:
    try:
        with transaction.atomic():
            queue.save()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        raise (QueueColorTaken if "color" in name else QueueNameTaken) from error
