"""Files of received messages: brought from the network into the company's own store."""

from pathlib import Path

from django.db import transaction
from django.utils import timezone

from events.bus import publish
from messaging.content import media_ref
from messaging.events import MediaReady
from messaging.media import MediaRefused, StoredMedia, store_file
from messaging.models import Message
from whatsapp.drivers.base import FetchedMedia, MediaRef


def fetch_target(message_id: int) -> MediaRef | None:
    """Give the network's reference of a file that is still missing, or None."""
    message = Message.objects.filter(pk=message_id, media_state=Message.MediaState.PENDING).first()
    return media_ref(message) if message else None


def attach_fetched(message_id: int, path: Path, fetched: FetchedMedia) -> None:
    """Store a fetched file with its message; a refused one leaves the reason (behaviour 56)."""
    message = Message.objects.get(pk=message_id)
    name = message.media_name or fetched.file_name
    claimed = message.media_type or fetched.mimetype
    try:
        # Outside of the transaction: a large file must not hold a row while it is examined.
        media = store_file(path, name=name, claimed_type=claimed)
    except MediaRefused as refusal:
        give_up_fetch(message_id, refusal.code)
        return
    _record(message_id, media)


@transaction.atomic
def _record(message_id: int, media: StoredMedia) -> None:
    won = Message.objects.filter(pk=message_id, media_state=Message.MediaState.PENDING).update(
        media_state=Message.MediaState.READY,
        media_path=media.path,
        media_name=media.name,
        media_type=media.mimetype,
        media_size=media.size,
        thumbnail_path=media.thumbnail_path,
        updated_at=timezone.now(),
    )
    if won:
        ticket_id = Message.objects.values_list("ticket_id", flat=True).get(pk=message_id)
        publish(MediaReady(message_id=message_id, ticket_id=ticket_id))


@transaction.atomic
def give_up_fetch(message_id: int, code: str) -> None:
    """Note that a file cannot be had; the message shows a placeholder and the reason."""
    won = Message.objects.filter(pk=message_id, media_state=Message.MediaState.PENDING).update(
        media_state=Message.MediaState.FAILED, failure_code=code[:32], updated_at=timezone.now()
    )
    if won:
        ticket_id = Message.objects.values_list("ticket_id", flat=True).get(pk=message_id)
        publish(MediaReady(message_id=message_id, ticket_id=ticket_id))
