"""Rooms in which colleagues talk: who is in them, what is said, what is unread."""

import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from events.bus import publish
from messaging.events import (
    TeamChatCreated,
    TeamChatDeleted,
    TeamChatRead,
    TeamChatUpdated,
    TeamChatWritten,
)
from messaging.exceptions import (
    ColleagueNotFound,
    NothingToSend,
    NotInTeamChat,
    TeamChatNotFound,
)
from messaging.media import StoredMedia, discard
from messaging.models import TeamChat, TeamChatMember, TeamChatMessage
from messaging.services.kept import drop_file, put_file
from whaticket.exceptions import NoPermission
from whaticket.tenancy import current_company_id


def team_chat_or_refuse(chat_id: int, user: User) -> TeamChat:
    """Give a room the person is in; raise TeamChatNotFound, NotInTeamChat."""
    chat = TeamChat.objects.filter(pk=chat_id).first()
    if chat is None:
        raise TeamChatNotFound
    if not TeamChatMember.objects.filter(chat=chat, user=user).exists():
        raise NotInTeamChat
    return chat


@transaction.atomic
def create_team_chat(*, title: str, user_ids: Iterable[int], by: User) -> TeamChat:
    """Open a room for some colleagues and whoever opens it; raise ColleagueNotFound."""
    wanted = _colleagues({*user_ids, by.pk})
    chat = TeamChat.objects.create(title=title.strip(), owner=by)
    _add(chat, wanted)
    publish(TeamChatCreated(chat_id=chat.pk, by_id=by.pk))
    return chat


@transaction.atomic
def update_team_chat(
    chat_id: int, *, by: User, title: str | None = None, user_ids: Iterable[int] | None = None
) -> TeamChat:
    """Give a room another title or other people; its owner stays in it.

    Raises TeamChatNotFound (also for who is not in it), NoPermission, ColleagueNotFound.
    """
    chat = _held(chat_id, by)
    joined: set[int] = set()
    left: set[int] = set()
    if title is not None:
        chat.title = title.strip()
    if user_ids is not None:
        held = set(chat.members.values_list("user_id", flat=True))
        wanted = {*user_ids, chat.owner_id}
        # Who was let in once may stay, with the company or not; who comes must be of it.
        joined, left = _colleagues(wanted - held), held - wanted
        chat.members.filter(user_id__in=left).delete()
        _add(chat, joined)
    chat.updated_at = timezone.now()
    chat.save(update_fields=["title", "updated_at"])
    publish(
        TeamChatUpdated(
            chat_id=chat.pk,
            joined_ids=tuple(sorted(joined)),
            left_ids=tuple(sorted(left)),
            by_id=by.pk,
        )
    )
    return chat


@transaction.atomic
def delete_team_chat(chat_id: int, *, by: User) -> None:
    """Remove a room and all that was said in it; raise TeamChatNotFound, NoPermission."""
    chat = _held(chat_id, by)
    members = tuple(chat.members.order_by("user_id").values_list("user_id", flat=True))
    drop_file(*chat.messages.exclude(media_path=""))
    chat.delete()
    publish(TeamChatDeleted(chat_id=chat_id, member_ids=members, by_id=by.pk))


def write_to_team(
    chat: TeamChat,
    *,
    text: str,
    by: User,
    media: StoredMedia | None = None,
    idempotency_key: str = "",
) -> TeamChatMessage:
    """Say something in a room; everybody else has one more to read.

    The same key again, from the same person in the same room, gives the first message and says
    nothing new. Raises NothingToSend, TeamChatNotFound (it was removed meanwhile), NotInTeamChat. A
    stored file that came to nothing is removed.
    """
    try:
        message = _write(chat, text, by, media, _key(chat, by, idempotency_key))
    except Exception:
        if media is not None:
            discard(media)
        raise
    if media is not None and media.path != message.media_path:
        # It was said before under this key.
        discard(media)
    return message


def _key(chat: TeamChat, by: User, key: str) -> str | None:
    if not key:
        return None
    return hashlib.sha256(f"{by.pk}\n{chat.pk}\n{key}".encode()).hexdigest()


@transaction.atomic
def read_team_chat(chat: TeamChat, *, by: User) -> None:
    """Mark a room read for a person; raise NotInTeamChat."""
    found = TeamChatMember.objects.filter(chat=chat, user=by)
    if not found.exists():
        raise NotInTeamChat
    if found.exclude(unread_count=0).update(unread_count=0, updated_at=timezone.now()):
        publish(TeamChatRead(chat_id=chat.pk, by_id=by.pk))


@transaction.atomic
def _write(
    chat: TeamChat, text: str, by: User, media: StoredMedia | None, key: str | None
) -> TeamChatMessage:
    text = text.strip()
    if not text and media is None:
        raise NothingToSend
    # The row lock keeps the order of messages and of `last_message` the same, and of two requests
    # with one key the second waits for the first one's message.
    locked = TeamChat.objects.select_for_update(no_key=True).filter(pk=chat.pk).first()
    if locked is None:
        raise TeamChatNotFound
    if not locked.members.filter(user=by).exists():
        raise NotInTeamChat
    if key is not None:
        earlier = locked.messages.filter(idempotency_key=key).first()
        if earlier is not None:
            return earlier
    message = TeamChatMessage(chat=locked, sender=by, text=text, idempotency_key=key)
    put_file(message, media)
    message.save()
    now = timezone.now()
    locked.last_message = f"{by.name}: {text or message.media_name}"
    locked.updated_at = now
    locked.save(update_fields=["last_message", "updated_at"])
    others = locked.members.exclude(user=by)
    others.update(unread_count=F("unread_count") + 1, updated_at=now)
    publish(TeamChatWritten(chat_id=locked.pk, chat_message_id=message.pk, by_id=by.pk))
    return message


def _held(chat_id: int, by: User) -> TeamChat:
    """Lock a room for a change by somebody who may."""
    rows = TeamChat.objects.of_member(by).select_related("owner")
    chat = rows.select_for_update(no_key=True, of=("self",)).filter(pk=chat_id).first()
    if chat is None:
        raise TeamChatNotFound
    if not chat.may_change(by):
        raise NoPermission
    return chat


def _colleagues(wanted: set[int]) -> set[int]:
    people = User.objects.of_company(current_company_id()).filter(pk__in=wanted)
    if people.count() != len(wanted):
        raise ColleagueNotFound
    return wanted


def _add(chat: TeamChat, user_ids: set[int]) -> None:
    TeamChatMember.objects.bulk_create(
        [TeamChatMember(chat=chat, user_id=pk) for pk in sorted(user_ids)], ignore_conflicts=True
    )
