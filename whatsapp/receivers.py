"""What clients hear of connections (realtime.md §4.3)."""

from collections.abc import Sequence
from typing import Any

import orjson

from accounts.models import User
from events.bus import on
from events.realtime import Audience, Frame, emit
from whaticket.renderers import wire_time
from whaticket.tenancy import current_company_id
from whatsapp import wire
from whatsapp.events import ConnectionDeleted, ConnectionUpdated, SessionChanged
from whatsapp.models import Connection


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
