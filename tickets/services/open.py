"""An agent begins a conversation."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from contacts.models import Contact
from events.bus import publish
from tickets.events import TicketOpened
from tickets.exceptions import ConnectionNotFound, NoConnection, OtherOpenTicket
from tickets.models import Ticket
from tickets.services.episodes import begin_episodes
from tickets.services.rows import agent_or_refuse, queue_or_refuse
from whatsapp.models import Connection


@transaction.atomic
def open_ticket_for(
    contact: Contact,
    *,
    by: User,
    agent_id: int | None = None,
    queue_id: int | None = None,
    connection_id: int | None = None,
) -> Ticket:
    """Open a conversation with a contact, held by an agent (behaviour 40).

    On the connection given, whatever its state: what is written waits for it. Without one, on the
    agent's own or the default one, which must be connected (behaviour 13). Raises OtherOpenTicket
    (with `ticket`) when the contact has a live ticket there, ConnectionNotFound, NoConnection,
    QueueNotFound, AgentNotFound, AgentNotInQueue.
    """
    connection = _connection_for(by, connection_id)
    if queue_id is not None:
        queue_or_refuse(queue_id)
    if agent_id is None:
        agent_id = by.pk
    if agent_id != by.pk or queue_id is not None:
        agent_or_refuse(agent_id, queue_id=queue_id)
    now = timezone.now()
    ticket = Ticket(
        contact=contact,
        connection=connection,
        queue_id=queue_id,
        agent_id=agent_id,
        status=Ticket.Status.GROUP if contact.is_group else Ticket.Status.OPEN,
        is_group=contact.is_group,
        is_bot=True,
        is_opened_by_agent=True,
        channel=connection.channel,
        created_at=now,
        updated_at=now,
    )
    try:
        # The constraint is the last word: a customer may write at this very moment.
        with transaction.atomic():
            ticket.save()
    except IntegrityError as error:
        raise _refusal(contact, connection) from error
    begin_episodes([ticket], at=now)
    publish(TicketOpened(ticket_id=ticket.pk, by_id=by.pk))
    return ticket


def _connection_for(by: User, connection_id: int | None) -> Connection:
    if connection_id is not None:
        given = Connection.objects.filter(pk=connection_id).first()
        if given is None:
            raise ConnectionNotFound
        return given
    chosen = Connection.objects.default_for(own_id=by.connection_id)
    if chosen is None:
        raise NoConnection
    return chosen


def _refusal(contact: Contact, connection: Connection) -> OtherOpenTicket:
    other = (
        Ticket.objects.live()
        .filter(contact=contact, connection=connection)
        .select_related("queue", "agent")
        .first()
    )
    if other is None:
        return OtherOpenTicket()
    queue, agent = other.queue, other.agent
    return OtherOpenTicket(
        ticket={
            "id": other.pk,
            "uuid": str(other.uuid),
            "status": other.status,
            "userId": other.agent_id,
            "queueId": other.queue_id,
            "contactId": other.contact_id,
            "whatsappId": other.connection_id,
            "user": {"id": agent.pk, "name": agent.name} if agent else None,
            "queue": (
                {"id": queue.pk, "name": queue.name, "color": queue.color} if queue else None
            ),
            "contact": {"id": contact.pk, "name": contact.name, "number": contact.address},
        }
    )
