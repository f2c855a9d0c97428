"""Addresses from outside (tokens, numbers of the Cloud API, webhook keys) and where they lead."""

import hashlib

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from dispatch.models import Route
from whaticket.tenancy import current_company_id


class RouteTaken(Exception):
    """The address leads somewhere already, perhaps into another company."""


def hash_token(token: str) -> str:
    """Give the form in which a token is kept: a stolen table opens nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


_TOKENS = (Route.Kind.API_TOKEN, Route.Kind.NAMED_TOKEN)


def _key(kind: str, key: str) -> str:
    return hash_token(key) if kind in _TOKENS else key


@transaction.atomic
def add_route(kind: str, key: str, *, connection_id: int | None) -> Route:
    """Let an address lead into the current company, to a connection; raise RouteTaken.

    A connection has one address of a kind, except named tokens: a former one stops working. No
    two tokens are equal, whatever their kind.
    """
    company_id = current_company_id()
    if connection_id is not None and kind != Route.Kind.NAMED_TOKEN:
        drop_routes(connection_id, kind)
    if kind in _TOKENS and _token_routes(hash_token(key)).exists():
        raise RouteTaken(kind)
    try:
        with transaction.atomic():
            return Route.objects.create(
                kind=kind, key=_key(kind, key), company_id=company_id, connection_id=connection_id
            )
    except IntegrityError as error:
        raise RouteTaken(kind) from error


def drop_routes(connection_id: int, *kinds: str) -> None:
    """Close the addresses of a connection of the current company: those kinds, or all of them."""
    routes = Route.objects.filter(company_id=current_company_id(), connection_id=connection_id)
    (routes.filter(kind__in=kinds) if kinds else routes).delete()


def drop_token_route(digest: str) -> None:
    """Close the way of one token of the current company, named by its hash."""
    _token_routes(digest).filter(company_id=current_company_id()).delete()


def find_token_route(token: str) -> Route | None:
    """Find where a token of either kind leads; works outside of any company."""
    if not token or len(token) > 4096:
        return None
    return _token_routes(hash_token(token)).first()


def _token_routes(digest: str) -> QuerySet[Route]:
    return Route.objects.filter(kind__in=_TOKENS, key=digest)


def find_route(kind: str, key: str) -> Route | None:
    """Find where an address leads; works outside of any company."""
    if not key or len(key) > 4096:
        return None
    return Route.objects.filter(kind=kind, key=_key(kind, key)).first()
