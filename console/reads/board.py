"""The board: what a person wishes to see on it, and its columns, page by page."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from console.access import person, whole_number
from console.asked import search_text
from console.reads.amounts import CountUpTo, amount_text
from console.reads.inbox import dressed, queues_for, read_key, sees_everyone, write_key
from contacts.models import Contact, Tag
from tickets.models import Queue, Ticket, TicketTag
from tickets.services import sight_of
from tickets.sight import Sight
from tickets.wire.kanban import BoardWish, board_q
from whaticket.database import Folded
from whaticket.days import end_of, midnight
from whaticket.exceptions import Invalid
from whaticket.tenancy import current_company_id

# Cards of a column that come at once.
CARDS = 20
# A column that has more says so; counting on costs more the more there are.
COUNTED = 999
# The column of what is in no lane.
NO_LANE = 0
_STATUSES = (Ticket.Status.OPEN, Ticket.Status.PENDING)
_BEGINNING, _END = datetime.date(1900, 1, 1), datetime.date(8999, 12, 31)

Place = tuple[int, int, datetime.datetime]


@dataclass(frozen=True, slots=True)
class BoardView:
    """What a person looks at, as the address bar and the form of filters say it."""

    user: User
    sight: Sight
    everyone: bool
    text: str
    queue: int | None
    agent: int | None
    tag: int | None
    unread: bool
    since: datetime.date | None
    until: datetime.date | None

    @classmethod
    def of(cls, request: HttpRequest) -> "BoardView":
        """Read what is wished; raise Invalid for a day that is none."""
        user = person(request)
        sight = sight_of(user)
        form = request.GET
        return cls(
            user=user,
            sight=sight,
            everyone=sees_everyone(sight) and form.get("who") != "mine",
            text=search_text(request),
            queue=whole_number(form.get("queue")),
            agent=whole_number(form.get("agent")),
            tag=whole_number(form.get("tag")),
            unread=form.get("unread") == "1",
            since=_day(request, "since"),
            until=_day(request, "until"),
        )

    @property
    def has_dates(self) -> bool:
        """Whether days are asked for, which make the other filters rest (rest.md, kanban)."""
        return bool(self.since or self.until)

    @property
    def filters(self) -> int:
        """How many filters hide something."""
        if self.has_dates:
            return 1
        return sum(map(bool, (self.queue is not None, self.agent, self.tag, self.unread)))

    @property
    def is_narrowed(self) -> bool:
        """Whether an empty board says nothing about the company."""
        return bool(self.filters or self.text)


def _day(request: HttpRequest, name: str) -> datetime.date | None:
    text = request.GET.get(name, "").strip()
    if not text:
        return None
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not _BEGINNING <= day <= _END:
        raise Invalid(details={name: [_("There is no such day.")]})
    return day


def _wish(view: BoardView) -> BoardWish:
    since, until = view.since or _BEGINNING, view.until or _END
    return BoardWish(
        show_all=view.everyone,
        queue_ids=None if view.queue is None else (view.queue,),
        tag_ids=(view.tag,) if view.tag else (),
        agent_ids=(view.agent,) if view.agent else (),
        only_unread=view.unread,
        created_from=midnight(since) if view.has_dates else None,
        created_until=end_of(until) if view.has_dates else None,
    )


def tickets_of(view: BoardView) -> QuerySet[Ticket]:
    """Give the tickets on a person's board, in no order (rest.md, `GET /ticket/kanban`)."""
    found = Ticket.objects.filter(board_q(view.sight, _wish(view)))
    if view.text:
        named = Q(folded__contains=Folded(Value(view.text))) | Q(address__contains=view.text)
        people = Contact.objects.alias(folded=Folded("name")).filter(named)
        found = found.filter(contact__in=people.values("pk"))
    return found


def _in_lane(tickets: QuerySet[Ticket], lane: Any) -> QuerySet[Ticket]:
    if lane == NO_LANE:
        placed = TicketTag.objects.filter(ticket=OuterRef("pk"), tag__is_lane=True)
        return tickets.filter(~Exists(placed))
    return tickets.filter(placements__tag=lane)


@dataclass(slots=True)
class Column:
    """A lane, or what is in none; its first cards, and where the next ones begin."""

    lane: Tag | None
    amount: int
    cards: list[Ticket]
    next: str | None

    @property
    def key(self) -> int:
        return self.lane.pk if self.lane else NO_LANE

    @property
    def total(self) -> str:
        return amount_text(self.amount, COUNTED)


