"""A ticket's row, locked; and the people and queues a ticket may be given to."""

from accounts.models import User
from tickets.exceptions import AgentNotFound, AgentNotInQueue, QueueNotFound, TicketNotFound
from tickets.models import Queue, QueueMember, Ticket
from whaticket.tenancy import current_company_id


def lock_ticket(ticket_id: int) -> Ticket:
    """Lock a ticket's row until the transaction ends; raise TicketNotFound when it is gone.

    Without the key: message rows may refer to the ticket meanwhile.
    """
    row = (
        Ticket.objects.filter(pk=ticket_id)
        .select_related("connection")
        .select_for_update(no_key=True, of=("self",))
        .first()
    )
    if row is None:
        raise TicketNotFound
    return row


def queue_or_refuse(queue_id: int) -> Queue:
    """Give a queue of this company; raise QueueNotFound."""
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        raise QueueNotFound
    return queue


def agent_or_refuse(agent_id: int, *, queue_id: int | None) -> User:
    """Give a person who may hold a ticket of a queue; raise AgentNotFound or AgentNotInQueue.

    Admins and supervisors answer every queue.
    """
    agent = User.objects.of_company(current_company_id()).filter(pk=agent_id).first()
    if agent is None:
        raise AgentNotFound
    if queue_id is None or agent.is_admin or agent.profile == User.Profile.SUPERVISOR:
        return agent
    if not QueueMember.objects.filter(queue_id=queue_id, user_id=agent_id).exists():
        raise AgentNotInQueue
    return agent
