"""An agent corrects what was written."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from dispatch.models import Outbox
from events.bus import publish
from messaging.events import MessageEdited
from messaging.exceptions import NotEditable, NothingToSend, TextTooLong
from messaging.models import Message
from messaging.services.lines import refresh_last_line
from messaging.services.outbox import enqueue
from messaging.services.permitted import capabilities_for, lock_message, require_within
from messaging.services.refused import edit_payload, forget_refusal


@transaction.atomic
def edit_message(message: Message, *, body: str, by: User) -> Message:
    """Give a text of ours another wording, here and on the customer's phone (behaviour 60).

    Former wordings are kept, and come back where the network refuses. A private note changes only
    here. Raises NotEditable (received, deleted, failed, or no text), NotSupportedHere, TooLate,
    TextTooLong, NothingToSend; then nothing has changed.
    """
    message = lock_message(message.pk)
    if not body.strip():
        raise NothingToSend
    is_lost = message.status in {Message.Status.FAILED, Message.Status.UNKNOWN}
    if not message.from_me or message.deleted_at or message.kind != Message.Kind.TEXT or is_lost:
        raise NotEditable
    if not message.is_private:
        capabilities = capabilities_for(message)
        require_within(message, is_supported=capabilities.edit, minutes=capabilities.edit_minutes)
        if len(body) > capabilities.max_text:
            raise TextTooLong(details={"body": [f"at most {capabilities.max_text} characters"]})
    if body == message.body:
        return message
    now = timezone.now()
    work = edit_payload(message, text=body, at=now)
    forget_refusal(message)
    message.data.setdefault("edits", []).append(message.body)
    message.body = body
    message.edited_at = now
    message.updated_at = now
    message.save(
        update_fields=[
            "body", "data", "edited_at", "updated_at",
            "failure_class", "failure_code", "failure_reason",
        ]
    )  # fmt: skip
    if not message.is_private:
        # Work of one chat keeps its order: a message that still waits is sent first.
        enqueue(Outbox.Kind.EDIT, message, work)
        refresh_last_line(message)
    publish(MessageEdited(message_id=message.pk, ticket_id=message.ticket_id, by_id=by.pk))
    return message
