"""Lanes of the board: a ticket is in one, and time or a message moves it on (rules 106 and 107).

Each ticket in a lane with a time has one plan in the agenda. It is not moved by every message: it
stands at the earliest moment at which the ticket could be due, and whoever finds it too early then
plans the moment that has become right. So a message costs nothing here.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from billing.services import has_feature
from contacts.models import Tag
from contacts.services.tags import KANBAN
from dispatch.services import plan_each
from events.bus import publish
from tickets.events import TicketLaneChanged
from tickets.exceptions import TicketNotFound
from tickets.models import Ticket, TicketTag
from tickets.services.rows import lock_ticket
from whaticket.tenancy import current_company_id
from whaticket.texts import BOT_MARK, CAMPAIGN_MARK

LANE_DUE = "tickets.lane"
BY_AGENT, BY_TIME, BY_MESSAGE = "agent", "time", "message"
_MACHINES = (BOT_MARK, CAMPAIGN_MARK)

_TIMED = Q(tag__is_lane=True, tag__lane_hours__gt=0, tag__next_lane__isnull=False)


def enter_lane(
    ticket: Ticket, lane: Tag, *, cause: str, by_id: int | None = None
) -> TicketTag | None:
    """Put a locked ticket into a lane and out of any other; None where the lane is no more.

    Where it already is there, its stay goes on. Runs inside the caller's transaction.
    """
    # Held, so that a lane removed at this moment is missing here and not an error there.
    if not Tag.objects.select_for_update(no_key=True).filter(pk=lane.pk, is_lane=True).exists():
        return None
    held = list(_placements(ticket.pk))
    if [row.tag_id for row in held] == [lane.pk]:
        return held[0]
    TicketTag.objects.filter(pk__in=[row.pk for row in held]).delete()
    now = timezone.now()
    row = TicketTag.objects.create(ticket=ticket, tag=lane, created_at=now, updated_at=now)
    publish(
        TicketLaneChanged(
            ticket_id=ticket.pk,
            lane_id=lane.pk,
            former_lane_id=held[-1].tag_id if held else None,
            placement_id=row.pk,
            cause=cause,
            by_id=by_id,
        )
    )
    plan_lanes([ticket.pk])
    return row


def leave_lanes(ticket: Ticket, *, by_id: int | None) -> bool:
    """Take a locked ticket off the board; tell whether it was on it. Needs a transaction."""
    held = list(_placements(ticket.pk))
    if not held:
        return False
    TicketTag.objects.filter(pk__in=[row.pk for row in held]).delete()
    publish(
        TicketLaneChanged(
            ticket_id=ticket.pk,
            lane_id=None,
            former_lane_id=held[-1].tag_id,
            placement_id=None,
            cause=BY_AGENT,
            by_id=by_id,
        )
    )
    return True


def plan_lanes(ticket_ids: Collection[int]) -> None:
    """Plan when live tickets could be due to leave their lanes; others have no plan."""
    _plan(TicketTag.objects.filter(_TIMED, ticket_id__in=ticket_ids))


def plan_lane(lane: Tag) -> None:
    """Plan all tickets of a lane anew: its time or its successor changed."""
    _plan(TicketTag.objects.filter(_TIMED, tag=lane))


@transaction.atomic
def move_on_when_idle(ticket_id: int) -> None:
    """Move a ticket to its lane's successor, if it has been idle for the lane's time (rule 107).

    What the customer is told in the new lane is written in the same commit, by whoever answers
    TicketLaneChanged. Called twice, it finds the ticket fresh in its new lane.
    """
    try:
        ticket = lock_ticket(ticket_id)
    except TicketNotFound:
        return
    placement = _placements(ticket_id).select_related("tag__next_lane").last()
    if placement is None or ticket.status == Ticket.Status.CLOSED:
        # A reopened ticket is planned anew.
        return
    lane = placement.tag
    if not lane.lane_hours or lane.next_lane is None:
        return
    now = timezone.now()
    due = _due(ticket.updated_at, placement.created_at, lane.lane_hours)
    waits_for_customer = ticket.status == Ticket.Status.OPEN and ticket.last_message_from_me
    if not waits_for_customer or not has_feature(current_company_id(), KANBAN):
        # Whatever changes that is younger than now.
        due = _due(now, now, lane.lane_hours)
    if due > now:
        plan_each(LANE_DUE, {ticket_id: due})
        return
    enter_lane(ticket, lane.next_lane, cause=BY_TIME)


def with_way_back(ticket_ids: Iterable[int]) -> dict[int, Tag]:
    """Give, of live tickets in lanes that a message leads out of, the lane it leads to."""
    rows = (
        TicketTag.objects.filter(
            ticket_id__in=list(ticket_ids),
            tag__is_lane=True,
            tag__rollback_lane__isnull=False,
        )
        .exclude(ticket__status=Ticket.Status.CLOSED)
        .select_related("tag__rollback_lane")
        .order_by("pk")
    )
    return {row.ticket_id: row.tag.rollback_lane for row in rows if row.tag.rollback_lane}


def roll_back(lanes: Mapping[int, Tag], texts: Mapping[int, Collection[str]]) -> None:
    """Move tickets to the lanes of `with_way_back`, for the messages that just came (rule 107).

    A lane's greeting, said again, is no reason, nor is what bots and campaigns say. The caller's
    transaction holds the tickets' rows.
    """
    if not texts or not has_feature(current_company_id(), KANBAN):
        return
    greetings = {
        text.strip()
        for text in Tag.objects.filter(is_lane=True)
        .exclude(lane_greeting="")
        .values_list("lane_greeting", flat=True)
    }
    moved = [
        pk
        for pk, said in texts.items()
        if any(not text.startswith(_MACHINES) and text.strip() not in greetings for text in said)
    ]
    tickets = Ticket.objects.in_bulk(moved)
    # By lane, so that two callers never wait for each other's lanes crosswise.
    for pk in sorted(tickets, key=lambda pk: (lanes[pk].pk, pk)):
        enter_lane(tickets[pk], lanes[pk], cause=BY_MESSAGE)


def _placements(ticket_id: int) -> QuerySet[TicketTag]:
    return TicketTag.objects.filter(ticket_id=ticket_id, tag__is_lane=True).order_by("pk")


def _plan(placements: QuerySet[TicketTag]) -> None:
    rows = placements.exclude(ticket__status=Ticket.Status.CLOSED).values_list(
        "ticket_id", "ticket__updated_at", "created_at", "tag__lane_hours"
    )
    plan_each(LANE_DUE, {pk: _due(changed, since, hours) for pk, changed, since, hours in rows})


def _due(changed: datetime.datetime, since: datetime.datetime, hours: int) -> datetime.datetime:
    """Idle is who neither changed nor came to the lane within its hours."""
    return max(changed, since) + datetime.timedelta(hours=hours)
