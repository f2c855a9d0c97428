"""The queues of a company: their place in the menu, their words and hours, their people."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.access import company_admins, person, whole_number
from console.forms import MOST_CHOSEN, entered
from console.forms.queues import (
    LONGEST_TEXT,
    LONGEST_WAIT,
    MOST_HELD,
    QueueForm,
    distribution_of,
    hours_of,
)
from console.reads import queues as reads
from console.views import shell
from messaging.models import FileList
from tickets import services
from tickets.models import Queue
from whaticket.exceptions import Invalid

# How waiting tickets find an agent, and in short (docs/distribution.md).
MODES = {
    "off": (
        gettext_lazy("Agents choose"),
        gettext_lazy("Tickets wait until somebody accepts them."),
    ),
    "next": (
        gettext_lazy("In turn"),
        gettext_lazy("Whoever got a ticket of this queue the longest ago."),
    ),
    "least_busy": (
        gettext_lazy("Least busy"),
        gettext_lazy("Whoever holds the fewest tickets, over all queues."),
    ),
    "last_agent": (
        gettext_lazy("The same agent again"),
        gettext_lazy("Whoever spoke with this customer last; else the least busy."),
    ),
    "random": (
        gettext_lazy("By chance"),
        gettext_lazy("Drawn among those who can take it."),
    ),
}


def _list(request: HttpRequest) -> dict[str, Any]:
    user = person(request)
    rows = reads.rows_for(user)
    return {
        "rows": [(row, MODES[row.q.distribution][0]) for row in rows],
        "places": reads.places_of(user),
    }


@require_GET
@company_admins
def page(request: HttpRequest) -> HttpResponse:
    """Show the queues in the order of the customers' menu."""
    return shell.page(request, "console/queues.html", _list(request), section="queues")


@require_GET
@company_admins
def rows(request: HttpRequest) -> HttpResponse:
    """Show the queues again, as after a colleague's change."""
    return render(request, "console/parts/queue_rows.html", _list(request))


@require_POST
@company_admins
def order(request: HttpRequest) -> HttpResponse:
    """Put the queues in another order."""
    wanted = [whole_number(pk) for pk in request.POST.getlist("queue")]
    if not wanted or None in wanted or len(wanted) > MOST_CHOSEN:
        raise Invalid(details={"queue": [_("Choose from the list.")]})
    services.order_queues([pk for pk in wanted if pk is not None], by=person(request))
    return JsonResponse({"order": wanted})


@require_http_methods(["GET", "POST"])
@company_admins
def edit(request: HttpRequest, queue_id: int | None = None) -> HttpResponse:
    """Show a queue, or an empty one (GET), and keep it (POST)."""
    user = person(request)
    queue = reads.queue_or_refuse(queue_id) if queue_id is not None else None
    if request.method == "GET":
        return _form(request, queue)
    values = entered(QueueForm, request)
    saved = services.set_up_queue(
        queue,
        by=user,
        fields=_fields(request, values, queue),
        member_ids=values["members"],
        distribution=distribution_of(values, request.POST),
    )
    return JsonResponse({"id": saved.pk, "said": _("%(name)s is kept.") % {"name": saved.name}})


def _fields(request: HttpRequest, values: dict[str, Any], queue: Queue | None) -> dict[str, Any]:
    files = values["file_list_id"]
    if files is not None and not FileList.objects.filter(pk=files).exists():
        raise Invalid(details={"file_list_id": [_("This list of files does not exist any more.")]})
    kept = ("name", "color", "greeting_message", "out_of_hours_message", "closes_tickets")
    return {
        **{name: values[name] for name in kept},
        "file_list_id": files,
        "schedules": hours_of(request.POST, reads.labels_of(queue)),
    }


def _form(request: HttpRequest, queue: Queue | None) -> HttpResponse:
    user = person(request)
    members = reads.members_of(queue, user)
    more = reads.choices(user, queue)
    context = {
        "q": queue,
        "shown": queue or Queue(color=next(iter(more["colours"]), "")),
        "members": members,
        "week": reads.week_of(queue),
        "modes": [(name, *words) for name, words in MODES.items()],
        "places": None if queue else reads.places_of(user),
        "longest_text": LONGEST_TEXT,
        "longest_wait": LONGEST_WAIT,
        "most_held": MOST_HELD,
        **more,
    }
    return shell.page(request, "console/queue.html", context, section="queues")


@require_http_methods(["GET", "POST"])
@company_admins
def delete(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Ask whether to remove a queue (GET), and remove it (POST)."""
    queue = reads.queue_or_refuse(queue_id)
    if request.method == "GET":
        context = {"q": queue, "leaving": reads.leaving(queue)}
        return render(request, "console/dialogs/queue_delete.html", context)
    services.delete_queue(queue, by=person(request))
    return JsonResponse({"id": queue_id})
