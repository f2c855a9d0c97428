"""Store first, acknowledge then, understand after: the way of everything that arrives.

`store_events` is one statement and needs nothing but the raw form. `project_events` turns stored
events into messages and statuses; it may die at any line and runs again, and it may be run again
over old events on purpose (`manage.py replay_inbound`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson
import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db import connection as database
from django.utils import timezone

from companies.services import settings_of
from contacts.identity import Identity
from contacts.models import ContactIdentity
from contacts.services import Profile, identify_contacts
from dispatch.models import Inbox
from messaging.models import InboundEvent
from messaging.models import Message as Row
from messaging.services.changes import NotYet, apply_edit, apply_reaction, apply_revoke
from messaging.services.ledger import Rise, raise_statuses
from messaging.services.outbox import wake_after_commit
from messaging.services.receive import receive_messages
from whaticket import metrics
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import (
    Call,
    Content,
    Driver,
    Echo,
    Edited,
    IdentityLinked,
    Inbound,
    Kind,
    Message,
    Reacted,
    Receipt,
    Revoked,
    Status,
    StoredEvent,
    Unreadable,
)
from whatsapp.drivers.registry import driver_for
from whatsapp.models import Connection
from whatsapp.services.sessions import note_traffic

log = structlog.get_logger(__name__)

# Events projected in one transaction.
BATCH = 200
# How long an edit waits for the message it is about (deliveries are unordered).
PATIENCE = timedelta(hours=1)

_STATUS = {
    Status.SENT: Row.Status.SENT,
    Status.DELIVERED: Row.Status.DELIVERED,
    Status.READ: Row.Status.READ,
    Status.PLAYED: Row.Status.PLAYED,
    Status.FAILED: Row.Status.FAILED,
}


def store_events(connection_id: int, events: Sequence[StoredEvent]) -> int:
    """Keep events and leave a pointer to each; return how many were new.

    One statement, so it is all or nothing. A second delivery of an event changes nothing.
    """
    if not events:
        return 0
    company_id = current_company_id()
    sql = f"""
        WITH stored AS (
            INSERT INTO {InboundEvent._meta.db_table}
                (connection_id, chat, wire_id, kind, raw, received_at, failure)
            SELECT %s, n.chat, n.wire_id, n.kind, n.raw::jsonb, %s, ''
            FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
                 WITH ORDINALITY AS n(chat, wire_id, kind, raw, place)
            ORDER BY n.place
            ON CONFLICT DO NOTHING
            RETURNING id
        )
        INSERT INTO {Inbox._meta.db_table} (company_id, connection_id, event_id, created_at)
        SELECT %s, %s, id, %s FROM stored ORDER BY id
    """  # noqa: S608 (the tables' own names)
    now = timezone.now()
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(
            sql,
            [
                connection_id,
                now,
                [event.chat for event in events],
                [event.store_key for event in events],
                [event.kind for event in events],
                [orjson.dumps(dict(event.raw)).decode() for event in events],
                company_id,
                connection_id,
                now,
            ],
        )
        new = cursor.rowcount
        note_traffic(connection_id)
        wake_after_commit(company_id, connection_id)
    return new


@dataclass(slots=True)
class _Pending:
    """One stored event, read again by its driver."""

    row: InboundEvent
    events: list[Any]


def project_events(connection_id: int) -> int:
    """Turn the oldest stored events of a connection into what they mean; return how many.

    Only one caller at a time works on a connection (an advisory lock ends with the transaction);
    others return 0. An event that cannot be applied is kept with the reason, and the rest goes on.
    """
    with transaction.atomic():
        if not _lock(connection_id):
            return 0
        connection = Connection.objects.filter(pk=connection_id).first()
        if connection is None:
            return 0
        after = 0
        while rows := _take(connection_id, after):
            done = _project(connection, _read(connection, rows))
            if done:
                return done
            # All of these wait for messages that may never come; they must not hold up the rest.
            after = rows[-1].pk
        return 0


def _project(connection: Connection, pending: Sequence["_Pending"]) -> int:
    try:
        with transaction.atomic():
            done = _apply(connection, pending)
    except (OperationalError, InterfaceError):
        # The database is away or asks for another try; nothing says that an event is bad.
        raise
    except Exception as error:
        # One bad event must not hold up the others: find it by going one at a time.
        log.warning("projection.batch_failed", error=type(error).__name__, events=len(pending))
        done = _apply_one_by_one(connection, pending)
    _finish(done)
    return len(done)


def _lock(connection_id: int) -> bool:
    with database.cursor() as cursor:
        # Two 32-bit keys; a collision of large ids only makes two connections take turns.
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s)",
            [current_company_id() % 2**31, connection_id % 2**31],
        )
        return bool(cursor.fetchone()[0])


def _take(connection_id: int, after: int) -> list[InboundEvent]:
    pointers = Inbox.objects.filter(
        company_id=current_company_id(), connection_id=connection_id, event_id__gt=after
    ).order_by("event_id")
    ids = list(pointers.values_list("event_id", flat=True)[:BATCH])
    return list(InboundEvent.objects.filter(pk__in=ids).order_by("pk"))


def _read(connection: Connection, rows: Sequence[InboundEvent]) -> list[_Pending]:
    driver: type[Driver] = driver_for(connection.driver)
    for row in rows:
        # What failed the last time is tried anew.
        row.failure = ""
    return [_Pending(row, list(driver.parse(row.raw))) for row in rows]


def _apply(connection: Connection, pending: Sequence[_Pending]) -> list[InboundEvent]:
    """Apply a batch: all messages first, then what refers to them, then statuses."""
    arrivals: list[Inbound | Echo] = []
    changes: list[tuple[_Pending, Edited | Revoked | Reacted]] = []
    rises: list[Rise] = []
    for item in pending:
        for event in item.events:
            metrics.INBOUND.labels(connection.driver, event.kind).inc()
            if isinstance(event, Inbound | Echo):
                arrivals.append(event)
            elif isinstance(event, Call):
                # Switched off, calls are ignored (behaviour 69).
                if settings_of(current_company_id()).answers_calls:
                    arrivals.extend(_as_message(event))
            elif isinstance(event, Unreadable):
                arrivals.extend(_as_message(event))
            elif isinstance(event, Edited | Revoked | Reacted):
                changes.append((item, event))
            elif isinstance(event, Receipt):
                rises.extend(_rise(event))
            elif isinstance(event, IdentityLinked):
                _link(connection, event)
    receive_messages(connection, arrivals)
    raise_statuses(connection.pk, rises)
    waiting = set()
    for item, event in changes:
        try:
            _change(connection, event)
        except NotYet:
            if timezone.now() - item.row.received_at < PATIENCE:
                waiting.add(item.row.pk)
            else:
                item.row.failure = "its message never came"
    return [item.row for item in pending if item.row.pk not in waiting]


def _apply_one_by_one(connection: Connection, pending: Sequence[_Pending]) -> list[InboundEvent]:
    done = []
    for item in pending:
        try:
            with transaction.atomic():
                done.extend(_apply(connection, [item]))
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("projection.failed", stored=item.row.pk, connection=connection.pk)
            item.row.failure = f"{type(error).__name__}: {error}"[:255]
            done.append(item.row)
    return done


def _change(connection: Connection, event: Edited | Revoked | Reacted) -> None:
    if isinstance(event, Edited):
        apply_edit(connection, event)
    elif isinstance(event, Revoked):
        apply_revoke(connection, event)
    else:
        apply_reaction(connection, event)


def _finish(rows: Sequence[InboundEvent]) -> None:
    ids = [row.pk for row in rows]
    InboundEvent.objects.filter(pk__in=ids).update(projected_at=timezone.now(), failure="")
    for row in rows:
        if row.failure:
            InboundEvent.objects.filter(pk=row.pk).update(failure=row.failure)
    Inbox.objects.filter(company_id=current_company_id(), event_id__in=ids).delete()


def _as_message(event: Call | Unreadable) -> list[Inbound]:
    """Give calls and unreadable events a bubble of their own, so that nobody misses them."""
    if isinstance(event, Call):
        person = event.caller
        content = Content(
            kind=Kind.CALL, text="", extra={"status": event.status, "video": event.is_video}
        )
    else:
        if event.sender is None or not event.sender.identities:
            return []
        person = event.sender
        content = Content(kind=Kind.UNSUPPORTED, text="", extra={"reason": event.reason})
    message = Message(peer=person.identities, sender=person, content=content)
    return [
        Inbound(wire_id=event.wire_id, chat=event.chat, at=event.at, raw=event.raw, message=message)
    ]


def _rise(receipt: Receipt) -> list[Rise]:
    status = _STATUS.get(receipt.status)
    if status is None:
        return []
    # The outbox id that Cloud gives back is our message's id.
    own = int(receipt.opaque) if receipt.opaque.isascii() and receipt.opaque.isdigit() else None
    rise = Rise(status=status, wire_id=receipt.wire_id, message_id=own)
    if receipt.error is not None:
        rise = replace(
            rise,
            failure_class=str(receipt.error.cls),
            failure_code=receipt.error.code,
            failure_reason=receipt.error.reason,
        )
    return [rise]


def _link(connection: Connection, event: IdentityLinked) -> None:
    former, latter = (Identity(str(i.kind), i.value) for i in (event.a, event.b))
    identify_contacts(
        [
            Profile(
                (latter, former) if event.replaces else (former, latter), channel=connection.channel
            )
        ]
    )
    if event.replaces:
        kind, scope, key = former.key
        ContactIdentity.objects.filter(kind=kind, scope=scope, match_key=key).delete()
