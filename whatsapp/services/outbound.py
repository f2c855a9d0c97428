"""Claim, act, record: what a session does between the outbox and the network.

A row is claimed with the lease's token, acted on outside of any transaction, and recorded. A row
claimed under an older token belongs to a worker that died: what it was sending is sent again only
where the network shows one id once, and is `unknown` everywhere else (design §6).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from contacts.models import ContactIdentity
from dispatch.models import Outbox, SessionLease
from messaging.chats import GROUP_SERVER, chats_of, in_order
from messaging.media.places import full_path
from messaging.models import Message
from messaging.services.ledger import Rise, raise_statuses
from messaging.services.refused import Refusal, undo_refused_change
from whaticket import metrics
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import (
    Accepted,
    Capabilities,
    CardPhone,
    ContactCard,
    Content,
    Identity,
    IdentityKind,
    Kind,
    Location,
    MessageKey,
    Outgoing,
    Rejected,
    SendResult,
    Upload,
)
from whatsapp.models import DirectMessage
from whatsapp.services.external.direct import direct_outgoing, note_direct
from whatsapp.services.leases import Lease
from whatsapp.services.sessions import note_traffic

# Waits before the next try of something the network proved not to have taken.
RETRY_SECONDS = (
    2,  # a hiccup
    10,  # a restart on their side
    60,  # a short outage
    300,  # a longer one; after this an agent should know
)
# Repetitions of something whose answer was lost, where repeating is harmless.
MAX_REPEATS = 20
# What makes something appear on a phone: with a conversation, and without one.
SENDS = (Outbox.Kind.SEND, Outbox.Kind.DIRECT)
# What alters a message that is out already.
CHANGES = (Outbox.Kind.EDIT, Outbox.Kind.REVOKE, Outbox.Kind.REACT)
# Rows looked at for one claim; enough to find work for every chat of a busy connection.
SCAN = 2000


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed thing to do."""

    id: int
    kind: str
    message_id: int | None
    chat: str
    payload: dict[str, Any] = field(default_factory=dict)
    attempts: int = 1


def claim_work(lease: Lease, *, limit: int, busy: Collection[str]) -> list[Work]:
    """Claim the oldest waiting row of each chat that is not busy; none when the lease is lost."""
    now = timezone.now()
    sql = f"""
        UPDATE {Outbox._meta.db_table} o
        SET state = 'sending', claimed_by = %(token)s, attempts = o.attempts + 1
        FROM (
            SELECT head.id FROM (
                SELECT DISTINCT ON (q.chat) q.* FROM (
                    SELECT id, chat, state, not_before FROM {Outbox._meta.db_table}
                    WHERE company_id = %(company)s AND connection_id = %(connection)s
                      AND NOT chat = ANY(%(busy)s)
                    ORDER BY id LIMIT {SCAN}
                ) q ORDER BY q.chat, q.id
            ) head
            WHERE head.state = 'queued' AND head.not_before <= %(now)s
            ORDER BY head.id LIMIT %(limit)s
        ) due
        WHERE o.id = due.id AND o.state = 'queued'
          AND EXISTS (
            SELECT 1 FROM {SessionLease._meta.db_table}
            WHERE company_id = %(company)s AND connection_id = %(connection)s
              AND token = %(token)s
          )
        RETURNING o.id, o.kind, o.message_id, o.chat, o.payload, o.attempts
    """  # noqa: S608 (the tables' own names)
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "token": lease.token,
                "company": lease.company_id,
                "connection": lease.connection_id,
                "busy": list(busy),
                "now": now,
                "limit": limit,
            },
        )
        work = sorted((_work(row) for row in cursor.fetchall()), key=lambda w: w.id)
        # No event: "sending" lasts a blink and screens show a clock for it anyway.
        Message.objects.filter(
            pk__in=_ids(work, Outbox.Kind.SEND), status=Message.Status.QUEUED
        ).update(status=Message.Status.SENDING)
        note_direct(_ids(work, Outbox.Kind.DIRECT), DirectMessage.Status.SENDING)
    return work


def _ids(work: Sequence[Work], kind: str) -> list[int]:
    return [w.message_id for w in work if w.message_id and w.kind == kind]


def _work(row: tuple[Any, ...]) -> Work:
    pk, kind, message_id, chat, payload, attempts = row
    # A raw cursor gives jsonb as text.
    return Work(pk, kind, message_id, chat, orjson.loads(payload), attempts)


