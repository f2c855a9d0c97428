"""The reports page: which work a person looks at, as the address says it, and what it came to."""

import datetime
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from django.db.models import Sum
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from console.access import whole_number
from console.formatting import grouped
from contacts.models import Tag
from tickets.models import Queue, Ticket, TicketCount
from tickets.selection import STATUSES
from tickets.services import reports
from whatsapp.models import Connection

PERIODS: dict[str, Promise] = {
    "today": gettext_lazy("Today"),
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
    "month": gettext_lazy("This month"),
}
OWN_RANGE = "range"
STATUS_NAMES: dict[str, Promise] = {
    "open": gettext_lazy("In service"),
    "pending": gettext_lazy("Not taken up yet"),
    "closed": gettext_lazy("Finished"),
    "group": gettext_lazy("Group conversation"),
    "nps": gettext_lazy("Waiting for a rating"),
    "lgpd": gettext_lazy("Waiting for consent"),
}
GROUPS: dict[str, Promise] = {
    "agent": gettext_lazy("Agents"),
    "queue": gettext_lazy("Queues"),
    "tag": gettext_lazy("Tags"),
    "connection": gettext_lazy("Connections"),
}
NOBODY: dict[str, Promise] = {
    "agent": gettext_lazy("No agent"),
    "queue": gettext_lazy("No queue"),
    "tag": gettext_lazy("No tag"),
    "connection": gettext_lazy("No connection"),
}
# The filters that hold an id, as the address names them.
_IDS = ("queue", "agent", "connection", "tag")
# A picture of more days says nothing, and their statement takes long.
MOST_DAYS = 3 * 366
PAGE = 25
LAST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """Which part of the work a person looks at; `errors` says by field what cannot be read."""

    user: User
    scope: reports.Scope
    name: str
    first: datetime.date
    last: datetime.date
    ids: dict[str, int | None] = field(default_factory=dict)
    status: str = ""
    with_groups: bool = False
    by: str = "agent"
    page: int = 1
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, user: User, query: QueryDict) -> "Wish":
        """Read it from an address."""
        errors: dict[str, str] = {}
        name, first, last = _period(query, errors)
        ids = {}
        for which in _IDS:
            text = query.get(which, "").strip()
            ids[which] = whole_number(text)
            if text and ids[which] is None:
                errors[which] = _("This choice does not exist.")
        status = query.get("status", "").strip()
        if status and status not in STATUSES:
            errors["status"], status = _("This choice does not exist."), ""
        page = whole_number(query.get("page")) or 1
        return cls(
            user=user,
            scope=reports.scope_of(user),
            name=name,
            first=first,
            last=last,
            ids=ids,
            status=status,
            with_groups=query.get("groups") == "1",
            by=query.get("by", "") if query.get("by") in GROUPS else "agent",
            page=min(page, LAST_PAGE),
            errors=errors,
        )

    @property
    def period(self) -> reports.Period:
        return reports.Period(self.first, self.last)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def filters_count(self) -> int:
        chosen = [value for value in self.ids.values() if value is not None]
        return len(chosen) + bool(self.status) + self.with_groups

    def before(self) -> "Wish":
        """As many days, just before."""
        day = datetime.timedelta(days=1)
        return replace(self, first=self.first - self.days * day, last=self.first - day)

    def summary_filter(self) -> reports.SummaryFilter:
        return reports.SummaryFilter(
            period=self.period,
            queue_ids=_some(self.ids["queue"]),
            agent_ids=_some(self.ids["agent"]),
            connection_ids=_some(self.ids["connection"]),
            tag_ids=_some(self.ids["tag"]),
            statuses=(self.status,) if self.status else (),
            with_groups=self.with_groups,
        )

    def ticket_filter(self) -> reports.TicketFilter:
        """The tickets behind the numbers: opened in the period, and one's own where those count."""
        agent_ids = _some(self.ids["agent"])
        me = self.user.pk
        if self.scope.own_only:
            # Somebody else's are not among one's own: 0 is nobody.
            agent_ids = (me,) if agent_ids in {(), (me,)} else (0,)
        return reports.TicketFilter(
            period=self.period,
            queue_ids=_some(self.ids["queue"]),
            agent_ids=agent_ids,
            connection_ids=_some(self.ids["connection"]),
            tag_ids=_some(self.ids["tag"]),
            statuses=(self.status,) if self.status else (),
            with_groups=self.with_groups,
        )

    def parameters(self, **other: Any) -> dict[str, str]:
        """Give what the address says of it, with something said otherwise; None leaves it out."""
        said: dict[str, Any] = {"period": self.name}
        if self.name == OWN_RANGE:
            said |= {"from": self.first, "to": self.last}
        said |= {name: value for name, value in self.ids.items() if value is not None}
        said |= {"status": self.status, "groups": "1" if self.with_groups else None}
        said["by"] = self.by if self.by != "agent" else None
        said |= other
        return {name: str(value) for name, value in said.items() if value not in {None, ""}}

    def query(self, **other: Any) -> str:
        return urlencode(self.parameters(**other))


