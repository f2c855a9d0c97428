"""Words at the end of an agent's part: farewell, the question for a rating, a hand-over.

Called inside the transaction of the event they belong to, so that the words are on their way
exactly when the change is made.
"""

import structlog
from django.db import transaction

from accounts.models import User
from companies.services import settings_of
from messaging.services.say import say
from messaging.services.send import Draft, send_message
from tickets.events import TicketClosed, TicketFactsBefore, TicketRatingAsked, TicketTransferred
from tickets.models import Queue, Ticket
from whaticket.exceptions import DomainError
from whaticket.tenancy import current_company_id

log = structlog.get_logger(__name__)


def say_farewell(event: TicketClosed) -> None:
    """Say the agent's farewell, or the connection's, where the rules want one (behaviour 44.2).

    Not to who only waited, unless the company wants it; to groups only where they are tickets.
    """
    ticket = _ticket(event.ticket_id)
    if ticket.connection is None:
        return
    waited = event.before.status == Ticket.Status.PENDING
    if waited and not settings_of(current_company_id()).says_farewell_to_waiting:
        return
    if ticket.is_group and not ticket.connection.groups_as_tickets:
        return
    agent = _person(event.before.agent_id or event.by_id)
    text = agent.farewell_message if agent and agent.farewell_message.strip() else ""
    say(ticket, text or ticket.connection.completion_message, agent=agent)


def ask_for_rating(event: TicketRatingAsked) -> None:
    """Send the connection's question for a rating (behaviour 44.1)."""
    ticket = _ticket(event.ticket_id)
    agent = _person(event.before.agent_id or event.by_id)
    if ticket.connection is not None:
        say(ticket, ticket.connection.rating_message, agent=agent)


def announce_transfer(event: TicketTransferred) -> None:
    """Keep what the former agent wrote for the next one, and tell the customer (behaviour 48).

    The customer hears of it where the company wants that, and the queue or the agent is another.
    """
    ticket = _ticket(event.ticket_id)
    if event.note.strip():
        _keep_note(ticket, event)
    if not event.is_announced or not _is_elsewhere(event.before, event):
        return
    settings = settings_of(current_company_id())
    if settings.announces_transfer:
        queue = Queue.objects.filter(pk=event.queue_id).first() if event.queue_id else None
        name = queue.name if queue else ""
        say(ticket, settings.transfer_text.replace("${queue.name}", name))


def _is_elsewhere(before: TicketFactsBefore, event: TicketTransferred) -> bool:
    return (before.queue_id, before.agent_id) != (event.queue_id, event.agent_id)


def _keep_note(ticket: Ticket, event: TicketTransferred) -> None:
    try:
        with transaction.atomic():
            draft = Draft(body=event.note, is_private=True)
            send_message(ticket, draft, by=_person(event.by_id))
    except DomainError as refusal:
        log.warning("transfer.note_not_kept", ticket=ticket.pk, code=refusal.code)


def _ticket(ticket_id: int) -> Ticket:
    # It is there: the transaction that has just changed it is still open.
    return Ticket.objects.select_related("connection", "contact", "queue").get(pk=ticket_id)


def _person(user_id: int | None) -> User | None:
    return User.objects.filter(pk=user_id).first() if user_id is not None else None
