"""`GET /ticket/kanban`: the tickets of the board."""

import datetime
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from contacts.wire import like, picture_sql
from tickets.models import Ticket
from tickets.sight import Sight
from tickets.wire.compiled import where
from tickets.wire.parts import JOINS, QUEUE3, TAGS3, USER2, columns_sql
from whaticket.tenancy import current_company_id

PAGE = 400


@dataclass(frozen=True, slots=True)
class BoardWish:
    """What a client asks of the board; None and empty do not limit."""

    number: int = 1
    text: str = ""
    show_all: bool = False
    queue_ids: tuple[int, ...] | None = None
    tag_ids: tuple[int, ...] = ()
    agent_ids: tuple[int, ...] = ()
    only_unread: bool = False
    updated_on: datetime.date | None = None
    created_from: datetime.datetime | None = None
    created_until: datetime.datetime | None = None


def board_q(sight: Sight, wish: BoardWish) -> Q:
    """Select open and waiting tickets; dates drop every other filter but the person's sight."""
    live = Q(status__in=["open", "pending"]) & sight.as_q()
    if wish.created_from and wish.created_until:
        return live & Q(created_at__gte=wish.created_from, created_at__lt=wish.created_until)
    queues = wish.queue_ids if wish.queue_ids is not None else tuple(sight.queue_ids)
    if wish.queue_ids is not None or not sight.is_admin:
        live &= Q(queue_id__in=queues) | Q(queue_id__isnull=True)
    if not (wish.show_all and (sight.is_admin or sight.sees_all_users)):
        live &= Q(agent_id=sight.user_id) | Q(status="pending")
    if wish.agent_ids:
        live &= Q(agent_id__in=wish.agent_ids)
    if wish.tag_ids:
        live &= Q(
            pk__in=Ticket.tags.through.objects.filter(tag_id__in=wish.tag_ids).values("ticket_id")
        )
    if wish.only_unread:
        live &= Q(unread_count__gt=0)
    if wish.updated_on:
        day = datetime.datetime.combine(wish.updated_on, datetime.time(), datetime.UTC)
        live &= Q(updated_at__gte=day, updated_at__lt=day + datetime.timedelta(days=1))
    return live


def board(sight: Sight, wish: BoardWish) -> bytes:
    """Give `{tickets, count, hasMore}` of the board, newest change first; one statement."""
    company_id = current_company_id()
    limits, params = where(Ticket, board_q(sight, wish))
    values = list(params)
    if wish.text:
        limits += (
            " AND contact_id IN (SELECT id FROM contacts_contact WHERE"
            " folded_name LIKE public.folded(%s) OR address LIKE %s)"
        )
        values += [like(wish.text), like(wish.text.lower())]
    row = f"""json_build_object({columns_sql(company_id)},
        'contact', json_build_object('id', c.id, 'name', c.name, 'number', c.address,
            'email', c.email, 'companyId', {company_id},
            'urlPicture', {picture_sql("c", company_id)}),
        'queue', {QUEUE3}, 'user', {USER2}, 'tags', {TAGS3},
        'whatsapp', CASE WHEN n.id IS NOT NULL THEN json_build_object('name', n.name) END)"""
    sql = f"""
        WITH page AS MATERIALIZED (
            SELECT * FROM tickets_ticket WHERE {limits}
            ORDER BY updated_at DESC, id DESC LIMIT {PAGE} OFFSET %s
        ), total AS MATERIALIZED (SELECT count(*) AS n FROM tickets_ticket WHERE {limits})
        SELECT json_build_object('tickets', coalesce((
            SELECT json_agg({row} ORDER BY t.updated_at DESC, t.id DESC) FROM page t {JOINS}),
            '[]'::json), 'count', (SELECT n FROM total),
            'hasMore', (SELECT n FROM total) > %s + (SELECT count(*) FROM page))::text
    """
    offset = (wish.number - 1) * PAGE
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, offset, *values, offset])
        return cursor.fetchone()[0].encode()
