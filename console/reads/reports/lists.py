"""What is going on now, and the tickets behind the numbers."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import Sum

from console.reads.reports.numbers import duration
from console.reads.reports.wish import STATUS_NAMES, Wish
from tickets.models import Ticket, TicketCount
from tickets.services import reports

PAGE = 25


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
