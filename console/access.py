"""How pages are guarded: who is signed in, what they see, and how a refusal reaches the screen."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from companies.exceptions import CompanyUnpaid
from console.wording import field_of, words_for
from whaticket.exceptions import VALIDATION, DomainError, NoPermission

View = Callable[..., HttpResponse]
May = Callable[[User], bool]


def is_fragment(request: HttpRequest) -> bool:
    """Tell whether a script of the page asks, and not the address bar."""
    return bool(getattr(request, "htmx", False)) or "X-Console" in request.headers


def person(request: HttpRequest) -> User:
    """Give the person signed in; only for views behind `signed_in`."""
    return cast(User, request.user)


def signed_in(view: View) -> View:
    """Let only people of a company in; others are sent to the sign-in page.

    A refusal of the domain becomes `{"error", "message"}` with its status for scripts.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            if is_fragment(request):
                # Scripts must not swap a sign-in form into a list; the page goes there as a whole.
                response = JsonResponse(
                    {"error": "ERR_SESSION_EXPIRED", "message": _("Please sign in again.")},
                    status=401,
                )
                response["HX-Redirect"] = settings.LOGIN_URL
                return response
            return redirect_to_login(request.get_full_path())
        if person(request).is_shut_out and not getattr(view, "debtors_may", False):
            return _shown_the_till(request)
        with timezone.override(zone_of(request)):
            return answered(request, *args, **kwargs)

    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            return refusal(request, error)

    return guarded


def debtors_may(view: View) -> View:
    """Keep a page open to administrators of a company that is switched off until it pays."""
    view.debtors_may = True  # type: ignore[attr-defined]
    return view


def _shown_the_till(request: HttpRequest) -> HttpResponse:
    """Lead somebody whose company is switched off until it pays to where it can."""
    till = reverse("console:billing")
    if not is_fragment(request):
        return HttpResponseRedirect(till)
    response = refusal(request, CompanyUnpaid())
    response["HX-Redirect"] = till
    return response


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Give the time zone a person's browser told, else the companies'."""
    try:
        return ZoneInfo(request.COOKIES.get("tz") or settings.COMPANY_TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.COMPANY_TIME_ZONE)


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer a refusal: JSON for scripts, the error page for the address bar."""
    if not is_fragment(request) and request.method == "GET":
        if error.status == 404:
            raise Http404 from error
        return render(
            request, "console/refused.html", {"words": words_for(error)}, status=error.status
        )
    told: dict[str, Any] = {"error": error.code, "message": words_for(error)}
    if error.code == VALIDATION:
        # Which fields: forms mark them.
        details = error.details.get("details", {})
        told["fields"] = [snake_case(name) for name in details]
        told["problems"] = {
            snake_case(name): str(words[0])
            for name, words in details.items()
            if isinstance(words, list) and words
        }
    elif field := field_of(error):
        told["fields"] = [field]
        told["problems"] = {field: told["message"]}
    return JsonResponse(told, status=error.status)


def snake_case(name: str) -> str:
    """Name a field of the wire as the console's forms do."""
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def administrators(user: User) -> bool:
    """Tell whether a person runs the company."""
    return user.is_admin


def operators(user: User) -> bool:
    """Tell whether a person operates the platform."""
    return user.is_super


def connection_managers(user: User) -> bool:
    """Tell whether a person may manage connections."""
    return user.is_admin or user.manages_connections


def only(may: May) -> Callable[[View], View]:
    """Let only people in who are signed in and for whom `may` is true."""

    def guard(view: View) -> View:
        @signed_in
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(person(request)):
                raise NoPermission
            return view(request, *args, **kwargs)

        return guarded

    return guard


admins = only(connection_managers)
company_admins = only(administrators)
operators_only = only(operators)


def whole_number(text: str | None) -> int | None:
    """Read an id out of an address or a form; anything else is None."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)
