"""What every report begins with: a stretch of days, whose numbers, and limits as text of SQL.

Limits are texts of ours and parameters of the client's; no value of a client is part of a text.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from tickets.services.sight import sight_of
from tickets.sight import Sight
from whaticket.days import company_zone, end_of, midnight
from whaticket.exceptions import Invalid
from whaticket.shapes import literal


def local(column: str) -> str:
    """Write a moment as the companies' clocks show it."""
    return f"({column} AT TIME ZONE {literal(settings.COMPANY_TIME_ZONE)})"


def minutes(start: str, end: str) -> str:
    """Write how many minutes lie between two moments; never fewer than none."""
    return f"greatest(extract(epoch FROM {end} - {start}) / 60, 0)"


@dataclass(frozen=True, slots=True)
class Period:
    """Days in the companies' zone, the first and the last included; None: without bound."""

    first: datetime.date | None = None
    last: datetime.date | None = None

    @classmethod
    def between(cls, first: datetime.date | None, last: datetime.date | None) -> "Period":
        """Give a period; raise Invalid where it ends before it begins."""
        if first and last and last < first:
            raise Invalid(details={"dateTo": ["The period ends before it begins."]})
        return cls(first, last)

    @classmethod
    def of_last_days(cls, days: int) -> "Period":
        """The days up to today, that many before it and today itself."""
        today = timezone.localdate(timezone=company_zone())
        return cls(today - datetime.timedelta(days=days), today)

    @property
    def start(self) -> datetime.datetime | None:
        return midnight(self.first) if self.first else None

    @property
    def end(self) -> datetime.datetime | None:
        """The first moment that is no longer in it."""
        return end_of(self.last) if self.last else None


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose numbers a person may see: everybody's, or only one's own."""

    sight: Sight
    own_only: bool


def sees_all_numbers(user: User) -> bool:
    """Tell whether a person sees everybody's numbers: managers, and who may see the dashboard."""
    return Sight.of(user, frozenset()).is_admin or user.sees_dashboard


def scope_of(user: User) -> Scope:
    """Give a person's scope."""
    return Scope(sight_of(user), own_only=not sees_all_numbers(user))


@dataclass(slots=True)
class Limits:
    """Conditions, all of which hold."""

    texts: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)

    def add(self, text: str, *params: Any) -> "Limits":
        self.texts.append(f"({text})")
        self.params += params
        return self

    def within(self, column: str, period: Period) -> "Limits":
        """The moment lies in a period."""
        if period.start:
            self.add(f"{column} >= %s", period.start)
        if period.end:
            self.add(f"{column} < %s", period.end)
        return self

    def among(self, column: str, ids: Iterable[Any]) -> "Limits":
        """The column holds one of some values; no values do not limit."""
        if wanted := list(ids):
            self.add(f"{column} = ANY(%s)", wanted)
        return self

    def in_queues(self, column: str, queue_ids: Sequence[int]) -> "Limits":
        """One of some queues, of which 0 is none (rest.md §7)."""
        if not queue_ids:
            return self
        named = [queue_id for queue_id in queue_ids if queue_id]
        if len(named) == len(queue_ids):
            return self.add(f"{column} = ANY(%s)", named)
        return self.add(f"{column} = ANY(%s) OR {column} IS NULL", named)

    def tagged(self, ticket: str, contact: str, tag_ids: Sequence[int]) -> "Limits":
        """The ticket or its contact carries one of some tags."""
        if not tag_ids:
            return self
        return self.add(
            f"EXISTS (SELECT 1 FROM tickets_ticket_tags lt WHERE lt.ticket_id = {ticket}"
            " AND lt.tag_id = ANY(%s))"
            f" OR EXISTS (SELECT 1 FROM contacts_contact_tags lc WHERE lc.contact_id = {contact}"
            " AND lc.tag_id = ANY(%s))",
            list(tag_ids),
            list(tag_ids),
        )

    @property
    def where(self) -> str:
        return " AND ".join(self.texts) or "true"


def rows_of(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a report's statement in the company entered.

    Planned for its own days each time: one plan for a day and for a year serves neither.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def text_of(sql: str, params: Sequence[Any]) -> bytes:
    """Give the one text that a report's statement builds."""
    text: str = rows_of(sql, params)[0][0]
    return text.encode()
