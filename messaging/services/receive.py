"""From what the network delivered to rows of a conversation, many at a time.

Everything here is set-based: a batch of a hundred messages from a hundred people costs about as
many statements as one message from one person. That is what carries bursts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from contacts.identity import Identity
from contacts.models import Contact
from contacts.services import Profile, identify_contacts
from events.bus import publish
from messaging.content import body_of, data_of, kind_of
from messaging.events import MessageReceived
from messaging.models import Message
from messaging.preview import preview_of
from messaging.services.outbox import enqueue_all
from tickets.models import Ticket
from tickets.services.find import Wanted, live_tickets
from whaticket.texts import is_bot_text
from whatsapp.drivers.base import Echo, Identities, Inbound
from whatsapp.models import Connection

# Apps above that have something to do for a message note it down here, in the same commit.
Follower = Callable[[Connection, Sequence[Message]], None]
_followers: list[Follower] = []


def follows_receipt(follower: Follower) -> None:
    """Register what else is written in the transaction that stores messages of a connection.

    It gets the stored rows with their tickets as they were before, and writes rows at most: what
    it raises undoes the whole batch.
    """
    _followers.append(follower)


@dataclass(slots=True)
class _Arrival:
    """One event on its way to becoming a row."""

    event: Inbound | Echo
    peer: Contact
    sender: Contact
    ticket: Ticket | None = None
    message: Message | None = None

    @property
    def from_me(self) -> bool:
        return isinstance(self.event, Echo)


@transaction.atomic
def receive_messages(connection: Connection, events: Sequence[Inbound | Echo]) -> list[Message]:
    """Store messages of one connection, once each, in the order of the network's clock.

    Finds or makes contacts, finds or opens tickets, stores rows, moves counters, publishes
    MessageReceived (behaviour 16-28, 54-56, 67). What is already stored is left alone, so the same
    events may come again. Echoes of the phone are stored, open nothing that is closed, and clear
    the unread counter.
    """
    events = _new_ones(connection, _of_interest(connection, events))
    if not events:
        return []
    arrivals = _with_contacts(connection, sorted(events, key=lambda event: event.at))
    _find_tickets(connection, arrivals)
    quoted = _quoted(connection, events)
    messages = []
    for arrival in arrivals:
        arrival.message = _message(connection, arrival, quoted)
        messages.append(arrival.message)
    Message.objects.bulk_create(messages)
    _link_quotes_within(messages)
    _move_counters(arrivals)
    fetches: list[tuple[str, Message, dict[str, Any]]] = [
        ("fetch", message, {}) for message in messages if message.media_state
    ]
    if fetches:
        enqueue_all(fetches)
    for follower in _followers:
        follower(connection, messages)
    publish(
        *[
            MessageReceived(
                message_id=message.pk, ticket_id=message.ticket_id, from_me=message.from_me
            )
            for message in messages
        ]
    )
    return messages


def _of_interest(connection: Connection, events: Sequence[Inbound | Echo]) -> list[Inbound | Echo]:
    # Groups are off unless the company wants them (behaviour 12).
    return [
        event
        for event in events
        if event.message.peer
        and (connection.allows_groups or not event.message.is_group)
        and not _is_own_bots(event)
    ]


def _is_own_bots(event: Inbound | Echo) -> bool:
    """Tell whether an echo is of a text that the bot wrote: it is stored since it was written."""
    message = event.message
    return isinstance(event, Echo) and not message.is_history and is_bot_text(message.content.text)


def _new_ones(connection: Connection, events: Sequence[Inbound | Echo]) -> list[Inbound | Echo]:
    stored = set(
        Message.objects.filter(
            connection=connection, wire_id__in=[event.wire_id for event in events]
        ).values_list("wire_id", flat=True)
    )
    fresh: dict[str, Inbound | Echo] = {}
    for event in events:
        if event.wire_id not in stored:
            fresh.setdefault(event.wire_id, event)
    return list(fresh.values())


def _profile(
    identities: Identities, name: str, *, is_group: bool, connection: Connection
) -> Profile:
    return Profile(
        identities=tuple(Identity(str(i.kind), i.value) for i in identities),
        name=name,
        is_group=is_group,
        channel=connection.channel,
        connection_id=connection.pk,
    )


def _with_contacts(connection: Connection, events: Sequence[Inbound | Echo]) -> list[_Arrival]:
    profiles: list[Profile] = []
    for event in events:
        message = event.message
        outgoing = isinstance(event, Echo)
        direct = not message.is_group
        # Our own name must never become the customer's (behaviour 28).
        name = message.sender.push_name if direct and not outgoing else ""
        profiles.append(
            _profile(message.peer, name, is_group=message.is_group, connection=connection)
        )
        if message.is_group and not outgoing and message.sender.identities:
            profiles.append(
                _profile(
                    message.sender.identities,
                    message.sender.push_name,
                    is_group=False,
                    connection=connection,
                )
            )
    contacts = iter(identify_contacts(profiles))
    arrivals = []
    for event in events:
        message = event.message
        peer = next(contacts)
        apart = message.is_group and not isinstance(event, Echo) and message.sender.identities
        arrivals.append(_Arrival(event, peer, next(contacts) if apart else peer))
    return arrivals


def _find_tickets(connection: Connection, arrivals: Sequence[_Arrival]) -> None:
    speakers = {a.peer.pk: a.peer for a in arrivals if not a.from_me}
    # Whose every message is history is asked for nothing (behaviour 36).
    awake = {a.peer.pk for a in arrivals if not a.from_me and not a.event.message.is_history}
    found = live_tickets(
        [Wanted(person, connection, pk not in awake) for pk, person in speakers.items()]
    )
    # Only our own phone spoke: use what is there, closed or not, and open one as a last resort.
    silent = {a.peer.pk: a.peer for a in arrivals if a.peer.pk not in found}
    if silent:
        rows = (
            Ticket.objects.filter(connection=connection, contact_id__in=list(silent))
            .order_by("contact_id", "-id")
            .distinct("contact_id")
        )
        found |= {ticket.contact_id: ticket for ticket in rows}
        # Nobody has said anything that they could be asked about.
        missing = [Wanted(c, connection, True) for pk, c in silent.items() if pk not in found]
        found |= live_tickets(missing)
    for arrival in arrivals:
        arrival.ticket = found[arrival.peer.pk]


def _quoted(connection: Connection, events: Sequence[Inbound | Echo]) -> dict[str, int]:
    wire_ids = {event.message.content.quoted for event in events} - {""}
    if not wire_ids:
        return {}
    rows = Message.objects.filter(connection=connection, wire_id__in=wire_ids)
    return {wire_id: pk for wire_id, pk in rows.values_list("wire_id", "pk") if wire_id}


def _message(connection: Connection, arrival: _Arrival, quoted: dict[str, int]) -> Message:
    event, content = arrival.event, arrival.event.message.content
    assert arrival.ticket is not None  # noqa: S101 (set for every arrival by _find_tickets)
    now = timezone.now()
    message = Message(
        ticket=arrival.ticket,
        contact=arrival.sender,
        connection=connection,
        queue_id=arrival.ticket.queue_id,
        chat=event.chat,
        wire_id=event.wire_id,
        from_me=arrival.from_me,
        is_read=arrival.from_me or event.message.is_history,
        origin=_origin(arrival),
        kind=kind_of(content),
        body=body_of(content),
        data=data_of(content),
        quoted_id=quoted.get(content.quoted),
        is_forwarded=content.forwarded,
        status=Message.Status.SENT if arrival.from_me else Message.Status.RECEIVED,
        # A phone's clock may be wrong; the future would pin a message to the end for ever.
        sent_at=min(event.at, now),
        created_at=now,
        updated_at=now,
    )
    if content.media is not None:
        message.media_state = Message.MediaState.PENDING
        message.media_name = content.media.file_name[:255]
        message.media_type = content.media.mimetype[:127]
        message.media_size = content.media.size
    return message


def _origin(arrival: _Arrival) -> str:
    if arrival.event.message.is_history:
        return Message.Origin.IMPORT
    return Message.Origin.PHONE if arrival.from_me else Message.Origin.CONTACT


def _link_quotes_within(messages: Sequence[Message]) -> None:
    """Link answers to messages of the same batch, which had no id yet."""
    by_wire = {message.wire_id: message for message in messages}
    late = []
    for message in messages:
        target = by_wire.get(message.data.get("quoted", "")) if not message.quoted_id else None
        if target is not None:
            message.quoted_id = target.pk
            late.append(message)
    if late:
        Message.objects.bulk_update(late, ["quoted"])


def _move_counters(arrivals: Sequence[_Arrival]) -> None:
    """Bring the tickets' counters and last lines up to date, in one statement (behaviour 21)."""
    rows: dict[int, dict[str, Any]] = {}
    for arrival in arrivals:
        message = arrival.message
        assert message is not None  # noqa: S101 (set by the caller for every arrival)
        row = rows.setdefault(
            message.ticket_id, {"count": 0, "unread": 0, "is_reset": False, "inbound_at": None}
        )
        row["count"] += 1
        if message.origin != Message.Origin.IMPORT:
            if message.from_me:
                row["unread"], row["is_reset"] = 0, True
            else:
                row["unread"] += 1
        if not message.from_me:
            row["inbound_at"] = message.sent_at
        row["last"] = message
    columns: list[list[Any]] = [
        list(rows),
        [row["count"] for row in rows.values()],
        [row["unread"] for row in rows.values()],
        [row["is_reset"] for row in rows.values()],
        [row["inbound_at"] for row in rows.values()],
        [preview_of(row["last"]) for row in rows.values()],
        [row["last"].sent_at for row in rows.values()],
        [row["last"].from_me for row in rows.values()],
    ]
    sql = f"""
        UPDATE {Ticket._meta.db_table} t
        SET message_count = t.message_count + n.count,
            unread_count = CASE WHEN n.is_reset THEN n.unread ELSE t.unread_count + n.unread END,
            last_inbound_at = greatest(t.last_inbound_at, n.inbound_at),
            last_message = CASE WHEN n.newer THEN n.line ELSE t.last_message END,
            last_message_from_me = CASE WHEN n.newer THEN n.from_me ELSE t.last_message_from_me END,
            last_message_at = greatest(t.last_message_at, n.at),
            is_warned_inactive = t.is_warned_inactive AND n.from_me,
            updated_at = %s
        FROM (
            SELECT given.*,
                   (old.last_message_at IS NULL OR old.last_message_at <= given.at) AS newer
            FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bool[], %s::timestamptz[],
                        %s::text[], %s::timestamptz[], %s::bool[])
                 AS given(id, count, unread, is_reset, inbound_at, line, at, from_me)
            JOIN {Ticket._meta.db_table} old ON old.id = given.id
        ) n
        WHERE t.id = n.id
    """  # noqa: S608 (the table's own name)
    with database.cursor() as cursor:
        cursor.execute(sql, [timezone.now(), *columns])
