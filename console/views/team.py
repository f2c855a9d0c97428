"""The team's own rooms: colleagues talk, customers never see it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.access import is_fragment, person, whole_number
from console.asked import search_text, text_of
from console.plan import with_feature
from console.reads import team as reads
from console.reads.conversation import Slice
from console.reads.paging import number_of
from console.views import shell
from messaging.media import store_upload
from messaging.services import team_chats
from whaticket.exceptions import Invalid, NoPermission

LONGEST_TEXT = 16_384
LONGEST_TITLE = 255
_LONGEST_KEY = 64


colleagues = with_feature("useInternalChat")


def _list(request: HttpRequest) -> dict[str, Any]:
    text = search_text(request)
    page = number_of(request)
    found = reads.rooms_for(person(request), text=text, page=page)
    return {"page": found, "q": text, "open": whole_number(request.GET.get("open"))}


@require_GET
@colleagues
def page(request: HttpRequest) -> HttpResponse:
    """Show a person's rooms."""
    return shell.page(request, "console/team.html", _list(request), section="chat")


@require_GET
@colleagues
def rows(request: HttpRequest) -> HttpResponse:
    """Show the rooms again, as after a search or when something was said."""
    return render(request, "console/parts/team_rows.html", _list(request))


@require_GET
@colleagues
def room(request: HttpRequest, chat_id: int) -> HttpResponse:
    """Open a room: the column alone for scripts, the whole page for the address bar."""
    user = person(request)
    found = reads.room_or_refuse(chat_id, user)
    slice_ = reads.said_before(found.chat)
    context = {
        "room": found,
        "me": user,
        "may_change": found.chat.may_change(user),
        "slice": slice_,
        "unread_from": _first_unread(slice_, found.unread, user.pk),
    }
    if is_fragment(request):
        return render(request, "console/parts/team_room.html", context)
    context = {**_list(request), **context, "open": chat_id}
    return shell.page(request, "console/team.html", context, section="chat")


def _first_unread(slice_: Slice, unread: int, user_id: int) -> int | None:
    """Find above which bubble the unread divider stands."""
    theirs = [item["m"].pk for item in slice_.items if item["m"].sender_id != user_id]
    return theirs[-min(unread, len(theirs))] if unread > 0 and theirs else None


@require_GET
@colleagues
def messages(request: HttpRequest, chat_id: int) -> HttpResponse:
    """Give part of what was said: `before` or `after` a message, or the newest."""
    chat = reads.room_or_refuse(chat_id, person(request)).chat
    after = whole_number(request.GET.get("after"))
    if after is not None:
        slice_ = reads.said_after(chat, after)
    else:
        slice_ = reads.said_before(chat, whole_number(request.GET.get("before")))
    return JsonResponse(
        {
            "html": _drawn(request, slice_),
            "older": slice_.has_older,
            "newer": slice_.has_newer,
        }
    )


@require_POST
@colleagues
def send(request: HttpRequest, chat_id: int) -> HttpResponse:
    """Say something: words, a file, or both; the page's `key` makes a second try harmless."""
    user = person(request)
    chat = reads.room_or_refuse(chat_id, user).chat
    text = text_of(request.POST, "text")
    if len(text) > LONGEST_TEXT:
        raise Invalid(details={"text": [_("The text is too long.")]})
    upload = request.FILES.get("file")
    media = store_upload(upload, name=upload.name or "") if upload else None
    key = request.POST.get("key", "")[:_LONGEST_KEY]
    message = team_chats.write_to_team(
        chat, text=text, by=user, media=media, idempotency_key=f"app:{key}" if key else ""
    )
    line = reads.one_line(chat, message.pk)
    return JsonResponse({"id": message.pk, "html": _drawn(request, line)})


def _drawn(request: HttpRequest, slice_: Slice) -> str:
    context = {"slice": slice_, "me": person(request)}
    return render_to_string("console/parts/team_messages.html", context, request)


@require_POST
@colleagues
def read(request: HttpRequest, chat_id: int) -> HttpResponse:
    """Mark a room read."""
    user = person(request)
    chat = reads.room_or_refuse(chat_id, user).chat
    team_chats.read_team_chat(chat, by=user)
    return JsonResponse({"id": chat.pk})


@require_http_methods(["GET", "POST"])
@colleagues
def edit(request: HttpRequest, chat_id: int | None = None) -> HttpResponse:
    """Ask for a room's title and people (GET), and keep them (POST).

    People of a room who may not change it see who is in it.
    """
    user = person(request)
    found = reads.room_or_refuse(chat_id, user) if chat_id is not None else None
    may_change = found is None or found.chat.may_change(user)
    if request.method == "GET":
        inside = reads.people_of(found.chat) if found else []
        context = {
            "room": found,
            "me": user,
            "may_change": may_change,
            "people": _choices(inside, user) if may_change else inside,
            "inside": {one.pk for one in inside},
            "owner_id": found.chat.owner_id if found else user.pk,
        }
        return render(request, "console/dialogs/team_room.html", context)
    if not may_change:
        raise NoPermission
    title, user_ids = _fields(request)
    if found is None:
        if not user_ids - {user.pk}:
            raise Invalid(details={"users": [_("Choose at least one person.")]})
        chat = team_chats.create_team_chat(title=title, user_ids=user_ids, by=user)
    else:
        chat = team_chats.update_team_chat(
            found.chat.pk, by=user, title=title, user_ids={*user_ids, user.pk}
        )
    return JsonResponse({"id": chat.pk})


def _choices(inside: list[Any], user: Any) -> list[Any]:
    """Give who can be in a room: those of the company, and who is in it already."""
    known = {one.pk: one for one in [*reads.colleagues_of(user), *inside] if one.pk != user.pk}
    return sorted(known.values(), key=lambda one: (one.name.casefold(), one.pk))


def _fields(request: HttpRequest) -> tuple[str, set[int]]:
    title = request.POST.get("title", "").replace("\x00", "").strip()
    if len(title) > LONGEST_TITLE:
        raise Invalid(details={"title": [_("This name is too long.")]})
    chosen = [whole_number(pk) for pk in request.POST.getlist("users")]
    if len(chosen) > reads.MOST_PEOPLE or None in chosen:
        raise Invalid(details={"users": [_("Choose the people from the list.")]})
    return title, {pk for pk in chosen if pk is not None}


@require_http_methods(["GET", "POST"])
@colleagues
def delete(request: HttpRequest, chat_id: int) -> HttpResponse:
    """Ask whether to remove a room (GET), and remove it (POST)."""
    user = person(request)
    found = reads.room_or_refuse(chat_id, user)
    if not found.chat.may_change(user):
        raise NoPermission
    if request.method == "GET":
        return render(request, "console/dialogs/team_delete.html", {"room": found})
    team_chats.delete_team_chat(chat_id, by=user)
    return JsonResponse({"id": chat_id})
