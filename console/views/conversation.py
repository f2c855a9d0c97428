"""One conversation: its page, its messages in slices, and its head and composer again."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from console.access import is_fragment, person, signed_in, whole_number
from console.reads import conversation as reads
from console.reads.inbox import View
from console.views import shell
from console.views.inbox import list_context, remember
from tickets.models import Ticket
from tickets.services import sight_of
from tickets.sight import Sight

_AGAIN_AT_ONCE = 100
_TAB_OF = {"pending": "pending", "lgpd": "pending", "open": "open", "group": "groups"}


def desk_context(request: HttpRequest, ticket: Ticket, sight: Sight) -> dict[str, Any]:
    """Give what the head and the composer of a conversation show."""
    user = person(request)
    return {
        "t": ticket,
        "c": ticket.contact,
        "me": user,
        "desk": reads.desk_of(ticket, user, sight),
    }


def open_context(request: HttpRequest, ticket: Ticket, sight: Sight) -> dict[str, Any]:
    """Give the whole conversation column."""
    slice_ = reads.before(ticket, sight)
    unread = ticket.unread_count
    return {
        **desk_context(request, ticket, sight),
        "slice": slice_,
        "unread_from": _first_unread(slice_, unread),
        "unread": unread,
    }


def _first_unread(slice_: reads.Slice, unread: int) -> int | None:
    """Find above which bubble the unread divider stands."""
    theirs = [
        item["m"].pk for item in slice_.items if item["type"] == "message" and not item["m"].from_me
    ]
    return theirs[-unread] if 0 < unread <= len(theirs) else None


@require_GET
@signed_in
def page(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Open a conversation: the column alone for scripts, the whole inbox for the address bar."""
    sight = sight_of(person(request))
    ticket = reads.ticket_or_refuse(ticket_id, sight)
    context = open_context(request, ticket, sight)
    if is_fragment(request):
        return render(request, "console/parts/conversation.html", context)
    tab = request.GET.get("tab") or _TAB_OF.get(ticket.status, "closed")
    view = View.of(request, tab=tab)
    remember(request, view)
    return shell.page(
        request, "console/inbox.html", {**list_context(view), **context}, section="inbox"
    )


@require_GET
@signed_in
def messages(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Give part of a conversation: `before`, `after` or `around` a message, or `ids` again."""
    sight = sight_of(person(request))
    ticket = reads.ticket_or_refuse(ticket_id, sight)
    context: dict[str, Any] = {"t": ticket, "me": person(request)}
    if "ids" in request.GET:
        asked = [whole_number(pk) for pk in request.GET["ids"].split(",")[:_AGAIN_AT_ONCE]]
        items = reads.some(ticket, sight, [pk for pk in asked if pk is not None])
        newest = whole_number(request.GET.get("history"))
        lines = reads.since(ticket, sight, newest) if newest is not None else []
        slice_ = reads.Slice([*items, *lines])
    elif (message_id := whole_number(request.GET.get("around"))) is not None:
        slice_ = reads.around(ticket, sight, message_id)
    elif (message_id := whole_number(request.GET.get("after"))) is not None:
        slice_ = reads.after(ticket, sight, message_id)
    else:
        slice_ = reads.before(ticket, sight, whole_number(request.GET.get("before")))
    html = render_to_string("console/parts/messages.html", {**context, "slice": slice_}, request)
    return JsonResponse({"html": html, "older": slice_.has_older, "newer": slice_.has_newer})


@require_GET
@signed_in
def state(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Give head and composer again, as after somebody moved the ticket."""
    sight = sight_of(person(request))
    ticket = reads.ticket_or_refuse(ticket_id, sight)
    context = desk_context(request, ticket, sight)
    return JsonResponse(
        {
            "head": render_to_string("console/parts/head.html", context, request),
            "desk": render_to_string("console/parts/desk.html", context, request),
            "status": ticket.status,
        }
    )
