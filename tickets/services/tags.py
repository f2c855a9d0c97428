"""Tags on tickets: labels, and the lane a ticket is in."""

from django.db import transaction

from accounts.models import User
from billing.services import require_feature
from contacts.exceptions import TagNotFound
from contacts.models import Tag
from contacts.services.tags import KANBAN
from events.bus import publish
from tickets.events import TicketTagged, TicketUntagged
from tickets.models import Ticket, TicketTag
from tickets.services.lanes import BY_AGENT, enter_lane, leave_lanes
from tickets.services.rows import lock_ticket
from whaticket.tenancy import current_company_id


@transaction.atomic
def tag_ticket(ticket: Ticket, tag: Tag, *, by: User | None) -> TicketTag:
    """Put a tag on a ticket; a lane takes the place of the lane it is in (rule 107).

    A tag it already carries changes nothing. Raises TicketNotFound, TagNotFound, and
    FeatureNotInPlan for a lane where the plan has no board.
    """
    ticket = lock_ticket(ticket.pk)
    by_id = by.pk if by else None
    if tag.is_lane:
        require_feature(current_company_id(), KANBAN)
        placement = enter_lane(ticket, tag, cause=BY_AGENT, by_id=by_id)
        if placement is None:
            raise TagNotFound
        return placement
    # Held, so that a tag removed at this moment is missing here and not an error there.
    if not Tag.objects.select_for_update(no_key=True).filter(pk=tag.pk).exists():
        raise TagNotFound
    placement, is_new = TicketTag.objects.get_or_create(ticket=ticket, tag=tag)
    if is_new:
        publish(TicketTagged(ticket_id=ticket.pk, tag_id=tag.pk, by_id=by_id))
    return placement


@transaction.atomic
def untag_ticket(ticket: Ticket, tag: Tag, *, by: User | None) -> None:
    """Take a label off a ticket, or the ticket out of a lane; raise TicketNotFound."""
    ticket = lock_ticket(ticket.pk)
    by_id = by.pk if by else None
    placements = TicketTag.objects.filter(ticket=ticket, tag=tag)
    if tag.is_lane:
        if placements.exists():
            leave_lanes(ticket, by_id=by_id)
        return
    gone, _ = placements.delete()
    if gone:
        publish(TicketUntagged(ticket_id=ticket.pk, tag_id=tag.pk, by_id=by_id))


@transaction.atomic
def take_off_board(ticket: Ticket, *, by: User | None) -> None:
    """Take a ticket out of its lane; its labels stay. Raises TicketNotFound."""
    leave_lanes(lock_ticket(ticket.pk), by_id=by.pk if by else None)
