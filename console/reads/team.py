"""The team's own rooms as pages show them: the list, what was said, who can be asked in."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext as _

from accounts.models import User
from console.reads.conversation import Slice
from console.reads.paging import Page, page_of
from messaging.exceptions import TeamChatNotFound
from messaging.media import media_url
from messaging.models import TeamChat, TeamChatMember, TeamChatMessage
from whaticket.database import Folded
from whaticket.tenancy import current_company_id

ROOMS = 40
MESSAGES = 40
# More than anybody looks through; the rest is found by its name.
MOST_PEOPLE = 500
# So many are named where a room has no title.
NAMED = 4


@dataclass(frozen=True, slots=True)
class Face:
    """What stands for a room: a colleague, or a group."""

    pk: int
    name: str
    is_group: bool


@dataclass(frozen=True, slots=True)
class Room:
    """A room as one of its people sees it."""

    chat: TeamChat
    name: str
    people: str
    count: int
    unread: int
    face: Face


def rooms_for(user: User, *, text: str = "", page: int = 1) -> Page[Room]:
    """Give a page of a person's rooms, those first where something was said last; one statement."""
    found = _rooms(user)
    if text:
        part = Folded(Value(text))
        people = TeamChatMember.objects.filter(chat=OuterRef("pk")).alias(
            folded=Folded("user__name")
        )
        found = found.alias(title_folded=Folded("title")).filter(
            Q(title_folded__contains=part) | Exists(people.filter(folded__contains=part))
        )
    rows = page_of(found.order_by("-updated_at", "-pk"), page, size=ROOMS)
    return Page([_room(row, user) for row in rows.rows], rows.next)


def room_or_refuse(chat_id: int, user: User) -> Room:
    """Give a room the person is in; raise TeamChatNotFound otherwise."""
    row = _rooms(user).select_related("owner").filter(pk=chat_id).first()
    if row is None:
        raise TeamChatNotFound
    return _room(row, user)


def unread_rooms(user: User) -> dict[int, int]:
    """Tell how much a person has not read, by room, leaving out rooms read to the end."""
    rows = TeamChatMember.objects.filter(user=user, unread_count__gt=0)
    return dict(rows.values_list("chat_id", "unread_count"))


def people_of(chat: TeamChat) -> list[User]:
    """Give who is in a room, by name."""
    ids = chat.members.values("user_id")
    return list(User.objects.filter(pk__in=ids).order_by("name", "pk"))


def colleagues_of(user: User) -> list[User]:
    """Give who else is in the company, by name."""
    company_id = current_company_id()
    found = User.objects.of_company(company_id).exclude(pk=user.pk).order_by("name", "pk")
    return list(found[:MOST_PEOPLE])


def said_before(chat: TeamChat, message_id: int | None = None) -> Slice:
    """Give what was said last, or last before a message; one statement."""
    found = _messages(chat)
    if message_id is not None:
        found = found.filter(pk__lt=message_id)
    rows = list(found.order_by("-pk")[: MESSAGES + 1])
    return Slice(_lines(rows[:MESSAGES][::-1]), has_older=len(rows) > MESSAGES)


def said_after(chat: TeamChat, message_id: int) -> Slice:
    """Give what was said after a message; one statement."""
    rows = list(_messages(chat).filter(pk__gt=message_id).order_by("pk")[: MESSAGES + 1])
    return Slice(_lines(rows[:MESSAGES]), has_newer=len(rows) > MESSAGES)


def one_line(chat: TeamChat, message_id: int) -> Slice:
    """Give one thing that was said."""
    return Slice(_lines(list(_messages(chat).filter(pk=message_id))))


def _messages(chat: TeamChat) -> QuerySet[TeamChatMessage]:
    return TeamChatMessage.objects.filter(chat=chat).select_related("sender")


def _lines(rows: list[TeamChatMessage]) -> list[dict[str, Any]]:
    company_id = current_company_id()
    return [
        {
            "m": row,
            "media": _address(company_id, row.media_path, row.media_name),
            "thumbnail": _address(company_id, row.thumbnail_path),
        }
        for row in rows
    ]


def _rooms(user: User) -> QuerySet[TeamChat]:
    members = TeamChatMember.objects.filter(chat=OuterRef("pk"))
    who = JSONObject(pk="user_id", name="user__name")
    others = members.exclude(user=user).order_by("pk").values(who=who)
    count = members.order_by().values("chat").annotate(n=Count("pk")).values("n")
    return TeamChat.objects.of_member(user).annotate(
        unread=F("members__unread_count"),
        member_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
        others=ArraySubquery(others[:NAMED]),
    )


def _room(row: Any, user: User) -> Room:
    others = row.others
    names = ", ".join(other["name"] for other in others)
    more = row.member_count - 1 - len(others)
    people = _("%(names)s and %(n)d more") % {"names": names, "n": more} if more > 0 else names
    name = row.title or people or _("Only you")
    is_pair = len(others) == 1
    face = Face(others[0]["pk"], others[0]["name"], is_group=False) if is_pair else None
    return Room(
        chat=row,
        name=name,
        people=people or _("Only you"),
        count=row.member_count,
        unread=row.unread,
        face=face or Face(row.pk, name, is_group=True),
    )


def _address(company_id: int, path: str, name: str = "") -> str:
    if not path:
        return ""
    # Pages ask the host that they came from.
    return media_url(company_id, path, name).removeprefix(settings.BACKEND_URL)
