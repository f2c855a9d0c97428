"""`PUT /tickets/:id`: one request that may mean any of the operations (behaviour 41-50)."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from events.bus import publish
from tickets.events import TicketUpdated
from tickets.models import Ticket
from tickets.services.accept import accept_ticket
from tickets.services.close import close_ticket
from tickets.services.move import KEEP, Kept
from tickets.services.read import mark_read
from tickets.services.reopen import reopen_ticket
from tickets.services.rows import lock_ticket
from tickets.services.transfer import transfer_ticket

_LIVE = (Ticket.Status.PENDING, Ticket.Status.OPEN, Ticket.Status.GROUP, Ticket.Status.LGPD)
_OVER = (Ticket.Status.CLOSED, Ticket.Status.NPS)


@dataclass(frozen=True, slots=True)
class TicketChange:
    """What a client wants of a ticket; KEEP means that it did not say."""

    status: str | Kept = KEEP
    agent_id: int | Kept | None = KEEP
    queue_id: int | Kept | None = KEEP
    is_bot: bool | Kept = KEEP
    bot_menu_count: int | Kept = KEEP
    last_message: str | Kept = KEEP
    unread_count: int | Kept = KEEP
    says_farewell: bool = True
    is_transfer: bool = False
    note: str = ""

    @property
    def moves(self) -> bool:
        """Tell whether it says where the ticket should be."""
        return not (self.status is KEEP and self.agent_id is KEEP and self.queue_id is KEEP)

    def is_acceptance_by(self, by: User) -> bool:
        """Tell whether somebody takes a waiting ticket for themselves (behaviour 51)."""
        takes = self.status in {Ticket.Status.OPEN, Ticket.Status.GROUP}
        return takes and self.agent_id == by.pk and not self.is_transfer


@transaction.atomic
def update_ticket(ticket: Ticket, change: TicketChange, *, by: User) -> Ticket:
    """Do what a change asks for and return the ticket that now matters (behaviour R-UPD).

    That is another ticket where a closed one cannot come back beside a live one (rule 43) or where
    a transfer starts a new one (rule 49). Raises TicketTaken for a lost race and whatever the
    operation it comes down to raises.
    """
    mark_read(ticket, by=by)
    changed = _move(ticket, change, by=by) if change.moves else ticket
    if changed.pk == ticket.pk:
        _write_details(changed, change, by=by)
    return changed


def _move(ticket: Ticket, change: TicketChange, *, by: User) -> Ticket:
    ticket = lock_ticket(ticket.pk)
    if change.status == Ticket.Status.CLOSED:
        return close_ticket(ticket, by=by, says_farewell=change.says_farewell)
    if ticket.status in _OVER:
        if change.status in _LIVE:
            return reopen_ticket(
                ticket,
                by=by,
                agent_id=None if change.agent_id is KEEP else change.agent_id,
                queue_id=None if change.queue_id is KEEP else change.queue_id,
                waits=change.status == Ticket.Status.PENDING,
            )
        return ticket
    if change.is_acceptance_by(by):
        queue_id = None if change.queue_id is KEEP else change.queue_id
        return accept_ticket(ticket, by=by, queue_id=queue_id)
    agent_id = change.agent_id
    status = None if change.status is KEEP else change.status
    if status == Ticket.Status.PENDING and agent_id is KEEP:
        agent_id = None
    if status == Ticket.Status.OPEN and (agent_id is None or agent_id is KEEP):
        # An open ticket has somebody who answers it.
        agent_id = by.pk if agent_id is None or ticket.agent_id is None else KEEP
    if status is None and agent_id is KEEP and ticket.agent_id is None:
        status = ticket.status
    return transfer_ticket(
        ticket,
        by=by,
        queue_id=change.queue_id,
        agent_id=agent_id,
        status=status,
        note=change.note if change.is_transfer else "",
        is_announced=change.is_transfer,
    )


def _write_details(ticket: Ticket, change: TicketChange, *, by: User) -> None:
    wanted = {
        "is_bot": change.is_bot,
        "bot_menu_count": change.bot_menu_count,
        "last_message": change.last_message,
        "unread_count": change.unread_count,
    }
    given = {name: value for name, value in wanted.items() if value is not KEEP}
    given = {name: value for name, value in given.items() if getattr(ticket, name) != value}
    if not given:
        return
    now = timezone.now()
    Ticket.objects.filter(pk=ticket.pk).update(**given, updated_at=now)
    ticket.refresh_from_db()
    publish(TicketUpdated(ticket_id=ticket.pk, by_id=by.pk))
