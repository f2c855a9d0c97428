"""The settings page of a company's administrators; operators of the platform see more of it."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_POST

from companies import services
from companies.registry import LOGOS, Key, Kind, find_key
from console.access import company_admins, person
from console.asked import text_of
from console.branding import brand_for, style_of
from console.reads.settings import Row, groups_for, row_for
from console.views import shell
from whaticket.exceptions import Invalid, NoPermission


@require_GET
@company_admins
def page(request: HttpRequest) -> HttpResponse:
    """Show what the company has switched on."""
    context = {"groups": groups_for(person(request))}
    return shell.page(request, "console/settings.html", context, section="settings")


@require_POST
@company_admins
def change(request: HttpRequest, name: str) -> HttpResponse:
    """Change one setting; give its row as it is now."""
    user = person(request)
    key = _shown(name, user.is_super)
    file = request.FILES.get("file")
    if key.kind is Kind.FILE and isinstance(file, UploadedFile):
        mode = next(mode for mode, logo in LOGOS.items() if logo == name)
        services.set_logo(file, mode, company_id=user.company_id, by_id=user.pk)
    elif key.kind is Kind.FILE and request.POST.get("value", "") != "":
        raise Invalid(details={"value": ["Upload the picture."]})
    else:
        services.change_setting(
            name,
            _value(request, key),
            company_id=user.company_id,
            by_id=user.pk,
            is_operator=user.is_super,
        )
    row: Row = row_for(key, user)
    return render(request, "console/parts/setting.html", {"row": row, "saved": True})


@require_GET
def brand(request: HttpRequest) -> HttpResponse:
    """Give the style sheet of the brand; its address changes with what is in it."""
    css = style_of(brand_for(request), is_entry=not request.user.is_authenticated)
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    # Another company's page has another address; whoever signs out or in gets another sheet.
    patch_cache_control(response, private=True, max_age=300)
    response["Vary"] = "Cookie"
    return response


def _shown(name: str, is_operator: bool) -> Key:
    key = find_key(name)
    if key is None or key.is_secret or (key.by_operator and not is_operator):
        raise NoPermission
    return key


def _value(request: HttpRequest, key: Key) -> Any:
    if key.kind in {Kind.SWITCH, Kind.TRUTH}:
        # A form leaves out a box that is not ticked.
        return "value" in request.POST
    return text_of(request.POST, "value")
