"""The decision: which agent a waiting ticket is given to, written down with its reasons."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from companies.services.settings import settings_of
from dispatch.services import plan
from events.bus import publish
from tickets.events import TicketAccepted, TicketAssigned
from tickets.models import Assignment, Queue, QueueMember, Ticket
from tickets.services.distribution import plans
from tickets.services.distribution.team import Candidate, candidates_of, choose, weigh
from tickets.services.episodes import note_move
from tickets.services.facts import facts_before
from whaticket.tenancy import current_company_id

_BATCH = 50
_LOCK = 7_105  # names this lock among advisory locks


@transaction.atomic
def assign_ticket(ticket_id: int) -> Assignment | None:
    """Give a waiting ticket to somebody of its queue, or on to somebody else (behaviour 105).

    None where there is nothing to decide: it waits no longer, its queue does not distribute, or
    whoever it was given to still has time. Doing it twice changes nothing more.
    """
    _one_at_a_time()
    ticket = _waiting(ticket_id)
    queue = ticket.queue if ticket else None
    if ticket is None or queue is None or queue.distribution == Queue.Distribution.OFF:
        return None
    if ticket.agent_id is None:
        return _decide(ticket, queue, queue.distribution, Assignment.Trigger.ENTERED)
    if not queue.router_minutes or not _is_member(queue, ticket.agent_id):
        return None
    due_at = _given_at(ticket) + timedelta(minutes=queue.router_minutes)
    if due_at > timezone.now():
        plan(plans.ASSIGN, ticket.pk, due_at)
        return None
    return _decide(ticket, queue, queue.distribution, Assignment.Trigger.NOT_PICKED_UP)


@transaction.atomic
def assign_ticket_chosen_in_menu(ticket_id: int) -> Assignment | None:
    """Draw an agent for a ticket whose customer has chosen its queue (behaviour 79).

    Only where the company wants it. A queue that distributes does so in its own way. None where
    there is nothing to decide.
    """
    _one_at_a_time()
    ticket = _waiting(ticket_id)
    if ticket is None or ticket.queue is None or ticket.agent_id is not None:
        return None
    mode = ticket.queue.distribution
    if mode == Queue.Distribution.OFF:
        if not settings_of(current_company_id()).assigns_randomly:
            return None
        mode = Assignment.Mode.RANDOM
    return _decide(ticket, ticket.queue, mode, Assignment.Trigger.CHOSEN_IN_MENU)


def distribute_queue(queue_id: int) -> int:
    """Give away what waits in a queue, the longest waiting first; say how many tickets.

    In batches, each committed. Where nobody can take more, the rest is looked at again soon.
    """
    count = 0
    while True:
        with transaction.atomic():
            _one_at_a_time()
            queue = Queue.objects.exclude(distribution=Queue.Distribution.OFF)
            found = queue.filter(pk=queue_id).first()
            tickets = list(_waiting_in(queue_id)[:_BATCH]) if found else []
            if found is None or not tickets:
                return count
            candidates = candidates_of(found)
            for ticket in tickets:
                if not weigh(candidates, had_it=None)[0]:
                    plan(plans.DISTRIBUTE, queue_id, timezone.now() + plans.RETRY)
                    return count
                trigger = Assignment.Trigger.ENTERED
                count += bool(_decide(ticket, found, found.distribution, trigger, candidates))


def _one_at_a_time() -> None:
    """Let one decision of a company follow the other, until the transaction ends.

    Whose turn it is and what somebody holds are read from rows that the decision before changed.
    Of a company and not of a queue, because people answer several queues and have one load.
    """
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s::bigint::int)", [_LOCK, current_company_id()]
        )


def _waiting(ticket_id: int) -> Ticket | None:
    return Ticket.objects.pending().select_related("queue").filter(pk=ticket_id).first()


def _waiting_in(queue_id: int) -> QuerySet[Ticket]:
    stretch = FilteredRelation("episodes", condition=Q(episodes__finished_at=None))
    return (
        Ticket.objects.pending()
        .filter(queue_id=queue_id, agent_id=None)
        .alias(stretch=stretch)
        .order_by(F("stretch__queued_at").asc(nulls_first=True), "pk")
    )


def _is_member(queue: Queue, agent_id: int) -> bool:
    return QueueMember.objects.filter(queue=queue, user_id=agent_id).exists()


def _given_at(ticket: Ticket) -> datetime:
    """Tell since when the agent could have picked the ticket up."""
    last = ticket.assignments.order_by("-pk").first()  # type: ignore[attr-defined]
    if last is not None and last.agent_id == ticket.agent_id:
        decided: datetime = last.decided_at
        return decided
    queued = ticket.episodes.filter(finished_at=None).values_list("queued_at", flat=True).first()  # type: ignore[attr-defined]
    return queued or ticket.updated_at


def _decide(
    ticket: Ticket,
    queue: Queue,
    mode: str,
    trigger: str,
    candidates: Sequence[Candidate] | None = None,
) -> Assignment | None:
    if candidates is None:
        candidates = candidates_of(queue)
    fit, rows = weigh(candidates, had_it=ticket.agent_id)
    decision = Assignment(ticket=ticket, queue=queue, mode=mode, trigger=trigger, candidates=rows)
    if fit:
        return _give(decision, ticket, queue, choose(mode, fit, ticket))
    if ticket.agent_id is None:
        decision.outcome = Assignment.Outcome.NOBODY
        if queue.distribution != Queue.Distribution.OFF:
            plans.plan_retry(queue.pk)
    else:
        decision.outcome, decision.agent_id = Assignment.Outcome.KEPT, ticket.agent_id
        plans.plan_pickup(ticket.pk, queue.router_minutes)
    return _note(decision)


def _give(
    decision: Assignment, ticket: Ticket, queue: Queue, chosen: Candidate
) -> Assignment | None:
    before = facts_before(ticket)
    now = timezone.now()
    changes: dict[str, Any] = {"agent_id": chosen.user_id, "updated_at": now}
    if queue.opens_assigned:
        changes |= {"status": Ticket.Status.OPEN, "is_bot": False}
    # Somebody may have taken, moved or closed it since it was read.
    won = Ticket.objects.filter(  # type: ignore[misc]  # null is a place too
        pk=ticket.pk, status=before.status, agent_id=before.agent_id, queue_id=before.queue_id
    ).update(**changes)
    if not won:
        return None
    ticket.refresh_from_db()
    chosen.load += 1
    chosen.last_assigned_at = now
    QueueMember.objects.filter(pk=chosen.member_id).update(last_assigned_at=now)
    decision.outcome, decision.agent_id = Assignment.Outcome.ASSIGNED, chosen.user_id
    decision.created_at = decision.decided_at = now
    decision.save(force_insert=True)
    if queue.opens_assigned:
        note_move(ticket, at=now)
        publish(TicketAccepted(ticket_id=ticket.pk, agent_id=chosen.user_id, before=before))
    else:
        plans.plan_pickup(ticket.pk, queue.router_minutes)
        publish(
            TicketAssigned(
                ticket_id=ticket.pk,
                agent_id=chosen.user_id,
                queue_id=queue.pk,
                assignment_id=decision.pk,
                before=before,
            )
        )
    return decision


def _note(decision: Assignment) -> Assignment:
    """Write down that nothing changed; the same again is the same row, counted up."""
    last = Assignment.objects.filter(ticket=decision.ticket).order_by("-pk").first()
    same = last is not None and all(
        getattr(last, name) == getattr(decision, name)
        for name in ("outcome", "agent_id", "queue_id", "mode", "trigger")
    )
    if last is None or not same:
        decision.save(force_insert=True)
        return decision
    last.attempts += 1
    last.candidates, last.decided_at = decision.candidates, timezone.now()
    last.save(update_fields=["attempts", "candidates", "decided_at"])
    return last
