"""Announcements and help: read by everybody, written by operators of the platform."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from companies import services
from companies.models import Announcement, Help
from console.access import operators_only, person, signed_in, whole_number
from console.asked import text_of
from console.reads.notices import announcements, announcements_shown, guides
from console.reads.paging import number_of
from console.views import shell
from whaticket.exceptions import Invalid

LONGEST_TEXT = 20_000
LONGEST_LINK = 2000
PRIORITIES = {
    Announcement.Priority.HIGH: (gettext_lazy("Urgent"), gettext_lazy("Above every page")),
    Announcement.Priority.MEDIUM: (gettext_lazy("News"), gettext_lazy("A dot at the bell")),
    Announcement.Priority.LOW: (gettext_lazy("By the way"), gettext_lazy("Only in the list")),
}


def _by(request: HttpRequest) -> dict[str, int]:
    user = person(request)
    return {"company_id": user.company_id, "by_id": user.pk}


def _text(request: HttpRequest, name: str, longest: int) -> str:
    text = text_of(request.POST, name)
    if len(text) > longest:
        raise Invalid(details={name: [_("The text is too long.")]})
    return text


@require_GET
@signed_in
def shown(request: HttpRequest) -> HttpResponse:
    """Show what hangs from the bell again, as after an operator's change."""
    return render(request, "console/parts/notices.html", {"notices": announcements_shown()})


@require_GET
@operators_only
def page(request: HttpRequest) -> HttpResponse:
    """Show operators what they told everybody."""
    context = {"page": announcements(number_of(request))}
    return shell.page(request, "console/announcements.html", context, section="announcements")


@require_GET
@operators_only
def rows(request: HttpRequest) -> HttpResponse:
    """Show the list again."""
    context = {"page": announcements(number_of(request))}
    return render(request, "console/parts/announcement_rows.html", context)


@require_http_methods(["GET", "POST"])
@operators_only
def edit(request: HttpRequest, notice_id: int | None = None) -> HttpResponse:
    """Ask for an announcement (GET), and tell it to everybody (POST)."""
    row = Announcement() if notice_id is None else services.find_announcement(notice_id)
    if request.method == "GET":
        context = {"n": row, "priorities": PRIORITIES.items()}
        return render(request, "console/dialogs/announcement.html", context)
    priority = whole_number(request.POST.get("priority"))
    if priority not in PRIORITIES:
        raise Invalid(details={"priority": [_("Choose how urgent it is.")]})
    saved = services.write_announcement(
        row,
        request.FILES.get("file"),
        drops_file=request.POST.get("drop_file") == "1",
        title=_text(request, "title", 255),
        text=_text(request, "text", LONGEST_TEXT),
        priority=priority,
        is_shown=request.POST.get("is_shown") == "1",
        **_by(request),
    )
    return JsonResponse({"id": saved.pk})


@require_http_methods(["GET", "POST"])
@operators_only
def delete(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Ask whether to remove an announcement (GET), and remove it (POST)."""
    row = services.find_announcement(notice_id)
    if request.method == "GET":
        return _sure(request, row.title, _("Nobody sees it any more, and its file is removed."))
    services.delete_announcement(row, **_by(request))
    return JsonResponse({"id": notice_id})


def _sure(request: HttpRequest, name: str, words: str) -> HttpResponse:
    return render(request, "console/dialogs/sure.html", {"name": name, "words": words})


@require_GET
@signed_in
def help_page(request: HttpRequest) -> HttpResponse:
    """Show the help that the platform gives; operators write it here."""
    context = {"page": guides(number_of(request))}
    return shell.page(request, "console/help.html", context, section="help")


@require_GET
@signed_in
def help_rows(request: HttpRequest) -> HttpResponse:
    """Show the help again."""
    context = {"page": guides(number_of(request)), "me": person(request)}
    return render(request, "console/parts/help_rows.html", context)


@require_http_methods(["GET", "POST"])
@operators_only
def edit_help(request: HttpRequest, help_id: int | None = None) -> HttpResponse:
    """Ask for a help page (GET), and keep it (POST)."""
    row = Help() if help_id is None else services.find_help(help_id)
    if request.method == "GET":
        return render(request, "console/dialogs/help.html", {"h": row})
    fields: dict[str, Any] = {
        "title": _text(request, "title", 255),
        "description": _text(request, "description", LONGEST_TEXT),
        "video": _text(request, "video", 255),
        "link": _text(request, "link", LONGEST_LINK),
    }
    if fields["link"] and not fields["link"].startswith(("https://", "http://")):
        raise Invalid(details={"link": [_("An address begins with https://.")]})
    saved = services.save_help(row, **_by(request), **fields)
    return JsonResponse({"id": saved.pk})


@require_http_methods(["GET", "POST"])
@operators_only
def delete_help(request: HttpRequest, help_id: int) -> HttpResponse:
    """Ask whether to remove a help page (GET), and remove it (POST)."""
    row = services.find_help(help_id)
    if request.method == "GET":
        return _sure(request, row.title, _("Nobody finds it any more."))
    services.delete_help(row, **_by(request))
    return JsonResponse({"id": help_id})