def _some(value: int | None) -> tuple[int, ...]:
    return () if value is None else (value,)


def _period(query: QueryDict, errors: dict[str, str]) -> tuple[str, datetime.date, datetime.date]:
    name = query.get("period", "7d")
    today = timezone.localdate(timezone=reports.company_zone())
    week = today - datetime.timedelta(days=6)
    if name == "today":
        return name, today, today
    if name == "30d":
        return name, today - datetime.timedelta(days=29), today
    if name == "month":
        return name, today.replace(day=1), today
    if name == OWN_RANGE:
        first, last = (_day(query, which, errors) for which in ("from", "to"))
        if first and last and last < first:
            errors["to"] = _("The period ends before it begins.")
        elif first and last and (last - first).days >= MOST_DAYS:
            errors["to"] = _("At most three years can be looked at together.")
        elif first and last:
            return name, first, last
        return name, week, today
    return "7d", week, today


def _day(query: QueryDict, name: str, errors: dict[str, str]) -> datetime.date | None:
    try:
        day = parse_date(query.get(name, "").strip())
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 9000:
        errors[name] = _("Choose a day.")
        return None
    return day


# ------------------------------------------------------------------------------------ choices


@dataclass(frozen=True, slots=True)
class Choice:
    """A list of the filters: how the address names it, and what can be chosen."""

    name: str
    label: str
    all: str
    options: list[tuple[str, str]]
    chosen: str


def choices_for(wish: Wish) -> list[Choice]:
    """Give the lists of the filters; one statement each."""
    people = User.objects.filter(company_id=wish.user.company_id).order_by("name", "pk")
    agents = [] if wish.scope.own_only else list(people.values_list("pk", "name", "removed_at"))
    queues = list(Queue.objects.order_by("name", "pk").values_list("pk", "name"))
    found: list[tuple[str, str, str, list[tuple[int, str]]]] = [
        ("queue", _("Queue"), _("All queues"), [*queues, (0, str(NOBODY["queue"]))]),
        (
            "agent",
            _("Agent"),
            _("All agents"),
            # Who has left stays with the work that was theirs, at the end of the list.
            [(pk, name) for pk, name, gone in agents if not gone]
            + [(pk, _("{name} (left)").format(name=name)) for pk, name, gone in agents if gone],
        ),
        (
            "connection",
            _("Connection"),
            _("All connections"),
            list(Connection.objects.order_by("name", "pk").values_list("pk", "name")),
        ),
        (
            "tag",
            _("Tag"),
            _("All tags"),
            list(Tag.objects.order_by("name").values_list("pk", "name")),
        ),
    ]
    lists = [
        Choice(name, label, everything, [(str(pk), text) for pk, text in rows], _text(wish, name))
        for name, label, everything, rows in found
        if rows
    ]
    statuses = [(status, str(words)) for status, words in STATUS_NAMES.items()]
    return [*lists, Choice("status", _("Status"), _("All statuses"), statuses, wish.status)]


def _text(wish: Wish, name: str) -> str:
    value = wish.ids[name]
    return "" if value is None else str(value)


def unknown_choices(wish: Wish, choices: list[Choice]) -> dict[str, str]:
    """Tell which chosen ids are none of this company's."""
    offered = {choice.name: {key for key, _name in choice.options} for choice in choices}
    return {
        name: _("This choice does not exist.")
        for name, value in wish.ids.items()
        if value is not None and str(value) not in offered.get(name, set())
    }


# ------------------------------------------------------------------------------------ numbers


