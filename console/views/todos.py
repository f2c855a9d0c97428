"""A person's own list of things to do: a dialog from their menu, on every page."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from console.access import person, signed_in
from messaging.models import Todo
from messaging.services import todos
from whaticket.exceptions import Invalid

LONGEST = 1000
_LAST_PLACE = 2**31 - 1


@require_GET
@signed_in
def shown(request: HttpRequest) -> HttpResponse:
    """Show the list: what is left to do first, then what is done."""
    lines = Todo.objects.of_person(person(request)).order_by("is_done", "position", "id")
    return render(request, "console/dialogs/todos.html", {"lines": lines, "longest": LONGEST})


@require_POST
@signed_in
def add(request: HttpRequest) -> HttpResponse:
    """Add a line; one that was removed comes back done, due and in its place as it was."""
    fields = _fields(request)
    if "text" not in fields:
        raise Invalid(details={"text": [_("Write what there is to do.")]})
    return _drawn(request, todos.add_todo(by=person(request), **fields))


@require_POST
@signed_in
def change(request: HttpRequest, todo_id: int) -> HttpResponse:
    """Change a line's words, or tick it off."""
    return _drawn(request, todos.change_todo(todo_id, by=person(request), **_fields(request)))


@require_POST
@signed_in
def delete(request: HttpRequest, todo_id: int) -> HttpResponse:
    """Remove a line."""
    todos.remove_todo(todo_id, by=person(request))
    return JsonResponse({"id": todo_id})


def _drawn(request: HttpRequest, line: Todo) -> HttpResponse:
    context = {"line": line, "longest": LONGEST}
    html = render_to_string("console/parts/todo_line.html", context, request)
    return JsonResponse({"id": line.pk, "html": html})


def _fields(request: HttpRequest) -> dict[str, Any]:
    """Read what the form has to say of a line; what is absent stays as it is."""
    form = request.POST
    fields: dict[str, Any] = {}
    if "text" in form:
        fields["text"] = _text(form["text"])
    if "done" in form:
        fields["is_done"] = form["done"] == "1"
    if form.get("position"):
        fields["position"] = _position(form["position"])
    if form.get("due"):
        fields["due_at"] = _moment(form["due"])
    return fields


def _text(told: str) -> str:
    text = " ".join(told.replace("\x00", "").split())
    if not text:
        raise Invalid(details={"text": [_("Write what there is to do.")]})
    if len(text) > LONGEST:
        raise Invalid(details={"text": [_("The text is too long.")]})
    return text


def _position(told: str) -> int:
    digits = told.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise Invalid(details={"position": [told[:20]]})
    return max(-_LAST_PLACE, min(int(told), _LAST_PLACE))


def _moment(told: str) -> datetime.datetime:
    try:
        moment = parse_datetime(told)
        # Far from the ends of the calendar, where no time zone can push it over.
        if moment is not None and moment.tzinfo and 1900 < moment.year < 9999:
            return moment
    except ValueError:
        pass
    raise Invalid(details={"due": [told[:40]]})
