"""What agents write down about a contact, for each other."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from contacts.models import Contact
from events.bus import publish
from tickets.events import NoteAdded, NoteChanged, NoteDeleted
from tickets.exceptions import NoteInvalid, NoteNotFound, TicketNotFound
from tickets.models import Ticket, TicketNote
from tickets.sight import Sight
from whaticket.exceptions import NoPermission

SHORTEST = 3


def note_or_refuse(note_id: int, sight: Sight) -> TicketNote:
    """Give a note on a ticket these eyes may see (or on a contact alone); raise NoteNotFound."""
    note = TicketNote.objects.visible_to(sight).filter(pk=note_id).first()
    if note is None:
        raise NoteNotFound
    return note


@transaction.atomic
def add_note(contact: Contact, text: str, *, by: User, ticket: Ticket | None = None) -> TicketNote:
    """Write a note on a contact, and on a ticket of it.

    Raises NoteInvalid, and TicketNotFound for a ticket of another contact.
    """
    _check(text)
    if ticket is not None and ticket.contact_id != contact.pk:
        raise TicketNotFound
    note = TicketNote.objects.create(note=text, author=by, contact=contact, ticket=ticket)
    publish(NoteAdded(**_facts(note), by_id=by.pk))
    return note


@transaction.atomic
def change_note(note: TicketNote, text: str, *, by: User) -> TicketNote:
    """Write a note anew; raise NoteInvalid, NoteNotFound."""
    _check(text)
    note = _lock(note)
    if note.note == text:
        return note
    note.note = text
    note.updated_at = timezone.now()
    note.save(update_fields=["note", "updated_at"])
    publish(NoteChanged(**_facts(note), by_id=by.pk))
    return note


@transaction.atomic
def delete_note(note: TicketNote, *, by: User) -> None:
    """Remove a note: one's own, or as an administrator. Raises NoteNotFound, NoPermission."""
    note = _lock(note)
    if not by.is_admin and note.author_id != by.pk:
        raise NoPermission
    facts = _facts(note)
    note.delete()
    publish(NoteDeleted(**facts, by_id=by.pk))


def _check(text: str) -> None:
    if len(text.strip()) < SHORTEST:
        raise NoteInvalid


def _lock(note: TicketNote) -> TicketNote:
    locked = TicketNote.objects.select_for_update(no_key=True).filter(pk=note.pk).first()
    if locked is None:
        raise NoteNotFound
    return locked


def _facts(note: TicketNote) -> dict[str, Any]:
    return {"note_id": note.pk, "contact_id": note.contact_id, "ticket_id": note.ticket_id}
