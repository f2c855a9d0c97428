"""The people of a company: who comes, what each may see and do, who goes."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import services
from accounts.models import User
from accounts.services.users import require_reach
from console.access import company_admins, person
from console.asked import search_text
from console.forms import entered
from console.forms.people import LONGEST_FAREWELL, MAY, SEES, NewPersonForm, PersonForm
from console.reads import people as reads
from console.reads.paging import number_of
from console.views import shell
from whaticket.exceptions import Invalid


def _list(request: HttpRequest) -> dict[str, Any]:
    user = person(request)
    text = search_text(request)
    page = number_of(request)
    return {
        "page": reads.people_for(user, text=text, page=page),
        "places": reads.places_of(user),
        "q": text,
        "is_first": page == 1,
    }


@require_GET
@company_admins
def page(request: HttpRequest) -> HttpResponse:
    """Show who works in the company."""
    return shell.page(request, "console/people.html", _list(request), section="people")


@require_GET
@company_admins
def rows(request: HttpRequest) -> HttpResponse:
    """Show the people again, as after a search or when somebody came or went."""
    return render(request, "console/parts/people_rows.html", _list(request))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@company_admins
def add(request: HttpRequest) -> HttpResponse:
    """Ask who comes (GET), and let them in (POST)."""
    user = person(request)
    if request.method == "GET":
        return _form(request, None)
    values = entered(NewPersonForm, request)
    made = services.create_user(company_id=user.company_id, by_id=user.pk, **values)
    return JsonResponse({"id": made.pk, "said": _("%(name)s is in.") % {"name": made.name}})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@company_admins
def edit(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show what a person may see and do (GET), and change it (POST)."""
    user = person(request)
    one = _reachable(user_id, user)
    if request.method == "GET":
        return _form(request, one)
    values = entered(PersonForm, request)
    changed = services.update_user(one, by=user, **values)
    stay_signed_in(request, changed, values)
    return JsonResponse({"id": one.pk, "said": _("Saved.")})


@require_POST
@company_admins
def picture(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a person a picture, or take it away."""
    return set_picture(request, _reachable(user_id, person(request)))


@require_http_methods(["GET", "POST"])
@company_admins
def remove(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask whether somebody goes (GET), and take them out of the company (POST)."""
    user = person(request)
    one = _reachable(user_id, user)
    if request.method == "GET":
        context = {"one": one, "tickets": reads.open_tickets_of(one.pk)}
        return render(request, "console/dialogs/person_remove.html", context)
    services.remove_user(one, by=user)
    return JsonResponse({"id": one.pk})


@require_POST
@company_admins
def sign_out(request: HttpRequest, user_id: int) -> HttpResponse:
    """Sign somebody out of every browser and program; whoever does it to themselves stays here."""
    return end_sign_ins(request, _reachable(user_id, person(request)))


def _reachable(user_id: int, by: User) -> User:
    """Give a person of the company whom `by` may change; raise UserNotFound or NoPermission."""
    one = services.find_user(user_id, company_id=by.company_id)
    require_reach(one, by=by)
    return one


def _form(request: HttpRequest, one: User | None) -> HttpResponse:
    user = person(request)
    shown = one or User(closes_pending=True)
    context = {
        "one": one,
        "shown": shown,
        "answered": reads.queues_of(one.pk) if one else set(),
        "sees": [(name, *words, getattr(shown, name)) for name, words in SEES.items()],
        "may": [(name, *words, getattr(shown, name)) for name, words in MAY.items()],
        "places": None if one else reads.places_of(user),
        "longest_farewell": LONGEST_FAREWELL,
        **reads.choices(),
    }
    return shell.page(request, "console/person.html", context, section="people")


def stay_signed_in(request: HttpRequest, changed: User, values: dict[str, Any]) -> None:
    """Keep this browser in when somebody gives themselves a new password; others are out."""
    if values.get("password") and changed.pk == person(request).pk:
        update_session_auth_hash(request, changed)


def end_sign_ins(request: HttpRequest, one: User) -> HttpResponse:
    """End a person's sign-ins, but not the one that asked."""
    user = person(request)
    changed = services.sign_out_everywhere(one, by=user)
    if changed.pk == user.pk:
        update_session_auth_hash(request, changed)
        return JsonResponse({"said": _("You are signed out everywhere else."), "isOwn": True})
    return JsonResponse({"said": _("%(name)s is signed out everywhere.") % {"name": one.name}})


def set_picture(request: HttpRequest, one: User) -> HttpResponse:
    """Take an uploaded picture, or take the one there is away where none comes."""
    file = request.FILES.get("file")
    if isinstance(file, UploadedFile):
        changed = services.set_profile_image(one, file, by=person(request))
    elif request.POST.get("drop") == "1":
        changed = services.remove_profile_image(one, by=person(request))
    else:
        raise Invalid(details={"file": [_("Choose a picture.")]})
    return render(request, "console/parts/person_picture.html", {"one": changed, "saved": True})
