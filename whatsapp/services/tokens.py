"""Keys of other programs: made, shown once, used, taken away."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from companies.exceptions import CompanyUnpaid
from companies.models import Company
from dispatch.models import Route
from dispatch.services import RouteTaken, add_route, drop_token_route, find_token_route, hash_token
from events.bus import publish
from whaticket.exceptions import Invalid
from whaticket.tenancy import enter_company, leave_company
from whatsapp.events import ApiTokenIssued, ApiTokenRevoked, ConnectionUpdated
from whatsapp.exceptions import ApiTokenNotFound, ConnectionTokenTaken, TooManyTokens
from whatsapp.models import ApiToken, Connection

PREFIX = "wt_"
# Letters of a token that are shown, so that people can tell two apart.
HINT = 4
_SHORTEST_HINTED = 12
# The connection's own token sends, as it did before there were scopes (rest.md §8).
MAIN_SCOPES = (ApiToken.Scope.MESSAGES_SEND, ApiToken.Scope.NUMBERS_CHECK)
MOST_TOKENS = 50
_USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """A program with a token: no person, but of one company, and bound to one connection."""

    company_id: int
    token: ApiToken
    connection: Connection
    is_authenticated: bool = True
    pk: None = None

    def may(self, scope: str) -> bool:
        """Tell whether the token was given a right."""
        return scope in self.token.scopes


def caller_of(text: str) -> ApiCaller | None:
    """Find who a token belongs to and enter that company; None where it opens nothing.

    Raises CompanyUnpaid for a company that is switched off until it pays.
    """
    route = find_token_route(text)
    if route is None:
        return None
    company = Company.objects.filter(pk=route.company_id).first()
    if company is None or not (company.is_active or company.is_unpaid):
        return None
    if not company.is_active:
        raise CompanyUnpaid
    enter_company(route.company_id)
    token = ApiToken.objects.select_related("connection").filter(digest=hash_token(text)).first()
    if token is None:
        leave_company()
        return None
    _note_use(token)
    return ApiCaller(route.company_id, token, token.connection)


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


@transaction.atomic
def issue_token(
    connection: Connection,
    *,
    name: str,
    scopes: Collection[str],
    by: User | None,
    rate_per_minute: int | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for a connection; give its row and the secret, which is kept nowhere.

    Raises Invalid for an unknown scope or none at all, TooManyTokens.
    """
    unknown = set(scopes) - set(ApiToken.Scope.values)
    if unknown or not scopes:
        raise Invalid(details={"scopes": [f"At least one of {', '.join(ApiToken.Scope.values)}."]})
    # Beside the connection's row lock nobody adds another one meanwhile.
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    if ApiToken.objects.filter(connection=connection).count() >= MOST_TOKENS:
        raise TooManyTokens(limit=MOST_TOKENS)
    secret = PREFIX + secrets.token_urlsafe(32)
    add_route(Route.Kind.NAMED_TOKEN, secret, connection_id=connection.pk)
    token = ApiToken.objects.create(
        connection=connection,
        name=name,
        digest=hash_token(secret),
        hint=secret[-HINT:],
        scopes=sorted(set(scopes)),
        rate_per_minute=rate_per_minute,
        created_by=by,
    )
    _publish_issue(token, by)
    return token, secret


def set_main_token(connection: Connection, text: str, *, by: User | None) -> None:
    """Give a connection its own token (models.md Whatsapp.token) in place of a former one.

    Runs inside the caller's transaction. Raises ConnectionTokenTaken; the same token again
    changes nothing.
    """
    digest = hash_token(text)
    if ApiToken.objects.filter(connection=connection, is_main=True, digest=digest).exists():
        return
    try:
        add_route(Route.Kind.API_TOKEN, text, connection_id=connection.pk)
    except RouteTaken as error:
        raise ConnectionTokenTaken from error
    ApiToken.objects.filter(connection=connection, is_main=True).delete()
    # A short token would be half told by its hint.
    hint = text[-HINT:] if len(text) >= _SHORTEST_HINTED else "…"
    token = ApiToken.objects.create(
        connection=connection,
        name="Whatsapp.token",
        digest=digest,
        hint=hint,
        scopes=list(MAIN_SCOPES),
        is_main=True,
        created_by=by,
    )
    connection.token_hint = hint
    connection.save(update_fields=["token_hint"])
    _publish_issue(token, by)


@transaction.atomic
def revoke_token(connection: Connection, token_id: int, *, by: User | None) -> None:
    """End a token of a connection at once; raise ApiTokenNotFound."""
    token = (
        ApiToken.objects.select_for_update(of=("self",))
        .filter(connection=connection, pk=token_id)
        .first()
    )
    if token is None:
        raise ApiTokenNotFound
    drop_token_route(token.digest)
    by_id = by.pk if by else None
    if token.is_main:
        Connection.objects.filter(pk=connection.pk).update(token_hint="")
        publish(ConnectionUpdated(connection_id=connection.pk, by_id=by_id))
    token.delete()
    publish(ApiTokenRevoked(token_id=token_id, connection_id=connection.pk, by_id=by_id))


def _publish_issue(token: ApiToken, by: User | None) -> None:
    publish(
        ApiTokenIssued(
            token_id=token.pk, connection_id=token.connection_id, by_id=by.pk if by else None
        )
    )
