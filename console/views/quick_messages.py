"""Quick messages: managed on a page of their own, inserted by `/` in the composer."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from console.access import person, signed_in, whole_number
from console.asked import search_text, text_of
from console.reads.conversation import ticket_or_refuse
from console.reads.quick_messages import offers_for, quick_message_or_refuse, rows_for
from console.views import shell
from messaging.media import store_upload
from messaging.models import QuickMessage
from messaging.services import quick_messages
from tickets.services import sight_of
from whaticket.exceptions import Invalid, NoPermission

# Who sees it, and who may change it, in one choice.
AUDIENCES: dict[str, dict[str, bool]] = {
    "own": {"is_shared": False, "is_editable_by_all": False},
    "shown": {"is_shared": True, "is_editable_by_all": False},
    "common": {"is_shared": True, "is_editable_by_all": True},
}
LONGEST_TEXT = 65_536
# What a text may leave open (messaging.variables), in words.
VARIABLES = {
    "firstName": gettext_lazy("First name"),
    "name": gettext_lazy("Full name"),
    "userName": gettext_lazy("Your name"),
    "ms": gettext_lazy("Good morning, afternoon or evening"),
    "queue": gettext_lazy("Queue"),
    "connection": gettext_lazy("Connection"),
    "protocol": gettext_lazy("Protocol number"),
    "ticket_id": gettext_lazy("Ticket number"),
    "date": gettext_lazy("Date"),
    "hour": gettext_lazy("Time"),
    "data_hora": gettext_lazy("Date and time"),
    "name_company": gettext_lazy("Company"),
}


def _rows(request: HttpRequest) -> dict[str, Any]:
    text = search_text(request)
    return {"rows": rows_for(person(request), text=text), "q": text}


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Show the quick messages a person sees: the company's and their own."""
    return shell.page(request, "console/quick_messages.html", _rows(request), section="quick")


@require_GET
@signed_in
def rows(request: HttpRequest) -> HttpResponse:
    """Show the list again, as after a search or a colleague's change."""
    return render(request, "console/parts/quick_rows.html", _rows(request))


@require_GET
@signed_in
def offers(request: HttpRequest) -> HttpResponse:
    """Tell what can be inserted into an answer to a ticket."""
    user = person(request)
    ticket = ticket_or_refuse(whole_number(request.GET.get("ticket")) or 0, sight_of(user))
    return JsonResponse({"offers": offers_for(user, ticket)})


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: HttpRequest, quick_id: int | None = None) -> HttpResponse:
    """Ask for a quick message (GET), and keep it (POST)."""
    user = person(request)
    row = None
    if quick_id is not None:
        row = quick_message_or_refuse(quick_id, user)
        if not row.may_change(user):
            raise NoPermission
    if request.method == "GET":
        context = {"m": row, "audience": _audience_of(row), "variables": VARIABLES.items()}
        return render(request, "console/dialogs/quick_message.html", context)
    fields = _fields(request)
    upload = request.FILES.get("file")
    saved = quick_messages.save_quick_message(
        quick_id,
        by=user,
        stored=store_upload(upload, name=upload.name or "") if upload else None,
        drops_file=request.POST.get("drop_file") == "1",
        **fields,
    )
    return JsonResponse({"id": saved.pk})


@require_http_methods(["GET", "POST"])
@signed_in
def delete(request: HttpRequest, quick_id: int) -> HttpResponse:
    """Ask whether to remove a quick message (GET), and remove it (POST)."""
    user = person(request)
    if request.method == "GET":
        row = quick_message_or_refuse(quick_id, user)
        return render(request, "console/dialogs/quick_delete.html", {"m": row})
    quick_messages.delete_quick_message(quick_id, by=user)
    return JsonResponse({"id": quick_id})


def _fields(request: HttpRequest) -> dict[str, Any]:
    form = request.POST
    text = text_of(form, "text")
    shortcode = form.get("shortcode", "").replace("\x00", "").strip().lstrip("/").strip()
    audience = AUDIENCES.get(form.get("audience", ""))
    if audience is None:
        raise Invalid(details={"audience": [_("Choose who sees it.")]})
    if len(shortcode) > 255:
        raise Invalid(details={"shortcode": [_("This name is too long.")]})
    if len(text) > LONGEST_TEXT:
        raise Invalid(details={"text": [_("The text is too long.")]})
    return {"shortcode": shortcode, "text": text, **audience}


def _audience_of(row: QuickMessage | None) -> str:
    if row is None or (row.is_shared and not row.is_editable_by_all):
        return "shown"
    return "common" if row.is_shared else "own"
