"""Turns: which stored messages the bot looks at, and looking at them one by one.

A turn is written in the commit that stores its message, together with a plan in the agenda, which
is what finds it when the wake-up is lost. It is taken in one transaction that locks the ticket:
what the bot says, what it writes down and the end of the turn are one commit. So a process killed
at any line has either done all of it or nothing, and two workers never answer side by side.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chatbots.models import Turn
from chatbots.services.pipeline import Arrival, Situation, is_wanted, take_steps
from companies.models import CompanySettings
from companies.services import settings_of
from contacts.models import Contact
from dispatch.services import on_due, plan_each, unplan
from messaging.models import Message
from tickets.models import Queue, Ticket
from whaticket.tasks import wake_named
from whaticket.tenancy import current_company_id, current_schema
from whatsapp.models import Connection

log = structlog.get_logger(__name__)

KIND = "chatbots.turn"
TASK = "chatbots.tasks.answer_tickets"
# A wake-up that took longer than this is thought lost.
SWEEP_AFTER = timedelta(seconds=5)
# Conversations answered by one task: a burst is spread over the workers.
CHUNK = 20
# Failures after which a turn is left alone, so that the conversation goes on.
MAX_ATTEMPTS = 5
# Nobody expects an answer to what is this old: it was found by a replay, or after a long outage.
TOO_OLD = timedelta(days=1)
# What people say; anything else (reactions, notices, what nobody can read) is answered by nobody.
_SILENT = frozenset(
    {Message.Kind.REACTION.value, Message.Kind.SYSTEM.value, Message.Kind.UNSUPPORTED.value}
)


def note_arrivals(connection: Connection, messages: Sequence[Message]) -> None:
    """Write down which of the messages just stored the bot has to look at.

    Runs in the transaction that stored them. Costs no statement where nobody wants one of them: of
    agents' conversations, and where the company has switched nothing on.
    """
    since = timezone.now() - TOO_OLD
    heard = [
        message
        for message in messages
        if not message.from_me
        and message.sent_at > since
        and message.origin == Message.Origin.CONTACT
        and message.kind not in _SILENT
        and message.ticket.imported_at is None
    ]
    if not heard:
        return
    settings = settings_of(current_company_id())
    entered = _entered(heard)
    wanted = [
        message
        for message in heard
        if is_wanted(
            Arrival(message, message.ticket, connection, settings, entered.get(message.ticket_id))
        )
    ]
    if not wanted:
        return
    Turn.objects.bulk_create([Turn(message=message) for message in wanted])
    due = timezone.now() + SWEEP_AFTER
    plan_each(KIND, {message.pk: due for message in wanted})
    tickets = list(dict.fromkeys(message.ticket_id for message in wanted))
    schema = current_schema()

    def wake() -> None:
        for start in range(0, len(tickets), CHUNK):
            wake_named(TASK, schema, tickets[start : start + CHUNK])

    transaction.on_commit(wake, robust=True)


def _entered(messages: Sequence[Message]) -> dict[int, Queue]:
    """Give the queues of tickets that these messages opened, by ticket; one statement or none."""
    opened = {
        message.ticket_id: message.ticket.queue_id
        for message in messages
        if message.ticket.message_count == 0 and message.ticket.queue_id is not None
    }
    queues = Queue.objects.in_bulk(set(opened.values())) if opened else {}
    return {pk: queues[queue_id] for pk, queue_id in opened.items() if queue_id in queues}


@on_due(KIND)
def answer_message(message_id: int) -> None:
    """Take the turns of the conversation that a message belongs to, up to and including its own."""
    ticket_id = Message.objects.filter(pk=message_id).values_list("ticket_id", flat=True).first()
    if ticket_id is not None:
        answer_ticket(ticket_id)


def answer_ticket(ticket_id: int) -> int:
    """Take every waiting turn of a conversation, in order; give how many.

    What fails is tried again later, and after MAX_ATTEMPTS left alone; raises what it failed with.
    """
    count = 0
    while turn := Turn.objects.waiting().of_ticket(ticket_id).first():
        try:
            count += _take(turn)
        except Exception as error:
            _note_failure(turn, error)
            raise
    return count


@transaction.atomic
def _take(turn: Turn) -> int:
    message = Message.objects.select_related("ticket").get(pk=turn.message_id)
    ticket = hold_ticket(message.ticket_id)
    # Another worker may have been faster; the lock is what made this one wait for it.
    turns = Turn.objects.waiting().of_ticket(message.ticket_id)
    first = turns.first()
    if ticket is None or first is None or first.message_id != turn.message_id:
        return 0
    if ticket.connection is not None:
        message.ticket = ticket
        take_steps(Situation(message, ticket, ticket.connection, _settings()))
    Turn.objects.filter(message_id=turn.message_id).delete()
    unplan(KIND, turn.message_id)
    return 1


def hold_ticket(ticket_id: int) -> Ticket | None:
    """Lock a ticket and its contact until the transaction ends, in the order everybody does."""
    contacts = Contact.objects.select_for_update(no_key=True, of=("self",))
    contact = contacts.filter(tickets=ticket_id).first()
    ticket = (
        Ticket.objects.filter(pk=ticket_id)
        .select_related("connection", "queue")
        .select_for_update(no_key=True, of=("self",))
        .first()
    )
    if ticket is not None and contact is not None and ticket.contact_id == contact.pk:
        ticket.contact = contact
    return ticket


def _settings() -> CompanySettings:
    return settings_of(current_company_id())


def _note_failure(turn: Turn, error: Exception) -> None:
    log.warning("turn.failed", message=turn.message_id, error=type(error).__name__)
    Turn.objects.filter(message_id=turn.message_id).update(attempts=F("attempts") + 1)
    gave_up = Turn.objects.filter(message_id=turn.message_id, attempts__gte=MAX_ATTEMPTS)
    if gave_up.update(failure=type(error).__name__[:255]):
        log.error("turn.given_up", message=turn.message_id, error=type(error).__name__)
