"""The ticket report (rest.md §7): one row per ticket, with its times and its rating."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contacts.wire import found_by
from tickets.services.reports.limits import ALWAYS, Limits, Period, local, minutes, rows_of, text_of
from tickets.sight import Sight
from tickets.wire.compiled import seen
from tickets.wire.parts import JOINS
from whaticket.shapes import Number, Part, Rows, Shape, Text, Word
from whaticket.tenancy import in_company

# How many rows of an export are read at a time.
CHUNK = 1000
WORDS = {
    "open": "ABERTO",
    "closed": "FECHADO",
    "pending": "PENDENTE",
    "group": "GRUPO",
    "nps": "NPS",
    "lgpd": "LGPD",
}
_TEXT_TIME = "'DD/MM/YYYY HH24:MI'"


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets a report has; empty fields do not limit. Queue 0 is none."""

    text: str = ""
    period: Period = ALWAYS
    contact_ids: tuple[int, ...] = ()
    connection_ids: tuple[int, ...] = ()
    statuses: tuple[str, ...] = ()
    queue_ids: tuple[int, ...] = ()
    tag_ids: tuple[int, ...] = ()
    agent_ids: tuple[int, ...] = ()
    only_rated: bool = False
    with_groups: bool = True

    def limits(self, sight: Sight) -> Limits:
        """Write it over the ticket table, within a person's sight."""
        text, params = seen(sight)
        t = "tickets_ticket"
        limits = Limits().add(text, *params).within(f"{t}.created_at", self.period)
        limits.among(f"{t}.contact_id", self.contact_ids)
        limits.among(f"{t}.connection_id", self.connection_ids)
        limits.among(f"{t}.status", self.statuses)
        limits.among(f"{t}.agent_id", self.agent_ids)
        limits.in_queues(f"{t}.queue_id", self.queue_ids)
        limits.tagged(f"{t}.id", f"{t}.contact_id", self.tag_ids)
        if self.text:
            found, values = found_by(self.text, "c")
            people = f"SELECT c.id FROM contacts_contact c WHERE {found}"
            limits.add(f"{t}.contact_id IN ({people})", *values)
        if not self.with_groups:
            limits.add(f"NOT {t}.is_group")
        if self.only_rated:
            limits.add(f"EXISTS (SELECT 1 FROM tickets_rating r WHERE r.ticket_id = {t}.id)")
        return limits


# All that was served on a ticket, over its stretches of service.
_TIMES = f"""LEFT JOIN LATERAL (
        SELECT sum({minutes("e.queued_at", "e.started_at")}) AS waited,
            sum({minutes("e.started_at", "coalesce(e.closed_at, e.finished_at)")}) AS served
        FROM tickets_episode e WHERE e.ticket_id = t.id
    ) times ON true
    LEFT JOIN LATERAL (
        SELECT rate FROM tickets_rating r WHERE r.ticket_id = t.id ORDER BY r.id DESC LIMIT 1
    ) rating ON true"""
_SERVED = "coalesce(floor(times.served), 0)::bigint"
_DURATION = f"concat({_SERVED} / 1440, 'd ', {_SERVED} %% 1440 / 60, 'h ', {_SERVED} %% 60, 'm')"
_CASES = " ".join(f"WHEN '{status}' THEN '{word}'" for status, word in WORDS.items())
_STATUS = f"CASE t.status {_CASES} END"


def _row() -> Shape:
    return Shape(
        {
            "id": Number("t.id"),
            "whatsappName": Text("n.name"),
            "contactName": Text("c.name"),
            "userName": Text("u.name"),
            "queueName": Text("q.name"),
            "lastMessage": Text("t.last_message"),
            "uuid": Word("t.uuid"),
            "status": Word(_STATUS),
            "createdAt": Text(f"to_char({local('t.created_at')}, {_TEXT_TIME})"),
            "closedAt": Text(f"to_char({local('t.closed_at')}, {_TEXT_TIME})"),
            "supportTime": Text(_DURATION),
            "NPS": Number("coalesce(rating.rate, 0)"),
        }
    )


