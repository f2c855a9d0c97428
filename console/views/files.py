"""Lists of files that queues and bots send together."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from console.access import company_admins, person
from console.asked import text_of
from console.reads.files import file_list_or_refuse, file_lists
from console.reads.paging import number_of
from console.views import shell
from messaging.media import StoredMedia, discard, store_upload
from messaging.models import FileList
from messaging.services import files
from whaticket.exceptions import Invalid

LONGEST_TEXT = 65_536
MOST_FILES = 20


@require_GET
@company_admins
def page(request: HttpRequest) -> HttpResponse:
    """Show the lists of files."""
    context = {"page": file_lists(number_of(request))}
    return shell.page(request, "console/files.html", context, section="files")


@require_GET
@company_admins
def rows(request: HttpRequest) -> HttpResponse:
    """Show the lists again, as after a colleague's change."""
    context = {"page": file_lists(number_of(request))}
    return render(request, "console/parts/file_rows.html", context)


@require_http_methods(["GET", "POST"])
@company_admins
def edit(request: HttpRequest, list_id: int | None = None) -> HttpResponse:
    """Ask for a list and its files (GET), and keep them (POST)."""
    row = file_list_or_refuse(list_id) if list_id is not None else None
    if request.method == "GET":
        return render(request, "console/dialogs/file_list.html", {"l": row})
    form = request.POST
    message = text_of(form, "message")
    if len(message) > LONGEST_TEXT:
        raise Invalid(details={"message": [_("The text is too long.")]})
    saved = files.save_file_list(
        list_id,
        by=person(request),
        name=form.get("name", "").replace("\x00", ""),
        message=message,
        places=_kept(request, row),
        files=_stored(request),
    )
    return JsonResponse({"id": saved.pk})


def _kept(request: HttpRequest, row: FileList | None) -> list[files.Place]:
    """Give the places that stay, with the words that go with each file."""
    dropped = set(request.POST.getlist("drop"))
    items = row.items.all() if row else ()
    return [
        files.Place(
            name=request.POST.get(f"words-{item.pk}", item.name).replace("\x00", "").strip()[:255],
            id=item.pk,
        )
        for item in items
        if str(item.pk) not in dropped
    ]


def _stored(request: HttpRequest) -> list[StoredMedia]:
    uploads = request.FILES.getlist("files")
    if len(uploads) > MOST_FILES:
        raise Invalid(details={"files": [_("These are too many files at once.")]})
    stored: list[StoredMedia] = []
    try:
        for upload in uploads:
            stored.append(store_upload(upload, name=upload.name or ""))  # noqa: PERF401 (kept)
    except Exception:
        for media in stored:
            discard(media)
        raise
    return stored


@require_http_methods(["GET", "POST"])
@company_admins
def delete(request: HttpRequest, list_id: int) -> HttpResponse:
    """Ask whether to remove a list (GET), and remove it (POST)."""
    row = file_list_or_refuse(list_id)
    if request.method == "GET":
        words = _("Its files go, too. Queues that send it send none.")
        return render(request, "console/dialogs/sure.html", {"name": row.name, "words": words})
    files.delete_file_list(list_id, by=person(request))
    return JsonResponse({"id": list_id})
