"""Work for a connection's session: a pointer per thing to do, taken by the holder of its lease."""

from collections.abc import Sequence
from typing import Any

import orjson
import redis
import structlog
from django.db import transaction

from dispatch.models import Outbox
from events.realtime import valkey
from messaging.exceptions import NoConnection
from messaging.models import Message
from whaticket.tenancy import current_company_id

log = structlog.get_logger(__name__)

# Where workers hear that a connection has work. Losing a wake-up costs a second, not the work.
WAKE_CHANNEL = "whatsapp:wake"


def enqueue(kind: str, message: Message, payload: dict[str, Any] | None = None) -> Outbox:
    """Leave something to do for a message's connection; wake its session after the commit."""
    return enqueue_all([(kind, message, payload or {})])[0]


def enqueue_all(work: Sequence[tuple[str, Message, dict[str, Any]]]) -> list[Outbox]:
    """Leave several things to do; what belongs to one chat is done in this order."""
    company_id = current_company_id()
    rows = Outbox.objects.bulk_create(
        [
            Outbox(
                company_id=company_id,
                connection_id=_connection_of(message),
                # A slow download must not hold up the chat it belongs to.
                chat=f"media:{message.pk}" if kind == Outbox.Kind.FETCH else message.chat,
                kind=kind,
                message_id=message.pk,
                payload=payload,
            )
            for kind, message, payload in work
        ]
    )
    for connection_id in {row.connection_id for row in rows}:
        wake_after_commit(company_id, connection_id)
    return rows


def _connection_of(message: Message) -> int:
    if message.connection_id is None:
        raise NoConnection
    return message.connection_id


def wake_after_commit(company_id: int, connection_id: int) -> None:
    """Tell the workers that a connection has work, once the work is committed."""

    def wake_now() -> None:
        wake(company_id, connection_id)

    transaction.on_commit(wake_now, robust=True)


def wake(company_id: int, connection_id: int | None = None) -> None:
    """Tell the workers to look now; without a connection: at the leases."""
    try:
        valkey().publish(WAKE_CHANNEL, orjson.dumps([company_id, connection_id]))
    except redis.RedisError as error:
        # The worker's own sweep finds the work a moment later.
        log.info("wake.lost", error=type(error).__name__)
