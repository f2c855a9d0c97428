"""Which queue should it be? Step (v), behaviour 76-82, for queues without chatbots of their own."""

from django.utils.translation import gettext as _

from chatbots.models import PendingText
from chatbots.services.files import send_files_later
from chatbots.services.later import forget_pending, say_later, says
from chatbots.services.limits import answer_out_of_hours, may_speak
from chatbots.services.pipeline import Arrival, Outcome, Situation, add_step
from chatbots.services.steps.hours import is_queue_open
from companies.services import settings_of
from messaging.models import Message
from messaging.services.say import in_company_language, say
from tickets.models import Queue, Ticket
from tickets.services.bot import enter_queue, note_menu, reset_bot, waiting_in
from tickets.services.close import close_ticket
from whaticket.tenancy import current_company_id

QUIT = "sair"


def wants(arrival: Arrival) -> bool:
    """What waits, without an agent, for a queue; or was put into its only queue unseen."""
    ticket, connection, settings = arrival.ticket, arrival.connection, arrival.settings
    if ticket.agent_id is not None or arrival.is_chatter:
        return False
    # What waits for consent comes here with the very message that gives it.
    if ticket.status not in {Ticket.Status.PENDING, Ticket.Status.LGPD}:
        return False
    greeting = connection.greeting_message.strip()
    if ticket.queue_id is None:
        return bool(greeting)
    # Groups are never the bot's; only what opens one's ticket is looked at.
    if not (ticket.is_bot or (ticket.is_group and arrival.entered)):
        return False
    greets = len(greeting) > 1 and settings.greets_on_single_queue
    return greets or settings.sends_queue_position or _entry_matters(arrival)


def _entry_matters(arrival: Arrival) -> bool:
    """Tell whether something happens in the only queue by itself; of a ticket just opened."""
    queue = arrival.entered
    return queue is not None and (queue.closes_tickets or queue.file_list_id is not None)


def take(situation: Situation) -> Outcome:
    """Lead the customer into a queue, or ask which one it should be."""
    ticket, queues = situation.ticket, situation.queues
    if ticket.status != Ticket.Status.PENDING or ticket.agent_id is not None:
        return Outcome.ON
    if situation.is_chatter or not queues:
        return Outcome.ON
    if len(queues) == 1:
        return _enter_only(situation, queues[0])
    if ticket.queue_id is not None or not situation.connection.greeting_message.strip():
        return Outcome.ON
    if situation.contact.bot_disabled:
        return Outcome.ON
    answer = situation.answer
    if answer.casefold() == QUIT:
        forget_pending(ticket)
        situation.ticket = close_ticket(ticket, by=None)
        return Outcome.STOP
    if answer.isascii() and answer.isdigit() and 1 <= int(answer[:9]) <= len(queues):
        return _choose(situation, queues[int(answer[:9]) - 1])
    if not ticket.is_group and may_speak(situation):
        say_later(ticket, PendingText.Kind.MENU, message_id=situation.message.pk)
    return Outcome.ON


def _enter_only(situation: Situation, queue: Queue) -> Outcome:
    """Greet and enter the connection's only queue (behaviour 76)."""
    ticket, connection = situation.ticket, situation.connection
    if ticket.queue_id not in {None, queue.pk}:
        return Outcome.ON
    if ticket.queue_id is not None and not ticket.is_bot and not _opens_group(situation):
        return Outcome.ON
    greeting = connection.greeting_message.strip()
    greets = situation.settings.greets_on_single_queue and len(greeting) > 1
    _enter(situation, queue, greeting if greets else "", "greeting")
    return Outcome.ON


def _opens_group(situation: Situation) -> bool:
    """Tell whether it is the first thing said in a group that is a ticket."""
    said = Message.objects.filter(ticket=situation.ticket, from_me=False)
    return situation.ticket.is_group and not said.exclude(pk=situation.message.pk).exists()


def _choose(situation: Situation, queue: Queue) -> Outcome:
    """Enter the queue that the customer chose, greeted by it, if it works now (behaviour 78)."""
    forget_pending(situation.ticket)
    if not is_queue_open(situation.settings, queue, situation.now):
        situation.ticket = enter_queue(situation.ticket, queue)
        answer_out_of_hours(situation, queue.out_of_hours_message)
        return Outcome.STOP
    reset_bot(situation.ticket)
    _enter(situation, queue, queue.greeting_message, "queue-greeting")
    return Outcome.STOP


def _enter(situation: Situation, queue: Queue, greeting: str, part: str) -> None:
    ticket = situation.ticket = enter_queue(situation.ticket, queue)
    if greeting:
        media = situation.connection.greeting_media if part == "greeting" else ""
        situation.say(greeting, part, media_path=media)
    if queue.file_list_id is not None:
        send_files_later(situation.message.pk)
    is_waiting = ticket.status == Ticket.Status.PENDING and not ticket.is_group
    if is_waiting and situation.settings.sends_queue_position:
        say_later(ticket, PendingText.Kind.POSITION, message_id=situation.message.pk)


@says(PendingText.Kind.MENU)
def say_menu(ticket: Ticket, text: PendingText) -> None:
    """Greet and list the queues, to whom nobody has answered meanwhile (behaviour 80)."""
    connection = ticket.connection
    still_asks = ticket.status == Ticket.Status.PENDING and not (ticket.agent_id or ticket.queue_id)
    if connection is None or not still_asks:
        return
    lines = [
        f"*[ {number} ]* - {queue.name}"
        for number, queue in enumerate(connection.queues.all(), start=1)
    ]
    with in_company_language():
        lines.append(f"*[ {QUIT.capitalize()} ]* - {_('End the conversation')}")
    menu = "\n".join([connection.greeting_message.strip(), "", *lines])
    key = f"bot:{text.message_id}:menu"
    if say(ticket, menu, key=key, media_path=connection.greeting_media):
        note_menu(ticket)


@says(PendingText.Kind.POSITION)
def say_position(ticket: Ticket, text: PendingText) -> None:
    """Say how many wait in the queue, to whom nobody has answered meanwhile (behaviour 76)."""
    if ticket.status != Ticket.Status.PENDING or ticket.agent_id or ticket.queue_id is None:
        return
    prefix = settings_of(current_company_id()).queue_position_text
    number = max(waiting_in(ticket.queue_id), 1)
    say(ticket, f"{prefix} *{number}*", key=f"bot:{text.message_id}:position")


add_step("v", wants=wants, take=take)
