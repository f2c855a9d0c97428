"""A person decides that something is sent again."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from events.bus import publish
from messaging.events import MessageStatusChanged
from messaging.exceptions import NotResendable
from messaging.models import Message
from messaging.services.outbox import enqueue
from messaging.services.permitted import capabilities_for

_AGAIN = (Message.Status.FAILED, Message.Status.UNKNOWN)


@transaction.atomic
def resend_message(message: Message, *, by: User) -> Message:
    """Leave a failed or doubtful message to be sent again, once (design §6).

    Of two people who ask at the same time one gets it; the other hears NotResendable. The row is
    the same, so nothing appears twice in the conversation. Raises NoConnection.
    """
    capabilities = capabilities_for(message)
    changes = {
        "status": Message.Status.QUEUED,
        "failure_class": "",
        "failure_code": "",
        "failure_reason": "",
        "updated_at": timezone.now(),
    }
    if not capabilities.client_message_id:
        # The network gives the new attempt a name of its own.
        changes["wire_id"] = None
    won = Message.objects.filter(
        pk=message.pk, status__in=_AGAIN, from_me=True, is_private=False, deleted_at=None
    ).update(**changes)
    if not won:
        raise NotResendable
    message.refresh_from_db()
    enqueue("send", message)
    publish(
        MessageStatusChanged(
            message_id=message.pk, ticket_id=message.ticket_id, status=message.status
        )
    )
    return message
