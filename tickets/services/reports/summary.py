"""What was done in a period, by agent, queue, tag, connection, day or hour (docs/reports.md).

Each number belongs to the moment at which it came to be: a ticket to its opening, a wait to the
moment somebody took the ticket up, a service to its end, a rating to the customer's answer.
"""

from dataclasses import dataclass, field
from typing import Any

from tickets.services.reports.limits import Limits, Period, Scope, local, minutes, rows_of

# A first response is a person's, from the console or from the phone itself.
_BY_PEOPLE = "('agent', 'phone')"


@dataclass(frozen=True, slots=True)
class SummaryFilter:
    """Which part of the work is looked at; empty fields do not limit. Queue 0 is none."""

    period: Period = field(default_factory=lambda: Period.of_last_days(29))
    queue_ids: tuple[int, ...] = ()
    tag_ids: tuple[int, ...] = ()
    agent_ids: tuple[int, ...] = ()
    connection_ids: tuple[int, ...] = ()
    # How the ticket stands now, whenever the work on it was done.
    statuses: tuple[str, ...] = ()
    with_groups: bool = False

    def limits(self, scope: Scope, *, row: str, at: str) -> Limits:
        """Write it over tickets (`t`) and the rows that say where a number belongs (`row`)."""
        # What has not happened yet lies in no period, not even in one without bounds.
        limits = Limits().add(f"{at} IS NOT NULL").within(at, self.period)
        limits.in_queues(f"{row}.queue_id", self.queue_ids)
        limits.among(f"{row}.agent_id", self.agent_ids)
        limits.among(f"{row}.connection_id", self.connection_ids)
        limits.among("t.status", self.statuses)
        limits.tagged("t.id", "t.contact_id", self.tag_ids)
        if not self.with_groups:
            limits.add("NOT t.is_group")
        if scope.own_only:
            limits.add(f"{row}.agent_id = %s", scope.sight.user_id)
        return limits


@dataclass(frozen=True, slots=True)
class _Grouping:
    """How rows are told apart: an expression over a fact `f`, and what names it."""

    key: str
    join: str = ""
    name: str = "NULL"
    name_join: str = ""


_TAGS_OF_FACT = """LEFT JOIN LATERAL (
        SELECT tag_id FROM tickets_ticket_tags WHERE ticket_id = f.ticket_id UNION
        SELECT tag_id FROM contacts_contact_tags WHERE contact_id = f.contact_id
    ) tags ON true"""


def _groupings() -> dict[str, _Grouping]:
    return {
        "agent": _Grouping(
            "f.agent_id", "", "n.name", "LEFT JOIN public.accounts_user n ON n.id = k.key"
        ),
        "queue": _Grouping("f.queue_id", "", "n.name", "LEFT JOIN tickets_queue n ON n.id = k.key"),
        "tag": _Grouping(
            "tags.tag_id", _TAGS_OF_FACT, "n.name", "LEFT JOIN contacts_tag n ON n.id = k.key"
        ),
        "connection": _Grouping(
            "f.connection_id", "", "n.name", "LEFT JOIN whatsapp_connection n ON n.id = k.key"
        ),
        "day": _Grouping(f"to_char({local('f.at')}, 'YYYY-MM-DD')"),
        "hour": _Grouping(f"extract(hour FROM {local('f.at')})::int"),
    }


GROUPS = ("agent", "queue", "tag", "connection", "day", "hour")


def _durations(kind: str) -> str:
    """Write count, average, median and longest of the durations of a kind, which ignore 0."""
    those = f"FILTER (WHERE kind = '{kind}' AND minutes > 0)"
    return f"""count(*) {those},
        round(avg(minutes) {those}, 2)::float8,
        round((percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes::float8) {those})::numeric, 2)
            ::float8,
        round(max(minutes) {those}, 2)::float8"""


_NUMBERS = f"""
    count(*) FILTER (WHERE kind = 'opened'),
    count(*) FILTER (WHERE kind = 'served'),
    {_durations("answered")},
    {_durations("waited")},
    {_durations("served")},
    count(*) FILTER (WHERE kind = 'rated'),
    round(avg(rate), 2)::float8,
    count(*) FILTER (WHERE rate > 8),
    count(*) FILTER (WHERE rate BETWEEN 7 AND 8),
    count(*) FILTER (WHERE rate < 7)"""

_NUMBERS_COUNT = 19


@dataclass(frozen=True, slots=True)
class Durations:
    """Minutes that something took, without those that took none."""

    count: int
    average: float | None
    median: float | None
    longest: float | None


