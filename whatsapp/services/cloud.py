"""The Cloud API's side of a connection: its settings, its routes, and the webhook's front door.

Meta delivers at least once and repeats for a week whatever is not answered with 200, so receiving
does as little as it can: prove the sender, store, answer. What it means is found out later, by
`project_events`.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings

from dispatch.models import Route
from dispatch.services import RouteTaken, add_route, find_route
from whaticket.tenancy import in_company
from whatsapp.drivers.base import StoredEvent
from whatsapp.drivers.cloud.signature import HEADER, challenge_answer, is_signed
from whatsapp.drivers.cloud.webhook import Item, parse, split
from whatsapp.exceptions import CloudNumberTaken, DriverSettingsInvalid
from whatsapp.models import Connection
from whatsapp.services.inbound import store_events

log = structlog.get_logger(__name__)

CLOUD = "cloud"
SIGNATURE_HEADER = HEADER
# What may be set; anything else would be a typing error nobody notices.
SETTINGS = ("phone_number_id", "waba_id", "version")
CREDENTIALS = ("access_token", "app_secret", "verify_token")
_NUMBER = re.compile(r"[0-9]{5,32}\Z")
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}\Z")


class WebhookUnknown(Exception):
    """Nobody has this webhook address."""


class SignatureWrong(Exception):
    """The body was not signed with the app secret it should be."""


class NotJSON(Exception):
    """The body was signed, but is no JSON."""


# Set-up -----------------------------------------------------------------------------------------


def settle_cloud_settings(
    connection: Connection, wanted: Mapping[str, str], credentials: Mapping[str, str]
) -> None:
    """Merge and check what a Cloud connection is opened with; raise DriverSettingsInvalid.

    An empty credential keeps the stored one. Another number has to prove itself anew: until its
    token has opened a session it receives nothing from a shared app.
    """
    known = {key: connection.driver_settings.get(key, "") for key in SETTINGS}
    chosen = known | {key: wanted[key].strip() for key in SETTINGS if key in wanted}
    secrets_kept = {key: connection.credentials.get(key, "") for key in CREDENTIALS}
    secrets_kept |= {key: credentials[key].strip() for key in CREDENTIALS if credentials.get(key)}
    wrong: dict[str, list[str]] = {}
    if not _NUMBER.match(chosen["phone_number_id"]):
        wrong["phoneNumberId"] = ["Meta's id of the number is needed: digits only."]
    if chosen["waba_id"] and not _NUMBER.match(chosen["waba_id"]):
        wrong["wabaId"] = ["Meta's id of the business account is digits only."]
    if chosen["version"] and not _VERSION.match(chosen["version"]):
        wrong["version"] = ["A version of the Graph API looks like v23.0."]
    if not secrets_kept["access_token"]:
        wrong["accessToken"] = ["An access token is needed."]
    elif not secrets_kept["access_token"].isascii():
        wrong["accessToken"] = ["That is no access token."]
    if wrong:
        raise DriverSettingsInvalid(details=wrong)
    if not secrets_kept["verify_token"]:
        secrets_kept["verify_token"] = secrets.token_urlsafe(24)
    if chosen["phone_number_id"] != known["phone_number_id"]:
        connection.number = ""
    kept = connection.driver_settings.get("webhook_key") or secrets.token_urlsafe(24)
    connection.driver_settings = {key: value for key, value in chosen.items() if value} | {
        "webhook_key": kept
    }
    connection.credentials = {key: value for key, value in secrets_kept.items() if value}


def route_cloud_number(connection: Connection) -> None:
    """Let a number's webhooks lead to its connection; raise CloudNumberTaken."""
    for kind in (Route.Kind.PHONE_NUMBER_ID, Route.Kind.WEBHOOK_KEY):
        try:
            add_route(kind, connection.driver_settings[kind], connection_id=connection.pk)
        except RouteTaken as error:
            raise CloudNumberTaken from error


def webhook_path(connection: Connection) -> str:
    """Give the path of a Cloud connection's own webhook address; empty for other drivers."""
    key = connection.driver_settings.get("webhook_key")
    return f"/webhooks/cloud/{key}" if connection.driver == CLOUD and key else ""


# The webhook ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Door:
    """Whose webhook was called: one connection's, or (without one) the shared app's."""

    app_secret: str
    verify_token: str
    company_id: int | None = None
    connection_id: int | None = None


def _door(key: str | None) -> _Door:
    if key is None:
        return _Door(settings.FACEBOOK_APP_SECRET, settings.VERIFY_TOKEN)
    route = find_route(Route.Kind.WEBHOOK_KEY, key)
    if route is None:
        raise WebhookUnknown
    with in_company(route.company_id):
        connection = Connection.objects.filter(pk=route.connection_id or 0, driver=CLOUD).first()
    if connection is None:
        raise WebhookUnknown
    return _Door(
        app_secret=connection.credentials.get("app_secret", ""),
        verify_token=connection.credentials.get("verify_token", ""),
        company_id=route.company_id,
        connection_id=connection.pk,
    )


def answer_handshake(key: str | None, query: Mapping[str, str]) -> str | None:
    """Give the text that answers Meta's handshake, None to refuse it; raise WebhookUnknown."""
    return challenge_answer(query, _door(key).verify_token)


def receive_webhook(key: str | None, body: bytes, signature: str | None) -> int:
    """Store what a webhook brought, under each number's connection; return how much was new.

    `key` names a connection's own address, None the address of the app all companies share. The
    body must be the very bytes of the wire. Raises WebhookUnknown, SignatureWrong, NotJSON; then
    nothing is stored. What belongs to a number nobody has is logged and left.
    """
    door = _door(key)
    if not is_signed(body, signature, door.app_secret):
        raise SignatureWrong
    try:
        parts = split(body)
    except ValueError as error:
        raise NotJSON from error
    new = 0
    for owner, items in parts.items():
        target = _target(door, owner)
        if target is None:
            log.warning("cloud.unknown_number", number=owner[:64], items=len(items))
            continue
        company_id, connection_id = target
        with in_company(company_id):
            new += store_events(connection_id, _stored(items))
    return new


def _target(door: _Door, owner: str) -> tuple[int, int] | None:
    """Tell whose an item is: `owner` is a phone_number_id, `waba:<id>`, or nothing."""
    if owner and not owner.startswith("waba:"):
        return _number(door, owner)
    if door.company_id is None or door.connection_id is None:
        # News of an account, told to the shared app: nobody in particular can be meant.
        return None
    return door.company_id, door.connection_id


def _number(door: _Door, phone_number_id: str) -> tuple[int, int] | None:
    route = find_route(Route.Kind.PHONE_NUMBER_ID, phone_number_id)
    if route is None or route.connection_id is None:
        return None
    if door.company_id is not None:
        # One app's address may serve several numbers of its company, and of no other.
        return (
            (route.company_id, route.connection_id) if route.company_id == door.company_id else None
        )
    with in_company(route.company_id):
        # An id is no secret: only a token that has opened the number proves whose it is.
        proven = Connection.objects.filter(pk=route.connection_id).exclude(number="").exists()
    return (route.company_id, route.connection_id) if proven else None


def _stored(items: list[Item]) -> list[StoredEvent]:
    events: list[Any] = [event for item in items for event in parse(item)]
    return [event for event in events if isinstance(event, StoredEvent)]