@dataclass(frozen=True, slots=True)
class Change:
    """How a number differs from the one before: `mood` is good, bad or neither."""

    text: str
    sign: str
    mood: str


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the large numbers, in words, what it was before and how it changed."""

    label: str
    value: str
    note: str
    before: str
    change: Change | None


def duration(minutes: float | None) -> str:
    """Say how long something took."""
    if not minutes:
        return "–"
    seconds = round(minutes * 60)
    if seconds < 60:
        return _("{n} s").format(n=max(seconds, 1))
    whole = round(minutes)
    if whole < 60:
        return _("{n} min").format(n=whole)
    if whole < 24 * 60:
        return _("{hours} h {minutes} min").format(hours=whole // 60, minutes=whole % 60)
    hours = round(minutes / 60)
    return _("{days} d {hours} h").format(days=hours // 24, hours=hours % 24)


def _change(now: float | None, then: float | None, *, good: int = 0) -> Change | None:
    """Compare two numbers; `good` is 1 where more is better, -1 where less is."""
    if not now or not then:
        return None
    percent = round((now - then) * 100 / then)
    return _moved(percent, f"{abs(percent)}%", good)


def _moved(by: float, text: str, good: int) -> Change:
    if not by:
        return Change(_("the same"), "", "")
    up = by > 0
    mood = "" if not good else ("good" if up == (good > 0) else "bad")
    return Change(text, "up" if up else "down", mood)


def headlines(now: reports.Numbers, then: reports.Numbers) -> list[Headline]:
    """Give the numbers a manager looks at first."""
    found = [
        Headline(label, grouped(value), "", grouped(old), _change(value, old))
        for label, value, old in (
            (_("Opened"), now.opened, then.opened),
            (_("Closed"), now.closed, then.closed),
        )
    ]
    for label, one, old in (
        (_("First response"), now.first_response, then.first_response),
        (_("Waiting time"), now.waiting, then.waiting),
        (_("Handling time"), now.handling, then.handling),
    ):
        note = _("half within {time}").format(time=duration(one.median))
        change = _change(one.average, old.average, good=-1)
        found.append(
            Headline(
                label,
                duration(one.average),
                note if one.average else "",
                duration(old.average),
                change,
            )
        )
    score = None
    if now.ratings.count and then.ratings.count:
        points = round(now.ratings.score) - round(then.ratings.score)
        score = _moved(
            points, ngettext("{n} point", "{n} points", abs(points)).format(n=abs(points)), 1
        )
    found.append(
        Headline(
            "NPS",
            nps(now.ratings),
            _rated(now.ratings.count),
            nps(then.ratings),
            score,
        )
    )
    return found


def _rated(count: int) -> str:
    if not count:
        return ""
    return ngettext("{n} rating", "{n} ratings", count).format(n=grouped(count))


def nps(ratings: reports.Ratings) -> str:
    """Say a net promoter score; a dash where nobody answered."""
    return f"{round(ratings.score):+d}" if ratings.count else "–"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of agents, queues, tags or connections."""

    name: str
    key: int | None
    n: reports.Numbers
    response: str
    waiting: str
    handling: str
    nps: str


# Whoever has more finds them in the file.
MOST_LINES = 100


def lines_of(found: reports.Summary, by: str) -> list[Line]:
    """Give the rows of a summary, the busiest first."""
    rows = sorted(found.rows, key=lambda row: (-row.numbers.opened, -row.numbers.closed))
    return [
        _line(
            row.name or (str(NOBODY[by]) if row.key is None else f"#{row.key}"),
            row.key if isinstance(row.key, int) else None,
            row.numbers,
        )
        for row in rows[:MOST_LINES]
    ]


def total_line(found: reports.Summary) -> Line:
    """Give the row under all others."""
    return _line(_("All together"), None, found.total)


def _line(name: str, key: int | None, n: reports.Numbers) -> Line:
    return Line(
        name=name,
        key=key,
        n=n,
        response=duration(n.first_response.average),
        waiting=duration(n.waiting.average),
        handling=duration(n.handling.average),
        nps=nps(n.ratings),
    )


# ------------------------------------------------------------------------------------ now


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who is online, and how many conversations they hold open."""

    pk: int
    name: str
    open: int


@dataclass(frozen=True, slots=True)
class Now:
    """What is going on at this moment."""

    open: int
    waiting: int
    agents: list[Agent]
    free: int


def now_for(scope: reports.Scope) -> Now:
    """Give open and waiting conversations and who is online; two statements."""
    told = orjson.loads(reports.dashboard(scope, reports.Period.of_last_days(0)))
    loads = dict(
        TicketCount.objects.filter(status=Ticket.Status.OPEN)
        .values_list("agent_id")
        .annotate(amount=Sum("amount"))
    )
    online = [
        Agent(row["id"], row["name"], loads.get(row["id"], 0))
        for row in told["attendants"]
        if row["online"]
    ]
    counters = told["counters"]
    return Now(
        open=counters["supportHappening"],
        waiting=counters["supportPending"],
        # Who is free first: they can take the next one.
        agents=sorted(online, key=lambda agent: (agent.open, agent.name)),
        free=sum(agent.open == 0 for agent in online),
    )


# ------------------------------------------------------------------------------------ tickets


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the tickets behind the numbers."""

    tickets: list[dict[str, Any]]
    total: int
    first: int
    last: int
    number: int

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.last < self.total else None


def tickets_page(wish: Wish) -> Page:
    """Read a page of tickets, newest first; one statement."""
    rows, total = reports.report_page(
        wish.scope.sight, wish.ticket_filter(), page=wish.page, size=PAGE
    )
    tickets = [
        {
            "t": row,
            "status": STATUS_NAMES.get(row.status, row.status),
            "waited": duration(row.waited_minutes),
            "served": duration(row.served_minutes),
        }
        for row in rows
    ]
    before = (wish.page - 1) * PAGE
    return Page(tickets, total, before + 1, before + len(rows), wish.page)
