"""What an agent writes at once: a text, a card, or files with captions."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from accounts.models import User
from messaging.media import MediaTooLarge, StoredMedia, discard
from messaging.media.convert import voice_note_of
from messaging.models import Message
from messaging.services.read import read_conversation
from messaging.services.send import Draft, send_message
from messaging.variables import render_text
from tickets.models import Ticket
from whatsapp.drivers.base import Capabilities, Kind
from whatsapp.drivers.registry import capabilities_of
from whatsapp.models import Connection


def prepare_media(ticket: Ticket, stored: StoredMedia, *, is_private: bool) -> StoredMedia:
    """Make a stored file what the ticket's connection can carry (behaviour 64).

    Recordings become voice notes where that can be done here. A picture, film or recording too
    large for its kind goes as a document. Raises MediaTooLarge.
    """
    if is_private or ticket.connection is None:
        return stored
    return carriable_media(stored, ticket.connection)


def carriable_media(stored: StoredMedia, connection: Connection) -> StoredMedia:
    """Make a stored file what a connection can carry; raise MediaTooLarge."""
    capabilities = capabilities_of(connection.driver)
    if stored.kind == Kind.AUDIO and capabilities.voice:
        stored = voice_note_of(stored) or stored
    return replace(stored, kind=_fitting_kind(stored, capabilities))


def _fitting_kind(stored: StoredMedia, capabilities: Capabilities) -> str:
    limits = capabilities.max_bytes
    for kind in dict.fromkeys([Kind(stored.kind), Kind.DOCUMENT]):
        if stored.size <= limits.get(kind, 0):
            return kind.value
    raise MediaTooLarge(limit=max(limits.values(), default=0))


def write_messages(
    ticket: Ticket, drafts: Sequence[Draft], *, by: User, idempotency_key: str = ""
) -> list[Message]:
    """Send drafts in their order, all or none, and mark the conversation read (behaviour 59).

    Variables in texts and captions are filled in, but not in notes (behaviour 65). The same key
    again, from the same person in the same ticket, sends nothing new. Raises whatever
    `send_message` raises; the files of drafts that came to nothing are removed.
    """
    try:
        with transaction.atomic():
            sent = [
                send_message(
                    ticket,
                    _filled(draft, ticket, by),
                    by=by,
                    idempotency_key=_key(ticket, by, idempotency_key, place),
                )
                for place, draft in enumerate(drafts)
            ]
            read_conversation(ticket, by=by)
    except Exception:
        for draft in drafts:
            if draft.media is not None:
                discard(draft.media)
        raise
    for draft, message in zip(drafts, sent, strict=True):
        if draft.media is not None and draft.media.path != message.media_path:
            # It was sent before under this key.
            discard(draft.media)
    return sent


def _filled(draft: Draft, ticket: Ticket, by: User) -> Draft:
    if draft.is_private or draft.kind == Message.Kind.CONTACTS:
        return draft
    return replace(draft, body=render_text(draft.body, ticket, agent=by))


def _key(ticket: Ticket, by: User, key: str, place: int) -> str | None:
    if not key:
        return None
    return hashlib.sha256(f"{by.pk}\n{ticket.pk}\n{place}\n{key}".encode()).hexdigest()
