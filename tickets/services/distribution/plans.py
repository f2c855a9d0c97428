"""When a decision is due: plans in the agenda, made in the commit that makes a ticket wait."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils import timezone

from dispatch.services import hasten, plan, plan_at_latest, plan_each
from tickets.models import Queue, QueueMember, Ticket

# A ticket that just came, or whose agent did not pick it up in time.
ASSIGN = "tickets.assign"
# A ticket whose customer has just chosen the queue in the menu (behaviour 79).
ASSIGN_CHOSEN = "tickets.assign_chosen"
# A queue with tickets that nobody could take.
DISTRIBUTE = "tickets.distribute"

# Whoever comes or finishes something hastens this; it is for working hours that begin, and for a
# wake-up that was lost.
RETRY = timedelta(minutes=2)


def plan_assignments(ticket_ids: Collection[int]) -> None:
    """Have an agent found for those of these tickets that wait in a queue which distributes.

    What waits for an agent already gets another one when its time is over. Belongs into the
    transaction that moves the tickets; two statements, one where no queue distributes.
    """
    if not ticket_ids:
        return
    now = timezone.now()
    rows = (
        Ticket.objects.pending()
        .filter(pk__in=ticket_ids)
        .exclude(queue=None)
        .exclude(queue__distribution=Queue.Distribution.OFF)
        .values_list("pk", "agent_id", "queue__router_minutes")
    )
    times: dict[int, datetime] = {}
    for pk, agent_id, minutes in rows:
        if agent_id is None:
            times[pk] = now
        elif minutes:
            times[pk] = now + timedelta(minutes=minutes)
    plan_each(ASSIGN, times)


def plan_menu_assignments(ticket_ids: Collection[int]) -> None:
    """Have agents drawn for tickets whose customers have chosen a queue in the menu.

    Whether the company wants it is read when it is due. Belongs into the transaction of the choice.
    """
    plan_each(ASSIGN_CHOSEN, dict.fromkeys(ticket_ids, timezone.now()))


def plan_pickup(ticket_id: int, minutes: int) -> None:
    """Look again when an agent should have picked a ticket up; 0 minutes: never."""
    if minutes:
        plan(ASSIGN, ticket_id, timezone.now() + timedelta(minutes=minutes))


def plan_retry(queue_id: int) -> None:
    """Look at a queue again soon, because nobody could take what waits in it."""
    plan_at_latest(DISTRIBUTE, {queue_id: timezone.now() + RETRY})


def plan_distribution(queue: Queue) -> None:
    """Look at everything that waits in a queue, because it distributes otherwise than before."""
    if queue.distribution == Queue.Distribution.OFF:
        return
    plan_at_latest(DISTRIBUTE, {queue.pk: timezone.now()})
    given = Ticket.objects.pending().filter(queue=queue).exclude(agent=None)
    plan_assignments(list(given.values_list("pk", flat=True)))


def hasten_queues_of(user_ids: Collection[int]) -> int:
    """Look now at queues where something waits and one of these people may take it now.

    Gives how many queues that are. Nothing depends on it but how soon.
    """
    if not user_ids:
        return 0
    queues = QueueMember.objects.filter(user_id__in=user_ids).exclude(
        queue__distribution=Queue.Distribution.OFF
    )
    ids = list(queues.order_by().values_list("queue_id", flat=True).distinct())
    return hasten(DISTRIBUTE, ids, timezone.now()) if ids else 0
