"""Which part of the work a person looks at, read from the address, and the lists to choose from."""

import datetime
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from console.access import whole_number
from contacts.models import Tag
from tickets.models import Queue
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
