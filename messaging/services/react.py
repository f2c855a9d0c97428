"""An agent's emoji on a message."""

import unicodedata
import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from dispatch.models import Outbox
from events.bus import Event, publish
from messaging.events import MessageDeleted, MessageQueued
from messaging.exceptions import InvalidEmoji, NotReactable, NotSupportedHere
from messaging.models import Message
from messaging.services.outbox import enqueue
from messaging.services.permitted import capabilities_for, lock_message
from messaging.services.refused import forget_refusal, reaction_payload

# A family of four with skin tones is eleven code points.
MAX_EMOJI = 16
# Symbols, their modifiers and joiners, and what keycaps are made of.
_CATEGORIES = {"So", "Sm", "Sk", "Sc", "Mn", "Me", "Cf", "Nd", "Po"}


def require_emoji(text: str) -> None:
    """Raise InvalidEmoji for what is neither one emoji nor empty."""
    if not text:
        return
    categories = [unicodedata.category(letter) for letter in text]
    is_symbol = any(
        category == "So"
        or letter in "\u20e3\u203c\u2049\u2122\u00a9\u00ae"
        or ord(letter) > 0x1F000
        for letter, category in zip(text, categories, strict=True)
    )
    if len(text) > MAX_EMOJI or not is_symbol or not set(categories) <= _CATEGORIES:
        raise InvalidEmoji


@transaction.atomic
def react_to(message: Message, *, emoji: str, by: User) -> Message | None:
    """Put the company's emoji on a message, in place of an earlier one; empty takes it away.

    Returns the reaction, which is a message of its own (behaviour 57), or None. Raises
    InvalidEmoji, NotReactable, NotSupportedHere, NoConnection; then nothing has changed.
    """
    require_emoji(emoji)
    target = lock_message(message.pk)
    if (
        target.is_private
        or target.deleted_at
        or not target.wire_id
        or target.kind in {Message.Kind.REACTION, Message.Kind.SYSTEM, Message.Kind.CALL}
    ):
        raise NotReactable
    if not capabilities_for(target).reactions:
        raise NotSupportedHere
    now = timezone.now()
    mine = Message.objects.filter(
        quoted=target, kind=Message.Kind.REACTION, from_me=True, deleted_at=None
    )
    former = list(mine)
    if (former[0].body if former else "") == emoji:
        return former[0] if former else None
    mine.update(body="", deleted_at=now, updated_at=now)
    news: list[Event] = [
        MessageDeleted(message_id=row.pk, ticket_id=row.ticket_id, by_id=by.pk) for row in former
    ]
    wire_id = f"WT{uuid.uuid4().hex}"
    reaction = None
    if emoji:
        reaction = Message.objects.create(
            ticket_id=target.ticket_id,
            contact_id=target.ticket.contact_id,
            connection_id=target.connection_id,
            queue_id=target.queue_id,
            author=by,
            chat=target.chat,
            wire_id=wire_id,
            from_me=True,
            is_read=True,
            origin=Message.Origin.AGENT,
            kind=Message.Kind.REACTION,
            body=emoji,
            quoted=target,
            # Reactions get no receipts, so there is nothing to wait for.
            status=Message.Status.SENT,
            sent_at=now,
        )
        news.append(
            MessageQueued(
                message_id=reaction.pk,
                ticket_id=reaction.ticket_id,
                connection_id=reaction.connection_id,
                by_id=by.pk,
            )
        )
    forget_refusal(target)
    target.save(update_fields=["data", "failure_class", "failure_code", "failure_reason"])
    work = reaction_payload(emoji, wire_id=wire_id, former=former, at=now)
    enqueue(Outbox.Kind.REACT, target, work)
    publish(*news)
    return reaction
