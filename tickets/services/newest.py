"""Which closed ticket of a contact and connection is the newest, kept as a flag on the row.

The closed list shows one ticket per conversation; looking for the newest on every request would
cost as much as there are tickets.
"""

from collections.abc import Sequence

from django.db import connection as database

from tickets.models import Ticket


def mark_newest_closed(connection_id: int | None, contact_ids: Sequence[int]) -> None:
    """Flag the newest closed ticket of each conversation and no other; one statement.

    `connection_id` None means the tickets whose connection was deleted.
    """
    table = Ticket._meta.db_table
    # The two forms of the condition keep the index of (contact, connection) usable.
    on = "{0}.connection_id IS NULL" if connection_id is None else "{0}.connection_id = %(on)s"
    sql = f"""
        UPDATE {table} t SET is_newest_closed = coalesce(t.id = newest.id, false)
        FROM (
            SELECT o.contact_id, max(o.id) FILTER (WHERE o.status = 'closed') AS id
            FROM {table} o
            WHERE o.contact_id = ANY(%(contacts)s) AND {on.format("o")}
            GROUP BY o.contact_id
        ) newest
        WHERE t.contact_id = newest.contact_id AND {on.format("t")}
          AND t.is_newest_closed IS DISTINCT FROM coalesce(t.id = newest.id, false)
    """  # noqa: S608 (the table's own name)
    with database.cursor() as cursor:
        cursor.execute(sql, {"contacts": list(contact_ids), "on": connection_id})