def ticket_report(sight: Sight, wanted: TicketFilter, *, page: int, size: int) -> bytes:
    """Give `{tickets, totalTickets}`, newest first; one statement."""
    limits = wanted.limits(sight)
    parts: dict[str, Part] = {
        "tickets": Rows(
            _row(),
            f"page p JOIN tickets_ticket t ON t.id = p.id {JOINS} {_TIMES}",
            "p.created_at DESC, p.id DESC",
        ),
        "totalTickets": Shape({"total": Text("(SELECT count(*) FROM hits)")}),
    }
    sql = f"""
        WITH hits AS MATERIALIZED (
            SELECT id, created_at FROM tickets_ticket WHERE {limits.where}
        ), page AS MATERIALIZED (
            SELECT * FROM hits ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s
        )
        SELECT {Shape(parts).as_text()}
    """
    return text_of(sql, [*limits.params, size, (page - 1) * size])


@dataclass(frozen=True, slots=True)
class ReportedTicket:
    """A row of the report, for a file."""

    ticket_id: int
    created_at: datetime.datetime
    closed_at: datetime.datetime | None
    status: str
    contact: str
    number: str
    queue: str | None
    agent: str | None
    connection: str | None
    tags: str | None
    waited_minutes: float
    served_minutes: float
    rate: int | None
    last_message: str


_COLUMNS = """t.id, t.created_at, t.closed_at, t.status, c.name, c.address, q.name, u.name, n.name,
    (SELECT string_agg(g.name, ', ' ORDER BY g.name) FROM contacts_tag g WHERE g.id IN (
        SELECT tag_id FROM tickets_ticket_tags WHERE ticket_id = t.id UNION
        SELECT tag_id FROM contacts_contact_tags WHERE contact_id = t.contact_id)),
    round(coalesce(times.waited, 0), 2)::float8, round(coalesce(times.served, 0), 2)::float8,
    rating.rate, t.last_message"""
_FROM_PAGE = f"page p JOIN tickets_ticket t ON t.id = p.id {JOINS} {_TIMES}"
_NEWEST = "ORDER BY p.created_at DESC, p.id DESC"


def report_page(
    sight: Sight, wanted: TicketFilter, *, page: int, size: int
) -> tuple[list[ReportedTicket], int]:
    """Give one page of the report, newest first, and how many rows there are; one statement."""
    limits = wanted.limits(sight)
    sql = f"""
        WITH hits AS MATERIALIZED (
            SELECT id, created_at FROM tickets_ticket WHERE {limits.where}
        ), page AS MATERIALIZED (
            SELECT * FROM hits ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s
        ), total AS (SELECT count(*) AS amount FROM hits)
        SELECT total.amount, {_COLUMNS} FROM total LEFT JOIN ({_FROM_PAGE}) ON true {_NEWEST}
    """
    rows = rows_of(sql, [*limits.params, size, (page - 1) * size])
    found = [ReportedTicket(*columns) for _total, *columns in rows if columns[0] is not None]
    return found, rows[0][0]


def reported_tickets(
    sight: Sight, wanted: TicketFilter, *, company_id: int
) -> Iterator[ReportedTicket]:
    """Give all rows of the report, newest first, a thousand to a statement.

    Enters the company for each statement and nothing longer, so that rows can be drawn while a
    file is being sent.
    """
    limits = wanted.limits(sight)
    after: tuple[Any, ...] = ()
    while True:
        more = "AND (created_at, id) < (%s, %s)" if after else ""
        sql = f"""
            WITH page AS MATERIALIZED (
                SELECT id, created_at FROM tickets_ticket WHERE {limits.where} {more}
                ORDER BY created_at DESC, id DESC LIMIT {CHUNK}
            )
            SELECT {_COLUMNS} FROM {_FROM_PAGE} {_NEWEST}
        """
        with in_company(company_id):
            rows = rows_of(sql, [*limits.params, *after])
        yield from (ReportedTicket(*row) for row in rows)
        if len(rows) < CHUNK:
            return
        after = (rows[-1][1], rows[-1][0])
