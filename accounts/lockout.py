"""Sign-in is locked for a while after too many failures of one name from one address."""

from typing import Any

from axes.conf import settings as axes_settings
from axes.handlers.proxy import AxesProxyHandler
from django.http import HttpRequest

from accounts.exceptions import TooManyAttempts


def username_of(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """Give the name that somebody tries to sign in with, in one spelling."""
    name = ""
    if credentials:
        name = credentials.get("username") or credentials.get("email") or ""
    if not name and request is not None:
        name = request.POST.get("username") or request.POST.get("email") or ""
    return str(name).strip().lower()[:255]


def require_open(request: HttpRequest, email: str) -> None:
    """Raise TooManyAttempts while this name is locked for this address."""
    if not AxesProxyHandler.is_allowed(request, {"username": email}):
        seconds = round(axes_settings.AXES_COOLOFF_TIME.total_seconds())
        raise TooManyAttempts(retryAfter=seconds)