@dataclass(frozen=True, slots=True)
class Ratings:
    """Answers of customers: over 8 promoters, 7 and 8 passive, below 7 detractors."""

    count: int
    average: float | None
    promoters: int
    passives: int
    detractors: int

    def percent(self, part: int) -> float:
        return round(part * 100 / self.count, 2) if self.count else 0.0

    @property
    def score(self) -> float:
        """The net promoter score, from -100 to 100."""
        return self.percent(self.promoters - self.detractors)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was done in one group, or in all."""

    opened: int
    closed: int
    first_response: Durations
    waiting: Durations
    handling: Durations
    ratings: Ratings

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> "Numbers":
        return cls(
            row[0],
            row[1],
            Durations(*row[2:6]),
            Durations(*row[6:10]),
            Durations(*row[10:14]),
            Ratings(*row[14:19]),
        )


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """The numbers of one agent, queue, tag, connection, day or hour; key None is none of them."""

    key: int | str | None
    name: str | None
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of all groups, and of all work; of tags, a ticket counts under each it has."""

    total: Numbers
    rows: list[SummaryRow]


def _facts(scope: Scope, wanted: SummaryFilter) -> tuple[str, list[Any]]:
    """Write one row for everything that counts, and where and when it belongs."""
    opened = wanted.limits(scope, row="t", at="t.created_at")
    began = wanted.limits(scope, row="e", at="e.created_at")
    taken = wanted.limits(scope, row="e", at="e.started_at")
    closed = wanted.limits(scope, row="e", at="e.closed_at")
    rated = wanted.limits(scope, row="e", at="r.created_at")
    place = "t.id AS ticket_id, t.contact_id, e.agent_id, e.queue_id, e.connection_id"
    episodes = "tickets_episode e JOIN tickets_ticket t ON t.id = e.ticket_id"
    text = f"""
        SELECT 'opened' AS kind, t.id AS ticket_id, t.contact_id, t.agent_id, t.queue_id,
            t.connection_id, t.created_at AS at, NULL::numeric AS minutes, NULL::int AS rate
        FROM tickets_ticket t WHERE {opened.where}
        UNION ALL
        SELECT 'answered', {place}, e.created_at, {minutes("e.created_at", "m.sent_at")}, NULL
        FROM {episodes} CROSS JOIN LATERAL (
            SELECT sent_at FROM messaging_message WHERE ticket_id = e.ticket_id
                AND sent_at >= e.created_at AND (e.finished_at IS NULL OR sent_at <= e.finished_at)
                AND origin IN {_BY_PEOPLE} AND NOT is_private
            ORDER BY sent_at, id LIMIT 1) m
        -- Where the company spoke first, nobody waited for an answer.
        WHERE NOT t.is_opened_by_agent AND {began.where}
        UNION ALL
        SELECT 'waited', {place}, e.started_at, {minutes("e.queued_at", "e.started_at")}, NULL
        FROM {episodes} WHERE {taken.where}
        UNION ALL
        SELECT 'served', {place}, e.closed_at, {minutes("e.started_at", "e.closed_at")}, NULL
        FROM {episodes} WHERE {closed.where}
        UNION ALL
        SELECT 'rated', {place}, r.created_at, NULL, r.rate
        FROM tickets_rating r JOIN tickets_episode e ON e.id = r.episode_id
        JOIN tickets_ticket t ON t.id = e.ticket_id WHERE {rated.where}"""
    params = [p for one in (opened, began, taken, closed, rated) for p in one.params]
    return text, params


def summary(scope: Scope, wanted: SummaryFilter, *, by: str) -> Summary:
    """Give the numbers of a period by one of `GROUPS`; one statement."""
    grouping = _groupings()[by]
    facts, params = _facts(scope, wanted)
    names = ", ".join(f"n{place}" for place in range(_NUMBERS_COUNT))
    sql = f"""
        WITH facts AS MATERIALIZED ({facts}), grouped (key, {names}) AS MATERIALIZED (
            SELECT {grouping.key}, {_NUMBERS} FROM facts f {grouping.join} GROUP BY 1
        ), total ({names}) AS MATERIALIZED (SELECT {_NUMBERS} FROM facts)
        SELECT false, k.key, {grouping.name}, {names} FROM grouped k {grouping.name_join}
        UNION ALL SELECT true, NULL, NULL, {names} FROM total
        ORDER BY 1, 3 NULLS LAST, 2 NULLS LAST
    """
    *rows, total = rows_of(sql, params)
    return Summary(
        total=Numbers.of(total[3:]),
        rows=[SummaryRow(row[1], row[2], Numbers.of(row[3:])) for row in rows],
    )


def ratings(scope: Scope, wanted: SummaryFilter) -> tuple[Ratings, list[int]]:
    """Give the ratings of a period, and how often each rate from 0 to 10 was given."""
    limits = wanted.limits(scope, row="e", at="r.created_at")
    counts = dict(
        rows_of(
            f"""SELECT r.rate, count(*) FROM tickets_rating r
            JOIN tickets_episode e ON e.id = r.episode_id
            JOIN tickets_ticket t ON t.id = e.ticket_id WHERE {limits.where} GROUP BY 1""",
            limits.params,
        )
    )
    each = [counts.get(rate, 0) for rate in range(11)]
    total = sum(each)
    average = round(sum(rate * n for rate, n in enumerate(each)) / total, 2) if total else None
    return Ratings(total, average, sum(each[9:]), sum(each[7:9]), sum(each[:7])), each
