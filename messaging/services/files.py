"""Lists of files that queues and bots send together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from accounts.models import User
from events.bus import publish
from messaging.events import FileListCreated, FileListDeleted, FileListUpdated
from messaging.exceptions import (
    FileListGone,
    FileListNameInvalid,
    FileListNameTaken,
    FileListNotFound,
)
from messaging.media import StoredMedia, discard, display_name
from messaging.models import FileList, FileListItem, Message
from messaging.services.compose import prepare_media
from messaging.services.kept import copy_of, drop_file, put_file
from messaging.services.say import say
from messaging.services.send import Draft, send_message
from tickets.models import Queue, Ticket
from tickets.services import update_queue
from whaticket.exceptions import DomainError
from whaticket.texts import BOT_MARK

log = structlog.get_logger(__name__)

SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a list as a client wants it: an existing one by its id, or a new one."""

    name: str
    id: int | None = None
    # What the client calls the file. It says nothing about where one lies.
    file_name: str = ""


@transaction.atomic
def create_file_list(
    *, name: str, message: str = "", places: Sequence[Place] = (), by: User
) -> FileList:
    """Make a list; its files come afterwards. Raises FileListNameInvalid, FileListNameTaken."""
    made = FileList(name=_name(name), message=message)
    _save(made)
    FileListItem.objects.bulk_create([_item(made, place) for place in places])
    publish(FileListCreated(file_list_id=made.pk, by_id=by.pk))
    return made


@transaction.atomic
def update_file_list(
    file_list_id: int,
    *,
    by: User,
    name: str | None = None,
    message: str | None = None,
    places: Sequence[Place] | None = None,
) -> FileList:
    """Change a list; places that are not named go, with their files.

    Raises FileListNotFound (also for a place of another list), FileListNameInvalid,
    FileListNameTaken.
    """
    row = _held(file_list_id)
    if name is not None:
        row.name = _name(name)
    if message is not None:
        row.message = message
    _save(row)
    if places is not None:
        _replace_items(row, places)
    publish(FileListUpdated(file_list_id=row.pk, by_id=by.pk))
    return row


@transaction.atomic
def delete_file_list(file_list_id: int, *, by: User) -> None:
    """Remove a list with its files; queues that sent it send none. Raises FileListGone."""
    try:
        row = _held(file_list_id)
    except FileListNotFound as error:
        raise FileListGone from error
    _remove([row], by)


@transaction.atomic
def delete_all_file_lists(*, by: User) -> int:
    """Remove every list of this company, and of no other; say how many there were."""
    rows = list(FileList.objects.select_for_update().order_by("pk"))
    _remove(rows, by)
    return len(rows)


def put_files(file_list_id: int, files: Mapping[int, StoredMedia], *, by: User) -> FileList:
    """Put stored files into places of a list (by their ids), all or none.

    Raises FileListNotFound; the stored files are removed then.
    """
    try:
        return _put_files(file_list_id, files, by)
    except Exception:
        for stored in files.values():
            discard(stored)
        raise


def save_file_list(
    file_list_id: int | None,
    *,
    by: User,
    name: str,
    message: str,
    places: Sequence[Place] = (),
    files: Sequence[StoredMedia] = (),
) -> FileList:
    """Make or change a list together with files that get places of their own, or nothing of it.

    Raises what `create_file_list` and `update_file_list` do; the stored files are removed then.
    """
    wanted = [*places, *(Place(name=stored.name[:255]) for stored in files)]
    fields: dict[str, Any] = {"name": name, "message": message, "places": wanted, "by": by}
    try:
        with transaction.atomic():
            if file_list_id is None:
                row = create_file_list(**fields)
            else:
                row = update_file_list(file_list_id, **fields)
            if not files:
                return row
            newest = row.items.order_by("-pk").values_list("pk", flat=True)[: len(files)]
            return _put_files(row.pk, dict(zip(sorted(newest), files, strict=True)), by)
    except Exception:
        for stored in files:
            discard(stored)
        raise


