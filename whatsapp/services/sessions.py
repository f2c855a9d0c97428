"""The state of a session, as people see it (behaviour 9-13, realtime §4.3)."""

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from events.bus import publish
from whaticket.tenancy import current_schema
from whatsapp.drivers.base import DriverConfig
from whatsapp.drivers.registry import driver_for
from whatsapp.events import SessionChanged
from whatsapp.models import Connection

Status = Connection.Status

# Proven traffic is noted this often; more would be a write per message for nothing.
SEEN_SECONDS = 60
# When this process noted each connection's traffic last; what it forgets costs one statement.
_noted: dict[tuple[str, int], float] = {}


def note_traffic(connection_id: int) -> None:
    """Note that the network was heard on a connection just now, at most once a minute."""
    key, now = (current_schema(), connection_id), time.monotonic()
    if now - _noted.get(key, -SEEN_SECONDS) < SEEN_SECONDS:
        return
    _noted[key] = now
    moment = timezone.now()
    stale = Q(last_seen_at=None) | Q(last_seen_at__lt=moment - timedelta(seconds=SEEN_SECONDS))
    Connection.objects.filter(stale, pk=connection_id).update(last_seen_at=moment)


def config_of(connection_id: int, company_id: int) -> tuple[str, DriverConfig]:
    """Give a connection's driver name and what the driver is built from."""
    connection = Connection.objects.get(pk=connection_id)
    driver_settings = dict(connection.driver_settings)
    if connection.driver == "sandbox":
        driver_settings.setdefault("url", settings.SIMULATOR_URL)
    if connection.driver == "cloud":
        driver_settings.setdefault("base_url", settings.GRAPH_URL)
    return connection.driver, DriverConfig(
        connection_key=f"{company_id}-{connection_id}",
        credentials=connection.credentials,
        settings=driver_settings,
    )


@transaction.atomic
def record_state(connection_id: int, status: str, *, reason: str = "", **columns: Any) -> None:
    """Write a session's state and tell the screens; other columns (number, qrcode) go along."""
    Connection.objects.filter(pk=connection_id).update(
        status=status, status_reason=reason[:255], updated_at=timezone.now(), **columns
    )
    publish(SessionChanged(connection_id=connection_id, status=status, reason=reason))


def record_opening(connection_id: int) -> None:
    """The session is being opened."""
    record_state(connection_id, Status.OPENING)


def record_qr(connection_id: int, code: str, attempt: int) -> None:
    """A code waits to be scanned."""
    record_state(connection_id, Status.QRCODE, qrcode=code, retries=attempt, number="")


def record_pair_code(connection_id: int, code: str) -> None:
    """A code waits to be typed on the phone."""
    record_state(connection_id, Status.PAIRING, pair_code=code)


@transaction.atomic
def record_paired(connection_id: int, number: str, credentials: dict[str, Any]) -> None:
    """The phone linked this device: its credentials are kept in the same breath."""
    connection = Connection.objects.select_for_update().get(pk=connection_id)
    connection.credentials = credentials
    connection.number = number
    connection.save(update_fields=["credentials", "number"])
    record_state(connection_id, Status.OPENING, qrcode="", pair_code="", retries=0)


def record_connected(connection_id: int, number: str) -> None:
    """The session is open."""
    columns: dict[str, Any] = {"qrcode": "", "pair_code": "", "retries": 0}
    if number:
        columns["number"] = number
    record_state(connection_id, Status.CONNECTED, last_seen_at=timezone.now(), **columns)


def record_lost(connection_id: int, reason: str) -> None:
    """The session is gone for now; it will be opened again."""
    record_state(connection_id, Status.OPENING, reason=reason)


@transaction.atomic
def record_logged_out(connection_id: int, reason: str) -> None:
    """The phone ended the link: the credentials are worthless and are wiped.

    A token that an administrator entered is kept: with it go the secrets that prove webhooks.
    """
    connection = Connection.objects.select_for_update().get(pk=connection_id)
    if "token" not in driver_for(connection.driver).capabilities.pairing:
        connection.credentials = {}
        connection.save(update_fields=["credentials"])
    record_state(connection_id, Status.PENDING, reason=reason, qrcode="", pair_code="", number="")


def record_stopped(connection_id: int, reason: str) -> None:
    """The session ended and will not be opened by itself."""
    record_state(connection_id, Status.DISCONNECTED, reason=reason, qrcode="", pair_code="")
