"""Who is at the other end of a request, behind the proxies that are ours."""

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Give the address of the client.

    Only as many entries of X-Forwarded-For count, from the right, as proxies of ours stand before
    this process (TRUSTED_PROXIES): the rest is whatever the client wrote.
    """
    direct = str(request.META.get("REMOTE_ADDR") or "")
    hops = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    forwarded = [part for part in forwarded if part]
    if hops < 1 or not forwarded:
        return direct
    return forwarded[-min(hops, len(forwarded))]


def is_loopback(request: HttpRequest) -> bool:
    """Tell whether the request comes from this machine and not through a proxy on it."""
    direct = str(request.META.get("REMOTE_ADDR") or "")
    passed_on = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    return direct in {"127.0.0.1", "::1"} and not passed_on
