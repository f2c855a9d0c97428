"""The first agent who asks gets the ticket."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from events.bus import publish
from tickets.events import TicketAccepted
from tickets.exceptions import TicketNotFound, TicketTaken
from tickets.models import Ticket
from tickets.services.episodes import note_move
from tickets.services.facts import facts_before
from tickets.services.rows import agent_or_refuse, queue_or_refuse
from tickets.services.sight import sight_of

# Waiting for an agent: in the waiting list, asked for consent, or a group nobody owns yet.
WAITING = (Ticket.Status.PENDING, Ticket.Status.LGPD)


@transaction.atomic
def accept_ticket(ticket: Ticket, *, by: User, queue_id: int | None = None) -> Ticket:
    """Give a waiting ticket to the first agent who asks (behaviour 51).

    `queue_id` chooses the queue of a ticket that has none yet, or moves it. Asking again for what
    one already holds changes nothing. Raises TicketTaken for everybody who came later,
    TicketNotFound outside of the person's reach, QueueNotFound and AgentNotInQueue for a queue
    that cannot be chosen.
    """
    sight = sight_of(by)
    if queue_id is not None and queue_id != ticket.queue_id:
        queue_or_refuse(queue_id)
        agent_or_refuse(by.pk, queue_id=queue_id)
    while True:
        seen = (
            Ticket.objects.within_reach_of(sight)
            .filter(pk=ticket.pk)
            .select_related("connection")
            .first()
        )
        if seen is None:
            raise TicketNotFound
        is_mine = seen.agent_id == by.pk
        if is_mine and seen.status in {Ticket.Status.OPEN, Ticket.Status.GROUP}:
            return seen
        if not _is_free(seen) or not (
            is_mine or Ticket.objects.visible_to(sight).filter(pk=seen.pk).exists()
        ):
            raise TicketTaken
        before = facts_before(seen)
        # One conditional UPDATE decides the race, so no row stays locked while anyone waits. It
        # also holds the place that was seen: the event tells that place to whoever loses it.
        won = Ticket.objects.filter(  # type: ignore[misc]  # null is a place too
            pk=seen.pk, status=seen.status, agent_id=seen.agent_id, queue_id=seen.queue_id
        ).update(
            status=_status_when_accepted(seen),
            agent_id=by.pk,
            queue_id=queue_id or F("queue_id"),
            is_bot=False,
            updated_at=timezone.now(),
        )
        if won:
            break
        # Somebody moved it between the two statements: look again, and most likely lose.
    seen.refresh_from_db()
    note_move(seen, at=seen.updated_at)
    publish(
        TicketAccepted(ticket_id=seen.pk, agent_id=by.pk, before=before, by_id=by.pk),
    )
    return seen


def _is_free(ticket: Ticket) -> bool:
    if ticket.status in WAITING:
        return True
    return ticket.agent_id is None and ticket.status in {Ticket.Status.OPEN, Ticket.Status.GROUP}


def _status_when_accepted(ticket: Ticket) -> str:
    if ticket.status == Ticket.Status.GROUP:
        return Ticket.Status.GROUP
    return Ticket.Status.OPEN
