"""The ledger of outgoing messages: statuses rise and never go back (design §6, behaviour 58)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from events.bus import publish
from messaging.events import MessageStatusChanged
from messaging.models import Message

# `failed` stands above `sending` and below `accepted`: a late receipt of a message that was given
# up proves it arrived after all. `unknown` likewise gives way to any proof.
RANK: dict[str, int] = {
    Message.Status.QUEUED: 0,
    Message.Status.SENDING: 1,
    Message.Status.UNKNOWN: 2,
    Message.Status.FAILED: 3,
    Message.Status.ACCEPTED: 4,
    Message.Status.SENT: 5,
    Message.Status.DELIVERED: 6,
    Message.Status.READ: 7,
    Message.Status.PLAYED: 8,
}
_RANK_SQL = "CASE {column} " + " ".join(
    f"WHEN '{status}' THEN {rank}" for status, rank in RANK.items()
)


def _rank(column: str) -> str:
    # What was received has no ledger; 99 keeps it out of every rise.
    return _RANK_SQL.format(column=column) + " ELSE 99 END"


def _failure(part: str) -> str:
    # A tick takes away the failure to send, not the reason why a change was refused.
    column = f"failure_{part}"
    return (
        f"CASE WHEN n.failure_class = '' AND m.data ? 'refused' THEN m.{column} ELSE n.{column} END"
    )


@dataclass(frozen=True, slots=True)
class Rise:
    """News of one outgoing message: how far it got, and by which name the network knows it.

    Found by `wire_id` on the connection, or by our own id where the network gave it back.
    """

    status: str
    wire_id: str
    message_id: int | None = None
    failure_class: str = ""
    failure_code: str = ""
    failure_reason: str = ""


@transaction.atomic
def raise_statuses(connection_id: int, rises: Sequence[Rise]) -> int:
    """Merge news into the ledger by rank, in one statement; return how many messages changed."""
    if not rises:
        return 0
    best: dict[tuple[str, int | None], Rise] = {}
    for rise in rises:
        key = (rise.wire_id, rise.message_id)
        if key not in best or RANK[rise.status] > RANK[best[key].status]:
            best[key] = rise
    news = list(best.values())
    sql = f"""
        UPDATE {Message._meta.db_table} m
        SET status = n.status,
            wire_id = coalesce(m.wire_id, nullif(n.wire_id, '')),
            failure_class = {_failure("class")}, failure_code = {_failure("code")},
            failure_reason = {_failure("reason")},
            updated_at = %s
        FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])
             AS n(status, wire_id, message_id, failure_class, failure_code, failure_reason)
        WHERE m.from_me AND m.connection_id = %s
          AND (m.id = n.message_id OR (n.message_id IS NULL AND m.wire_id = n.wire_id))
          AND {_rank("m.status")} < {_rank("n.status")}
        RETURNING m.id, m.ticket_id, m.status
    """  # noqa: S608 (table and rank texts are constants)
    with database.cursor() as cursor:
        cursor.execute(
            sql,
            [
                timezone.now(),
                [rise.status for rise in news],
                [rise.wire_id for rise in news],
                [rise.message_id for rise in news],
                [rise.failure_class for rise in news],
                [rise.failure_code for rise in news],
                [rise.failure_reason for rise in news],
                connection_id,
            ],
        )
        changed = cursor.fetchall()
    if changed:
        publish(
            *[
                MessageStatusChanged(message_id=pk, ticket_id=ticket_id, status=status)
                for pk, ticket_id, status in changed
            ]
        )
    return len(changed)
