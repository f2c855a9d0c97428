"""`GET /tickets-log/:id`: a ticket's history, derived from the event log."""

from typing import Any

from django.db import connection

from contacts.wire import literal, time_sql
from events.bus import event_classes

# A transfer is told twice: of the former agent and queue, and of those who take over (rule 50).
_RECEIVED = "receivedTransfer"


def _words() -> dict[str, str]:
    words = {cls.name: getattr(cls, "log", "") for cls in event_classes()}
    return {name: word for name, word in words.items() if word}


def ticket_log(ticket_id: int) -> bytes:
    """Give the rows of LogTicket with user and queue, newest first; one statement."""
    words: dict[str, Any] = _words()
    when = " ".join(
        f"WHEN {literal(name)} THEN {literal(word)}" for name, word in sorted(words.items())
    )
    sql = f"""
        WITH told AS (
            SELECT r.id, r.created_at, CASE r.name {when} END AS type,
                CASE r.name WHEN 'ticket.assigned' THEN (r.payload ->> 'agent_id')::bigint
                    WHEN 'ticket.transferred'
                    THEN coalesce((r.payload -> 'before' ->> 'agent_id')::bigint, r.actor_id)
                    ELSE coalesce(r.actor_id, (r.payload -> 'before' ->> 'agent_id')::bigint)
                END AS user_id,
                CASE WHEN r.name = 'ticket.transferred'
                    THEN r.payload -> 'before' ->> 'queue_id'
                    ELSE coalesce(r.payload ->> 'queue_id', r.payload -> 'before' ->> 'queue_id')
                END::bigint AS queue_id, 0 AS part
            FROM events_eventrecord r WHERE r.ticket_id = %s AND r.name = ANY(%s)
            UNION ALL
            SELECT r.id, r.created_at, '{_RECEIVED}', (r.payload ->> 'agent_id')::bigint,
                (r.payload ->> 'queue_id')::bigint, 1
            FROM events_eventrecord r WHERE r.ticket_id = %s AND r.name = 'ticket.transferred'
                AND r.payload ->> 'agent_id' IS NOT NULL
        )
        SELECT coalesce(json_agg(json_build_object('id', l.id * 2 + l.part, 'ticketId', %s::bigint,
            'userId', l.user_id, 'queueId', l.queue_id, 'type', l.type,
            'createdAt', {time_sql("l.created_at")}, 'updatedAt', {time_sql("l.created_at")},
            'user', CASE WHEN u.id IS NOT NULL
                THEN json_build_object('id', u.id, 'name', u.name) END,
            'queue', CASE WHEN q.id IS NOT NULL
                THEN json_build_object('id', q.id, 'name', q.name) END)
            ORDER BY l.id DESC, l.part DESC), '[]'::json)::text
        FROM told l LEFT JOIN public.accounts_user u ON u.id = l.user_id
        LEFT JOIN tickets_queue q ON q.id = l.queue_id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [ticket_id, list(words), ticket_id, ticket_id])
        return cursor.fetchone()[0].encode()