def recover_claims(lease: Lease, capabilities: Capabilities) -> None:
    """Settle what was left half done: by a former owner, or by this one's last driver.

    Only for the holder of the lease, and only while none of its own sends is under way.
    """
    rows = Outbox.objects.filter(
        company_id=lease.company_id,
        connection_id=lease.connection_id,
        state=Outbox.State.SENDING,
    ).exclude(claimed_by__gt=lease.token)
    with transaction.atomic():
        if not holds(lease):
            return
        if not capabilities.client_message_id:
            lost = list(rows.select_for_update().filter(kind__in=SENDS))
            rises = [
                Rise(status=Message.Status.UNKNOWN, wire_id="", message_id=row.message_id)
                for row in lost
                if row.kind == Outbox.Kind.SEND
            ]
            raise_statuses(lease.connection_id, rises)
            directs = [row.message_id or 0 for row in lost if row.kind == Outbox.Kind.DIRECT]
            note_direct(directs, DirectMessage.Status.UNKNOWN)
            Outbox.objects.filter(pk__in=[row.pk for row in lost]).delete()
        rows.update(state=Outbox.State.QUEUED, claimed_by=None)


def holds(lease: Lease) -> bool:
    """Tell whether a lease is still held; inside a transaction it stays so until the end."""
    return (
        SessionLease.objects.select_for_update()
        .filter(company_id=lease.company_id, connection_id=lease.connection_id, token=lease.token)
        .exists()
    )


@transaction.atomic
def still_holds(lease: Lease) -> bool:
    """Tell whether a lease is held at this moment."""
    return holds(lease)


def outgoing_of(work: Sequence[Work]) -> dict[int, Outgoing]:
    """Build what the driver sends, by work id; a message that is gone has none."""
    ids = _ids(work, Outbox.Kind.SEND)
    directs = direct_outgoing(_ids(work, Outbox.Kind.DIRECT))
    messages = {
        m.pk: m for m in Message.objects.filter(pk__in=ids).select_related("quoted", "ticket")
    }
    identities: dict[int, list[ContactIdentity]] = {}
    contact_ids = {m.ticket.contact_id for m in messages.values()}
    for row in ContactIdentity.objects.filter(contact_id__in=contact_ids):
        identities.setdefault(row.contact_id, []).append(row)
    wordings = _wordings_before_edits(messages.values())
    built = {}
    for item in work:
        if item.kind == Outbox.Kind.DIRECT:
            if item.message_id in directs:
                built[item.id] = directs[item.message_id]
            continue
        message = messages.get(item.message_id or 0)
        if message is not None and message.deleted_at is None:
            to = in_order(identities.get(message.ticket.contact_id, []))
            message.body = wordings.get(message.pk, message.body)
            built[item.id] = _outgoing(message, to)
    return built


def _wordings_before_edits(messages: Iterable[Message]) -> dict[int, str]:
    """Give what messages said when they were claimed, where an edit was left behind them since.

    The edit is work of its own and may be refused: then the customer has the wording it began with.
    """
    edited = [message for message in messages if message.edited_at is not None]
    if not edited:
        return {}
    edits = Outbox.objects.filter(
        company_id=current_company_id(),
        connection_id__in={message.connection_id for message in edited},
        message_id__in=[message.pk for message in edited],
        kind=Outbox.Kind.EDIT,
    ).order_by("-id")
    # The oldest comes last and wins.
    return {
        row.message_id: row.payload["former"]
        for row in edits
        if row.message_id and "former" in row.payload
    }


def _outgoing(message: Message, to: tuple[Identity, ...]) -> Outgoing:
    upload = None
    if message.media_path:
        upload = Upload(
            path=full_path(message.media_path),
            mimetype=message.media_type,
            file_name=message.media_name,
        )
    return Outgoing(
        outbox_id=str(message.pk),
        client_message_id=message.wire_id or f"WT{current_company_id()}x{message.pk}",
        chat=message.chat,
        to=to,
        content=_content(message),
        upload=upload,
    )


def _content(message: Message) -> Content:
    data = message.data
    return Content(
        kind=Kind(message.kind),
        text=message.body,
        quoted=(message.quoted.wire_id or "") if message.quoted else "",
        forwarded=message.is_forwarded,
        location=Location(**data["location"]) if "location" in data else None,
        contacts=tuple(_card(card) for card in data.get("contacts", ())),
    )


def _card(card: dict[str, Any]) -> ContactCard:
    return ContactCard(
        name=card.get("name", ""),
        phones=tuple(CardPhone(**phone) for phone in card.get("phones", ())),
        emails=tuple(card.get("emails", ())),
        organization=card.get("organization", ""),
        vcard=card.get("vcard", ""),
    )


def person_of(work: Work) -> tuple[Identity, ...]:
    """Give what the network calls the person that a piece of work is about."""
    return tuple(Identity(IdentityKind(kind), value) for kind, value in work.payload["to"])


