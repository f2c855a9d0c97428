"""The way in and out: sign-in, sign-out, a forgotten password."""

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import lockout, services
from accounts.exceptions import InvalidCredentials
from accounts.models import User
from companies.exceptions import CompanyInactive, CompanyUnpaid
from console.branding import look_for
from console.forms import check_password
from console.views.preferences import set_language_cookie
from console.views.shell import frame
from console.wording import words_for
from whaticket.exceptions import DomainError


def _form(request: HttpRequest, kind: str, status: int = 200, **context: Any) -> HttpResponse:
    context = {
        **frame(request),
        "kind": kind,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "email": request.POST.get("email", "").strip(),
        **context,
    }
    return render(request, "console/sign_in.html", context, status=status)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Let a person in who shows their password, within their working hours."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(_next(request))
    if request.method == "GET":
        return _form(request, "sign_in", done=request.GET.get("done", ""))
    try:
        user = _person(request)
    except DomainError as error:
        return _form(request, "sign_in", status=error.status, problem=words_for(error))
    login(request, user)
    services.note_presence(user)
    response = HttpResponseRedirect(_next(request))
    if user.language:
        set_language_cookie(response, user.language)
    return response


def _person(request: HttpRequest) -> User:
    email = request.POST.get("email", "").replace("\x00", "").strip()[:255]
    password = request.POST.get("password", "")
    if not email or not password:
        raise InvalidCredentials
    lockout.require_open(request, email)
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        if hasattr(request, "refused_company"):
            raise CompanyInactive
        raise InvalidCredentials
    if user.is_shut_out and not (user.company.is_unpaid and user.is_admin):
        raise CompanyUnpaid if user.company.is_unpaid else CompanyInactive
    services.require_hours(user)
    return user


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return reverse("console:inbox")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the browser's session at once; the person is away for colleagues."""
    if isinstance(request.user, User):
        services.leave(request.user)
    logout(request)
    return HttpResponseRedirect(reverse("console:login"))


@never_cache
@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Take a wish for a new password; the answer never tells whether the address is known."""
    if not look_for(request).login.recovers:
        return HttpResponseRedirect(reverse("console:login"))
    if request.method == "GET":
        return _form(request, "forgot")
    email = request.POST.get("email", "").replace("\x00", "").strip()[:255]
    services.request_recovery(email)
    return _form(request, "forgot", done="mailed")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    """Set a new password with the secret of a mail."""
    token = request.POST.get("token", request.GET.get("token", ""))
    if request.method == "GET":
        return _form(request, "reset", token=token)
    password = request.POST.get("password", "")
    try:
        check_password(password)
        services.reset_password(token, password)
    except ValidationError as error:
        return _form(request, "reset", 400, token=token, problem=" ".join(error.messages))
    except DomainError as error:
        return _form(request, "reset", error.status, token=token, problem=words_for(error))
    return HttpResponseRedirect(f"{reverse('console:login')}?done=reset")
