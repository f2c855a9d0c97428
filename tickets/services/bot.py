"""What the bot writes down about a ticket: what it said, and where the customer wants to go."""

import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from events.bus import publish
from tickets.events import MenuSent, TicketQueued
from tickets.models import Episode, Queue, Ticket
from tickets.services.close import close_ticket
from tickets.services.episodes import note_move
from tickets.services.facts import facts_before


def bot_spoke_at(ticket: Ticket) -> datetime.datetime | None:
    """Give when the bot last spoke in the present stretch of service."""
    return (
        Episode.objects.filter(ticket=ticket, finished_at=None)
        .values_list("bot_at", flat=True)
        .first()
    )


def note_bot_text(ticket: Ticket, *, is_out_of_hours: bool = False) -> None:
    """Count a menu or an out-of-hours text of a locked ticket (behaviour 72, 80)."""
    ticket.bot_menu_count += 1
    ticket.is_out_of_hours = ticket.is_out_of_hours or is_out_of_hours
    Ticket.objects.filter(pk=ticket.pk).update(
        bot_menu_count=F("bot_menu_count") + 1, is_out_of_hours=ticket.is_out_of_hours
    )
    Episode.objects.filter(ticket=ticket, finished_at=None).update(bot_at=timezone.now())


def note_out_of_hours(ticket: Ticket) -> None:
    """Note that a customer writes while nobody works."""
    if not ticket.is_out_of_hours:
        ticket.is_out_of_hours = True
        Ticket.objects.filter(pk=ticket.pk).update(is_out_of_hours=True)


def note_back_in_hours(ticket: Ticket) -> None:
    """Let the bot begin anew with a locked ticket, now that somebody works (behaviour 75)."""
    if ticket.is_out_of_hours:
        reset_bot(ticket)


def reset_bot(ticket: Ticket) -> None:
    """Forget how often and when the bot spoke in a locked ticket."""
    ticket.bot_menu_count, ticket.is_out_of_hours = 0, False
    Ticket.objects.filter(pk=ticket.pk).update(bot_menu_count=0, is_out_of_hours=False)
    Episode.objects.filter(ticket=ticket, finished_at=None).update(bot_at=None)


@transaction.atomic
def note_menu(ticket: Ticket) -> None:
    """Count the menu of queues that a locked ticket's customer was sent (behaviour 80)."""
    note_bot_text(ticket)
    publish(MenuSent(ticket_id=ticket.pk))


@transaction.atomic
def enter_queue(ticket: Ticket, queue: Queue) -> Ticket:
    """Let a locked, waiting ticket wait in a queue (behaviour 76, 78).

    A ticket that is there already is only no longer the bot's. A queue that closes what enters it
    closes the ticket, without farewell.
    """
    before = facts_before(ticket)
    is_new = ticket.queue_id != queue.pk or ticket.status != Ticket.Status.PENDING
    ticket.queue = queue
    ticket.status = Ticket.Status.PENDING
    ticket.is_bot = False
    ticket.updated_at = timezone.now()
    ticket.save(update_fields=["queue_id", "status", "is_bot", "updated_at"])
    if is_new:
        note_move(ticket, at=ticket.updated_at)
        publish(TicketQueued(ticket_id=ticket.pk, queue_id=queue.pk, before=before))
    if queue.closes_tickets:
        ticket = close_ticket(ticket, by=None, says_farewell=False)
    return ticket


def waiting_in(queue_id: int) -> int:
    """Count the people waiting in a queue: pending, without an agent, no groups (behaviour 76)."""
    return Ticket.objects.pending().filter(queue_id=queue_id, agent=None, is_group=False).count()
