"""Who comes into question for a ticket, who does not and why, and who it is then."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from accounts.exceptions import OutOfHours
from accounts.models import User
from accounts.services import require_hours
from accounts.services.presence import SILENCE
from tickets.models import Episode, Queue, QueueMember, Ticket, TicketCount
from whaticket.tenancy import current_company_id

# Why somebody does not get a ticket; words of the wire, explained in docs/distribution.md.
GONE = "inactive"
NO_AGENT = "not_an_agent"
OFFLINE = "offline"
OUT_OF_HOURS = "out_of_hours"
AT_CAPACITY = "at_capacity"
HAD_IT = "had_it"

_HELD = (Ticket.Status.OPEN, Ticket.Status.PENDING)


@dataclass(slots=True)
class Candidate:
    """A member of the queue, as things stand now."""

    member_id: int
    user_id: int
    name: str
    load: int
    capacity: int
    # What was set for this member alone; None: the queue's holds.
    own_capacity: int | None
    last_assigned_at: datetime | None
    skipped: str | None

    def is_full(self) -> bool:
        return bool(self.capacity) and self.load >= self.capacity

    def turn(self) -> tuple[bool, float, int]:
        """Sort by whose turn it is: never, then the longest ago."""
        at = self.last_assigned_at
        return (at is not None, at.timestamp() if at else 0.0, self.member_id)

    def as_row(self, skipped: str | None) -> dict[str, Any]:
        return {
            "user_id": self.user_id,
            "name": self.name,
            "load": self.load,
            "capacity": self.capacity,
            "skipped": skipped,
        }


def candidates_of(queue: Queue) -> list[Candidate]:
    """Give every member of a queue with what speaks against each; two statements."""
    members = list(QueueMember.objects.filter(queue=queue).select_related("user").order_by("pk"))
    loads = _loads([member.user_id for member in members])
    found = []
    for member in members:
        candidate = Candidate(
            member_id=member.pk,
            user_id=member.user_id,
            name=member.user.name,
            load=loads.get(member.user_id, 0),
            capacity=queue.agent_capacity if member.capacity is None else member.capacity,
            own_capacity=member.capacity,
            last_assigned_at=member.last_assigned_at,
            skipped=_unfit(member.user),
        )
        found.append(candidate)
    return found


def weigh(
    candidates: Sequence[Candidate], *, had_it: int | None
) -> tuple[list[Candidate], list[dict[str, Any]]]:
    """Part those who could take a ticket from all; the rows say why the others could not."""
    fit, rows = [], []
    for candidate in candidates:
        skipped = candidate.skipped
        if skipped is None and candidate.user_id == had_it:
            skipped = HAD_IT
        if skipped is None and candidate.is_full():
            skipped = AT_CAPACITY
        if skipped is None:
            fit.append(candidate)
        rows.append(candidate.as_row(skipped))
    return fit, rows


def choose(mode: str, fit: Sequence[Candidate], ticket: Ticket) -> Candidate:
    """Choose one of those who could take a ticket, of whom there is at least one."""
    if mode == Queue.Distribution.RANDOM:
        return secrets.choice(fit)
    if mode == Queue.Distribution.NEXT:
        return min(fit, key=Candidate.turn)
    if mode == Queue.Distribution.LAST_AGENT:
        known = _last_agent(ticket, {candidate.user_id for candidate in fit})
        if known is not None:
            return next(candidate for candidate in fit if candidate.user_id == known)
    return min(fit, key=lambda candidate: (candidate.load, candidate.turn()))


def _unfit(user: User) -> str | None:
    if user.removed_at or not user.is_active or user.company_id != current_company_id():
        return GONE
    if user.profile != User.Profile.USER or user.is_super:
        return NO_AGENT
    silent = user.last_seen_at is None or user.last_seen_at < timezone.now() - SILENCE
    if not user.is_online or silent:
        return OFFLINE
    try:
        require_hours(user)
    except OutOfHours:
        return OUT_OF_HOURS
    return None


def _loads(user_ids: Sequence[int]) -> dict[int, int]:
    """Count what people hold, over all queues, open or waiting for them to accept it."""
    rows = (
        TicketCount.objects.filter(agent_id__in=user_ids, status__in=_HELD, is_group=False)
        .values_list("agent_id")
        .annotate(amount=Sum("amount"))
    )
    return dict(rows)


def _last_agent(ticket: Ticket, fit: set[int]) -> int | None:
    """Find who of these people spoke with the contact last."""
    return (
        Episode.objects.filter(ticket__contact_id=ticket.contact_id, agent_id__in=fit)
        .order_by("-id")
        .values_list("agent_id", flat=True)
        .first()
    )
