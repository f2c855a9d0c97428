"""What the team writes for itself."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import User
from events.bus import publish
from messaging.events import NoteRemoved
from messaging.exceptions import MessageNotFound
from messaging.media import discard_files
from messaging.models import Message
from messaging.services.permitted import lock_message
from tickets.models import Ticket


@transaction.atomic
def remove_note(note: Message, *, by: User) -> None:
    """Remove a private note for good, with its file (behaviour 61); raise MessageNotFound."""
    note = lock_message(note.pk)
    if not note.is_private:
        raise MessageNotFound
    paths = (note.media_path, note.thumbnail_path)
    event = NoteRemoved(message_id=note.pk, ticket_id=note.ticket_id, by_id=by.pk)
    note.delete()
    Ticket.objects.filter(pk=event.ticket_id).update(
        message_count=Greatest(F("message_count") - 1, 0)
    )

    def remove_files() -> None:
        discard_files(*paths)

    transaction.on_commit(remove_files, robust=True)
    publish(event)
