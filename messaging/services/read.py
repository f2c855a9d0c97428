"""Reading a conversation: the badge goes, and the customer sees blue ticks where that is due."""

from collections.abc import Sequence
from typing import Any

from django.db import connection as database
from django.db import transaction

from accounts.models import User
from dispatch.models import Outbox
from messaging.chats import GROUP_SERVER, chats_of
from messaging.models import Message
from messaging.services.outbox import enqueue_all
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
    """Mark what these tickets received read; leave read receipts for the network, one per chat.

    In a group there is one per person who wrote: the network wants to know whose message was read.
    """
    sql = f"""
        WITH unread AS (
            UPDATE {Message._meta.db_table} SET is_read = true
            WHERE ticket_id = ANY(%s) AND NOT is_read AND NOT from_me
            RETURNING id, connection_id, chat, wire_id, sent_at,
                      CASE WHEN chat LIKE %s THEN contact_id END AS writer
        )
        SELECT max(id), connection_id, chat, writer,
               array_agg(wire_id ORDER BY sent_at, id) FILTER (WHERE wire_id IS NOT NULL),
               count(*)
        FROM unread GROUP BY connection_id, chat, writer ORDER BY max(id)
    """  # noqa: S608 (the table's own name)
    with database.cursor() as cursor:
        cursor.execute(sql, [list(ticket_ids), f"%{GROUP_SERVER}"])
        rows = cursor.fetchall()
    if tells_network:
        _leave_receipts(rows)
    return sum(row[5] for row in rows)


def _leave_receipts(rows: Sequence[tuple[Any, ...]]) -> None:
    names = chats_of([writer for _id, _connection, _chat, writer, *_rest in rows if writer])
    work: list[tuple[str, Message, dict[str, Any]]] = []
    for message_id, connection_id, chat, writer, wire_ids, _count in rows:
        if not wire_ids or connection_id is None or not chat:
            continue
        receipt: dict[str, Any] = {"wire_ids": wire_ids[-MAX_RECEIPTS:]}
        if writer in names:
            receipt["sender"] = names[writer]
        newest = Message(pk=message_id, connection_id=connection_id, chat=chat)
        work.append((Outbox.Kind.READ, newest, receipt))
    if work:
        enqueue_all(work)
