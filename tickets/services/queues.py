"""Queues and the people who answer them."""

import re
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from billing.services import limit_of
from events.bus import Event, publish
from tickets.events import QueueDeleted, QueueMembersChanged, QueueUpdated
from tickets.exceptions import (
    AgentNotFound,
    QueueColorInvalid,
    QueueColorTaken,
    QueueLimitReached,
    QueueNameInvalid,
    QueueNameTaken,
    QueueNotFound,
)
from tickets.models import Queue, QueueMember, Ticket
from tickets.services.reopen import return_ticket
from whaticket.tenancy import current_company_id

_COLOR = re.compile(r"#[0-9a-fA-F]{3,6}")


@transaction.atomic
def create_queue(*, by: User | None, **fields: Any) -> Queue:
    """Create a queue; raise QueueNameInvalid, QueueNameTaken, QueueColor…, QueueLimitReached."""
    queue = Queue(**fields)
    _check(queue)
    limit = limit_of(current_company_id(), "queues")
    if limit is not None and Queue.objects.count() >= limit:
        raise QueueLimitReached(limit=limit)
    _save(queue)
    publish(QueueUpdated(queue_id=queue.pk, by_id=by.pk if by else None))
    return queue


@transaction.atomic
def update_queue(queue: Queue, *, by: User | None, **fields: Any) -> Queue:
    """Change a queue; raises what create_queue raises about names and colours."""
    locked = Queue.objects.select_for_update(no_key=True).filter(pk=queue.pk).first()
    if locked is None:
        raise QueueNotFound
    for name, value in fields.items():
        setattr(locked, name, value)
    _check(locked)
    _save(locked)
    publish(QueueUpdated(queue_id=locked.pk, by_id=by.pk if by else None))
    return locked


@transaction.atomic
def delete_queue(queue: Queue, *, by: User | None) -> None:
    """Remove a queue; its tickets stay, without a queue. Its people see less from now on."""
    locked = Queue.objects.select_for_update().filter(pk=queue.pk).first()
    if locked is None:
        raise QueueNotFound
    queue_id = locked.pk
    members = tuple(
        QueueMember.objects.filter(queue=locked)
        .order_by("user_id")
        .values_list("user_id", flat=True)
    )
    locked.delete()
    by_id = by.pk if by else None
    news: list[Event] = [QueueDeleted(queue_id=queue_id, by_id=by_id)]
    if members:
        news.append(QueueMembersChanged(user_ids=members, by_id=by_id))
    publish(*news)


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


def _check(queue: Queue) -> None:
    queue.name = str(queue.name or "").strip()
    if not 2 <= len(queue.name) <= 255:
        raise QueueNameInvalid
    if not isinstance(queue.color, str) or not _COLOR.fullmatch(queue.color):
        raise QueueColorInvalid


def _save(queue: Queue) -> None:
    try:
        with transaction.atomic():
            queue.save()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        raise (QueueColorTaken if "color" in name else QueueNameTaken) from error
