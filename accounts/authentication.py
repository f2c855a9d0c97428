"""How a wire request proves who it is, and thereby which company it works in."""

import hmac
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import F
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import ports, presence, tokens
from accounts.models import Answers, Session, User
from companies.exceptions import CompanyUnpaid
from companies.models import Company
from whaticket import tenancy
from whaticket.database import Columns, read_rows


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


def person_of(text: str, *, debtors: bool = False) -> User:
    """Give the person behind an access token; raise InvalidToken when it no longer counts.

    With `debtors`, also somebody of a company that is switched off until it pays.

    Enters the person's company on the way, so that all of it costs one `SET search_path` and one
    statement: the session, its user, its company and the queues they answer together.
    """
    claims = tokens.read_access_token(text)
    company_id = claims.get("companyId")
    if type(company_id) is not int or type(claims.get("id")) is not int:
        raise tokens.InvalidToken
    tenancy.enter_company(company_id)
    rows = read_rows(_statement(company_id), [claims["sid"], claims["id"], company_id])
    if not rows:
        tenancy.leave_company()
        raise tokens.InvalidToken
    row = rows[0]
    session, user, company = (
        columns.instance(row[start:]) for columns, start in zip(_LOADED, _STARTS, strict=True)
    )
    user.company = company
    user.answers = Answers(company_id, frozenset(row[-2]), row[-1])
    session.user = user
    user.session = session
    if not (debtors or company.is_active or user.is_super):
        tenancy.leave_company()
        raise tokens.InvalidToken
    return user


def person_of_refresh(text: str) -> User:
    """Give the person behind a refresh token; raise InvalidToken when it no longer counts.

    For sockets of clients that have nothing but their cookie; it renews nothing.
    """
    claims = tokens.read_refresh_token(text)
    session = (
        Session.objects.select_related("user__company")
        .in_force()
        .filter(pk=claims["sid"], token_version=F("user__token_version"))
        .first()
    )
    if session is None or not (session.user.company.is_active or session.user.is_super):
        raise tokens.InvalidToken
    session.user.session = session
    return session.user


# Left out is what few requests look at and takes long to read from a row, above all moments.
_LOADED = [
    Columns(Session, without={"user_agent", "created_at", "refreshed_at", "ended_at"}),
    Columns(
        User,
        without={
            "password", "last_login", "last_seen_at", "removed_at", "created_at", "updated_at",
        },
    ),
    Columns(Company, without={"schedules", "last_login_at", "created_at", "updated_at"}),
]  # fmt: skip
_STARTS = [0, len(_LOADED[0]), len(_LOADED[0]) + len(_LOADED[1])]


@lru_cache(maxsize=4096)
def _statement(company_id: int) -> str:
    """Write what every request begins with; as text, for the ORM takes longer than PostgreSQL."""
    columns = ", ".join(one.sql(alias) for one, alias in zip(_LOADED, "suo", strict=True))
    # The comment keeps the plans of companies apart: a plan belongs to one search path.
    return f"""SELECT {columns}, {ports.queue_ids_sql()}, EXISTS (
            SELECT 1 FROM public.companies_companysettings c
            WHERE c.company_id = o.id AND c.lgpd_enabled AND c.lgpd_hides_numbers)
        FROM public.accounts_session s
        JOIN public.accounts_user u ON u.id = s.user_id
        JOIN public.companies_company o ON o.id = u.company_id
        WHERE s.id = %s AND s.user_id = %s AND u.company_id = %s AND s.ended_at IS NULL
          -- Another device took over: the refresh that follows tells so.
          AND s.token_version = u.token_version
          AND u.removed_at IS NULL AND u.is_active
          AND (o.is_active OR o.is_unpaid OR u.is_super)
        -- company {company_id}
        """  # noqa: S608 (names of our own columns, and an id)


class AccessToken(BaseAuthentication):
    """`Authorization: Bearer <access JWT>`; enters the person's company.

    A view names in `debtors_may` the methods that stay open to people of a company that is
    switched off until it pays; all others answer them with 402 ERR_COMPANY_UNPAID.
    """

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        text = bearer(request)
        if text is None:
            return None
        try:
            user = person_of(text, debtors=True)
        except tokens.InvalidToken as error:
            raise TokenRefused from error
        if not (user.company.is_active or user.is_super):
            view = (request.parser_context or {}).get("view")
            if request.method not in getattr(view, "debtors_may", ()):
                tenancy.leave_company()
                raise CompanyUnpaid
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


class AccessTokenAlsoScheme(OpenApiAuthenticationExtension):
    """How OpenAPI shows what takes an access token in its own way.

    It names what opens and defines nothing: two definitions of one name would be one too many.
    """

    target_class = AccessToken
    match_subclasses = True
    priority = -1
    name: list[str] = []
    opens: tuple[str, ...] = ("accessToken",)

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.opens]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return []


class PlatformTokenScheme(OpenApiAuthenticationExtension):
    """How OpenAPI shows the platform's token."""

    target_class = PlatformToken
    name = "platformToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