def send_file_list(
    ticket: Ticket, file_list_id: int, *, idempotency_key: str | None = None
) -> list[Message]:
    """Send a list's words and then its files, as the company's own; a list that is gone is none.

    The same key again sends nothing new. A file that the connection cannot carry is left out and
    logged. Not to be called within a transaction: a recording may have to be converted.
    """
    row = FileList.objects.filter(pk=file_list_id).first()
    if row is None:
        return []
    sent = []
    if row.message.strip():
        words = say(ticket, row.message, key=_key(idempotency_key, "words"))
        sent += [words] if words else []
    for item in row.items.exclude(media_path=""):
        message = _send_item(ticket, item, _key(idempotency_key, str(item.pk)))
        sent += [message] if message else []
    return sent


def _key(key: str | None, part: str) -> str | None:
    return f"{key}:files:{part}" if key else None


def _send_item(ticket: Ticket, item: FileListItem, key: str | None) -> Message | None:
    if key:
        earlier = Message.objects.filter(idempotency_key=key).first()
        if earlier:
            return earlier
    media: StoredMedia | None = None
    message: Message | None = None
    try:
        media = copy_of(item)
        media = prepare_media(ticket, media, is_private=False)
        draft = Draft(kind=media.kind, body=BOT_MARK + item.name, media=media)
        message = send_message(
            ticket, draft, by=None, origin=Message.Origin.BOT, idempotency_key=key
        )
    except (DomainError, OSError) as refusal:
        code = getattr(refusal, "code", type(refusal).__name__)
        log.warning("files.not_sent", ticket=ticket.pk, item=item.pk, code=code)
    finally:
        if media is not None and (message is None or message.media_path != media.path):
            # Not sent, or sent meanwhile under this key.
            discard(media)
    return message


@transaction.atomic
def require_file_list(file_list_id: int) -> None:
    """Keep a list of files until the transaction ends; raise FileListNotFound where it is none."""
    _held(file_list_id)


def _put_files(file_list_id: int, files: Mapping[int, StoredMedia], by: User) -> FileList:
    row = _held(file_list_id)
    items = row.items.in_bulk(list(files))
    if len(items) != len(files):
        raise FileListNotFound
    for pk, stored in files.items():
        put_file(items[pk], stored)
        items[pk].save()
    row.save(update_fields=["updated_at"])
    publish(FileListUpdated(file_list_id=row.pk, by_id=by.pk))
    return row


def _held(file_list_id: int) -> FileList:
    row = FileList.objects.select_for_update(no_key=True).filter(pk=file_list_id).first()
    if row is None:
        raise FileListNotFound
    return row


def _name(name: str) -> str:
    name = name.strip()
    if not SHORTEST_NAME <= len(name) <= 255:
        raise FileListNameInvalid
    return name


def _save(row: FileList) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise FileListNameTaken from error


def _item(row: FileList, place: Place) -> FileListItem:
    file_name = display_name(place.file_name, "")
    return FileListItem(file_list=row, name=place.name, media_name=file_name)


def _replace_items(row: FileList, places: Sequence[Place]) -> None:
    held = {item.pk: item for item in row.items.all()}
    kept = {place.id for place in places if place.id is not None}
    if not kept <= held.keys():
        raise FileListNotFound
    gone = [item for pk, item in held.items() if pk not in kept]
    drop_file(*gone)
    row.items.filter(pk__in=[item.pk for item in gone]).delete()
    for place in places:
        if place.id is None:
            _item(row, place).save()
            continue
        item = held[place.id]
        item.name = place.name
        if not item.media_path:
            item.media_name = display_name(place.file_name, "") or item.media_name
        item.save()


def _remove(rows: Sequence[FileList], by: User) -> None:
    ids = [row.pk for row in rows]
    drop_file(*FileListItem.objects.filter(file_list__in=ids).exclude(media_path=""))
    changes: dict[str, Any] = {"file_list_id": None}
    for queue in Queue.objects.filter(file_list_id__in=ids):
        update_queue(queue, by=by, **changes)
    FileList.objects.filter(pk__in=ids).delete()
    if ids:
        publish(*[FileListDeleted(file_list_id=pk, by_id=by.pk) for pk in ids])