def columns_of(view: BoardView) -> list[Column]:
    """Give all columns with their first cards; five statements for any number of them."""
    lanes = _counted_lanes(view)
    found = _first_places(view, [NO_LANE, *(lane.pk for lane in lanes)])
    shown = dressed([pk for places in found.values() for _, pk, _ in places[:CARDS]])
    by_id = {ticket.pk: ticket for ticket in shown}
    columns = []
    for lane in (None, *lanes):
        places = found[lane.pk if lane else NO_LANE]
        columns.append(
            Column(
                lane=lane,
                amount=lane.amount if lane else _unplaced(view),  # type: ignore[attr-defined]
                cards=[by_id[pk] for _, pk, _ in places[:CARDS] if pk in by_id],
                next=_next(places),
            )
        )
    return columns


def amounts_of(view: BoardView) -> dict[int, str]:
    """Say of every column how many cards it has; two statements."""
    lanes = {lane.pk: lane.amount for lane in _counted_lanes(view)}  # type: ignore[attr-defined]
    return {key: amount_text(n, COUNTED) for key, n in ({NO_LANE: _unplaced(view)} | lanes).items()}


def column_page(view: BoardView, lane: int, after: str | None) -> tuple[list[Ticket], str | None]:
    """Give the cards of a column that follow a key, and the key of the next ones."""
    places = sorted(_places(view, [lane], after), key=lambda place: place[:0:-1], reverse=True)
    return dressed([pk for _, pk, _ in places[:CARDS]]), _next(places)


def cards_of(view: BoardView, ids: Iterable[int]) -> list[tuple[Ticket, int]]:
    """Give those of these tickets that are on the board, each with its column."""
    found = tickets_of(view).filter(pk__in=ids).values_list("pk", flat=True)
    return [(ticket, lane_of(ticket)) for ticket in dressed(list(found))]


def lane_of(ticket: Ticket) -> int:
    """Tell which column a dressed ticket is in."""
    return next((tag.pk for tag in ticket.tags.all() if tag.is_lane), NO_LANE)


def filters_for(view: BoardView) -> dict[str, Any]:
    """Give what the form of filters offers a person."""
    queues: list[Queue] = queues_for(view.sight)
    people = User.objects.of_company(current_company_id()).order_by("name", "pk")
    may_see_all = sees_everyone(view.sight)
    return {
        "queues": queues,
        "agents": list(people) if may_see_all else [],
        "labels": list(Tag.objects.filter(is_lane=False).order_by("name", "pk")),
        "sees_everyone": may_see_all,
    }


def _counted_lanes(view: BoardView) -> list[Tag]:
    inside = _in_lane(tickets_of(view), OuterRef("pk")).order_by().values("pk")[: COUNTED + 1]
    lanes = Tag.objects.filter(is_lane=True).select_related("next_lane", "rollback_lane")
    return list(lanes.annotate(amount=CountUpTo(inside)).order_by("pk"))


def _unplaced(view: BoardView) -> int:
    return _in_lane(tickets_of(view), NO_LANE).order_by()[: COUNTED + 1].count()


def _first_places(view: BoardView, lanes: list[int]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = defaultdict(list)
    for place in _places(view, lanes):
        found[place[0]].append(place)
    for places in found.values():
        places.sort(key=lambda place: place[:0:-1], reverse=True)
    return found


def _places(view: BoardView, lanes: list[int], after: str | None = None) -> list[Place]:
    """Give column, ticket and time of change of a page of each column; one statement.

    An index has the tickets of one status in order, not those of several, so that each is asked by
    itself: a page costs the same, however many tickets are on the board.
    """
    tickets = tickets_of(view)
    if key := read_key(after):
        moment, pk = key
        tickets = tickets.filter(Q(updated_at__lt=moment) | Q(updated_at=moment, pk__lt=pk))
    parts = [
        _in_lane(tickets.filter(status=status), lane)
        .annotate(column=Value(lane, IntegerField()))
        .order_by("-updated_at", "-pk")
        .values_list("column", "pk", "updated_at")[: CARDS + 1]
        for lane in lanes
        for status in _STATUSES
    ]
    return list(parts[0].union(*parts[1:], all=True))


def _next(places: list[Place]) -> str | None:
    if len(places) <= CARDS:
        return None
    _, pk, moment = places[CARDS - 1]
    return write_key(moment, pk)
