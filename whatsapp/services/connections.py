"""Connections: making, changing and removing the numbers a company answers on."""

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from billing.services import has_feature, limit_of
from dispatch.services import drop_routes
from events.bus import publish
from tickets.models import Queue
from tickets.services import close_imported
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import Capabilities
from whatsapp.drivers.registry import DriverUnavailable, UnknownDriver, capabilities_of
from whatsapp.events import (
    ConnectionAdministered,
    ConnectionDeleted,
    ConnectionUpdated,
    ImportedTicketsClosed,
)
from whatsapp.exceptions import (
    ChannelNotInPlan,
    ConnectionLimitReached,
    ConnectionNameInvalid,
    ConnectionNameTaken,
    ConnectionNotFound,
    DriverNotUsable,
    GreetingRequired,
    NoDefaultConnection,
    QueueUnknown,
    SessionNotRunning,
)
from whatsapp.models import Connection
from whatsapp.services.ask import ask_session
from whatsapp.services.cloud import CLOUD, route_cloud_number, settle_cloud_settings
from whatsapp.services.leases import command_session, forget_session, want_session
from whatsapp.services.tokens import set_main_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants a connection to be. None: as it is, or as it would be by itself.

    `columns` are fields of the model; `driver_settings` and `credentials` are merged key by key,
    and an empty credential keeps the stored one, so that secrets need never be read back.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    queue_ids: Collection[int] | None = None
    token: str = ""
    is_default: bool | None = None
    driver: str | None = None
    driver_settings: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)


