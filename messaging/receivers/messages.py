"""What clients hear of messages (realtime.md §4.1), and what messages make of others' news."""

from collections.abc import Sequence
from typing import Any

from events.bus import on
from events.realtime import Audience, Frame, emit
from messaging.events import (
    MediaReady,
    MessageChangeRefused,
    MessageDeleted,
    MessageEdited,
    MessageQueued,
    MessageReceived,
    MessageStatusChanged,
    NoteRemoved,
)
from messaging.services.read import read_messages
from messaging.wire import MessageParts, messages_with_parts, ticket_parts
from tickets.events import TicketRead
from tickets.sight import TicketFacts
from whaticket.tenancy import current_company_id


def _channel() -> str:
    return f"company-{current_company_id()}-appMessage"


def _audience(facts: TicketFacts) -> Audience:
    return Audience(
        ticket=(
            facts.status,
            facts.queue_id,
            facts.agent_id,
            facts.is_group,
            facts.connection_id,
        )
    )


def _ids(news: Sequence[Any]) -> list[int]:
    """Give the messages of some news, once each, in order."""
    return list(dict.fromkeys(event.message_id for event in news))


def _create(parts: MessageParts) -> Frame:
    data = b'{"action":"create","message":%b,"ticket":%b,"contact":%b}' % (
        parts.message,
        parts.ticket,
        parts.contact,
    )
    return Frame(_channel(), data, _audience(parts.facts))


def _update(parts: MessageParts) -> Frame:
    data = b'{"action":"update","message":%b}' % parts.message
    return Frame(_channel(), data, _audience(parts.facts))


@on(MessageReceived, MessageQueued)
def tell_new_messages(news: Sequence[MessageReceived | MessageQueued]) -> None:
    """A message is in a conversation: received, written here, or a note. Imports are silent."""
    ids = _ids(news)
    found = messages_with_parts(ids)
    emit([_create(found[pk]) for pk in ids if pk in found and not found[pk].is_imported])


@on(MessageStatusChanged, MessageEdited, MessageDeleted, MessageChangeRefused, MediaReady)
def tell_changes(news: Sequence[Any]) -> None:
    """Ticks, another wording, a deletion, either of them undone, a file that has come."""
    ids = _ids(news)
    found = messages_with_parts(ids)
    emit([_update(found[pk]) for pk in ids if pk in found])


@on(NoteRemoved)
def tell_removed_notes(news: Sequence[NoteRemoved]) -> None:
    """A note is no more; clients find its conversation by the ticket inside."""
    tickets = ticket_parts([event.ticket_id for event in news])
    frames = []
    for event in news:
        if event.ticket_id in tickets:
            facts, ticket = tickets[event.ticket_id]
            data = (
                b'{"action":"delete","messageId":%d,"message":{"id":%d,"ticketId":%d,'
                b'"isPrivate":true,"isDeleted":true,"ticket":%b}}'
            ) % (event.message_id, event.message_id, event.ticket_id, ticket)
            frames.append(Frame(_channel(), data, _audience(facts)))
    emit(frames)


@on(TicketRead)
def read_along(news: Sequence[TicketRead]) -> None:
    """Whoever clears a ticket's badge has read its messages (behaviour 59)."""
    told = sorted({event.ticket_id for event in news if event.tells_network})
    silent = sorted({event.ticket_id for event in news} - set(told))
    if told:
        read_messages(told, tells_network=True)
    if silent:
        read_messages(silent, tells_network=False)
