"""The queues of a company as their page shows them."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing.services import plan_of
from companies.hours import BOUNDS, DAYS, is_open
from companies.models import CompanySettings
from companies.services import settings_of
from console.reads.people import Places
from messaging.models import FileList
from tickets.exceptions import QueueNotFound
from tickets.models import Queue, QueueMember, Ticket
from whatsapp.models import Connection

# So many faces stand on a row; of the others it says how many they are.
FACES = 5
# More people than anybody scrolls through; a search is above them.
MOST_PEOPLE = 500
# Colours to begin with: told apart by most eyes, and legible as a mark in both themes.
COLOURS = (
    "#0a6e55", "#2563c9", "#7a4fb5", "#b3407d", "#c2452d", "#b06f00", "#557a1f", "#0f7f94",
    "#5b5f97", "#8a5a44", "#6b7280", "#d1495b",
)  # fmt: skip
# A day as clients of the contract propose it.
USUAL = dict(zip(BOUNDS, ("08:00", "12:00", "13:00", "18:00"), strict=True))


@dataclass(frozen=True, slots=True)
class Row:
    """A queue, the faces of its people, and whether it works right now."""

    q: Queue
    faces: list[User]
    others: int
    count: int
    works: bool | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a queue's week."""

    name: str
    title: str
    state: str
    bounds: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who answers a queue, or could; and their own limit there."""

    user: User
    is_in: bool
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """What hangs on a queue that is to be removed."""

    tickets: int
    people: int
    connections: int


def rows_for(user: User) -> list[Row]:
    """Give the queues in the order of the customers' menu; three statements."""
    people: dict[int, list[User]] = defaultdict(list)
    members = QueueMember.objects.select_related("user").filter(user__removed_at=None)
    for member in members.order_by("user__name", "user_id"):
        people[member.queue_id].append(member.user)
    by_queue = _hours_count(user)
    now = timezone.now()
    return [
        Row(
            q=queue,
            faces=people[queue.pk][:FACES],
            others=max(len(people[queue.pk]) - FACES, 0),
            count=len(people[queue.pk]),
            works=_works(queue, now) if by_queue else None,
        )
        for queue in Queue.objects.all()
    ]


def places_of(user: User) -> Places:
    """Tell how many queues the company has and how many its plan allows."""
    plan = plan_of(user.company_id)
    return Places(taken=Queue.objects.count(), limit=plan.queues if plan else None)


def queue_or_refuse(queue_id: int) -> Queue:
    """Give a queue of the company; raise QueueNotFound as a page that does not exist."""
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        # On the wire it is a bad request; an address that leads nowhere is not there.
        raise QueueNotFound(status=404)
    return queue


def week_of(queue: Queue | None) -> list[Day]:
    """Give a queue's week; a new queue is always open."""
    kept = {day["weekdayEn"]: day for day in (queue.schedules if queue else [])}
    days = []
    for name, title in zip(DAYS, titles(), strict=True):
        day = kept.get(name)
        is_closed = day is not None and not any(day.get(bound) for bound in BOUNDS)
        state = "open" if day is None else "closed" if is_closed else "hours"
        shown = day if day is not None and not is_closed else USUAL
        bounds = [(bound, shown.get(bound, "")) for bound in BOUNDS]
        days.append(Day(name=name, title=title, state=state, bounds=bounds))
    return days


def labels_of(queue: Queue | None) -> dict[str, str]:
    """Give the names of days as clients of the contract show them: those kept stay."""
    kept = {day["weekdayEn"]: day["weekday"] for day in (queue.schedules if queue else [])}
    return {name: kept.get(name, title) for name, title in zip(DAYS, titles(), strict=True)}


def titles() -> list[str]:
    """Name the days of a week, Monday first."""
    return [
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    ]  # fmt: skip


def members_of(queue: Queue | None, user: User) -> list[Member]:
    """Give everybody of the company, those of the queue marked; two statements."""
    held: dict[int, int | None] = {}
    if queue is not None:
        held = dict(QueueMember.objects.filter(queue=queue).values_list("user_id", "capacity"))
    # Who is in the queue is never left out, or saving the page would put them out of it.
    everybody = User.objects.of_company(user.company_id).order_by("name", "pk")
    inside = list(everybody.filter(pk__in=list(held))) if held else []
    others = everybody.exclude(pk__in=list(held))[:MOST_PEOPLE]
    people = sorted([*inside, *others], key=lambda one: (one.name.casefold(), one.pk))
    return [Member(user=one, is_in=one.pk in held, capacity=held.get(one.pk)) for one in people]


def choices(user: User, queue: Queue | None) -> dict[str, Any]:
    """Give what else a queue's page needs: files, free colours, whether its hours count."""
    others = Queue.objects.exclude(pk=queue.pk) if queue else Queue.objects.all()
    used = {color.lower() for color in others.values_list("color", flat=True)}
    free = [color for color in COLOURS if color not in used]
    return {
        "files": list(FileList.objects.all()),
        "colours": free,
        "hours_count": _hours_count(user),
    }


def leaving(queue: Queue) -> Leaving:
    """Tell what is left behind when a queue is removed."""
    connections = Connection.objects.filter(
        Q(queues=queue) | Q(move_to_queue_id=queue.pk) | Q(import_queue_id=queue.pk)
    )
    return Leaving(
        tickets=Ticket.objects.live().filter(queue=queue).count(),
        people=QueueMember.objects.filter(queue=queue, user__removed_at=None).count(),
        connections=connections.distinct().count(),
    )


def _hours_count(user: User) -> bool:
    return settings_of(user.company_id).schedule_type == CompanySettings.Hours.QUEUE


def _works(queue: Queue, now: datetime.datetime) -> bool:
    # Without a text to answer with a queue is never out of hours (chatbots, behaviour 78).
    return not queue.out_of_hours_message.strip() or is_open(queue.schedules, now)
