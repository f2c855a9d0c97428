"""Tags and lanes: the page on which they are kept."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from billing.services import require_feature
from console.access import person, signed_in, whole_number
from console.asked import search_text, text_of
from console.reads import tags as reads
from console.views import shell
from console.views.quick_messages import VARIABLES
from contacts.models import Tag
from contacts.services import create_tag, delete_tag, tag_or_refuse, update_tag
from contacts.services.tags import (
    COLOR,
    DEFAULT_COLOR,
    KANBAN,
    LONGEST_GREETING,
    LONGEST_NAME,
    MOST_HOURS,
    SHORTEST_NAME,
)
from whaticket.exceptions import Invalid, NoPermission

# Colours that can be told apart, and words be read on.
PALETTE = {
    "#2f7fd1": gettext_lazy("Blue"),
    "#1f9c8a": gettext_lazy("Teal"),
    "#2fae6b": gettext_lazy("Green"),
    "#8a9a2f": gettext_lazy("Olive"),
    "#d19a2f": gettext_lazy("Yellow"),
    "#d1662f": gettext_lazy("Orange"),
    "#b54f4f": gettext_lazy("Red"),
    "#c2478f": gettext_lazy("Pink"),
    "#7a4fb5": gettext_lazy("Purple"),
    "#5a6b7b": gettext_lazy("Grey"),
}
_FULL = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Show the company's tags, and its lanes where the plan has the board."""
    context = reads.page_of(person(request), search_text(request))
    return shell.page(request, "console/tags.html", context, section="tags")


@require_GET
@signed_in
def rows(request: HttpRequest) -> HttpResponse:
    """Show the lists again, or, with `after`, the next page of the labels."""
    user, text = person(request), search_text(request)
    after = whole_number(request.GET.get("after"))
    if after is not None:
        context = {"labels": reads.labels(text, after), "q": text, "me": user}
        return render(request, "console/parts/tag_labels.html", context)
    return render(request, "console/parts/tag_rows.html", reads.page_of(user, text))


@require_http_methods(["GET", "POST"])
@signed_in
def add(request: HttpRequest) -> HttpResponse:
    """Ask for a label or a lane (GET), and make it (POST)."""
    is_lane = request.GET.get("kind", request.POST.get("kind")) == "lane"
    if is_lane:
        require_feature(person(request).company_id, KANBAN)
    if request.method == "GET":
        return render(request, "console/dialogs/tag.html", _form_of(None, is_lane=is_lane))
    columns = _columns(request, is_lane=is_lane)
    same = Tag.objects.filter(name=columns["name"], color=columns["color"], is_lane=is_lane)
    if same.exists():
        raise Invalid(details={"name": [_("There is already one of this name and colour.")]})
    made = create_tag(by=person(request), is_lane=is_lane, **columns)
    return JsonResponse({"id": made.pk})


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Show a tag as a form (GET), and change it (POST)."""
    user, tag = person(request), tag_or_refuse(tag_id)
    if tag.is_lane and not user.is_admin:
        raise NoPermission
    if request.method == "GET":
        return render(request, "console/dialogs/tag.html", _form_of(tag, is_lane=tag.is_lane))
    update_tag(tag, by=user, **_columns(request, is_lane=tag.is_lane, former=tag))
    return JsonResponse({"id": tag_id})


@require_http_methods(["GET", "POST"])
@signed_in
def delete(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Ask whether to remove a tag (GET), and remove it (POST)."""
    if request.method == "GET":
        context = {"row": reads.row_or_refuse(tag_id)}
        return render(request, "console/dialogs/tag_delete.html", context)
    delete_tag(tag_or_refuse(tag_id), by=person(request))
    return JsonResponse({"id": tag_id})


def _form_of(tag: Tag | None, *, is_lane: bool) -> dict[str, Any]:
    lanes = Tag.objects.filter(is_lane=True).order_by("pk") if is_lane else Tag.objects.none()
    return {
        "tag": tag,
        "is_lane": is_lane,
        "color": full_color(tag.color) if tag else _next_color(),
        "palette": PALETTE.items(),
        "lanes": list(lanes.exclude(pk=tag.pk) if tag else lanes),
        "variables": VARIABLES.items(),
        "most_hours": MOST_HOURS,
        "longest_greeting": LONGEST_GREETING,
    }


def _next_color() -> str:
    """Give another colour from tag to tag."""
    return list(PALETTE)[Tag.objects.count() % len(PALETTE)]


def full_color(color: str) -> str:
    """Write a colour as #rrggbb, which is all that a browser's field of colours takes."""
    if re.fullmatch(r"#[0-9a-f]{3,4}", color, re.IGNORECASE):
        color = "#" + "".join(letter * 2 for letter in color[1:4])
    return color[:7].lower() if _FULL.match(color) else DEFAULT_COLOR.lower()


def _columns(request: HttpRequest, *, is_lane: bool, former: Tag | None = None) -> dict[str, Any]:
    """Read the form; raise Invalid with all that is wrong."""
    form, wrong = request.POST, {}
    name = form.get("name", "").replace("\x00", "").strip()
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        wrong["name"] = [_("Between 3 and 255 characters are needed.")]
    color = form.get("color", "").strip() or DEFAULT_COLOR
    if not COLOR.fullmatch(color):
        wrong["color"] = [_("A colour is needed.")]
    elif former and color.lower() == full_color(former.color):
        # A colour that the field cannot show stays as it is.
        color = former.color
    columns: dict[str, Any] = {"name": name, "color": color}
    if is_lane:
        hours = whole_number(form.get("lane_hours", "").strip() or "0")
        if hours is None or hours > MOST_HOURS:
            wrong["lane_hours"] = [_("A whole number of hours is needed.")]
        greeting = text_of(form, "lane_greeting")
        if len(greeting) > LONGEST_GREETING:
            wrong["lane_greeting"] = [_("The text is too long.")]
        columns |= {"lane_hours": hours, "lane_greeting": greeting}
        for field in ("next_lane", "rollback_lane"):
            text = form.get(field, "").strip()
            columns[f"{field}_id"] = whole_number(text)
            if text and columns[f"{field}_id"] is None:
                wrong[field] = [_("Choose a lane of the list.")]
        if hours and "lane_hours" not in wrong and not form.get("next_lane", "").strip():
            wrong["next_lane"] = [_("Say where conversations go after this time.")]
    if wrong:
        raise Invalid(details=wrong)
    return columns
