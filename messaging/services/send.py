"""Writing a message: the row and the pointer to it are one commit; sending comes after."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from events.bus import publish
from messaging.chats import chat_of, identities_of
from messaging.events import MessageQueued
from messaging.exceptions import (
    NoConnection,
    NothingToSend,
    NotSupportedHere,
    TextTooLong,
    TicketNotWritable,
)
from messaging.media import StoredMedia
from messaging.models import Message
from messaging.preview import preview_of
from messaging.services.outbox import enqueue
from tickets.models import Ticket
from whatsapp.drivers.base import Capabilities
from whatsapp.drivers.registry import capabilities_of


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say."""

    kind: str = Message.Kind.TEXT
    body: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    quoted: Message | None = None
    media: StoredMedia | None = None
    is_private: bool = False
    is_forwarded: bool = False


@transaction.atomic
def send_message(
    ticket: Ticket,
    draft: Draft,
    *,
    by: User | None,
    origin: str = Message.Origin.AGENT,
    idempotency_key: str | None = None,
) -> Message:
    """Write a message into a ticket and leave it for the connection to send; or keep a note.

    The same `idempotency_key` again returns the first message. Raises NothingToSend, TextTooLong,
    TicketNotWritable, NoConnection, NotSupportedHere; then nothing has changed.
    """
    if not draft.body.strip() and draft.media is None and not draft.data:
        raise NothingToSend
    if idempotency_key:
        earlier = Message.objects.filter(idempotency_key=idempotency_key).first()
        if earlier:
            return earlier
    # The row lock keeps a close and a write from passing each other.
    ticket = Ticket.objects.select_for_update(no_key=True, of=("self",)).get(pk=ticket.pk)
    message = Message(
        ticket=ticket,
        contact_id=ticket.contact_id,
        connection_id=ticket.connection_id,
        queue_id=ticket.queue_id,
        author=by,
        from_me=True,
        is_read=True,
        origin=origin,
        kind=draft.kind,
        body=draft.body,
        data=draft.data,
        quoted=draft.quoted,
        is_private=draft.is_private,
        is_forwarded=draft.is_forwarded,
        idempotency_key=idempotency_key,
    )
    if draft.media is not None:
        _attach(message, draft.media)
    if draft.is_private:
        message.status = Message.Status.READ
    else:
        _prepare_for_sending(message, ticket)
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        # Two requests with one key at once: the first one's message is the answer of both.
        earlier = Message.objects.filter(idempotency_key=idempotency_key).first()
        if idempotency_key is None or earlier is None:
            raise
        return earlier
    if draft.is_private:
        message.wire_id = f"PVT{message.pk}"
        message.save(update_fields=["wire_id"])
    else:
        enqueue("send", message)
    _note_on_ticket(ticket, message)
    publish(
        MessageQueued(
            message_id=message.pk,
            ticket_id=ticket.pk,
            connection_id=None if draft.is_private else message.connection_id,
            by_id=by.pk if by else None,
        )
    )
    return message


def _prepare_for_sending(message: Message, ticket: Ticket) -> None:
    if ticket.status == Ticket.Status.CLOSED and message.origin == Message.Origin.AGENT:
        raise TicketNotWritable
    if ticket.connection is None:
        raise NoConnection
    capabilities = capabilities_of(ticket.connection.driver)
    require_carriable(message, capabilities)
    message.chat = chat_of(identities_of(ticket.contact))
    if not message.chat:
        raise NoConnection
    message.status = Message.Status.QUEUED
    if capabilities.client_message_id:
        message.wire_id = f"WT{uuid.uuid4().hex}"


class Carried(Protocol):
    """What a message of any table has that a network may refuse to carry."""

    kind: Any
    body: Any
    media_path: Any


def require_carriable(message: Carried, capabilities: Capabilities) -> None:
    """Raise TextTooLong or NotSupportedHere for what a kind of connection cannot carry."""
    limit = capabilities.max_caption if message.media_path else capabilities.max_text
    if len(message.body) > limit:
        raise TextTooLong(details={"body": [f"at most {limit} characters"]})
    supported: dict[str, bool] = {
        Message.Kind.VOICE: capabilities.voice,
        Message.Kind.STICKER: capabilities.stickers,
        Message.Kind.LOCATION: capabilities.locations,
        Message.Kind.CONTACTS: capabilities.contacts,
    }
    if not supported.get(message.kind, True):
        raise NotSupportedHere


def _attach(message: Message, media: StoredMedia) -> None:
    message.media_state = Message.MediaState.READY
    message.media_path = media.path
    message.media_name = media.name
    message.media_type = media.mimetype
    message.media_size = media.size
    message.thumbnail_path = media.thumbnail_path


def _note_on_ticket(ticket: Ticket, message: Message) -> None:
    changes: dict[str, Any] = {"message_count": F("message_count") + 1}
    if not message.is_private:
        changes |= {
            "last_message": preview_of(message),
            "last_message_at": message.sent_at,
            "last_message_from_me": True,
            "is_warned_inactive": False,
            "imported_at": None,
            "updated_at": timezone.now(),
        }
    Ticket.objects.filter(pk=ticket.pk).update(**changes)
