"""A ticket goes to another queue, another agent, or both."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from companies.services import settings_of
from events.bus import publish
from tickets.events import TicketOpened, TicketTransferred
from tickets.exceptions import TicketNotFound
from tickets.models import Ticket
from tickets.services.close import close_ticket
from tickets.services.episodes import begin_episodes
from tickets.services.facts import facts_before
from tickets.services.move import KEEP, Kept, place
from tickets.services.rows import agent_or_refuse, lock_ticket, queue_or_refuse
from whaticket.tenancy import current_company_id


@transaction.atomic
def transfer_ticket(
    ticket: Ticket,
    *,
    by: User | None,
    queue_id: int | Kept | None = KEEP,
    agent_id: int | Kept | None = None,
    status: str | None = None,
    note: str = "",
    is_announced: bool = False,
) -> Ticket:
    """Hand a live ticket to a queue and, where named, to an agent of it (behaviour 48-50).

    Without an agent it waits there. `note` goes out with the event as what the next agent should
    know, `is_announced` as a hand-over of which the customer may be told. Where the company closes
    tickets on transfer, the ticket is closed silently and a new one is returned; a queue that
    closes what enters it closes the ticket. Raises TicketNotFound (also for a closed ticket),
    QueueNotFound, AgentNotFound, AgentNotInQueue.
    """
    ticket = lock_ticket(ticket.pk)
    if ticket.status == Ticket.Status.CLOSED:
        raise TicketNotFound
    new_queue = ticket.queue_id if queue_id is KEEP else queue_id
    new_agent = ticket.agent_id if agent_id is KEEP else agent_id
    enters = new_queue is not None and new_queue != ticket.queue_id
    queue = queue_or_refuse(new_queue) if enters and new_queue is not None else None
    if new_agent is not None and (new_agent, new_queue) != (ticket.agent_id, ticket.queue_id):
        agent_or_refuse(new_agent, queue_id=new_queue)
    new_status = status or _status_for(ticket, new_agent)
    if enters and ticket.connection_id is not None and _closes_on_transfer():
        ticket = _continue_in_new_ticket(
            ticket,
            by=by,
            queue_id=new_queue,
            agent_id=new_agent,
            status=new_status,
            note=note,
            is_announced=is_announced,
        )
    else:
        place(
            ticket,
            by=by,
            status=new_status,
            queue_id=new_queue,
            agent_id=new_agent,
            note=note,
            is_announced=is_announced,
        )
    if queue is not None and queue.closes_tickets:
        return close_ticket(ticket, by=None, says_farewell=False)
    return ticket


def _status_for(ticket: Ticket, agent_id: int | None) -> str:
    if ticket.status == Ticket.Status.GROUP:
        return Ticket.Status.GROUP
    return Ticket.Status.OPEN if agent_id is not None else Ticket.Status.PENDING


def _closes_on_transfer() -> bool:
    return settings_of(current_company_id()).closes_on_transfer


def _continue_in_new_ticket(
    ticket: Ticket,
    *,
    by: User | None,
    queue_id: int | None,
    agent_id: int | None,
    status: str,
    note: str,
    is_announced: bool,
) -> Ticket:
    before = facts_before(ticket)
    now = timezone.now()
    close_ticket(ticket, by=None, says_farewell=False)
    successor = Ticket.objects.create(
        uuid=uuid.uuid4(),
        contact_id=ticket.contact_id,
        connection_id=ticket.connection_id,
        queue_id=queue_id,
        agent_id=agent_id,
        status=status,
        is_group=ticket.is_group,
        is_bot=False,
        channel=ticket.channel,
        unread_count=1,
        last_message=ticket.last_message,
        last_message_at=ticket.last_message_at,
        last_message_from_me=ticket.last_message_from_me,
        last_inbound_at=ticket.last_inbound_at,
        consented_at=ticket.consented_at,
        created_at=now,
        updated_at=now,
    )
    begin_episodes([successor], at=now)
    by_id = by.pk if by else None
    publish(
        TicketOpened(ticket_id=successor.pk, by_id=by_id),
        TicketTransferred(
            ticket_id=successor.pk,
            queue_id=queue_id,
            agent_id=agent_id,
            before=before,
            note=note,
            is_announced=is_announced,
            by_id=by_id,
        ),
    )
    return successor
