"""Who sees which ticket: one rule, as SQL for lists and as Python for sockets.

Both forms stand side by side so that they cannot drift; a property test holds them equal
(behaviour R-LIST 148-154, tightened to what a person may open at all).
"""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What the rule needs to know of a ticket."""

    status: str
    queue_id: int | None
    agent_id: int | None
    is_group: bool
    connection_id: int | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person may see, as plain facts; made by `tickets.services.sight_of`."""

    user_id: int
    is_admin: bool
    queue_ids: frozenset[int]
    sees_unqueued: bool
    sees_groups: bool
    sees_all_users: bool
    sees_all_history: bool
    connection_id: int | None

    @classmethod
    def of(cls, user: User, queue_ids: frozenset[int]) -> "Sight":
        return cls(
            user_id=user.pk,
            is_admin=user.is_admin or user.profile == User.Profile.SUPERVISOR,
            queue_ids=queue_ids,
            sees_unqueued=user.sees_unqueued,
            sees_groups=user.sees_groups,
            sees_all_users=user.sees_all_users,
            sees_all_history=user.sees_all_history,
            connection_id=user.connection_id,
        )

    def _queue_q(self) -> Q:
        queue = Q(queue_id__in=self.queue_ids)
        if self.sees_all_history:
            queue |= Q(queue_id__isnull=False)
        if self.sees_unqueued:
            queue |= Q(queue_id__isnull=True)
        return queue

    def _group_q(self) -> Q:
        groups = Q(is_group=True) & (self._queue_q() | Q(queue_id__isnull=True))
        if self.connection_id is not None:
            groups &= Q(connection_id=self.connection_id)
        return groups

    def as_q(self) -> Q:
        """Write the rule as a filter over tickets."""
        if self.is_admin:
            return Q()
        people = Q(is_group=False) & self._queue_q()
        if not self.sees_all_users:
            people &= Q(agent_id__isnull=True) | Q(status="closed")
        seen = Q(agent_id=self.user_id) | people
        if self.sees_groups:
            seen |= self._group_q()
        return seen

    def reach_q(self) -> Q:
        """Like `as_q`, but also what a colleague of the same queue holds.

        Two agents race for one ticket: the loser must hear that it is taken, not that it never was.
        """
        if self.is_admin:
            return Q()
        return self.as_q() | (Q(is_group=False) & self._queue_q())

    def allows(self, ticket: TicketFacts) -> bool:
        """Apply the rule of `as_q` to one ticket."""
        if self.is_admin or ticket.agent_id == self.user_id:
            return True
        if ticket.queue_id is None:
            in_queue = self.sees_unqueued
        else:
            in_queue = self.sees_all_history or ticket.queue_id in self.queue_ids
        if ticket.is_group:
            return (
                self.sees_groups
                and (in_queue or ticket.queue_id is None)
                and (self.connection_id is None or self.connection_id == ticket.connection_id)
            )
        return in_queue and (
            self.sees_all_users or ticket.agent_id is None or ticket.status == "closed"
        )
