"""Quick messages: kept answers, a person's own or the company's."""

from typing import Any

from django.db import transaction

from accounts.models import User
from events.bus import publish
from messaging.events import QuickMessageCreated, QuickMessageDeleted, QuickMessageUpdated
from messaging.exceptions import QuickMessageGone, QuickMessageInvalid, QuickMessageNotFound
from messaging.media import StoredMedia, discard
from messaging.models import QuickMessage
from messaging.services.kept import drop_file, put_file
from whaticket.exceptions import NoPermission

SHORTEST_TEXT = 3


def quick_message_or_refuse(quick_message_id: int, user: User) -> QuickMessage:
    """Give a quick message the person sees; raise QuickMessageNotFound."""
    found = QuickMessage.objects.visible_to(user).filter(pk=quick_message_id).first()
    if found is None:
        raise QuickMessageNotFound
    return found


@transaction.atomic
def create_quick_message(*, by: User, needs_text: bool = True, **fields: Any) -> QuickMessage:
    """Keep an answer; it is the person's own. Raises QuickMessageInvalid.

    `needs_text` is off where a file is to follow.
    """
    made = QuickMessage(owner=by, **fields)
    _check(made, needs_text=needs_text)
    made.save()
    publish(QuickMessageCreated(quick_message_id=made.pk, by_id=by.pk))
    return made


@transaction.atomic
def update_quick_message(
    quick_message_id: int, *, by: User, needs_text: bool = True, **fields: Any
) -> QuickMessage:
    """Change a quick message; raise QuickMessageNotFound, NoPermission, QuickMessageInvalid."""
    row = _held(quick_message_id, by)
    was_shared = row.is_shared
    for name, value in fields.items():
        setattr(row, name, value)
    _check(row, needs_text=needs_text and not row.media_path)
    row.save()
    _publish_update(row, was_shared, by)
    return row


def set_quick_media(quick_message_id: int, stored: StoredMedia, *, by: User) -> QuickMessage:
    """Give a quick message a stored file in place of the one it had.

    Raises QuickMessageNotFound, NoPermission; the stored file is removed then.
    """
    try:
        return _set_media(quick_message_id, stored, by)
    except Exception:
        discard(stored)
        raise


def save_quick_message(
    quick_message_id: int | None,
    *,
    by: User,
    stored: StoredMedia | None = None,
    drops_file: bool = False,
    **fields: Any,
) -> QuickMessage:
    """Make (no id) or change a quick message together with its file, as a form has it.

    It needs a text unless it has a file then. Raises QuickMessageNotFound, NoPermission,
    QuickMessageInvalid; nothing has changed then, and the stored file is removed.
    """
    try:
        return _save_whole(quick_message_id, by, stored, drops_file, fields)
    except Exception:
        if stored is not None:
            discard(stored)
        raise


@transaction.atomic
def _save_whole(
    quick_message_id: int | None,
    by: User,
    stored: StoredMedia | None,
    drops_file: bool,
    fields: dict[str, Any],
) -> QuickMessage:
    row = QuickMessage(owner=by) if quick_message_id is None else _held(quick_message_id, by)
    was_shared = row.is_shared
    for name, value in fields.items():
        setattr(row, name, value)
    if stored is not None or drops_file:
        put_file(row, stored)
    _check(row, needs_text=not row.media_path)
    row.save()
    if quick_message_id is None:
        publish(QuickMessageCreated(quick_message_id=row.pk, by_id=by.pk))
    else:
        _publish_update(row, was_shared, by)
    return row


def clear_quick_media(quick_message_id: int, *, by: User) -> QuickMessage:
    """Take a quick message's file away; raise QuickMessageNotFound, NoPermission."""
    return _set_media(quick_message_id, None, by)


@transaction.atomic
def delete_quick_message(quick_message_id: int, *, by: User) -> None:
    """Remove a quick message and its file; raise QuickMessageGone, NoPermission."""
    try:
        row = _held(quick_message_id, by)
    except QuickMessageNotFound as error:
        raise QuickMessageGone from error
    drop_file(row)
    event = QuickMessageDeleted(
        quick_message_id=row.pk, owner_id=row.owner_id, was_shared=row.is_shared, by_id=by.pk
    )
    row.delete()
    publish(event)


@transaction.atomic
def _set_media(quick_message_id: int, stored: StoredMedia | None, by: User) -> QuickMessage:
    row = _held(quick_message_id, by)
    put_file(row, stored)
    row.save()
    _publish_update(row, row.is_shared, by)
    return row


def _held(quick_message_id: int, by: User) -> QuickMessage:
    """Lock a quick message for a change by somebody who may."""
    rows = QuickMessage.objects.visible_to(by).select_related("owner")
    row = rows.select_for_update(no_key=True, of=("self",)).filter(pk=quick_message_id).first()
    if row is None:
        raise QuickMessageNotFound
    if not row.may_change(by):
        raise NoPermission
    return row


def _check(row: QuickMessage, *, needs_text: bool) -> None:
    row.shortcode = row.shortcode.strip()
    if not row.shortcode or (needs_text and len(row.text.strip()) < SHORTEST_TEXT):
        raise QuickMessageInvalid


def _publish_update(row: QuickMessage, was_shared: bool, by: User) -> None:
    publish(QuickMessageUpdated(quick_message_id=row.pk, was_shared=was_shared, by_id=by.pk))
