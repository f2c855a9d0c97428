"""The one live ticket of a contact on a connection: found, reopened, or opened."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.models import Contact
from events.bus import Event, publish
from tickets.events import TicketOpened, TicketReopened
from tickets.models import Episode, Ticket
from tickets.services.facts import facts_before
from tickets.services.newest import mark_newest_closed
from whatsapp.models import Connection


@dataclass(frozen=True, slots=True)
class Wanted:
    """A conversation that must have a live ticket now."""

    contact: Contact
    connection: Connection


@transaction.atomic
def live_tickets(wanted: Sequence[Wanted]) -> dict[int, Ticket]:
    """Give the live ticket of each contact, locked until the transaction ends (behaviour 34-39).

    All wanted conversations are on one connection. A closed ticket that is young enough
    (`reopen_minutes`) is reopened; otherwise a new one is opened. Two callers at once get the same
    ticket: the partial unique constraint decides. A fixed number of statements for any number of
    conversations whose ticket is live.
    """
    if not wanted:
        return {}
    connection = wanted[0].connection
    contacts = {want.contact.pk: want.contact for want in wanted}
    found = _lock_live(connection, list(contacts))
    missing = {pk: contact for pk, contact in contacts.items() if pk not in found}
    if missing:
        found.update(_reopen(connection, missing))
        missing = {pk: contact for pk, contact in missing.items() if pk not in found}
    if missing:
        found.update(_open(connection, missing))
    return found


def _lock_live(connection: Connection, contact_ids: Sequence[int]) -> dict[int, Ticket]:
    # Sorted, so that two batches never wait for each other; without the key, so that message rows
    # may still refer to the ticket meanwhile.
    rows = (
        Ticket.objects.live()
        .filter(connection=connection, contact_id__in=contact_ids)
        .order_by("id")
        .select_for_update(no_key=True)
    )
    return {ticket.contact_id: ticket for ticket in rows}


def _reopen(connection: Connection, missing: Mapping[int, Contact]) -> dict[int, Ticket]:
    if not connection.reopen_minutes:
        return {}
    since = timezone.now() - datetime.timedelta(minutes=connection.reopen_minutes)
    rows = (
        Ticket.objects.filter(
            Q(is_newest_closed=True),
            connection=connection,
            contact_id__in=list(missing),
            updated_at__gte=since,
        )
        .order_by("id")
        .select_for_update(no_key=True)
    )
    reopened, news = {}, []
    for ticket in rows:
        before = facts_before(ticket)
        ticket.status = Ticket.Status.GROUP if _is_chatter(ticket) else Ticket.Status.PENDING
        ticket.closed_at = None
        ticket.is_newest_closed = False
        ticket.updated_at = timezone.now()
        reopened[ticket.contact_id] = ticket
        news.append(TicketReopened(ticket_id=ticket.pk, before=before))
    if reopened:
        Ticket.objects.bulk_update(
            reopened.values(), ["status", "closed_at", "is_newest_closed", "updated_at"]
        )
        _begin_episodes(list(reopened.values()))
        mark_newest_closed(connection, list(reopened))
        publish(*news)
    return reopened


def _is_chatter(ticket: Ticket) -> bool:
    return ticket.is_group and not (ticket.connection and ticket.connection.groups_as_tickets)


def _open(connection: Connection, missing: Mapping[int, Contact]) -> dict[int, Ticket]:
    queues = list(connection.queues.values_list("pk", flat=True)[:2])
    queue_id = queues[0] if len(queues) == 1 else None
    rows = []
    for contact in missing.values():
        chatter = contact.is_group and not connection.groups_as_tickets
        rows.append(
            Ticket(
                contact=contact,
                connection=connection,
                queue_id=queue_id,
                status=Ticket.Status.GROUP if chatter else Ticket.Status.PENDING,
                is_group=contact.is_group,
                is_bot=not contact.is_group,
                channel=connection.channel,
            )
        )
    # ON CONFLICT DO NOTHING: another connection to the database may open the same conversation.
    Ticket.objects.bulk_create(rows, ignore_conflicts=True)
    tickets = _lock_live(connection, list(missing))
    ours = {row.uuid for row in rows}
    opened = [ticket for ticket in tickets.values() if ticket.uuid in ours]
    _begin_episodes(opened)
    news: list[Event] = [TicketOpened(ticket_id=ticket.pk) for ticket in opened]
    if news:
        publish(*news)
    return tickets


def _begin_episodes(tickets: Sequence[Ticket]) -> None:
    now = timezone.now()
    Episode.objects.bulk_create(
        [
            Episode(
                ticket=ticket,
                connection_id=ticket.connection_id,
                queue_id=ticket.queue_id,
                queued_at=now,
            )
            for ticket in tickets
        ],
        ignore_conflicts=True,
    )