def key_of(message_id: int) -> MessageKey | None:
    """Name a message for the network, or nothing when the network never knew it."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None or not message.wire_id:
        return None
    sender = ""
    if message.chat.endswith(GROUP_SERVER) and not message.from_me and message.contact_id:
        sender = chats_of([message.contact_id]).get(message.contact_id, "")
    return MessageKey(
        chat=message.chat, wire_id=message.wire_id, from_me=message.from_me, sender=sender
    )


@transaction.atomic
def record_result(
    lease: Lease, work: Work, result: SendResult, driver: str, capabilities: Capabilities
) -> None:
    """Write down what became of a piece of work.

    What the network said of a message is a fact and is kept even when the lease is lost; the
    outbox row, however, is settled only by its owner.
    """
    mine = Outbox.objects.filter(pk=work.id, claimed_by=lease.token)
    metrics.OUTBOUND.labels(driver, type(result).__name__.lower()).inc()
    is_send = work.kind in SENDS
    if isinstance(result, Accepted):
        mine.delete()
        note_traffic(lease.connection_id)
        if is_send:
            _raise(lease, work, Message.Status.ACCEPTED, wire_id=result.wire_id)
        return
    if isinstance(result, Rejected):
        error = result.error
        if not error.permanent and work.attempts <= len(RETRY_SECONDS):
            wait = error.retry_after or RETRY_SECONDS[work.attempts - 1]
            _postpone(mine, seconds=wait)
            return
        settled, _tables = mine.delete()
        if settled and work.kind in CHANGES and work.message_id:
            undo_refused_change(
                work.message_id,
                kind=work.kind,
                payload=work.payload,
                refusal=Refusal(str(error.cls), error.code, error.reason),
            )
        if is_send:
            _raise(
                lease,
                work,
                Message.Status.FAILED,
                failure_class=str(error.cls),
                failure_code=error.code,
                failure_reason=error.reason,
            )
        return
    # The same id again is shown once, and edits, deletions and receipts bear repetition.
    is_repeatable = capabilities.client_message_id or not is_send
    if is_repeatable and work.attempts <= MAX_REPEATS:
        _postpone(mine, seconds=min(work.attempts, 10))
        return
    mine.delete()
    if is_send:
        _raise(lease, work, Message.Status.UNKNOWN)


def _postpone(row: Any, *, seconds: float) -> None:
    row.update(
        state=Outbox.State.QUEUED,
        claimed_by=None,
        not_before=timezone.now() + timedelta(seconds=seconds),
    )


def _raise(lease: Lease, work: Work, status: str, wire_id: str = "", **failure: str) -> None:
    if work.kind == Outbox.Kind.DIRECT:
        words = [failure.get(f"failure_{part}", "") for part in ("class", "code", "reason")]
        ids = [work.message_id] if work.message_id else []
        note_direct(ids, status, wire_id=wire_id, failure=(words[0], words[1], words[2]))
        return
    rise = Rise(status=status, wire_id=wire_id, message_id=work.message_id, **failure)
    raise_statuses(lease.connection_id, [rise])


def drop_work(lease: Lease, work: Work) -> None:
    """Forget work that has become pointless: its message is gone."""
    Outbox.objects.filter(pk=work.id, claimed_by=lease.token).delete()


def waiting_connections(held: Sequence[Lease]) -> set[tuple[int, int]]:
    """Name those held connections with outgoing work due or stored events unread; one query."""
    if not held:
        return set()
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.company, n.connection
            FROM unnest(%s::bigint[], %s::bigint[]) AS n(company, connection)
            WHERE EXISTS (
                SELECT 1 FROM dispatch_outbox o WHERE o.company_id = n.company
                AND o.connection_id = n.connection AND o.state = 'queued' AND o.not_before <= %s
            ) OR EXISTS (
                SELECT 1 FROM dispatch_inbox i WHERE i.company_id = n.company
                AND i.connection_id = n.connection
            )
            """,
            [
                [lease.company_id for lease in held],
                [lease.connection_id for lease in held],
                timezone.now(),
            ],
        )
        return set(cursor.fetchall())


def postpone_work(lease: Lease, work: Work) -> None:
    """Put work back for a later try."""
    mine = Outbox.objects.filter(pk=work.id, claimed_by=lease.token)
    _postpone(mine, seconds=RETRY_SECONDS[min(work.attempts, len(RETRY_SECONDS)) - 1])


def done(work: Work) -> Accepted:
    """The outcome of work that the network answers with nothing."""
    return Accepted(wire_id="", at=timezone.now())
