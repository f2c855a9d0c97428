"""What clients hear of contacts (realtime.md 4.2)."""

from collections.abc import Sequence

import orjson

from contacts.events import (
    ContactCreated,
    ContactDeleted,
    ContactImportMoved,
    ContactsImported,
    ContactsMerged,
    ContactsUnmerged,
    ContactUpdated,
    TagCreated,
    TagDeleted,
    TagUpdated,
)
from contacts.models import ContactImport
from contacts.records import import_json
from contacts.wire import contacts_json, tags_json
from events.bus import on
from events.realtime import Frame, emit
from whaticket.tenancy import current_company_id


def _channel() -> str:
    return f"company-{current_company_id()}-contact"


def _frames(action: bytes, contact_ids: Sequence[int]) -> list[Frame]:
    found = contacts_json(sorted(set(contact_ids)))
    return [
        Frame(_channel(), b'{"action":"%b","contact":%b}' % (action, found[pk]))
        for pk in dict.fromkeys(contact_ids)
        if pk in found
    ]


def _gone(contact_id: int) -> Frame:
    # Text, as it stands in the address of the request (realtime.md 4.2).
    data = orjson.dumps({"action": "delete", "contactId": str(contact_id)})
    return Frame(_channel(), data)


@on(ContactCreated)
def tell_new(news: Sequence[ContactCreated]) -> None:
    """Somebody is known from now on."""
    emit(_frames(b"create", [event.contact_id for event in news]))


@on(ContactUpdated)
def tell_changes(news: Sequence[ContactUpdated]) -> None:
    """Something about a contact changed."""
    emit(_frames(b"update", [event.contact_id for event in news]))


@on(ContactDeleted)
def tell_removals(news: Sequence[ContactDeleted]) -> None:
    """A contact is no more."""
    emit([_gone(event.contact_id) for event in news])


@on(ContactsImported)
def tell_imported(news: Sequence[ContactsImported]) -> None:
    """Many are known from now on: one frame for all of them."""
    for event in news:
        found = contacts_json(list(event.contact_ids))
        records = b",".join(found[pk] for pk in event.contact_ids if pk in found)
        emit([Frame(_channel(), b'{"action":"reload","records":[%b]}' % records)])


@on(ContactImportMoved)
def tell_progress(news: Sequence[ContactImportMoved]) -> None:
    """A long import says how far it is (a frame of our own)."""
    event = f"company-{current_company_id()}-contactImport"
    rows = ContactImport.objects.defer("rows").in_bulk([item.import_id for item in news])
    emit(
        [
            Frame(event, b'{"action":"update","import":%b}' % import_json(row))
            for row in rows.values()
        ]
    )


@on(ContactsMerged)
def tell_merges(news: Sequence[ContactsMerged]) -> None:
    """One contact disappeared in another."""
    for event in news:
        emit([_gone(event.merged_id), *_frames(b"update", [event.contact_id])])


@on(ContactsUnmerged)
def tell_partings(news: Sequence[ContactsUnmerged]) -> None:
    """A merged contact is back."""
    for event in news:
        emit([*_frames(b"create", [event.restored_id]), *_frames(b"update", [event.contact_id])])


def _tags_channel() -> str:
    # No hyphen before the id: that is the name clients listen to (realtime.md 4.4).
    return f"company{current_company_id()}-tag"


def _tag_frames(action: bytes, tag_ids: Sequence[int]) -> list[Frame]:
    # As lists of labels and of lanes show them: clients put the tag in the place of the old one.
    found = tags_json(sorted(set(tag_ids)), contacts=True, cards=True)
    return [
        Frame(_tags_channel(), b'{"action":"%b","tag":%b}' % (action, found[pk]))
        for pk in dict.fromkeys(tag_ids)
        if pk in found
    ]


@on(TagCreated)
def tell_new_tags(news: Sequence[TagCreated]) -> None:
    """A label or lane is new."""
    emit(_tag_frames(b"create", [event.tag_id for event in news]))


@on(TagUpdated)
def tell_tag_changes(news: Sequence[TagUpdated]) -> None:
    """A tag, or who carries it, changed."""
    emit(_tag_frames(b"update", [event.tag_id for event in news]))


@on(TagDeleted)
def tell_removed_tags(news: Sequence[TagDeleted]) -> None:
    """A tag is no more."""
    emit(
        [
            Frame(_tags_channel(), orjson.dumps({"action": "delete", "tagId": event.tag_id}))
            for event in news
        ]
    )
