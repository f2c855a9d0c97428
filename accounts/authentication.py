"""How a wire request proves who it is, and thereby which company it works in."""

import hmac
import uuid
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import presence, tokens
from accounts.models import Session, User
from whaticket import tenancy


class TokenRefused(PermissionDenied):
    """403 on purpose: clients refresh on every 403 and give up on 401 (behaviour 4)."""

    error_code = "ERR_SESSION_EXPIRED"


def bearer(request: Request) -> str | None:
    """Read the bearer token of a request, if it has one."""
    parts = get_authorization_header(request).split()
    if len(parts) != 2 or parts[0].lower() != b"bearer":
        return None
    return parts[1].decode("latin-1")


def person_of(text: str) -> User:
    """Give the person behind an access token; raise InvalidToken when it no longer counts.

    One statement: the session, its user and its company together.
    """
    claims = tokens.read_access_token(text)
    try:
        session_id = uuid.UUID(claims["sid"])
    except ValueError as error:
        raise tokens.InvalidToken from error
    session = (
        Session.objects.select_related("user__company")
        .filter(pk=session_id, ended_at=None, user__removed_at=None, user__is_active=True)
        .first()
    )
    if session is None or session.user_id != claims.get("id"):
        raise tokens.InvalidToken
    if not session.user.company.is_active and not session.user.is_super:
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
        request._request.company_id = user.company_id
        request._request.user_id = user.pk
        tenancy.enter_company(user.company_id)
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
            raise AuthenticationFailed
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
