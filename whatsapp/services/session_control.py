"""What an administrator asks of a session: start, stop, restart, link anew."""

from typing import Any

from django.db import transaction

from accounts.models import User
from contacts.identity import phone_from
from dispatch.models import SessionLease
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import Capabilities
from whatsapp.exceptions import PairingCodeWrong, PairingNotPossible, SessionNotRunning
from whatsapp.models import Connection
from whatsapp.services import sessions
from whatsapp.services.ask import ask_session
from whatsapp.services.connections import capabilities_of_driver
from whatsapp.services.leases import command_session, want_session

Status = Connection.Status

# A session that was just asked for needs a moment before it can answer.
_ASKS = 2


@transaction.atomic
def start_session(connection: Connection, *, by: User | None) -> None:
    """Have a connection's session opened; one that runs goes on. Raises DriverNotUsable."""
    capabilities_of_driver(connection.driver)
    if connection.status in {Status.DISCONNECTED, Status.PENDING, Status.TIMEOUT}:
        sessions.record_opening(connection.pk)
    want_session(current_company_id(), connection.pk)


@transaction.atomic
def restart_session(connection: Connection, *, by: User | None) -> None:
    """Have a session closed and opened again with the same link. Raises DriverNotUsable."""
    capabilities_of_driver(connection.driver)
    sessions.record_opening(connection.pk)
    command_session(current_company_id(), connection.pk, {"do": "restart"})


def restart_all(*, by: User | None) -> int:
    """Restart every session of the company; return how many."""
    connections = list(Connection.objects.all())
    for connection in connections:
        restart_session(connection, by=by)
    return len(connections)


@transaction.atomic
def relink_session(connection: Connection, *, by: User | None) -> None:
    """End the link to the phone and show a new code (behaviour 10).

    A connection that is opened by a token keeps it and is only restarted.
    """
    capabilities = capabilities_of_driver(connection.driver)
    if not _is_linked_by_phone(capabilities):
        restart_session(connection, by=by)
        return
    locked = Connection.objects.select_for_update().get(pk=connection.pk)
    locked.credentials = {}
    locked.save(update_fields=["credentials"])
    sessions.record_state(
        connection.pk, Status.OPENING, qrcode="", pair_code="", number="", retries=0
    )
    command_session(current_company_id(), connection.pk, {"do": "relink"})


@transaction.atomic
def end_session(connection: Connection, *, by: User | None) -> None:
    """Log a session out; raise SessionNotRunning when none runs.

    A phone's device is unlinked and shows a new code (behaviour 10). A connection that is opened by
    a token keeps it and stays closed until it is started again.
    """
    company_id = current_company_id()
    lease = (
        SessionLease.objects.select_for_update()
        .filter(company_id=company_id, connection_id=connection.pk)
        .first()
    )
    if lease is None or not lease.is_wanted:
        raise SessionNotRunning
    if _is_linked_by_phone(capabilities_of_driver(connection.driver)):
        if not lease.owner:
            raise SessionNotRunning
        command_session(company_id, connection.pk, {"do": "logout"})
        return
    want_session(company_id, connection.pk, wanted=False)
    sessions.record_stopped(connection.pk, "stopped_here")


def request_pairing_code(connection: Connection, number: str, *, by: User | None) -> str:
    """Ask for a code to type on the phone of that number, starting the session where needed.

    Raises PairingNotPossible (another kind of link, refused by the network, no phone number),
    SessionNotRunning when no session answers.
    """
    capabilities = capabilities_of_driver(connection.driver)
    digits = phone_from(number)
    if "code" not in capabilities.pairing or not digits:
        raise PairingNotPossible
    if connection.status == Status.CONNECTED:
        raise PairingNotPossible(reason="already connected")
    start_session(connection, by=by)
    answer = _ask(connection.pk, "pair", number=digits)
    if "error" in answer:
        raise PairingNotPossible(reason=answer["error"])
    code = str(answer["pair_code"])
    sessions.record_pair_code(connection.pk, code)
    return code


def verify_pairing(connection: Connection, code: str) -> bool:
    """Tell whether a pairing by code is complete; raise PairingCodeWrong for another code.

    The phone itself checks the code; this only says how far it got.
    """
    current = Connection.objects.get(pk=connection.pk)
    if current.status == Status.CONNECTED:
        return True
    if not current.pair_code or _plain(code) != _plain(current.pair_code):
        raise PairingCodeWrong
    return False


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _ask(connection_id: int, ask: str, **arguments: Any) -> dict[str, Any]:
    for attempt in range(1, _ASKS + 1):
        try:
            return ask_session(connection_id, ask, **arguments)
        except SessionNotRunning:
            if attempt == _ASKS:
                raise
    raise SessionNotRunning


def _is_linked_by_phone(capabilities: Capabilities) -> bool:
    return bool(capabilities.pairing & {"qr", "code"})
