"""`GET /tickets`: a page of tickets and their total, in one statement."""

import datetime
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from contacts.wire import found_by, mini
from tickets.selection import Search, Wish
from tickets.sight import Sight
from tickets.wire.compiled import counted, listed, listed_branches
from tickets.wire.parts import AS_TICKET, JOINS, QUEUE, TAGS, USER
from whaticket.database import read_text
from whaticket.exceptions import Invalid
from whaticket.search import holds, like
from whaticket.shapes import Constant, Flag, Moment, Number, Part, Rows, Shape, Text, Word
from whaticket.tenancy import current_company_id

PAGE = 40
# A search stops counting here: nobody pages through ten thousand hits, and a total that is exact
# beyond would make "a" cost as much as there are tickets.
COUNT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: a page by number, or (stable under inserts) what follows a cursor."""

    number: int = 1
    cursor: str | None = None
    oldest_first: bool = False


def ticket_list(sight: Sight, wish: Wish, page: Page, search: Search | None = None) -> bytes:
    """Give `{tickets, count, hasMore}` of what a person's sight and wish select.

    With a cursor also `cursor`, of the next page. Raises Invalid for a cursor that is none.
    """
    wish = wish.about()
    company_id = current_company_id()
    part = _Part.of(page)
    if wish.searches:
        source, params = _found(sight, wish, search or Search())
        in_messages = bool(search and search.in_messages and search.text)
        sql = _search_statement(company_id, source, part, in_messages)
        values = [*params, *part.after_params, *part.offset_params]
        if in_messages and search is not None:
            values.append(like(search.text))
    else:
        found = listed_branches(sight, wish)
        texts = tuple(text for text, _params in found)
        values = [v for _text, params in found for v in (*params, *part.branch_params)]
        if wish.only_unread:
            # Unread counts change with every message; no counter follows them.
            text, count_params = listed(sight, wish)
            count = f"SELECT count(*) FROM tickets_ticket WHERE {text}"
        else:
            total, count_params = counted(sight, wish)
            count = f"SELECT coalesce(sum(amount), 0) FROM tickets_ticketcount WHERE {total}"
        sql = _statement(company_id, texts, count, part)
        values += [*part.offset_params, *count_params]
    return read_text(sql, values)


@dataclass(frozen=True, slots=True)
class _Part:
    """A page as a statement needs it; equal statements have equal parts."""

    way: str
    after: str
    # An offset of unknown size would make the planner expect a tenth of the table to be skipped.
    offset: str
    with_cursor: bool
    after_params: tuple[Any, ...] = field(compare=False)
    offset_params: tuple[int, ...] = field(compare=False)

    @classmethod
    def of(cls, page: Page) -> "_Part":
        after, params = _after(page)
        skipped = 0 if page.cursor is not None else (page.number - 1) * PAGE
        return cls(
            way="ASC" if page.oldest_first else "DESC",
            after=after,
            offset="OFFSET %s" if skipped else "",
            with_cursor=page.cursor is not None,
            after_params=tuple(params),
            offset_params=(skipped,) if skipped else (),
        )

    @property
    def branch_params(self) -> tuple[Any, ...]:
        """What each branch of a list takes after its own parameters."""
        return (*self.after_params, *(skipped + PAGE + 1 for skipped in self.offset_params))

    def branch(self, where: str) -> str:
        """Write the part of one branch that can be on the page."""
        reach = "%s" if self.offset else PAGE + 1
        return f"""(SELECT id, updated_at FROM tickets_ticket WHERE {where} {self.after}
            ORDER BY updated_at {self.way}, id {self.way} LIMIT {reach})"""

    @property
    def opposite_way(self) -> str:
        return "DESC" if self.way == "ASC" else "ASC"


@lru_cache(maxsize=4096)
def _statement(company_id: int, texts: tuple[str, ...], count: str, part: _Part) -> str:
    source = " UNION ALL ".join(part.branch(text) for text in texts)
    return f"""
        WITH page AS MATERIALIZED (
            SELECT id, updated_at FROM ({source}) listed
            ORDER BY updated_at {part.way}, id {part.way} LIMIT {PAGE + 1} {part.offset}
        ), total AS MATERIALIZED ({count})
        {_envelope(company_id, part, "(SELECT * FROM total)", {})}
    """


@lru_cache(maxsize=512)
def _search_statement(company_id: int, source: str, part: _Part, texts: bool) -> str:
    more: dict[str, Part] = {}
    if texts:
        more["messages"] = Rows(
            Shape({"id": Number("m.id"), "body": Text("m.body")}),
            # OFFSET 0: the few messages of the ticket, not the text index once more for each.
            f"""(SELECT id, body, sent_at FROM (
                    SELECT id, body, sent_at FROM messaging_message y
                    WHERE y.ticket_id = t.id OFFSET 0) x
                WHERE {holds("public.folded(x.body)")}
                ORDER BY sent_at DESC, id DESC LIMIT 40) m""",
            "m.sent_at, m.id",
        )
    return f"""
        WITH {source}, page AS MATERIALIZED (
            SELECT id, updated_at FROM hits WHERE true {part.after}
            ORDER BY updated_at {part.way}, id {part.way} LIMIT {PAGE + 1} {part.offset}
        )
        {_envelope(company_id, part, "(SELECT count(*) FROM hits)", more)}
    """


def _ticket(company_id: int, more: dict[str, Part]) -> Shape:
    """TicketRow (rest.md §1.1)."""
    connection = Shape(
        {
            "id": Number("n.id"),
            "name": Text("n.name"),
            "expiresTicket": Number("n.expires_minutes"),
            "groupAsTicket": Word(AS_TICKET),
        },
        when="n.id IS NOT NULL",
    )
    return Shape(
        {
            "id": Number("t.id"),
            "uuid": Word("t.uuid"),
            "userId": Number("t.agent_id", nullable=True),
            "queueId": Number("t.queue_id", nullable=True),
            "isGroup": Flag("t.is_group"),
            "channel": Text("t.channel"),
            "status": Word("t.status"),
            "contactId": Number("t.contact_id"),
            "useIntegration": Constant(value=False),
            "lastMessage": Text("t.last_message"),
            "updatedAt": Moment("t.updated_at"),
            "unreadMessages": Number("t.unread_count"),
            "contact": mini("c", company_id),
            "queue": QUEUE,
            "user": USER,
            "tags": TAGS,
            "whatsapp": connection,
            **more,
        }
    )


def _envelope(company_id: int, part: _Part, total: str, more: dict[str, Part]) -> str:
    way, back = part.way, part.opposite_way
    parts: dict[str, Part] = {
        "tickets": Rows(
            _ticket(company_id, more),
            f"shown p JOIN tickets_ticket t ON t.id = p.id {JOINS}",
            f"p.updated_at {way}, p.id {way}",
        ),
        "count": Number(total),
        "hasMore": Flag(f"(SELECT count(*) FROM page) > {PAGE}"),
    }
    if part.with_cursor:
        parts["cursor"] = Text(
            f"""CASE WHEN (SELECT count(*) FROM page) > {PAGE} THEN
            (SELECT (extract(epoch FROM updated_at) * 1000000)::bigint || '.' || id FROM shown
             ORDER BY updated_at {back}, id {back} LIMIT 1) END"""
        )
    return f""", shown AS MATERIALIZED (
            SELECT * FROM page ORDER BY updated_at {way}, id {way} LIMIT {PAGE}
        )
        SELECT {Shape(parts).as_text()}"""


# ------------------------------------------------------------------------------- search


def _found(sight: Sight, wish: Wish, search: Search) -> tuple[str, list[Any]]:
    """Write the CTEs down to `hits` (id, updated_at): rule 152.

    Who matches comes first, by trigram indexes; then the newest ticket of each of their
    conversations; then the other filters, which apply to that ticket. Arrays make PostgreSQL walk
    an index once for all of them, where a join would look up one by one, or read every ticket.
    """
    where, params = listed(sight, wish)
    limits, late = [f"({where})"], []
    late_params: list[Any] = []
    parts: list[str] = []
    values: list[Any] = []
    if search.text:
        named, values = found_by(search.text, "c")
        parts.append(f"people AS MATERIALIZED (SELECT c.id FROM contacts_contact c WHERE {named})")
        candidates = "SELECT id FROM people"
        if search.in_messages:
            parts.append(
                "spoken AS MATERIALIZED (SELECT ticket_id FROM messaging_message"
                f" WHERE {holds('public.folded(body)')})"
            )
            values.append(like(search.text))
            candidates += """ UNION ALL SELECT contact_id FROM tickets_ticket
                WHERE id = ANY(ARRAY(SELECT ticket_id FROM spoken))"""
            late.append("(contact_id IN (TABLE people) OR id IN (TABLE spoken))")
        limits.append(f"contact_id = ANY(ARRAY({candidates}))")
    if search.tag_ids:
        limits.append(
            "contact_id IN (SELECT contact_id FROM contacts_contact_tags WHERE tag_id = ANY(%s))"
        )
        params = (*params, list(search.tag_ids))
    for column, wanted in (
        ("agent_id", search.agent_ids),
        ("connection_id", search.connection_ids),
        ("status", search.statuses),
    ):
        if wanted:
            late.append(f"{column} = ANY(%s)")
            late_params.append(list(wanted))
    parts.append(
        f"""hits AS MATERIALIZED (
            SELECT id, updated_at FROM (
                SELECT DISTINCT ON (contact_id, connection_id) id, updated_at, contact_id,
                    connection_id, agent_id, status
                FROM tickets_ticket WHERE {" AND ".join(limits)}
                ORDER BY contact_id, connection_id, id DESC
            ) newest WHERE {" AND ".join(late) or "true"} LIMIT {COUNT_LIMIT}
        )"""
    )
    return ", ".join(parts), [*values, *params, *late_params]


# ------------------------------------------------------------------------------- cursors


def _after(page: Page) -> tuple[str, list[Any]]:
    if not page.cursor:
        return "", []
    moment, ticket_id = read_cursor(page.cursor)
    sign = ">" if page.oldest_first else "<"
    return f"AND (updated_at, id) {sign} (%s, %s)", [moment, ticket_id]


def read_cursor(text: str) -> tuple[datetime.datetime, int]:
    """Read where a page ended; raise Invalid for anything that is no cursor of ours."""
    try:
        micros, _, ticket_id = text.partition(".")
        if not (micros.isdecimal() and ticket_id.isdecimal()):
            raise ValueError
        moment = datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(
            microseconds=int(micros)
        )
        number = int(ticket_id)
    except (ValueError, OverflowError) as error:
        raise Invalid(details={"cursor": ["not a cursor"]}) from error
    if number >= 2**63:
        raise Invalid(details={"cursor": ["not a cursor"]})
    return moment, number
