"""Reading a conversation: the badge goes, and the customer sees blue ticks where that is due."""

from collections.abc import Sequence

from django.db import connection as database
from django.db import transaction

from accounts.models import User
from dispatch.models import Outbox
from messaging.models import Message
from messaging.services.outbox import enqueue
from tickets.models import Ticket
from tickets.services.read import mark_read

# More at once says nothing more to the customer; the newest imply the rest.
MAX_RECEIPTS = 200


@transaction.atomic
def read_conversation(ticket: Ticket, *, by: User | None) -> bool:
    """Mark a ticket and its messages read (behaviour 59); tell whether anything was unread.

    Only open and group tickets on a connected number; otherwise nothing changes.
    """
    mark = mark_read(ticket, by=by)
    if not mark.was_unread:
        return False
    read_messages([ticket.pk], tells_network=mark.tells_network)
    return True


@transaction.atomic
def read_messages(ticket_ids: Sequence[int], *, tells_network: bool) -> int:
    """Mark what these tickets received read; leave read receipts for the network, one per chat."""
    sql = f"""
        WITH unread AS (
            UPDATE {Message._meta.db_table} SET is_read = true
            WHERE ticket_id = ANY(%s) AND NOT is_read AND NOT from_me
            RETURNING id, connection_id, chat, wire_id, sent_at
        )
        SELECT max(id), connection_id, chat,
               array_agg(wire_id ORDER BY sent_at, id) FILTER (WHERE wire_id IS NOT NULL),
               count(*)
        FROM unread GROUP BY connection_id, chat
    """  # noqa: S608 (the table's own name)
    with database.cursor() as cursor:
        cursor.execute(sql, [list(ticket_ids)])
        rows = cursor.fetchall()
    for message_id, connection_id, chat, wire_ids, _count in rows:
        if tells_network and wire_ids and connection_id is not None and chat:
            newest = Message(pk=message_id, connection_id=connection_id, chat=chat)
            enqueue(Outbox.Kind.READ, newest, {"wire_ids": wire_ids[-MAX_RECEIPTS:]})
    return sum(row[4] for row in rows)
