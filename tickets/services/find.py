"""The one live ticket of a contact on a connection: found, reopened, or opened."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db import connection as database
from django.db.models import Q
from django.utils import timezone

from companies.services import settings_of
from contacts.models import Contact
from events.bus import Event, publish
from tickets.events import ConsentAwaited, TicketOpened, TicketReopened
from tickets.models import Ticket
from tickets.services.consent import needs_consent
from tickets.services.distribution.wallets import note_wallets, wallet_agents
from tickets.services.episodes import begin_episodes
from tickets.services.facts import facts_before
from tickets.services.newest import mark_newest_closed
from whaticket.tenancy import current_company_id
from whatsapp.models import Connection


@dataclass(frozen=True, slots=True)
class Wanted:
    """A conversation that must have a live ticket now."""

    contact: Contact
    connection: Connection
    # Old messages are being brought in: nobody is asked for anything (behaviour 36).
    is_import: bool = False


@transaction.atomic
def live_tickets(wanted: Sequence[Wanted]) -> dict[int, Ticket]:
    """Give the live ticket of each contact, locked until the transaction ends (behaviour 34-39).

    All wanted conversations are on one connection. A closed ticket that is young enough
    (`reopen_minutes`) is reopened; otherwise a new one is opened. Two callers at once get the same
    ticket: the partial unique constraint decides. Where a contact was merged into another since it
    was looked up, the ticket is that one's. A fixed number of statements for any number of
    conversations whose ticket is live.
    """
    if not wanted:
        return {}
    connection = wanted[0].connection
    people = _hold_contacts([want.contact for want in wanted])
    imports = {people[want.contact.pk].pk for want in wanted if want.is_import}
    contacts = {contact.pk: contact for contact in people.values()}
    found: dict[int, Ticket] = {}
    # Someone may open a ticket between the look and a reopening, which then must give way. No
    # third party can do so twice: what was opened stays live or is the newest closed one.
    while missing := {pk: contact for pk, contact in contacts.items() if pk not in found}:
        found.update(_lock_live(connection, list(missing)))
        missing = {pk: contact for pk, contact in missing.items() if pk not in found}
        if not missing:
            break
        try:
            with transaction.atomic():
                found.update(_reopen(connection, missing))
        except IntegrityError:
            continue
        missing = {pk: contact for pk, contact in missing.items() if pk not in found}
        if missing:
            found.update(_open(connection, missing, imports))
    return {pk: found[contact.pk] for pk, contact in people.items()}


def _hold_contacts(contacts: Sequence[Contact]) -> dict[int, Contact]:
    """Keep contacts from being merged until the transaction ends; give who each one is now.

    Taken before any ticket's lock, in the order in which a merge takes them: contacts, then
    tickets. The message rows that follow would take the same locks one by one.
    """
    held = {contact.pk: contact for contact in contacts}
    table = Contact._meta.db_table
    pending = set(held)
    heirs: dict[int, int] = {}
    while pending:
        with database.cursor() as cursor:
            cursor.execute(
                f"SELECT id, merged_into_id FROM {table} WHERE id = ANY(%s)"  # noqa: S608
                " ORDER BY id FOR KEY SHARE",
                [sorted(pending)],
            )
            moved = {pk: heir for pk, heir in cursor.fetchall() if heir is not None}
        heirs.update(moved)
        pending = set(moved.values()) - set(held) - set(heirs)
    if not heirs:
        return held
    found = Contact.objects.in_bulk(list(set(heirs.values()) - set(held)))
    return {pk: {**found, **held}[_last_heir(pk, heirs)] for pk in held}


def _last_heir(pk: int, heirs: Mapping[int, int]) -> int:
    while pk in heirs:
        pk = heirs[pk]
    return pk


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
        begin_episodes(list(reopened.values()), at=timezone.now())
        mark_newest_closed(connection.pk, list(reopened))
        publish(*news)
    return reopened


def _is_chatter(ticket: Ticket) -> bool:
    return ticket.is_group and not (ticket.connection and ticket.connection.groups_as_tickets)


def _open(
    connection: Connection, missing: Mapping[int, Contact], imports: Collection[int]
) -> dict[int, Ticket]:
    settings = settings_of(current_company_id())
    wallets = wallet_agents(missing)
    queues = list(connection.queues.values_list("pk", flat=True)[:2])
    queue_id = queues[0] if len(queues) == 1 else None
    rows = []
    for contact in missing.values():
        status = Ticket.Status.PENDING
        if contact.is_group and not connection.groups_as_tickets:
            status = Ticket.Status.GROUP
        elif contact.pk not in imports and needs_consent(contact, settings):
            status = Ticket.Status.LGPD
        # A contact's own agent gets its new tickets at once (behaviour 37).
        agent_id = wallets.get(contact.pk) if status == Ticket.Status.PENDING else None
        if agent_id is not None:
            status = Ticket.Status.OPEN
        rows.append(
            Ticket(
                contact=contact,
                connection=connection,
                queue_id=queue_id,
                agent_id=agent_id,
                status=status,
                is_group=contact.is_group,
                is_bot=not contact.is_group and agent_id is None,
                channel=connection.channel,
            )
        )
    # ON CONFLICT DO NOTHING: another connection to the database may open the same conversation.
    Ticket.objects.bulk_create(rows, ignore_conflicts=True)
    tickets = _lock_live(connection, list(missing))
    ours = {row.uuid for row in rows}
    opened = [ticket for ticket in tickets.values() if ticket.uuid in ours]
    begin_episodes(opened, at=timezone.now())
    note_wallets([ticket for ticket in opened if ticket.agent_id is not None])
    news: list[Event] = [
        ConsentAwaited(ticket_id=ticket.pk)
        if ticket.status == Ticket.Status.LGPD
        else TicketOpened(ticket_id=ticket.pk)
        for ticket in opened
    ]
    if news:
        publish(*news)
    return tickets
