"""How a wire request proves who it is, and thereby which company it works in."""

import hmac
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import presence, tokens
from accounts.models import Session, User
from whaticket import tenancy


class PersonRequest(Request):
    """A request to a view that only people reach: behind AccessToken nobody is anonymous."""

    user: User  # type: ignore[assignment]  # the base allows AnonymousUser too


class TokenRefused(PermissionDenied):
    """403 on purpose: clients refresh on every 403 and give up on 401 (behaviour 4)."""

    error_code = "ERR_SESSION_EXPIRED"


class PlatformTokenRefused(PermissionDenied):
    """403 for a wrong platform token, or where none is configured (errors.md §3)."""


def bearer(request: Request) -> str | None:
    """Read the bearer token of a request, if it has one."""
    parts = get_authorization_header(request).split()
    if len(parts) != 2 or parts[0].lower() != b"bearer":
        return None
    return parts[1].decode("latin-1")


def person_of(text: str) -> User:
    """Give the person behind an access token; raise InvalidToken when it no longer counts.

    Enters the person's company on the way, so that all of it costs one `SET search_path` and one
    statement: the session, its user and its company together.
    """
    claims = tokens.read_access_token(text)
    company_id = claims.get("companyId")
    if type(company_id) is not int or type(claims.get("id")) is not int:
        raise tokens.InvalidToken
    tenancy.enter_company(company_id)
    session = (
        Session.objects.select_related("user__company")
        .filter(
            pk=claims["sid"],
            user_id=claims["id"],
            ended_at=None,
            # Another device took over: the refresh that follows tells so.
            token_version=F("user__token_version"),
            user__company_id=company_id,
            user__removed_at=None,
            user__is_active=True,
        )
        .filter(Q(user__company__is_active=True) | Q(user__is_super=True))
        .first()
    )
    if session is None:
        tenancy.leave_company()
        raise tokens.InvalidToken
    session.user.session = session
    return session.user


class AccessToken(BaseAuthentication):
    """`Authorization: Bearer <access JWT>`; enters the person's company."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        text = bearer(request)
        if text is None:
            return None
        try:
            user = person_of(text)
        except tokens.InvalidToken as error:
            raise TokenRefused from error
        # For the request log, which knows nothing of tokens.
        vars(request._request).update(company_id=user.company_id, user_id=user.pk)
        presence.touch(user)
        return user, text

    def authenticate_header(self, request: Request) -> str:
        # Makes a missing header 401 and not 403.
        return "Bearer"


class PlatformToken(BaseAuthentication):
    """`Authorization: Bearer <COMPANY_TOKEN>`: the operator's programs. Unset means refused."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        text = bearer(request)
        if text is None:
            return None
        expected = settings.COMPANY_TOKEN
        if not expected or not hmac.compare_digest(text.encode(), expected.encode()):
            raise PlatformTokenRefused
        return PlatformCaller(), text

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PlatformCaller:
    """Whoever holds the platform's token: no person, no company."""

    is_authenticated = True
    pk = None


class IsAdmin(BasePermission):
    """Company administrators."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User) and request.user.is_admin


class IsSuper(BasePermission):
    """Operators of the platform."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User) and request.user.is_super


class AccessTokenScheme(OpenApiAuthenticationExtension):
    """How OpenAPI shows the access token."""

    target_class = AccessToken
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class PlatformTokenScheme(OpenApiAuthenticationExtension):
    """How OpenAPI shows the platform's token."""

    target_class = PlatformToken
    name = "platformToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
