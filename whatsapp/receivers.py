"""What clients hear of connections (realtime.md §4.3)."""

from collections.abc import Sequence
from typing import Any

import orjson

from accounts.models import User
from companies.events import CompanySignedUp
from events.bus import on, within
from events.realtime import Audience, Frame, emit
from whaticket.renderers import wire_time
from whaticket.tenancy import current_company_id, in_company
from whatsapp import wire
from whatsapp.events import (
    ConnectionAdministered,
    ConnectionDeleted,
    ConnectionUpdated,
    ImportedTicketsClosed,
    SessionChanged,
)
from whatsapp.models import Connection
from whatsapp.services.welcome import welcome_company


def _encode(payload: dict[str, Any]) -> bytes:
    return orjson.dumps(payload, default=wire_time, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _audiences() -> list[tuple[bool, Audience]]:
    """Part the company's people: those who manage connections see codes, the others do not."""
    managers: list[int] = []
    others: list[int] = []
    for user in User.objects.of_company(current_company_id()).only(
        "profile", "is_super", "manages_connections"
    ):
        (managers if user.is_admin or user.manages_connections else others).append(user.pk)
    parts = [(True, managers), (False, others)]
    return [(manages, Audience(users=tuple(users))) for manages, users in parts if users]


def _connections(ids: Sequence[int]) -> list[Connection]:
    found = Connection.objects.prefetch_related("queues").in_bulk(ids)
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


@on(ConnectionUpdated)
def tell_changes(news: Sequence[ConnectionUpdated]) -> None:
    """`company-<id>-whatsapp` update."""
    event = f"company-{current_company_id()}-whatsapp"
    audiences = _audiences()
    emit(
        [
            Frame(
                event,
                _encode({"action": "update", "whatsapp": wire.row(connection, manages=manages)}),
                audience,
            )
            for connection in _connections([item.connection_id for item in news])
            for manages, audience in audiences
        ]
    )


@on(ConnectionDeleted)
def tell_deletions(news: Sequence[ConnectionDeleted]) -> None:
    """`company-<id>-whatsapp` delete."""
    event = f"company-{current_company_id()}-whatsapp"
    emit(
        [
            Frame(event, _encode({"action": "delete", "whatsappId": item.connection_id}))
            for item in news
        ]
    )


@on(ConnectionAdministered)
def tell_operators(news: Sequence[ConnectionAdministered]) -> None:
    """`admin-whatsapp` update, to the operators where the one works who made the change."""
    operators = {user.pk: user for user in User.objects.filter(pk__in={i.by_id for i in news})}
    for item in news:
        by = operators.get(item.by_id or 0)
        for connection in _connections([item.connection_id]) if by else ():
            told = _encode({"action": "update", "whatsapp": wire.row(connection, manages=True)})
            _tell_operators(by.company_id, told)  # type: ignore[union-attr]  # there is one here


def _tell_operators(company_id: int, told: bytes) -> None:
    with in_company(company_id):
        rows = User.objects.of_company(company_id).filter(is_super=True)
        users = tuple(rows.values_list("pk", flat=True))
        emit([Frame("admin-whatsapp", told, Audience(users=users))])


@on(ImportedTicketsClosed)
def tell_closed_imports(news: Sequence[ImportedTicketsClosed]) -> None:
    """`importMessages-<id>` refresh: clients read their lists again."""
    if news:
        emit([Frame(f"importMessages-{current_company_id()}", _encode({"action": "refresh"}))])


@on(SessionChanged)
def tell_sessions(news: Sequence[SessionChanged]) -> None:
    """`company-<id>-whatsappSession` update."""
    event = f"company-{current_company_id()}-whatsappSession"
    audiences = _audiences()
    emit(
        [
            Frame(
                event,
                _encode({"action": "update", "session": wire.session(connection, manages=manages)}),
                audience,
            )
            for connection in _connections([item.connection_id for item in news])
            for manages, audience in audiences
        ]
    )


@within(CompanySignedUp)
def welcome(news: Sequence[CompanySignedUp]) -> None:
    """Have the platform's number greet who registered (rest.md §2), once and best-effort."""
    for event in news:
        welcome_company(event.company_id)
