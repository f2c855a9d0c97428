"""Messages as rows of a table, for the platform's programs (rest.md §8, messagesRange)."""

import datetime

from messaging.wire.messages import message_columns_sql
from whaticket.database import read_rows
from whaticket.tenancy import current_company_id


def messages_between(
    since: datetime.datetime, until: datetime.datetime, *, after: int, limit: int
) -> list[tuple[int, bytes]]:
    """Give messages of a span past an id, as JSON by id, in the order of ids; one statement.

    Files are named as they are stored: these rows are no answers to people, and addresses expire.
    Page by page the table is walked once along its key; no index by time has to be kept for it.
    """
    sql = f"""
        SELECT m.id, (json_build_object({message_columns_sql("m", current_company_id())})::jsonb
            || jsonb_build_object('mediaUrl', nullif(m.media_path, ''),
                                  'thumbnailUrl', nullif(m.thumbnail_path, '')))::text
        FROM messaging_message m
        WHERE m.id > %s AND m.sent_at >= %s AND m.sent_at < %s ORDER BY m.id LIMIT %s
    """
    rows = read_rows(sql, [after, since, until, limit])
    return [(pk, text.encode()) for pk, text in rows]