def find_connection(connection_id: int) -> Connection:
    """Give a connection of the current company; raise ConnectionNotFound."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        raise ConnectionNotFound
    return connection


def default_connection(user: User | None = None, connection_id: int | None = None) -> Connection:
    """Choose who writes when nobody said which connection; raise NoDefaultConnection.

    A person's own connection wins, then the one asked for, the default one, any other; only
    connected ones count (behaviour 13).
    """
    chosen = Connection.objects.default_for(
        own_id=user.connection_id if user else None, wanted_id=connection_id
    )
    if chosen is None:
        raise NoDefaultConnection
    return chosen


def capabilities_of_driver(name: str) -> Capabilities:
    """Tell what a driver can do; raise DriverNotUsable."""
    try:
        return capabilities_of(name)
    except (UnknownDriver, DriverUnavailable) as error:
        raise DriverNotUsable(error.code) from error


@transaction.atomic
def create_connection(wanted: Wanted, *, by: User | None) -> Connection:
    """Create a connection and have its session started; the first one becomes the default.

    Raises ChannelNotInPlan, ConnectionLimitReached, ConnectionNameInvalid, ConnectionNameTaken,
    ConnectionTokenTaken, GreetingRequired, QueueUnknown, DriverNotUsable, DriverSettingsInvalid,
    CloudNumberTaken; then nothing has changed.
    """
    connection = Connection(**wanted.columns)
    _check_plan(connection.channel)
    # Beside the plan's row lock, the first of two at once must be the default one.
    connection.is_default = not Connection.objects.filter(is_default=True).exists()
    connection.driver = wanted.driver or connection.driver
    connection.status = Connection.Status.OPENING
    queues = _queues(wanted.queue_ids or (), connection)
    _settle_driver(connection, wanted)
    _save(connection)
    connection.queues.set(queues)  # type: ignore[attr-defined]
    _route(connection, wanted.token, by)
    want_session(current_company_id(), connection.pk)
    publish(ConnectionUpdated(connection_id=connection.pk, by_id=by.pk if by else None))
    return connection


@transaction.atomic
def update_connection(connection: Connection, wanted: Wanted, *, by: User | None) -> Connection:
    """Change a connection; a new default one takes the place of the former.

    A session that speaks to the network with other settings or credentials than before is opened
    anew. Raises as `create_connection`, except for the plan; then nothing has changed.
    """
    connection = _lock(connection.pk)
    former = dict(connection.driver_settings), dict(connection.credentials), connection.driver
    for name, value in wanted.columns.items():
        setattr(connection, name, value)
    connection.driver = wanted.driver or connection.driver
    _settle_driver(connection, wanted)
    _move_queues(connection, wanted.queue_ids)
    demoted = _take_default(connection, wanted.is_default)
    connection.updated_at = timezone.now()
    _save(connection)
    _route(connection, wanted.token, by)
    by_id = by.pk if by else None
    changed = [connection.pk, *demoted]
    publish(*[ConnectionUpdated(connection_id=pk, by_id=by_id) for pk in changed])
    if former != (connection.driver_settings, connection.credentials, connection.driver):
        command_session(current_company_id(), connection.pk, {"do": "restart"})
    return connection


@transaction.atomic
def administer_connection(connection: Connection, wanted: Wanted, *, by: User) -> Connection:
    """Change a connection as an operator of the platform; raise as `update_connection`."""
    connection = update_connection(connection, wanted, by=by)
    publish(ConnectionAdministered(connection_id=connection.pk, by_id=by.pk))
    return connection


def close_imported_tickets(connection: Connection, *, by: User | None) -> int:
    """Close what an import of old messages left waiting on a connection; give how many."""
    count = close_imported(connection.pk, by=by)
    with transaction.atomic():
        publish(
            ImportedTicketsClosed(
                connection_id=connection.pk, count=count, by_id=by.pk if by else None
            )
        )
    return count


def delete_connection(connection: Connection, *, by: User | None) -> None:
    """Unlink and remove a connection; its tickets keep their history. Raises ConnectionNotFound.

    Another connection becomes the default one. The phone is told while a session runs; without
    one the device stays in the phone's list until its owner removes it there.
    """
    connection = find_connection(connection.pk)
    if connection.driver != CLOUD and connection.credentials:
        # Outside of the transaction: it waits for another process.
        with contextlib.suppress(SessionNotRunning):
            ask_session(connection.pk, "logout")
    with transaction.atomic():
        connection = _lock(connection.pk)
        connection_id, was_default = connection.pk, connection.is_default
        drop_routes(connection_id)
        forget_session(current_company_id(), connection_id)
        connection.delete()
        by_id = by.pk if by else None
        publish(ConnectionDeleted(connection_id=connection_id, by_id=by_id))
        heir = Connection.objects.select_for_update().order_by("pk").first()
        if was_default and heir is not None:
            Connection.objects.filter(pk=heir.pk).update(is_default=True)
            publish(ConnectionUpdated(connection_id=heir.pk, by_id=by_id))


@transaction.atomic
def set_greeting_media(connection: Connection, path: str, *, by: User | None) -> str:
    """Set (or clear) the file sent with the greeting; return the name of the former one."""
    connection = _lock(connection.pk)
    former = connection.greeting_media
    connection.greeting_media = path
    connection.updated_at = timezone.now()
    connection.save(update_fields=["greeting_media", "updated_at"])
    publish(ConnectionUpdated(connection_id=connection.pk, by_id=by.pk if by else None))
    return former


def _lock(connection_id: int) -> Connection:
    connection = Connection.objects.select_for_update().filter(pk=connection_id).first()
    if connection is None:
        raise ConnectionNotFound
    return connection


def _check_plan(channel: str) -> None:
    company_id = current_company_id()
    limit = limit_of(company_id, "connections")
    if not has_feature(company_id, "useWhatsapp"):
        raise ChannelNotInPlan(channel=channel)
    if limit is not None and Connection.objects.filter(channel=channel).count() >= limit:
        raise ConnectionLimitReached(limit=limit)


def _queues(queue_ids: Collection[int], connection: Connection) -> list[Queue]:
    queues = list(Queue.objects.filter(pk__in=set(queue_ids)))
    if len(queues) != len(set(queue_ids)):
        raise QueueUnknown(details={"queueIds": ["There is no such queue."]})
    if len(queues) > 1 and not connection.greeting_message.strip():
        raise GreetingRequired
    for column, key in (("move_to_queue_id", "sendIdQueue"), ("import_queue_id", "queueIdImport")):
        queue_id = getattr(connection, column)
        if queue_id is not None and not Queue.objects.filter(pk=queue_id).exists():
            raise QueueUnknown(details={key: ["There is no such queue."]})
    return queues


def _move_queues(connection: Connection, queue_ids: Collection[int] | None) -> None:
    if queue_ids is None:
        held = connection.queues.values_list("pk", flat=True)  # type: ignore[attr-defined]
        _queues(list(held), connection)
        return
    connection.queues.set(_queues(queue_ids, connection))  # type: ignore[attr-defined]


def _take_default(connection: Connection, is_default: bool | None) -> list[int]:
    """Make this the default connection; return the ids of those that no longer are."""
    if is_default is None or is_default == connection.is_default:
        return []
    if not is_default:
        # A company with connections has a default one; another has to be chosen instead.
        return []
    demoted = list(
        Connection.objects.select_for_update()
        .filter(is_default=True)
        .exclude(pk=connection.pk)
        .values_list("pk", flat=True)
    )
    Connection.objects.filter(pk__in=demoted).update(is_default=False)
    connection.is_default = True
    return demoted


def _settle_driver(connection: Connection, wanted: Wanted) -> None:
    capabilities_of_driver(connection.driver)
    if connection.driver == CLOUD:
        settle_cloud_settings(connection, wanted.driver_settings, wanted.credentials)


def _save(connection: Connection) -> None:
    connection.name = connection.name.strip()
    if len(connection.name) < 2:
        raise ConnectionNameInvalid
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name == "whatsapp_one_default":
            # The other first connection of a company was faster.
            connection.is_default = False
            connection.pk = None
            _save(connection)
            return
        raise ConnectionNameTaken from error


def _route(connection: Connection, token: str, by: User | None) -> None:
    if token:
        set_main_token(connection, token, by=by)
    if connection.driver == CLOUD:
        route_cloud_number(connection)
    else:
        drop_routes(connection.pk, "phone_number_id", "webhook_key")
