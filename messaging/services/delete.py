"""An agent takes back what was written."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from dispatch.models import Outbox
from events.bus import publish
from messaging.events import MessageDeleted
from messaging.exceptions import NotRevocable
from messaging.models import Message
from messaging.services.notes import remove_note
from messaging.services.outbox import enqueue
from messaging.services.permitted import capabilities_for, lock_message, require_within
from messaging.services.refused import forget_refusal, revoke_payload


@transaction.atomic
def delete_message(message: Message, *, by: User) -> None:
    """Take a message of ours back on the customer's phone, or remove a note (behaviour 61).

    The text stays in the company's history; where the network refuses, the message comes back.
    Deleting again changes nothing. Raises NotRevocable
    for what the customer wrote, NotSupportedHere, TooLate; then nothing has changed.
    """
    if message.is_private:
        remove_note(message, by=by)
        return
    message = lock_message(message.pk)
    if message.deleted_at is not None:
        return
    if not message.from_me:
        raise NotRevocable
    now = timezone.now()
    if message.status != Message.Status.FAILED:
        capabilities = capabilities_for(message)
        require_within(
            message, is_supported=capabilities.revoke, minutes=capabilities.revoke_minutes
        )
        # What has not left yet is dropped by the worker, which looks at `deleted_at`.
        enqueue(Outbox.Kind.REVOKE, message, revoke_payload(at=now))
    forget_refusal(message)
    message.deleted_at = message.updated_at = now
    message.save(
        update_fields=[
            "deleted_at", "updated_at", "data", "failure_class", "failure_code", "failure_reason",
        ]
    )  # fmt: skip
    publish(MessageDeleted(message_id=message.pk, ticket_id=message.ticket_id, by_id=by.pk))
