"""The page of contacts: found, added, blocked, merged, taken in from tables and given as one."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.access import person, signed_in, whole_number
from console.asked import ids_asked
from console.formatting import bare_phone
from console.reads import contacts as reads
from console.views import shell
from console.views.contacts import contact_form, said_of_contact
from console.wording import words_of
from contacts import report
from contacts.exceptions import ImportNotFound
from contacts.models import ContactImport, Tag
from contacts.services import contact_or_refuse, create_contact, delete_contact, update_contact
from contacts.services.imports import begin_import, problem_of
from contacts.sheets import SheetRow, read_sheet
from tickets.models import Ticket
from whaticket.exceptions import Invalid, NoPermission
from whaticket.exports import CSV, XLSX, Download, file_name
from whaticket.privacy import hidden

_PREVIEWED = 5
_ERRORS = 100


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Show the company's contacts."""
    view = reads.ContactsView.of(request)
    context = {
        **_list(request, view),
        "labels": Tag.objects.filter(is_lane=False).order_by("name", "pk"),
        # Files hold whole numbers.
        "may_export": not hidden.get(),
    }
    return shell.page(request, "console/contacts.html", context, section="contacts")


@require_GET
@signed_in
def rows(request: HttpRequest) -> HttpResponse:
    """Show the list again, or, with `after`, its next page."""
    view = reads.ContactsView.of(request)
    after = whole_number(request.GET.get("after"))
    if after is None:
        return render(request, "console/parts/contact_list.html", _list(request, view))
    context = {"page": reads.page_of(view, after), "view": view, "me": person(request)}
    return render(request, "console/parts/contact_rows.html", context)


@require_GET
@signed_in
def some(request: HttpRequest) -> HttpResponse:
    """Give single rows again, as after events: HTML, or null for what is not in this list."""
    view = reads.ContactsView.of(request)
    ids = ids_asked(request)
    found: dict[str, Any] = {str(pk): None for pk in ids}
    for contact in reads.rows_of(view, ids):
        context = {"c": contact, "me": person(request)}
        html = render_to_string("console/parts/contact_row.html", context, request)
        found[str(contact.pk)] = {"html": html, "key": bare_phone(contact.folded_name)}
    return JsonResponse({"rows": found, "amount": reads.amount_of(view)})


def _list(request: HttpRequest, view: reads.ContactsView) -> dict[str, Any]:
    return {
        "view": view,
        "page": reads.page_of(view),
        "amount": reads.amount_of(view),
        "me": person(request),
    }


@require_http_methods(["GET", "POST"])
@signed_in
def add(request: HttpRequest) -> HttpResponse:
    """Ask for a contact (GET), and add it (POST), verified where a connection can be asked."""
    if request.method == "GET":
        return render(request, "console/dialogs/contact.html", contact_form(request, None))
    number = request.POST.get("number", "").replace("\x00", "").strip()[:64]
    made = create_contact(by=person(request), number=number, **said_of_contact(request))
    return JsonResponse({"id": made.pk})


@require_POST
@signed_in
def block(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Block a contact, or let it write again."""
    is_active = request.POST.get("active") == "1"
    update_contact(contact_or_refuse(contact_id), by=person(request), is_active=is_active)
    return JsonResponse({"id": contact_id})


@require_http_methods(["GET", "POST"])
@signed_in
def delete(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Ask whether to remove a contact with its conversations (GET), and do so (POST)."""
    user, contact = person(request), contact_or_refuse(contact_id)
    if not user.is_admin:
        raise NoPermission
    if request.method == "GET":
        tickets = Ticket.objects.filter(contact=contact).count()
        context = {"c": contact, "tickets": tickets}
        return render(request, "console/dialogs/contact_delete.html", context)
    delete_contact(contact, by=user)
    return JsonResponse({"id": contact_id})


@require_GET
@signed_in
def merge(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Ask which contact is the same person (administrators)."""
    if not person(request).is_admin:
        raise NoPermission
    context = {"c": contact_or_refuse(contact_id)}
    return render(request, "console/dialogs/contact_merge.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def bring(request: HttpRequest) -> HttpResponse:
    """Ask for a table of contacts (GET), and take it in (POST): now, or later if it is long."""
    if request.method == "GET":
        return render(request, "console/dialogs/contact_import.html")
    table, name = _table(request)
    row, _created = begin_import(table, file_name=name, by=person(request))
    return JsonResponse(_told(row))


@require_POST
@signed_in
def preview(request: HttpRequest) -> HttpResponse:
    """Show what a table holds, and what of it cannot be taken in; nothing is kept."""
    table, _name = _table(request)
    bad = sum(1 for row in table if problem_of(row.name, row.number, row.email))
    shown = [(row, _problem(row)) for row in table[:_PREVIEWED]]
    context = {
        "shown": shown,
        "total": len(table),
        "good": len(table) - bad,
        "bad": bad,
        "has_names": any(row.name for row in table),
        "has_emails": any(row.email for row in table),
    }
    html = render_to_string("console/parts/contact_preview.html", context, request)
    return JsonResponse({"html": html, "good": len(table) - bad})


@require_GET
@signed_in
def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """Tell how far an import is, and what was wrong with which row."""
    row = ContactImport.objects.defer("rows").filter(pk=import_id).first()
    if row is None:
        raise ImportNotFound
    return JsonResponse(_told(row))


@require_GET
@signed_in
def file(request: HttpRequest, kind: str) -> Any:
    """Give the people of the list as a file."""
    if kind not in {CSV, XLSX}:
        raise Http404
    wanted = reads.ContactsView.of(request).report
    found = report.reported_contacts(wanted, company_id=person(request).company_id)
    return Download(file_name("contacts"), kind, *report.contact_table(found))


def _table(request: HttpRequest) -> tuple[list[SheetRow], str]:
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid(details={"file": [_("Choose a file.")]})
    name = (upload.name or "").encode("utf-8", "replace").decode().replace("\x00", "")
    return read_sheet(upload), name


def _problem(row: SheetRow) -> str:
    code = problem_of(row.name, row.number, row.email)
    return words_of(code) if code else ""


def _told(row: ContactImport) -> dict[str, Any]:
    return {
        "id": row.pk,
        "total": row.total,
        "done": row.done,
        "created": row.created_count,
        "known": row.known_count,
        "failed": row.failed_count,
        "finished": row.finished_at is not None,
        "errors": [
            {"row": error["row"], "words": words_of(error["error"])}
            for error in row.errors[:_ERRORS]
        ],
    }
