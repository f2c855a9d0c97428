"""The files that a queue sends to whoever enters it (behaviour 76, 78).

Sending them may mean converting a recording, which takes longer than a ticket may stay locked. So
a turn only plans it; every file has a key of its own and is sent once, however often it is tried.
"""

from django.db import transaction
from django.utils import timezone

from chatbots.services.turns import SWEEP_AFTER
from dispatch.services import on_due, plan, unplan
from messaging.models import Message
from messaging.services.files import send_file_list
from whaticket.tasks import wake_named
from whaticket.tenancy import current_schema

KIND = "chatbots.files"
TASK = "chatbots.tasks.send_files"


@transaction.atomic
def send_files_later(message_id: int) -> None:
    """Have the files of the queue sent that the author of a message was led into."""
    plan(KIND, message_id, timezone.now() + SWEEP_AFTER)
    schema = current_schema()

    def wake() -> None:
        wake_named(TASK, schema, message_id)

    transaction.on_commit(wake, robust=True)


@on_due(KIND)
def send_due_files(message_id: int) -> None:
    """Send the files of the queue that a message's ticket is in now."""
    send_files(message_id)


def send_files(message_id: int) -> int:
    """Send the file list of the queue that a message's ticket is in; give how many messages."""
    message = Message.objects.select_related("ticket__queue").filter(pk=message_id).first()
    queue = message.ticket.queue if message else None
    sent: list[Message] = []
    if message is not None and queue is not None and queue.file_list_id is not None:
        sent = send_file_list(
            message.ticket, queue.file_list_id, idempotency_key=f"bot:{message_id}"
        )
    unplan(KIND, message_id)
    return len(sent)
