"""How this person likes the console: its language and its theme."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import services
from accounts.models import User
from console.access import is_fragment
from console.views.shell import THEME_COOKIE, THEMES

_YEAR = 365 * 24 * 3600


def back_to(request: HttpRequest) -> str:
    """Give the page a form was sent from, as a path of this site."""
    wanted = request.POST.get("next") or urlsplit(request.headers.get("referer", "")).path
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return reverse("console:inbox")


def set_language_cookie(response: HttpResponse, code: str) -> None:
    """Make this browser's pages speak a language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=_YEAR, samesite="Lax", secure=settings.SECURE
    )


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the pages; remembered by the browser and, signed in, by the person."""
    code = request.POST.get("language", "")
    response = HttpResponseRedirect(back_to(request))
    if code in dict(settings.LANGUAGES):
        set_language_cookie(response, code)
        if request.user.is_authenticated:
            services.update_user(request.user, by=request.user, language=code)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose light, dark, or as the system has it."""
    wish = request.POST.get("theme", "")
    response: HttpResponse = (
        JsonResponse({"theme": wish})
        if is_fragment(request)
        else HttpResponseRedirect(back_to(request))
    )
    if wish in THEMES:
        response.set_cookie(
            THEME_COOKIE, wish, max_age=_YEAR, samesite="Lax", secure=settings.SECURE
        )
        # The person's row knows two themes; "system" is a wish of this browser alone.
        if request.user.is_authenticated and wish in User.Theme.values:
            services.update_user(request.user, by=request.user, default_theme=wish)
    return response
