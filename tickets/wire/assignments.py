"""`GET /tickets/:id/assignments`: who a ticket was given to by itself, and why."""

from django.db import connection

from contacts.wire import time_sql

# Nobody reads more decisions about one ticket.
_MOST = 100


def ticket_assignments(ticket_id: int) -> bytes:
    """Give the decisions about a ticket, newest first; one statement."""
    sql = f"""
        SELECT coalesce(json_agg(json_build_object('id', a.id, 'ticketId', a.ticket_id,
            'queueId', a.queue_id, 'userId', a.agent_id, 'mode', a.mode, 'trigger', a.trigger,
            'outcome', a.outcome, 'attempts', a.attempts,
            'createdAt', {time_sql("a.created_at")}, 'decidedAt', {time_sql("a.decided_at")},
            'user', CASE WHEN u.id IS NOT NULL
                THEN json_build_object('id', u.id, 'name', u.name) END,
            'queue', CASE WHEN q.id IS NOT NULL
                THEN json_build_object('id', q.id, 'name', q.name) END,
            'candidates', (SELECT coalesce(json_agg(json_build_object(
                    'userId', c -> 'user_id', 'name', c -> 'name', 'load', c -> 'load',
                    'capacity', c -> 'capacity', 'skipped', c -> 'skipped') ORDER BY place),
                    '[]'::json)
                FROM jsonb_array_elements(a.candidates) WITH ORDINALITY AS x(c, place)))
            ORDER BY a.id DESC), '[]'::json)::text
        FROM (SELECT * FROM tickets_assignment WHERE ticket_id = %s ORDER BY id DESC
            LIMIT {_MOST}) a
        LEFT JOIN public.accounts_user u ON u.id = a.agent_id
        LEFT JOIN tickets_queue q ON q.id = a.queue_id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [ticket_id])
        return cursor.fetchone()[0].encode()
