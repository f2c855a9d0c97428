"""Messages as the contract writes them (rest.md §1.1, models.md Message), built by PostgreSQL.

Columns and rules stand here once: lists, frames and exports are made of the same fragments. Every
statement serves a whole batch. Addresses of files are marks until `sign_marks` has seen the text.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from contacts.wire import columns_sql as contact_columns
from contacts.wire import literal, mini_sql, time_sql
from messaging.media import WIRE_MARK, sign_marks
from tickets.models import Ticket
from tickets.sight import Sight, TicketFacts
from tickets.wire.parts import AS_TICKET, JOINS, QUEUE, QUEUE3, TAGS3, USER2, columns
from tickets.wire.parts import columns_sql as ticket_columns
from whaticket.database import Columns, read_rows
from whaticket.shapes import Constant, Flag, Moment, Number, Rows, Shape, Text, Word, arguments
from whaticket.shapes import Part as Shaped
from whaticket.tenancy import current_company_id

PAGE = 20

# ack (behaviour 58): what did not arrive yet, or perhaps never will, shows the clock; `status` and
# `failure` beside it tell clients that can show more. A note is 2 (behaviour 66).
_ACK = """CASE WHEN {m}.is_private THEN 2 ELSE CASE {m}.status
    WHEN 'accepted' THEN 1 WHEN 'sent' THEN 1 WHEN 'delivered' THEN 2 WHEN 'read' THEN 3
    WHEN 'played' THEN 4 ELSE 0 END END"""

_MEDIA_TYPE = """CASE {m}.kind
    WHEN 'text' THEN CASE WHEN {m}.quoted_id IS NULL THEN 'conversation'
                          ELSE 'extendedTextMessage' END
    WHEN 'image' THEN 'image' WHEN 'sticker' THEN 'image' WHEN 'video' THEN 'video'
    WHEN 'audio' THEN 'audio' WHEN 'voice' THEN 'audio'
    WHEN 'document' THEN CASE WHEN {m}.media_type LIKE 'text/%%' THEN 'text' ELSE 'application' END
    WHEN 'location' THEN 'locationMessage' WHEN 'live_location' THEN 'liveLocationMessage'
    WHEN 'contacts' THEN CASE WHEN jsonb_array_length({cards}) > 1 THEN 'contactsArrayMessage'
                              ELSE 'contactMessage' END
    WHEN 'reaction' THEN 'reactionMessage' WHEN 'call' THEN 'call_log'
    WHEN 'system' THEN 'systemMessage' ELSE 'unsupportedMessage' END"""

# Anything a stranger sent may be missing or of another shape.
_CARDS = """CASE jsonb_typeof({m}.data->'contacts') WHEN 'array' THEN {m}.data->'contacts'
    ELSE '[]'::jsonb END"""

# Behaviour 55: clients take bodies apart by these forms.
_BODY = """CASE
    WHEN {m}.kind = 'contacts' AND jsonb_array_length({cards}) > 1 THEN
        (SELECT json_agg(coalesce(card->>'vcard', ''))::text
         FROM jsonb_array_elements({cards}) card)
    WHEN {m}.kind = 'contacts' THEN coalesce({cards}#>>'{{0,vcard}}', {m}.body)
    WHEN {m}.kind = 'location' AND {m}.data ? 'location' THEN format(
        'data:image/png;base64, | https://maps.google.com/maps?q=%%1$s%%%%2C%%2$s&z=17 |'
        '%%1$s, %%2$s ',
        {m}.data#>>'{{location,latitude}}', {m}.data#>>'{{location,longitude}}')
    WHEN {m}.kind = 'live_location' AND {m}.data ? 'location' THEN format('%%s, %%s',
        {m}.data#>>'{{location,latitude}}', {m}.data#>>'{{location,longitude}}')
    WHEN {m}.body = '' AND {m}.media_name <> '' THEN {m}.media_name
    WHEN {m}.body = '' AND {m}.kind = 'sticker' THEN 'sticker'
    ELSE {m}.body END"""

_FILE = """CASE WHEN {m}.{path} <> '' THEN {mark} || {m}.{path} || '~'
    || encode(convert_to({name}, 'UTF8'), 'hex') END"""


def _sql(template: str, m: str, **parts: str) -> str:
    return template.format(m=m, cards=_CARDS.format(m=m), mark=literal(WIRE_MARK), **parts)


def _core(m: str, company_id: int) -> dict[str, Shaped]:
    """Give the keys that every shape of a message has."""
    return {
        "id": Number(f"{m}.id"),
        "fromMe": Flag(f"{m}.from_me"),
        "mediaUrl": Text(_sql(_FILE, m, path="media_path", name=f"{m}.media_name")),
        "body": Text(_sql(_BODY, m)),
        "mediaType": Word(_sql(_MEDIA_TYPE, m)),
        "companyId": Constant(company_id),
    }


def _state(m: str) -> dict[str, Shaped]:
    """Give the keys that every shape but a short quotation has; the last six are ours."""
    failure = Shape(
        {
            "class": Text(f"{m}.failure_class"),
            "code": Text(f"{m}.failure_code"),
            "reason": Text(f"{m}.failure_reason"),
            "change": Text(f"coalesce({m}.data->>'refused', '')"),
        },
        when=f"{m}.status IN ('failed', 'unknown') OR {m}.data ? 'refused'",
    )
    return {
        "ack": Number(_sql(_ACK, m)),
        "createdAt": Moment(f"{m}.sent_at"),
        "ticketId": Number(f"{m}.ticket_id"),
        "isDeleted": Flag(f"{m}.deleted_at IS NOT NULL"),
        "queueId": Number(f"{m}.queue_id", nullable=True),
        "isForwarded": Flag(f"{m}.is_forwarded"),
        "isEdited": Flag(f"{m}.edited_at IS NOT NULL"),
        "isPrivate": Flag(f"{m}.is_private"),
        "status": Word(f"{m}.status"),
        "failure": failure,
        "mediaName": Text(f"nullif({m}.media_name, '')"),
        "mediaSize": Number(f"{m}.media_size", nullable=True),
        "mediaState": Word(f"{m}.media_state"),
        "thumbnailUrl": Text(_sql(_FILE, m, path="thumbnail_path", name="''")),
    }


def message_columns_sql(m: str, company_id: int) -> str:
    """Write all Message columns as arguments of json_build_object (models.md, Message)."""
    return f"""{arguments(_core(m, company_id) | _state(m))},
        'read', {m}.is_read, 'contactId', {m}.contact_id, 'remoteJid', nullif({m}.chat, ''),
        'dataJson', NULL, 'participant', NULL, 'ticketTrakingId', NULL,
        'quotedMsgId', {m}.quoted_id, 'wid', {m}.wire_id, 'userId', {m}.author_id,
        'updatedAt', {time_sql(f"{m}.updated_at")}"""


def _name(c: str) -> Shape:
    return Shape({"id": Number(f"{c}.id"), "name": Text(f"{c}.name")}, when=f"{c}.id IS NOT NULL")


# ------------------------------------------------------------------------------- frames


@dataclass(frozen=True, slots=True)
class MessageParts:
    """A message for realtime: complete, and its ticket and writer once more on their own."""

    message: bytes
    ticket: bytes
    contact: bytes
    facts: TicketFacts
    is_imported: bool


@lru_cache(maxsize=4096)
def _frames_statement(company_id: int) -> str:
    contact = f"""CASE WHEN mc.id IS NOT NULL THEN
        json_build_object({contact_columns("mc", company_id)}) END"""
    quoted = f"""CASE WHEN qm.id IS NOT NULL THEN json_build_object(
        {message_columns_sql("qm", company_id)}, 'contact', CASE WHEN qc.id IS NOT NULL THEN
        json_build_object({contact_columns("qc", company_id)}) END) END"""
    return f"""
        WITH picked AS MATERIALIZED (SELECT * FROM messaging_message WHERE id = ANY(%s)),
        places AS MATERIALIZED (
            SELECT {_TICKET_FACTS}, {_frame_ticket_sql(company_id)} AS body
            FROM tickets_ticket t {JOINS} WHERE t.id IN (SELECT ticket_id FROM picked)
        )
        SELECT m.id, json_build_object({message_columns_sql("m", company_id)},
            'contact', {contact}, 'ticket', p.body, 'quotedMsg', {quoted})::text,
            p.body::text, {contact}::text, m.origin = 'import',
            p.status, p.queue_id, p.agent_id, p.is_group, p.connection_id
        FROM picked m JOIN places p ON p.id = m.ticket_id
        LEFT JOIN contacts_contact mc ON mc.id = m.contact_id
        LEFT JOIN messaging_message qm ON qm.id = m.quoted_id
        LEFT JOIN contacts_contact qc ON qc.id = qm.contact_id
    """


_TICKET_FACTS = "t.id, t.status, t.queue_id, t.agent_id, t.is_group, t.connection_id"


def _frame_ticket_sql(company_id: int) -> str:
    """Write the ticket of a message's frame (realtime.md §4.1)."""
    return f"""json_build_object({ticket_columns(company_id)},
        'contact', {mini_sql("c", company_id)}, 'queue', {QUEUE3}, 'user', {USER2},
        'tags', {TAGS3}, 'whatsapp', CASE WHEN n.id IS NOT NULL THEN json_build_object(
            'id', n.id, 'name', n.name, 'groupAsTicket', {AS_TICKET}) END)"""


def messages_with_parts(ids: Sequence[int]) -> dict[int, MessageParts]:
    """Give messages complete, with ticket, writer and quotation, by id; one statement."""
    if not ids:
        return {}
    company_id = current_company_id()
    rows = read_rows(_frames_statement(company_id), [list(ids)])
    return {
        row[0]: MessageParts(
            message=sign_marks(row[1].encode(), company_id),
            ticket=row[2].encode(),
            contact=(row[3] or "null").encode(),
            is_imported=row[4],
            facts=TicketFacts(*row[5:10]),
        )
        for row in rows
    }


def messages_json(ids: Sequence[int]) -> dict[int, bytes]:
    """Give messages complete, as JSON by id; one statement."""
    return {pk: parts.message for pk, parts in messages_with_parts(ids).items()}


def ticket_parts(ids: Sequence[int]) -> dict[int, tuple[TicketFacts, bytes]]:
    """Give tickets as frames of messages carry them, for messages that are gone; one statement."""
    if not ids:
        return {}
    sql = f"""SELECT {_TICKET_FACTS}, {_frame_ticket_sql(current_company_id())}::text
        FROM tickets_ticket t {JOINS} WHERE t.id = ANY(%s)"""
    return {
        row[0]: (TicketFacts(*row[1:6]), row[6].encode()) for row in read_rows(sql, [list(ids)])
    }


# ------------------------------------------------------------------------------- a conversation


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a conversation: a page by number, or what was said before a message."""

    number: int = 1
    before: int | None = None


def conversation(
    key: int | uuid.UUID, sight: Sight, *, part: Part, queue_ids: Sequence[int] | None = None
) -> tuple[Ticket, bytes] | None:
    """Give a ticket and a page of `GET /messages/:ticketId`, oldest first; one statement.

    None where there is no such ticket for these eyes. The page covers the ticket and the earlier
    ones of its contact and connection, as far as their queues are the person's (`queue_ids` narrows
    them further). `count` is the tickets' own counter, which leaves reactions out.
    """
    company_id = current_company_id()
    limits, queues = _queue_limits(sight, queue_ids)
    column = "uuid" if isinstance(key, uuid.UUID) else "id"
    sql = _conversation_statement(company_id, column, limits, part.before is not None)
    offset = 0 if part.before is not None else (part.number - 1) * PAGE
    values: dict[str, Any] = {"key": key, "offset": offset, "reach": offset + PAGE + 1}
    if part.before is not None:
        values["before"] = part.before
    if queues is not None:
        values["queues"] = queues
    rows = read_rows(sql, values)
    if not rows:
        return None
    ticket = _SEEN.instance(rows[0])
    if not sight.allows(facts_of(ticket)):
        return None
    return ticket, sign_marks(rows[0][-1].encode(), company_id)


def _queue_limits(sight: Sight, queue_ids: Sequence[int] | None) -> tuple[str, list[int] | None]:
    """Say which earlier tickets the person reads along (rest.md §8)."""
    if sight.sees_all_history or (sight.is_admin and queue_ids is None):
        return "true", None
    allowed = sight.queue_ids if queue_ids is None else frozenset(queue_ids)
    if not sight.is_admin:
        allowed &= sight.queue_ids
    limits = "t.queue_id = ANY(%(queues)s)"
    if sight.is_admin or sight.sees_unqueued:
        limits += " OR t.queue_id IS NULL"
    elif sight.sees_groups:
        limits += " OR (t.queue_id IS NULL AND t.is_group)"
    return limits, sorted(allowed)


@lru_cache(maxsize=4096)
def _conversation_statement(company_id: int, column: str, limits: str, with_before: bool) -> str:
    before = ""
    if with_before:
        before = """AND (x.sent_at, x.id) < (SELECT b.sent_at, b.id FROM messaging_message b
                WHERE b.id = %(before)s AND b.ticket_id IN (SELECT id FROM scope))"""
    place = {
        "id": Number("s.id"),
        "whatsappId": Number("s.connection_id", nullable=True),
        "queueId": Number("s.queue_id", nullable=True),
        "queue": QUEUE,
    }
    row: dict[str, Shaped] = {
        **_core("m", company_id),
        **_state("m"),
        "userId": Number("m.author_id", nullable=True),
        "contact": _name("mc"),
        "quotedMsg": Shape(
            {**_core("qm", company_id), "contact": _name("qc")}, when="qm.id IS NOT NULL"
        ),
        "ticket": Shape(place),
    }
    page = {
        "count": Number("(SELECT coalesce(sum(message_count), 0) FROM scope)"),
        "messages": Rows(
            Shape(row),
            """shown JOIN scope s ON s.id = shown.ticket_id CROSS JOIN LATERAL (
                SELECT * FROM messaging_message y WHERE y.id = shown.id OFFSET 0) m
            LEFT JOIN tickets_queue q ON q.id = s.queue_id
            LEFT JOIN contacts_contact mc ON mc.id = m.contact_id
            LEFT JOIN messaging_message qm ON qm.id = m.quoted_id
            LEFT JOIN contacts_contact qc ON qc.id = qm.contact_id""",
            "m.sent_at, m.id",
        ),
        "ticket": Shape(columns(company_id)),
        "hasMore": Flag(f"(SELECT count(*) FROM page) > {PAGE}"),
    }
    # Each ticket gives its newest rows from the index; together they are a few dozen, however
    # long the conversation is; OFFSET 0 keeps the planner from reading the whole conversation
    # to find those few again. A reaction that was taken back is nothing to show.
    return f"""
        WITH this AS MATERIALIZED (
            SELECT * FROM tickets_ticket WHERE {column} = %(key)s
        ), scope AS MATERIALIZED (
            SELECT t.id, t.connection_id, t.queue_id, t.message_count
            FROM this JOIN tickets_ticket t ON t.contact_id = this.contact_id
            WHERE t.id <= this.id AND t.is_group = this.is_group
              AND t.connection_id IS NOT DISTINCT FROM this.connection_id
              AND (t.id = this.id OR {limits})
        ), page AS MATERIALIZED (
            SELECT x.id, x.sent_at, scope.id AS ticket_id FROM scope, LATERAL (
                SELECT x.id, x.sent_at FROM messaging_message x
                WHERE x.ticket_id = scope.id
                  AND NOT (x.kind = 'reaction' AND x.deleted_at IS NOT NULL) {before}
                ORDER BY x.sent_at DESC, x.id DESC LIMIT %(reach)s
            ) x ORDER BY x.sent_at DESC, x.id DESC LIMIT {PAGE + 1} OFFSET %(offset)s
        ), shown AS MATERIALIZED (
            SELECT * FROM page ORDER BY sent_at DESC, id DESC LIMIT {PAGE}
        )
        SELECT {_SEEN.sql("t")}, {Shape(page).as_text()} FROM this t
    """


def find_ticket(key: int | uuid.UUID, sight: Sight) -> Ticket | None:
    """Give a ticket by id or uuid, or None where there is none for these eyes; one statement."""
    column = "uuid" if isinstance(key, uuid.UUID) else "id"
    rows = read_rows(_ticket_statement(column, current_company_id()), [key])
    ticket = _TICKET.instance(rows[0]) if rows else None
    return ticket if ticket is not None and sight.allows(facts_of(ticket)) else None


_TICKET = Columns(Ticket)
# What decides who sees it and whether there is something to mark read.
_SEEN = Columns(
    Ticket,
    only={"id", "status", "queue_id", "agent_id", "is_group", "connection_id", "unread_count"},
)


@lru_cache(maxsize=4096)
def _ticket_statement(column: str, company_id: int) -> str:
    # The comment keeps the plans of companies apart: a plan belongs to one search path.
    return (
        f"SELECT {_TICKET.sql('t')} FROM tickets_ticket t WHERE t.{column} = %s"
        f" -- company {company_id}"
    )


def facts_of(ticket: Ticket) -> TicketFacts:
    """Give what decides who sees a ticket."""
    return TicketFacts(
        ticket.status, ticket.queue_id, ticket.agent_id, ticket.is_group, ticket.connection_id
    )
