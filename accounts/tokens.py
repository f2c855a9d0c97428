"""The tokens of wire clients (errors.md §3): short access tokens, a refresh token in a cookie."""

import time
import uuid
from datetime import timedelta
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken as BaseAccessToken

from accounts.models import Session, User

ALGORITHM = "HS256"
COOKIE = "jrt"
REFRESH_LIFETIME = timedelta(days=7)


class InvalidToken(Exception):
    """A token that is malformed, expired, or not ours."""


def access_token(user: User, session: Session) -> str:
    """Write a 15-minute access token; clients read id, profile, companyId and `usarname` (sic)."""
    token = BaseAccessToken()
    token["id"] = user.pk
    token["usarname"] = user.name
    token["username"] = user.name
    token["profile"] = user.profile
    token["companyId"] = user.company_id
    token["sid"] = session.pk.hex
    return str(token)


def read_access_token(text: str) -> dict[str, Any]:
    """Check an access token and give its claims; raise InvalidToken."""
    claims = _checked(text, settings.JWT_SECRET)
    expires = claims.get("exp")
    if expires is not None and expires <= time.time():
        raise InvalidToken
    return dict(claims)


@lru_cache(maxsize=4096)
def _checked(text: str, secret: str) -> dict[str, Any]:
    # A client shows one token hundreds of times; a signature that was right stays right. Only time
    # can end it here, and the session's own end is looked up on every request.
    try:
        claims = jwt.decode(text, secret, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError as error:
        raise InvalidToken from error
    if claims.get("token_type") != "access":
        raise InvalidToken
    return claims | {"sid": _session_id(claims)}


def refresh_token(user: User, session: Session) -> str:
    """Write a seven-day refresh token; renewed on every use."""
    return jwt.encode(
        {
            "id": user.pk,
            "tokenVersion": session.token_version,
            "companyId": user.company_id,
            "sid": session.pk.hex,
            "exp": timezone.now() + REFRESH_LIFETIME,
        },
        settings.JWT_REFRESH_SECRET,
        algorithm=ALGORITHM,
    )


def read_refresh_token(text: str) -> dict[str, Any]:
    """Check a refresh token and give its claims; raise InvalidToken."""
    try:
        claims = jwt.decode(text, settings.JWT_REFRESH_SECRET, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError as error:
        raise InvalidToken from error
    return claims | {"sid": _session_id(claims)}


def _session_id(claims: dict[str, Any]) -> uuid.UUID:
    try:
        return uuid.UUID(claims["sid"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidToken from error
