"""Which closed ticket of a contact and connection is the newest, kept as a flag on the row.

The closed list shows one ticket per conversation; looking for the newest on every request would
cost as much as there are tickets.
"""

from collections.abc import Sequence

from django.db import connection as database

from tickets.models import Ticket
from whatsapp.models import Connection


def mark_newest_closed(connection: Connection | None, contact_ids: Sequence[int]) -> None:
    """Flag the newest closed ticket of each conversation and no other; one statement."""
    table = Ticket._meta.db_table
    sql = f"""
        UPDATE {table} t SET is_newest_closed = (t.id = newest.id)
        FROM (
            SELECT contact_id, max(id) AS id FROM {table}
            WHERE contact_id = ANY(%s) AND connection_id IS NOT DISTINCT FROM %s
              AND status = 'closed'
            GROUP BY contact_id
        ) newest
        WHERE t.contact_id = newest.contact_id AND t.connection_id IS NOT DISTINCT FROM %s
          AND t.is_newest_closed IS DISTINCT FROM (t.id = newest.id AND t.status = 'closed')
    """  # noqa: S608 (the table's own name)
    key = connection.pk if connection else None
    with database.cursor() as cursor:
        cursor.execute(sql, [list(contact_ids), key, key])
