"""Queues as clients read them."""

from django.db import connection

from contacts.wire import time_sql
from whaticket.tenancy import current_company_id


def queue_sql(company_id: int, *, with_bots: bool) -> str:
    """Write all Queue columns (models.md, Queue); `chatbots` is empty until bots exist."""
    bots = ", 'chatbots', '[]'::json" if with_bots else ""
    return f"""json_build_object('id', q.id, 'name', q.name, 'color', q.color,
        'greetingMessage', q.greeting_message, 'companyId', {company_id},
        'schedules', q.schedules, 'outOfHoursMessage', q.out_of_hours_message,
        'orderQueue', q.position, 'tempoRoteador', q.router_minutes,
        'ativarRoteador', q.router_is_on, 'integrationId', q.integration_id,
        'fileListId', q.file_list_id, 'closeTicket', q.closes_tickets,
        'createdAt', {time_sql("q.created_at")}, 'updatedAt', {time_sql("q.updated_at")}{bots})"""


def queues_json() -> bytes:
    """Give all queues of the company, in menu order; one statement."""
    shape = queue_sql(current_company_id(), with_bots=False)
    sql = f"""SELECT coalesce(json_agg({shape} ORDER BY q.position NULLS LAST, q.id),
        '[]'::json)::text FROM tickets_queue q"""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0].encode()


def queue_json(queue_id: int) -> bytes | None:
    """Give one queue with its chatbots, or None; one statement."""
    shape = queue_sql(current_company_id(), with_bots=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {shape}::text FROM tickets_queue q WHERE q.id = %s",
            [queue_id],
        )
        row = cursor.fetchone()
    return row[0].encode() if row else None
