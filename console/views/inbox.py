"""The inbox: the page, its list, and single cards of it again after events."""

from typing import Any

from django.db.models import Q, Value
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from console.access import person, signed_in
from console.asked import ids_asked
from console.formatting import phone
from console.reads.inbox import (
    TABS,
    View,
    counts_of,
    in_tab,
    page_of,
    queues_for,
    sees_everyone,
    tickets_of,
)
from console.views import shell
from contacts.models import Contact
from whaticket.database import Folded

_PALETTE = 6


def list_context(view: View) -> dict[str, Any]:
    """Give what the list column shows."""
    return {
        "view": view,
        "page": page_of(view),
        "tabs": TABS,
        "queues": queues_for(view.sight),
        "sees_everyone": sees_everyone(view.sight),
        "sees_groups": view.sight.is_admin or view.sight.sees_groups,
        "me": view.user,
    }


def remember(request: HttpRequest, view: View) -> None:
    """Keep tab and own/all for the next visit."""
    if view.is_search:
        return
    if request.session.get("inbox_tab") != view.tab:
        request.session["inbox_tab"] = view.tab
    who = "all" if view.everyone else "mine"
    if "who" in request.GET and request.session.get("inbox_who") != who:
        request.session["inbox_who"] = who


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Show the inbox with nothing opened."""
    view = View.of(request)
    remember(request, view)
    return shell.page(request, "console/inbox.html", list_context(view), section="inbox")


@require_GET
@signed_in
def rows(request: HttpRequest) -> HttpResponse:
    """Show the list column anew, or, with `after`, its next page."""
    view = View.of(request)
    after = request.GET.get("after")
    if after:
        context = {"view": view, "page": page_of(view, after), "me": view.user}
        return render(request, "console/parts/rows.html", context)
    remember(request, view)
    return render(
        request,
        "console/parts/list.html",
        {**list_context(view), "counts": counts_of(view)},
    )


@require_GET
@signed_in
def cards(request: HttpRequest) -> HttpResponse:
    """Give single cards again, as after events: HTML, or null for what left this list."""
    view = View.of(request)
    ids = ids_asked(request)
    found: dict[str, Any] = {str(pk): None for pk in ids}
    for ticket in in_tab(view, ids):
        found[str(ticket.pk)] = {
            "html": render_to_string(
                "console/parts/card.html", {"t": ticket, "view": view, "me": view.user}, request
            ),
            "at": ticket.updated_at.isoformat(),
            "unread": ticket.unread_count,
        }
    return JsonResponse({"cards": found, "counts": counts_of(view)})


@require_GET
@signed_in
def palette(request: HttpRequest) -> HttpResponse:
    """Give tickets and contacts for the command palette."""
    view = View.of(request)
    if not view.is_search:
        return JsonResponse({"tickets": [], "contacts": []})
    tickets = tickets_of(view).select_related("contact", "queue")[:_PALETTE]
    people = Contact.objects.alias(folded=Folded("name")).filter(
        Q(folded__contains=Folded(Value(view.text))) | Q(address__contains=view.text),
        merged_into=None,
        is_group=False,
    )[:_PALETTE]
    return JsonResponse(
        {
            "tickets": [
                {
                    "name": ticket.contact.name,
                    "hint": ticket.last_message[:80],
                    "url": reverse("console:ticket", args=[ticket.pk]),
                    "id": ticket.pk,
                }
                for ticket in tickets
            ],
            "contacts": [
                {"name": contact.name, "hint": phone(contact.address), "id": contact.pk}
                for contact in people
            ],
            "user": person(request).pk,
        }
    )
