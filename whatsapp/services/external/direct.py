"""Messages without contact and ticket: written, sent like all others, forgotten in time."""

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta

from django.utils import timezone

from dispatch.models import Outbox
from messaging.chats import chat_of
from messaging.media import StoredMedia, discard_files, full_path
from messaging.models import Message
from messaging.services.outbox import wake_after_commit
from messaging.services.send import require_carriable
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import Content, Identity, IdentityKind, Kind, Outgoing, Upload
from whatsapp.drivers.registry import capabilities_of
from whatsapp.models import Connection, DirectMessage

# They are in no conversation, so nobody misses them after this.
KEPT_DAYS = 30
PRUNE_BATCH = 1000


def write_direct(
    connection: Connection,
    identities: tuple[Identity, ...],
    *,
    body: str,
    media: StoredMedia | None = None,
    quoted: Message | None = None,
) -> tuple[DirectMessage, Outbox]:
    """Leave a message for a connection to send; nothing else is written (behaviour 147).

    Runs inside the caller's transaction. Raises TextTooLong and NotSupportedHere.
    """
    capabilities = capabilities_of(connection.driver)
    message = DirectMessage(
        connection=connection,
        chat=chat_of(identities),
        identities=[[identity.kind.value, identity.value] for identity in identities],
        body=body,
        quoted_wire_id=(quoted.wire_id or "") if quoted else "",
        # Where the network takes our id, the same message again is shown once.
        wire_id=f"WT{uuid.uuid4().hex}" if capabilities.client_message_id else "",
    )
    if media is not None:
        message.kind = media.kind
        message.media_path = media.path
        message.media_name = media.name
        message.media_type = media.mimetype
        message.thumbnail_path = media.thumbnail_path
    require_carriable(message, capabilities)
    message.save()
    company_id = current_company_id()
    pointer = Outbox.objects.create(
        company_id=company_id,
        connection_id=connection.pk,
        # The chat's own name: what goes to one person keeps its order, with a ticket or without.
        chat=message.chat,
        kind=Outbox.Kind.DIRECT,
        message_id=message.pk,
    )
    wake_after_commit(company_id, connection.pk)
    return message, pointer


def direct_outgoing(ids: Collection[int]) -> dict[int, Outgoing]:
    """Build what the driver sends, by the id of the direct message."""
    rows = DirectMessage.objects.filter(pk__in=ids) if ids else ()
    return {row.pk: _outgoing(row) for row in rows}


def _outgoing(row: DirectMessage) -> Outgoing:
    upload = None
    if row.media_path:
        upload = Upload(
            path=full_path(row.media_path), mimetype=row.media_type, file_name=row.media_name
        )
    return Outgoing(
        # Not a bare number: receipts that give one back are about a message of that id.
        outbox_id=f"direct:{row.pk}",
        client_message_id=row.wire_id or f"WD{current_company_id()}x{row.pk}",
        chat=row.chat,
        to=tuple(Identity(IdentityKind(kind), value) for kind, value in row.identities),
        content=Content(kind=Kind(row.kind), text=row.body, quoted=row.quoted_wire_id),
        upload=upload,
    )


def note_direct(
    ids: Collection[int],
    status: str,
    *,
    wire_id: str = "",
    failure: tuple[str, str, str] = ("", "", ""),
) -> None:
    """Write down what became of direct messages; what the network has taken stays taken."""
    if not ids:
        return
    names = ("failure_class", "failure_code", "failure_reason")
    changes = dict(zip(names, failure, strict=True))
    if wire_id:
        changes["wire_id"] = wire_id
    DirectMessage.objects.filter(pk__in=ids).exclude(status=DirectMessage.Status.ACCEPTED).update(
        status=status, updated_at=timezone.now(), **changes
    )


def prune_direct() -> int:
    """Remove a company's old direct messages with their files; return how many.

    What still waits to be sent is kept.
    """
    limit = timezone.now() - timedelta(days=KEPT_DAYS)
    waiting = (DirectMessage.Status.QUEUED, DirectMessage.Status.SENDING)
    gone = 0
    while True:
        old: Sequence[DirectMessage] = list(
            DirectMessage.objects.filter(created_at__lt=limit)
            .exclude(status__in=waiting)
            .order_by("created_at")[:PRUNE_BATCH]
        )
        if not old:
            return gone
        DirectMessage.objects.filter(pk__in=[row.pk for row in old]).delete()
        for row in old:
            discard_files(row.media_path, row.thumbnail_path)
        gone += len(old)
