"""The few layers every request passes."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from axes.middleware import AxesMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    JsonResponse,
)
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django_htmx.middleware import HtmxMiddleware
from django_otp.middleware import OTPMiddleware

from whaticket import exceptions, metrics, tenancy

log = structlog.get_logger("whaticket.request")

GetResponse = Callable[[HttpRequest], HttpResponse]


def is_browser_path(path: str) -> bool:
    """Tell pages for people (session cookie, HTML errors) from the wire."""
    return path.startswith(settings.BROWSER_PREFIXES)


class StartInPublic:
    """Every request begins outside of any company; proof of identity opens one."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenancy.leave_company()
        try:
            return self.get_response(request)
        finally:
            tenancy.leave_company()


class RequestLog:
    """One structured line and one metric per request: ids and times, never bodies."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        took = time.perf_counter() - started
        match = request.resolver_match
        route = match.route if match else "unmatched"
        metrics.REQUESTS.labels(request.method, route, response.status_code).inc()
        metrics.REQUEST_SECONDS.labels(request.method, route).observe(took)
        if response.status_code >= 500 or took > settings.SLOW_REQUEST_SECONDS:
            log.warning(
                "request",
                method=request.method,
                route=route,
                status=response.status_code,
                ms=round(took * 1000),
                company=getattr(request, "company_id", None),
                user=getattr(request, "user_id", None),
            )
        return response


class WireErrors:
    """No HTML error ever leaves a JSON route: unknown paths and crashes answer `{"error"}`."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code >= 400
            and not is_browser_path(request.path)
            and response.headers.get("Content-Type", "").startswith("text/html")
            and not getattr(response, "accepted_media_type", None)
        ):
            codes = {404: exceptions.NOT_FOUND, 500: exceptions.INTERNAL}
            code = codes.get(response.status_code, exceptions.VALIDATION)
            return JsonResponse({"error": code}, status=response.status_code)
        return response

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        if isinstance(exc, RequestDataTooBig) and not is_browser_path(request.path):
            return JsonResponse({"error": exceptions.BODY_TOO_LARGE}, status=413)
        if is_browser_path(request.path) or isinstance(exc, Http404 | SuspiciousOperation):
            return None
        log.error("crash", method=request.method, path=request.path, exc_info=exc)
        return JsonResponse({"error": exceptions.INTERNAL}, status=500)


class _PagesOnly:
    """Mixin: a layer that only pages need. REST requests carry their own proof of identity."""

    sync_capable = True
    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_browser_path(request.path):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)  # type: ignore[attr-defined]


class Session(_PagesOnly, SessionMiddleware):
    """The browser's session."""


class Locale(_PagesOnly, LocaleMiddleware):
    """The language of pages."""


class Csrf(_PagesOnly, CsrfViewMiddleware):
    """Forged requests of a signed-in browser are refused."""

    def process_view(
        self, request: HttpRequest, callback: Any, callback_args: Any, callback_kwargs: Any
    ) -> HttpResponseForbidden | None:
        if not is_browser_path(request.path):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)


class Authentication(_PagesOnly, AuthenticationMiddleware):
    """The signed-in person of the browser."""

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        return None


class TwoFactor(_PagesOnly, OTPMiddleware):
    """Whether the browser's person has shown a second factor."""


class Messages(_PagesOnly, MessageMiddleware):
    """Notices that survive a redirect."""


class Frames(_PagesOnly, XFrameOptionsMiddleware):
    """Pages refuse to be framed."""


class Htmx(_PagesOnly, HtmxMiddleware):
    """Tells a view that a fragment is enough."""


class Lockout(_PagesOnly, AxesMiddleware):
    """Turns too many failed sign-ins into an answer."""
