"""What clients hear of tickets and queues (realtime.md 4.1, 4.4), and what others' news do here."""

from collections.abc import Sequence
from typing import Any

import orjson

from events.bus import on
from events.realtime import Audience, Frame, emit, sight_changed
from tickets.events import (
    ConsentAwaited,
    ConsentGiven,
    QueueDeleted,
    QueueMembersChanged,
    QueueUpdated,
    TicketAccepted,
    TicketAssigned,
    TicketClosed,
    TicketDeleted,
    TicketExpired,
    TicketFactsBefore,
    TicketFolded,
    TicketLaneChanged,
    TicketMarkedUnread,
    TicketOpened,
    TicketQueued,
    TicketRatingAsked,
    TicketRead,
    TicketRedirected,
    TicketReopened,
    TicketReturned,
    TicketTagged,
    TicketTransferred,
    TicketUnfolded,
    TicketUntagged,
    TicketUpdated,
    TicketWarned,
)
from tickets.sight import TicketFacts
from tickets.wire import queue_json, tickets_with_facts
from whaticket.tenancy import current_company_id


def audience_of(place: TicketFacts | TicketFactsBefore) -> Audience:
    """Name the people who see a ticket that stands there."""
    return Audience(
        ticket=(
            place.status,
            place.queue_id,
            place.agent_id,
            place.is_group,
            place.connection_id,
        )
    )


def _channel(noun: str) -> str:
    return f"company-{current_company_id()}-{noun}"


def _gone(ticket_id: int, before: TicketFactsBefore) -> Frame:
    data = orjson.dumps({"action": "delete", "ticketId": ticket_id})
    return Frame(_channel("ticket"), data, audience_of(before))


def _update(ticket_id: int, text: bytes, facts: TicketFacts) -> Frame:
    data = b'{"action":"update","ticketId":%d,"ticket":%b}' % (ticket_id, text)
    return Frame(_channel("ticket"), data, audience_of(facts))


def updates_of(ticket_ids: Sequence[int]) -> list[Frame]:
    """Write one `update` frame per ticket, in order; a ticket that is gone has none."""
    found = tickets_with_facts(ticket_ids)
    return [
        _update(pk, found[pk][1], found[pk][0]) for pk in dict.fromkeys(ticket_ids) if pk in found
    ]


@on(
    TicketReopened,
    TicketAccepted,
    TicketReturned,
    TicketTransferred,
    TicketQueued,
    TicketAssigned,
    TicketRedirected,
    ConsentGiven,
    TicketRatingAsked,
    TicketClosed,
    TicketExpired,
)
def tell_moves(news: Sequence[Any]) -> None:
    """First `delete` to those who saw the old place, then `update` to those who see the new one."""
    found = tickets_with_facts([event.ticket_id for event in news])
    frames = []
    for event in news:
        frames.append(_gone(event.ticket_id, event.before))
        if event.ticket_id in found:
            facts, text = found[event.ticket_id]
            frames.append(_update(event.ticket_id, text, facts))
    emit(frames)


@on(
    TicketOpened,
    ConsentAwaited,
    TicketUpdated,
    TicketTagged,
    TicketUntagged,
    TicketLaneChanged,
    TicketMarkedUnread,
    TicketUnfolded,
    TicketWarned,
)
def tell_updates(news: Sequence[Any]) -> None:
    """A ticket is new, or a detail of it is."""
    emit(updates_of([event.ticket_id for event in news]))


@on(TicketDeleted, TicketFolded)
def tell_removals(news: Sequence[Any]) -> None:
    """A ticket is no more."""
    emit([_gone(event.ticket_id, event.before) for event in news])


@on(TicketRead)
def tell_reads(news: Sequence[TicketRead]) -> None:
    """The badge of a ticket is gone on every screen."""
    found = tickets_with_facts([event.ticket_id for event in news])
    emit(
        [
            Frame(
                _channel("ticket"),
                orjson.dumps({"action": "updateUnread", "ticketId": event.ticket_id}),
                audience_of(found[event.ticket_id][0]),
            )
            for event in news
            if event.ticket_id in found
        ]
    )


@on(QueueUpdated)
def tell_queues(news: Sequence[QueueUpdated]) -> None:
    """A queue is new or changed."""
    frames = []
    for event in news:
        text = queue_json(event.queue_id)
        if text is not None:
            frames.append(Frame(_channel("queue"), b'{"action":"update","queue":%b}' % text))
    emit(frames)


@on(QueueDeleted)
def tell_removed_queues(news: Sequence[QueueDeleted]) -> None:
    """A queue is no more."""
    emit(
        [
            Frame(
                _channel("queue"),
                orjson.dumps({"action": "delete", "queueId": event.queue_id}),
            )
            for event in news
        ]
    )


@on(QueueMembersChanged)
def tell_sight(news: Sequence[QueueMembersChanged]) -> None:
    """Sockets of these people read again what they may see."""
    sight_changed(sorted({pk for event in news for pk in event.user_ids}))
