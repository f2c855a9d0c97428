"""What happens to tickets of a connection when nobody does anything (behaviour 99-103).

A connection that has a timer has one plan in the agenda, for the moment at which the first of its
tickets can be due. Messages do not move it: when the time comes and the ticket has been busy
meanwhile, the plan is made again for what is then the first moment. So a message costs nothing, a
thousand idle tickets are one query, and no way of changing a ticket can forget its timer.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Min, Q, QuerySet
from django.utils import timezone

from companies.models import Company
from dispatch.services import plan, plan_at_latest, unplan
from events.bus import publish
from tickets.events import TicketExpired, TicketRedirected, TicketWarned
from tickets.models import Episode, Queue, Ticket
from tickets.services.ending import end_tickets
from tickets.services.facts import facts_before
from whaticket.tenancy import current_company_id
from whatsapp.models import Connection

TIMERS = "tickets.timers"

_BATCH = 100
# Tickets are not spoken to while the number is away or the company is switched off.
_LATER = timedelta(minutes=10)
# A timer that has just done its work does not come again within the same breath.
_SOONEST = timedelta(seconds=5)


def plan_timers(connection_ids: Collection[int]) -> None:
    """Have the timers of connections looked at now, because their settings may be others.

    Belongs into the transaction of the change.
    """
    plan_at_latest(TIMERS, dict.fromkeys(connection_ids, timezone.now()))


def unplan_timers(connection_id: int) -> None:
    """Forget the timers of a connection that is no more."""
    unplan(TIMERS, connection_id)


def run_timers(connection_id: int) -> int:
    """Do what is due to a connection's tickets and plan the next time; say how many it were.

    In batches, each committed; doing it twice changes nothing more.
    """
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None or not any(timer.minutes(connection) for timer in _TIMERS):
        return 0
    now = timezone.now()
    if connection.status != Connection.Status.CONNECTED or not _is_active():
        plan(TIMERS, connection_id, now + _LATER)
        return 0
    count, due_at = 0, []
    for timer in _TIMERS:
        if minutes := timer.minutes(connection):
            count += timer.run(connection, now)
            due_at.append(timer.next_at(connection, now, minutes))
    plan(TIMERS, connection_id, max(min(due_at), now + _SOONEST))
    return count


class _Timer:
    """One thing that happens to tickets which nothing else happened to for so many minutes."""

    def __init__(
        self,
        minutes: Callable[[Connection], int],
        idle: Callable[[Connection], Q],
        act: Callable[[Connection, list[Ticket]], None],
    ):
        self.minutes = minutes
        self._idle = idle
        self._act = act

    def run(self, connection: Connection, now: datetime) -> int:
        """Do it to every ticket that is due; give how many those were."""
        count = 0
        since = now - timedelta(minutes=self.minutes(connection))
        while True:
            with transaction.atomic():
                # Whoever holds a ticket's row is just doing something to it: it is not idle.
                tickets = list(
                    self._tickets(connection)
                    .filter(updated_at__lte=since)
                    .select_related("connection")
                    .order_by("pk")
                    .select_for_update(no_key=True, of=("self",), skip_locked=True)[:_BATCH]
                )
                if not tickets:
                    return count
                self._act(connection, tickets)
            count += len(tickets)

    def next_at(self, connection: Connection, now: datetime, minutes: int) -> datetime:
        """Tell when the next ticket can be due: what comes later has its whole time before it."""
        oldest = self._tickets(connection).aggregate(at=Min("updated_at"))["at"]
        return min(oldest or now, now) + timedelta(minutes=minutes)

    def _tickets(self, connection: Connection) -> QuerySet[Ticket]:
        return Ticket.objects.filter(self._idle(connection), connection=connection)


def _is_active() -> bool:
    return Company.objects.active().filter(pk=current_company_id()).exists()


# ---------------------------------------------------------------- rule 99: no queue for too long


def _move_minutes(connection: Connection) -> int:
    return connection.move_after_minutes if connection.move_to_queue_id else 0


def _without_queue(connection: Connection) -> Q:
    # A queue that is no more takes nothing.
    target = Queue.objects.filter(pk=connection.move_to_queue_id or 0)
    return Q(status=Ticket.Status.PENDING, queue=None) & Q(Exists(target))


def _move(connection: Connection, tickets: list[Ticket]) -> None:
    queue_id = connection.move_to_queue_id
    assert queue_id is not None  # noqa: S101 (without it the timer has no minutes)
    now = timezone.now()
    ids = [ticket.pk for ticket in tickets]
    Ticket.objects.filter(pk__in=ids).update(queue_id=queue_id, updated_at=now)
    Episode.objects.filter(ticket_id__in=ids, finished_at=None).update(
        queue_id=queue_id, queued_at=now
    )
    publish(
        *(
            TicketRedirected(ticket_id=ticket.pk, queue_id=queue_id, before=facts_before(ticket))
            for ticket in tickets
        )
    )


# ------------------------------------------------------------- rule 102: nobody says anything


def _open(connection: Connection) -> Q:
    idle = Q(status=Ticket.Status.OPEN, imported_at=None)
    return idle & Q(last_message_from_me=True) if connection.expires_only_after_us else idle


def _warn_minutes(connection: Connection) -> int:
    return connection.inactive_minutes if connection.expires_minutes else 0


def _unwarned(connection: Connection) -> Q:
    return _open(connection) & Q(is_warned_inactive=False)


def _warn(connection: Connection, tickets: list[Ticket]) -> None:
    # The warning is a word of ours; from now on counts the time until the end.
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(
        is_warned_inactive=True, last_message_from_me=True, updated_at=timezone.now()
    )
    publish(*(TicketWarned(ticket_id=ticket.pk) for ticket in tickets))


def _expire_minutes(connection: Connection) -> int:
    return connection.expires_minutes


def _ready_to_expire(connection: Connection) -> Q:
    idle = _open(connection)
    return idle & Q(is_warned_inactive=True) if connection.inactive_minutes else idle


def _expire(connection: Connection, tickets: list[Ticket]) -> None:
    """Close without farewell and without asking for a rating (rule 103)."""
    befores = [facts_before(ticket) for ticket in tickets]
    end_tickets(tickets)
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(
        unread_count=0, bot_menu_count=0
    )
    publish(
        *(
            TicketExpired(ticket_id=ticket.pk, before=before)
            for ticket, before in zip(tickets, befores, strict=True)
        )
    )


# --------------------------------------------------------------- rule 101: nobody rates it


def _rating_minutes(connection: Connection) -> int:
    return connection.rating_expires_minutes


def _unrated(connection: Connection) -> Q:
    return Q(status=Ticket.Status.NPS, imported_at=None)


_TIMERS = (
    _Timer(_move_minutes, _without_queue, _move),
    _Timer(_warn_minutes, _unwarned, _warn),
    _Timer(_expire_minutes, _ready_to_expire, _expire),
    _Timer(_rating_minutes, _unrated, _expire),
)
