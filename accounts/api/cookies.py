"""The refresh cookie of wire clients (errors.md §3)."""

from typing import Literal, cast

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tokens
from accounts.models import Session

SameSite = Literal["Lax", "Strict", "None"]


def set_refresh_cookie(response: Response, session: Session) -> None:
    """Give the browser the refresh token: out of reach of scripts, over TLS where we are."""
    response.set_cookie(
        tokens.COOKIE,
        tokens.refresh_token(session.user, session),
        httponly=True,
        secure=settings.SECURE,
        samesite=_same_site(),
        path="/",
    )


def clear_refresh_cookie(response: Response) -> None:
    """Take the refresh token back."""
    response.delete_cookie(
        tokens.COOKIE,
        path="/",
        samesite=_same_site(),
    )


def _same_site() -> SameSite | None:
    # Without TLS browsers refuse "None", and the other two need not be said.
    return cast(SameSite, settings.REFRESH_COOKIE_SAMESITE) if settings.SECURE else None


def refresh_cookie(request: Request) -> str | None:
    """Give the refresh token that the browser sent."""
    return request.COOKIES.get(tokens.COOKIE)
