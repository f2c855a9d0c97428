"""Many contacts at once: tables that people bring, and the phone's own address book."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from companies.services import settings_of
from contacts.events import ContactImportMoved, ContactsImported, ContactUpdated
from contacts.exceptions import NoAddressBook
from contacts.identity import Identity, address_of, phone_from
from contacts.models import Contact, ContactIdentity, ContactImport
from contacts.ports import address_book
from contacts.services.identify import Key, identity_row, look_up
from contacts.sheets import SheetRow
from dispatch.services import on_due, plan
from events.bus import Event, publish
from whaticket.tenancy import current_company_id

# Up to so many rows are taken in while the client waits.
AT_ONCE = 500
# Rows in one commit: what is in it is in, however the process ends.
BATCH = 200
# A long import makes room for others, and for its own claim to be renewed, this often.
TURN_SECONDS = 30
MAX_ERRORS = 1000
MAX_TEXT = 255
DUE = "contacts.import"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody to take in."""

    identities: tuple[Identity, ...]
    name: str = ""
    email: str = ""


@dataclass(slots=True)
class Taken:
    """What became of newcomers."""

    created: list[int] = field(default_factory=list)
    known: int = 0
    renamed: list[int] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


def begin_import(
    rows: Sequence[SheetRow], *, file_name: str, by: User | None
) -> tuple[ContactImport, list[int]]:
    """Take in a table: a short one now, a long one later; give its row and the new contacts.

    The same table again changes nothing: whoever is known by number stays as he is.
    """
    with transaction.atomic():
        row = ContactImport.objects.create(
            file_name=file_name[:MAX_TEXT],
            rows=[[r.line, r.name, r.number, r.email] for r in rows],
            total=len(rows),
            by=by,
        )
        if len(rows) > AT_ONCE:
            plan(DUE, row.pk, timezone.now())
            return row, []
        created: list[int] = []
        while not _take_batch(row.pk, created):
            pass
    row.refresh_from_db()
    return row, created


@on_due(DUE)
def continue_import(import_id: int) -> None:
    """Take a long table in, batch by batch, each one a commit; what is in is not taken twice."""
    until = time.monotonic() + TURN_SECONDS
    while not _take_batch(import_id, []):
        if time.monotonic() > until:
            plan(DUE, import_id, timezone.now())
            return


@transaction.atomic
def _take_batch(import_id: int, created: list[int]) -> bool:
    """Take in the next rows of a table; tell whether it is finished."""
    row = ContactImport.objects.select_for_update(of=("self",)).filter(pk=import_id).first()
    if row is None or row.finished_at is not None:
        return True
    batch, rest = row.rows[:BATCH], row.rows[BATCH:]
    good: list[Newcomer] = []
    errors: list[dict[str, Any]] = []
    for line, name, number, email in batch:
        problem = problem_of(name, number, email)
        if problem:
            errors.append({"row": line, "error": problem})
        else:
            good.append(Newcomer((Identity("phone", phone_from(number)),), name, email))
    taken = take_in(good, by=row.by)
    created += taken.created
    row.rows = rest
    row.done += len(batch)
    row.created_count += len(taken.created)
    row.known_count += taken.known
    row.failed_count += len(errors)
    row.errors = [*row.errors, *errors][:MAX_ERRORS]
    row.finished_at = None if rest else timezone.now()
    row.save()
    publish(ContactImportMoved(import_id=row.pk, by_id=row.by_id))
    return not rest


def problem_of(name: str, number: str, email: str) -> str:
    """Say with a code why a row of a table cannot be taken in; nothing where it can."""
    if not phone_from(number):
        return "ERR_INVALID_NUMBER"
    texts = (name, number, email)
    if any(len(text) > MAX_TEXT or "\x00" in text for text in texts):
        return "ERR_VALIDATION"
    return ""


@transaction.atomic
def take_in(newcomers: Sequence[Newcomer], *, by: User | None, renames: bool = False) -> Taken:
    """Make contacts of those nobody here knows; the others stay as they are.

    With `renames` the known ones take the new name (behaviour 15). A fixed number of statements
    for any number of newcomers whose names stay.
    """
    taken = Taken()
    by_id = by.pk if by else None
    found = look_up({i.key for one in newcomers for i in one.identities})
    fresh: dict[Key, Newcomer] = {}
    for one in newcomers:
        known = next((found[i.key] for i in one.identities if i.key in found), None)
        if known is None:
            keys = [i.key for i in one.identities]
            if not any(key in fresh for key in keys):
                fresh.update(dict.fromkeys(keys, one))
                continue
        taken.known += 1
        if known is not None and renames and one.name and known.name != one.name:
            known.name, known.updated_at = one.name, timezone.now()
            known.save(update_fields=["name", "updated_at"])
            taken.renamed.append(known.pk)
    created = _create(fresh)
    taken.known += len(set(map(id, fresh.values()))) - len(created)
    taken.created = [contact.pk for contact in created]
    news: list[Event] = [ContactUpdated(contact_id=pk, by_id=by_id) for pk in taken.renamed]
    if taken.created:
        news.append(ContactsImported(contact_ids=tuple(taken.created), by_id=by_id))
    if news:
        publish(*news)
    return taken


def _create(fresh: Mapping[Key, Newcomer]) -> list[Contact]:
    """Make the contacts of newcomers; those whom somebody else made meanwhile are left out."""
    if not fresh:
        return []
    accepts_audio = settings_of(current_company_id()).accepts_audio
    contacts = {
        id(one): Contact(
            name=one.name or address_of(one.identities),
            address=address_of(one.identities),
            email=one.email,
            accepts_audio=accepts_audio,
        )
        for one in fresh.values()
    }
    Contact.objects.bulk_create(contacts.values())
    identities = {i.key: i for one in fresh.values() for i in one.identities}
    ContactIdentity.objects.bulk_create(
        [identity_row(contacts[id(fresh[key])], identities[key]) for key in fresh],
        ignore_conflicts=True,
    )
    # Whoever holds the identity's row wins; our insert waited for the other's commit.
    settled = {contact.pk for contact in look_up(set(fresh)).values()}
    lost = [contact.pk for contact in contacts.values() if contact.pk not in settled]
    if lost:
        Contact.objects.filter(pk__in=lost).delete()
    return [contact for contact in contacts.values() if contact.pk in settled]


def import_address_book(source: str, *, by: User | None) -> Taken:
    """Make contacts of whom the phone knows (behaviour 15); known ones get the phone's name.

    `source` is "contacts" for the address book or "chats" for everybody it has talked to, whose
    names are not the company's choice and rename nobody. Raises NoAddressBook where no running
    connection can tell. The network is asked before the transaction begins.
    """
    entries = address_book(source)
    if entries is None:
        raise NoAddressBook
    newcomers = [
        Newcomer(identities, name=entry.name[:MAX_TEXT])
        for entry in entries
        if (identities := tuple(_identities(entry.phone, entry.lid)))
    ]
    taken = Taken()
    for start in range(0, len(newcomers), BATCH):
        part = take_in(newcomers[start : start + BATCH], by=by, renames=source == "contacts")
        taken.created += part.created
        taken.renamed += part.renamed
        taken.known += part.known
    return taken


def _identities(phone: str, lid: str) -> Iterable[Identity]:
    if phone_from(phone):
        yield Identity("phone", phone_from(phone))
    if lid:
        yield Identity("lid", lid)
