"""`GET /tickets`: a page of tickets and their total, in one statement."""

import datetime
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from contacts.wire import like, mini_sql, time_sql
from tickets.selection import Search, Wish
from tickets.sight import Sight
from tickets.wire.compiled import counted, listed
from tickets.wire.parts import AS_TICKET, JOINS, QUEUE3, TAGS3, USER2
from whaticket.exceptions import Invalid
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
    after, after_params = _after(page)
    offset = 0 if page.cursor is not None else (page.number - 1) * PAGE
    if wish.searches:
        source, params = _found(sight, wish, search or Search())
        in_messages = bool(search and search.in_messages and search.text)
        sql = _search_statement(
            company_id, source, after, page.oldest_first, page.cursor is not None, in_messages
        )
        values = [*params, *after_params, offset]
        if in_messages and search is not None:
            values.append(like(search.text))
    else:
        text, where_params = listed(sight, wish)
        if wish.only_unread:
            # Unread counts change with every message; their index is small, so it is counted.
            count, count_params = _unread_count(text), where_params
        else:
            total, count_params = counted(sight, wish)
            count = f"SELECT coalesce(sum(amount), 0) FROM tickets_ticketcount WHERE {total}"
        sql = _statement(company_id, text, count, after, page.oldest_first, page.cursor is not None)
        values = [*where_params, *after_params, offset, *count_params]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0].encode()


def _unread_count(where: str) -> str:
    return f"SELECT count(*) FROM tickets_ticket WHERE {where}"


@lru_cache(maxsize=4096)
def _statement(
    company_id: int, where: str, count: str, after: str, oldest_first: bool, with_cursor: bool
) -> str:
    way = "ASC" if oldest_first else "DESC"
    return f"""
        WITH page AS MATERIALIZED (
            SELECT id, updated_at FROM tickets_ticket WHERE {where} {after}
            ORDER BY updated_at {way}, id {way} LIMIT {PAGE + 1} OFFSET %s
        ), total AS MATERIALIZED ({count})
        {_envelope(company_id, way, with_cursor, "(SELECT * FROM total)", "")}
    """


@lru_cache(maxsize=512)
def _search_statement(
    company_id: int, source: str, after: str, oldest_first: bool, with_cursor: bool, texts: bool
) -> str:
    way = "ASC" if oldest_first else "DESC"
    messages = ""
    if texts:
        messages = """, 'messages', coalesce((SELECT json_agg(json_build_object('id', m.id,
            'body', m.body) ORDER BY m.sent_at, m.id) FROM (
                SELECT id, body, sent_at FROM messaging_message x WHERE x.ticket_id = t.id
                AND public.folded(x.body) LIKE public.folded(%s)
                ORDER BY sent_at DESC, id DESC LIMIT 40) m), '[]'::json)"""
    return f"""
        WITH {source}, page AS MATERIALIZED (
            SELECT id, updated_at FROM hits WHERE true {after}
            ORDER BY updated_at {way}, id {way} LIMIT {PAGE + 1} OFFSET %s
        )
        {_envelope(company_id, way, with_cursor, "(SELECT count(*) FROM hits)", messages)}
    """


def _envelope(company_id: int, way: str, with_cursor: bool, total: str, messages: str) -> str:
    row = f"""json_build_object('id', t.id, 'uuid', t.uuid, 'userId', t.agent_id,
        'queueId', t.queue_id, 'isGroup', t.is_group, 'channel', t.channel, 'status', t.status,
        'contactId', t.contact_id, 'useIntegration', false, 'lastMessage', t.last_message,
        'updatedAt', {time_sql("t.updated_at")}, 'unreadMessages', t.unread_count,
        'contact', {mini_sql("c", company_id)}, 'queue', {QUEUE3}, 'user', {USER2},
        'tags', {TAGS3}, 'whatsapp', CASE WHEN n.id IS NOT NULL THEN json_build_object(
            'id', n.id, 'name', n.name, 'expiresTicket', n.expires_minutes,
            'groupAsTicket', {AS_TICKET}) END{messages})"""
    cursor = ""
    if with_cursor:
        cursor = f"""'cursor', CASE WHEN (SELECT count(*) FROM page) > {PAGE} THEN
            (SELECT (extract(epoch FROM updated_at) * 1000000)::bigint || '.' || id FROM shown
             ORDER BY updated_at {_opposite(way)}, id {_opposite(way)} LIMIT 1) END,"""
    return f""", shown AS MATERIALIZED (
            SELECT * FROM page ORDER BY updated_at {way}, id {way} LIMIT {PAGE}
        )
        SELECT json_build_object({cursor} 'tickets', coalesce((
            SELECT json_agg({row} ORDER BY p.updated_at {way}, p.id {way})
            FROM shown p JOIN tickets_ticket t ON t.id = p.id {JOINS}), '[]'::json),
            'count', {total}, 'hasMore', (SELECT count(*) FROM page) > {PAGE})::text"""


def _opposite(way: str) -> str:
    return "DESC" if way == "ASC" else "ASC"


# ------------------------------------------------------------------------------- search


def _found(sight: Sight, wish: Wish, search: Search) -> tuple[str, list[Any]]:
    """Write the CTEs down to `hits` (id, updated_at): rule 152.

    Who matches comes first, by trigram indexes; then the newest ticket of each of their
    conversations; then the other filters, which apply to that ticket.
    """
    allowed, params = listed(sight, wish)
    parts: list[str] = []
    values: list[Any] = []
    limits: list[str] = [allowed]
    late: list[str] = []
    late_params: list[Any] = []
    text = search.text
    if text:
        parts.append(
            "people AS MATERIALIZED (SELECT id FROM contacts_contact"
            " WHERE folded_name LIKE public.folded(%s) OR address LIKE %s)"
        )
        values += [like(text), like(text.lower())]
        if search.in_messages:
            parts.append(
                "spoken AS MATERIALIZED (SELECT DISTINCT ticket_id FROM messaging_message"
                " WHERE public.folded(body) LIKE public.folded(%s))"
            )
            values.append(like(text))
            parts.append(
                "candidates AS MATERIALIZED (SELECT id FROM people UNION"
                " SELECT s.contact_id FROM spoken JOIN tickets_ticket s ON s.id = spoken.ticket_id)"
            )
            late.append("(contact_id IN (SELECT id FROM people) OR id IN (SELECT * FROM spoken))")
        source = "candidates" if search.in_messages else "people"
        limits.append(f"contact_id IN (SELECT id FROM {source})")
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
        "newest AS MATERIALIZED (SELECT DISTINCT ON (contact_id, connection_id) id, updated_at,"
        " contact_id, connection_id, agent_id, status FROM tickets_ticket"
        f" WHERE {' AND '.join(f'({limit})' for limit in limits)}"
        " ORDER BY contact_id, connection_id, id DESC)"
    )
    values += params
    parts.append(
        "hits AS MATERIALIZED (SELECT id, updated_at FROM newest"
        f" WHERE {' AND '.join(late) or 'true'} LIMIT {COUNT_LIMIT})"
    )
    values += late_params
    return ", ".join(parts), values


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
