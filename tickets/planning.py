"""What must happen to tickets later: planned in the commit that asks for it, done when it is due.

The reactions under `within` are writes to the agenda beside the change, so that nothing is lost
when a process is killed. Those under `on` only say that it may be sooner.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.events import UserPresenceChanged, UserRemoved
from dispatch.services import on_due, plan
from events.bus import on, within
from tickets.events import (
    ConsentGiven,
    QueueMembersChanged,
    TicketClosed,
    TicketDeleted,
    TicketExpired,
    TicketOpened,
    TicketQueued,
    TicketRatingAsked,
    TicketRedirected,
    TicketReopened,
    TicketReturned,
    TicketTransferred,
    TicketUnfolded,
)
from tickets.services import release_tickets_of
from tickets.services.distribution import (
    assign_ticket,
    assign_ticket_chosen_in_menu,
    distribute_queue,
    hasten_queues_of,
    plan_assignments,
    plan_menu_assignments,
)
from tickets.services.distribution.plans import ASSIGN, ASSIGN_CHOSEN, DISTRIBUTE
from tickets.services.lanes import LANE_DUE, move_on_when_idle, plan_lanes
from tickets.services.timers import TIMERS, plan_timers, run_timers, unplan_timers
from whatsapp.events import ConnectionDeleted, ConnectionUpdated, SessionChanged
from whatsapp.models import Connection

RELEASE = "tickets.release"
# Whoever gave a ticket to somebody at the moment of their removal has committed by then.
_STRAGGLERS = timedelta(minutes=1)


# ------------------------------------------------------------------------------ assignment


@within(
    TicketOpened,
    TicketReopened,
    TicketReturned,
    TicketTransferred,
    TicketUnfolded,
    TicketRedirected,
    ConsentGiven,
)
def plan_agents(news: Sequence[Any]) -> None:
    """Whatever waits in a queue that distributes will be given to somebody."""
    plan_assignments([event.ticket_id for event in news])


@within(TicketQueued)
def plan_drawn_agents(news: Sequence[TicketQueued]) -> None:
    """The customer has chosen a queue; somebody of it may be drawn (behaviour 79)."""
    plan_menu_assignments([event.ticket_id for event in news])


@on_due(ASSIGN)
def assign(ticket_id: int) -> None:
    """Find an agent for a ticket, or another one."""
    assign_ticket(ticket_id)


@on_due(ASSIGN_CHOSEN)
def assign_chosen(ticket_id: int) -> None:
    """Find an agent for a ticket after the menu."""
    assign_ticket_chosen_in_menu(ticket_id)


@on_due(DISTRIBUTE)
def distribute(queue_id: int) -> None:
    """Find agents for what nobody could take before."""
    distribute_queue(queue_id)


@on(UserPresenceChanged)
def hasten_for_arrivals(news: Sequence[UserPresenceChanged]) -> None:
    """Somebody came who can take what waits."""
    hasten_queues_of({event.user_id for event in news if event.is_online})


@on(
    TicketClosed,
    TicketExpired,
    TicketRatingAsked,
    TicketTransferred,
    TicketReturned,
    TicketDeleted,
)
def hasten_for_free_hands(news: Sequence[Any]) -> None:
    """Somebody has one ticket less to care for."""
    agents = {event.before.agent_id for event in news} - {None}
    hasten_queues_of(agents)


@on(QueueMembersChanged)
def hasten_for_members(news: Sequence[QueueMembersChanged]) -> None:
    """Somebody answers a queue from now on."""
    hasten_queues_of({pk for event in news for pk in event.user_ids})


# ---------------------------------------------------------------------------------- timers


@within(ConnectionUpdated)
def plan_timers_anew(news: Sequence[ConnectionUpdated]) -> None:
    """Timers are settings of the connection."""
    plan_timers({event.connection_id for event in news})


@within(ConnectionDeleted)
def forget_timers(news: Sequence[ConnectionDeleted]) -> None:
    """Tickets of a connection that is gone have no timers."""
    for event in news:
        unplan_timers(event.connection_id)


@within(SessionChanged)
def plan_timers_of_sessions(news: Sequence[SessionChanged]) -> None:
    """A number is back: what became due meanwhile is due now."""
    plan_timers(
        {event.connection_id for event in news if event.status == Connection.Status.CONNECTED}
    )


@on_due(TIMERS)
def run(connection_id: int) -> None:
    """Do what a connection's tickets are due for."""
    run_timers(connection_id)


# ----------------------------------------------------------------------------------- lanes


@within(TicketReopened, TicketUnfolded)
def plan_lanes_again(news: Sequence[TicketReopened | TicketUnfolded]) -> None:
    """A ticket that was closed in a lane is timed again (rule 107)."""
    plan_lanes([event.ticket_id for event in news])


@on_due(LANE_DUE)
def move_on(ticket_id: int) -> None:
    """Move a ticket on that has stood in its lane for long."""
    move_on_when_idle(ticket_id)


# -------------------------------------------------------------------------- people who left


@within(UserRemoved)
def release_tickets(news: Sequence[UserRemoved]) -> None:
    """What a removed person held waits again, in the commit of the removal (behaviour 53)."""
    for event in news:
        release_tickets_of(event.user_id)
        plan(RELEASE, event.user_id, timezone.now() + _STRAGGLERS)


@on_due(RELEASE)
def release_stragglers(user_id: int) -> None:
    """Find what was given to a person at the moment of their removal."""
    release_tickets_of(user_id)
