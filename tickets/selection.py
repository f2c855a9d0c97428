"""Which of the tickets that a person may see a list shows (behaviour R-LIST, 148-154).

The rules are filters over the columns that `TicketCount` shares with `Ticket`, so that a list and
its total cannot disagree.
"""

import dataclasses
from dataclasses import dataclass

from django.db.models import Q

from tickets.sight import Sight

OPEN, PENDING, GROUP, CLOSED, NPS, LGPD = "open", "pending", "group", "closed", "nps", "lgpd"
SEARCH = "search"
STATUSES = (OPEN, PENDING, GROUP, CLOSED, NPS, LGPD)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks of a ticket list. `queue_ids` None: whatever the person answers."""

    status: str | None = None
    queue_ids: tuple[int, ...] | None = None
    show_all: bool = False
    only_unread: bool = False
    # Whether waiting tickets count as news (company setting); only with `only_unread`.
    waiting_is_news: bool = False

    @property
    def searches(self) -> bool:
        return self.status == SEARCH and not self.only_unread

    def about(self) -> "Wish":
        """Give the wish in one spelling, so that equal lists share one compiled statement."""
        if self.queue_ids is None:
            return self
        return dataclasses.replace(self, queue_ids=tuple(sorted(set(self.queue_ids))))


@dataclass(frozen=True, slots=True)
class Search:
    """What a client searches for; empty fields do not limit."""

    text: str = ""
    in_messages: bool = False
    tag_ids: tuple[int, ...] = ()
    agent_ids: tuple[int, ...] = ()
    connection_ids: tuple[int, ...] = ()
    statuses: tuple[str, ...] = ()


def listed_q(sight: Sight, wish: Wish) -> Q:
    """Write a list's rule within a person's sight."""
    return sight.as_q() & _rule(sight, wish)


def _rule(sight: Sight, wish: Wish) -> Q:
    if wish.only_unread:
        return _unread(sight, wish)
    if wish.status == SEARCH:
        return _searched(sight, wish)
    everyone = wish.show_all and (sight.is_admin or sight.sees_all_users)
    if wish.status == GROUP:
        return _groups(sight, wish)
    if wish.status == CLOSED:
        return _closed(sight, wish)
    if everyone:
        return _of_status(wish.status, with_consent=True) & _everyones_queues(sight, wish)
    return _mine(sight, wish)


def _of_status(status: str | None, *, with_consent: bool = False) -> Q:
    if status is None:
        return Q()
    if status == PENDING and with_consent:
        return Q(status__in=[PENDING, LGPD])
    return Q(status=status)


def _mine(sight: Sight, wish: Wish) -> Q:
    """Rules 148 and 149: what I hold, and what waits in my queues."""
    own = Q(agent_id=sight.user_id)
    here = _wished_queues(sight, wish)
    if wish.status == OPEN:
        return Q(status=OPEN) & own & here
    if wish.status == PENDING:
        # History in sight lifts the limit of queues (rule 149).
        where = Q() if sight.sees_all_history else here
        who = Q() if sight.is_admin else own | Q(agent_id__isnull=True)
        return Q(status=PENDING) & who & where
    return _of_status(wish.status) & (own | Q(status=PENDING)) & here


def _groups(sight: Sight, wish: Wish) -> Q:
    if not sight.sees_groups:
        return Q(pk__in=[])
    found = Q(status=GROUP) & (_queues(sight, wish) | Q(queue_id__isnull=True))
    if sight.connection_id is not None:
        # Only groups have a connection among the counted columns.
        found &= Q(is_group=True, connection_id=sight.connection_id)
    return found


def _closed(sight: Sight, wish: Wish) -> Q:
    """Rule 151: one row per conversation, its newest closed ticket."""
    found = Q(status=CLOSED, is_newest_closed=True)
    here = _queues(sight, wish)
    if wish.show_all or sight.sees_unqueued:
        here |= Q(queue_id__isnull=True)
    if sight.is_admin and not wish.show_all:
        found &= Q(agent_id=sight.user_id)
    return found & here


def _searched(sight: Sight, wish: Wish) -> Q:
    """Rule 152, the part before the search itself."""
    if sight.is_admin and wish.show_all:
        return Q()
    found = Q(agent_id=sight.user_id) | Q(status__in=[PENDING, CLOSED, GROUP])
    return found & _wished_queues(sight, wish)


def _unread(sight: Sight, wish: Wish) -> Q:
    """Rule 153: what deserves a notification."""
    over = [CLOSED, LGPD, NPS]
    news = [GROUP]
    if wish.waiting_is_news:
        news.append(PENDING)
    else:
        over += [PENDING, GROUP]
    mine = Q(queue_id__in=sight.queue_ids)
    held = Q(agent_id=sight.user_id) & mine & ~Q(status__in=over)
    waiting = Q(status__in=news) & (
        mine | Q(queue_id__isnull=True) if sight.sees_unqueued else mine
    )
    found = Q(unread_count__gt=0) & (held | waiting)
    return found if sight.sees_groups else found & Q(is_group=False)


def _queues(sight: Sight, wish: Wish) -> Q:
    """The queues asked for; without a word about them, all that the person answers."""
    if wish.queue_ids is not None:
        return Q(queue_id__in=wish.queue_ids)
    if sight.is_admin or sight.sees_all_history:
        return Q(queue_id__isnull=False)
    return Q(queue_id__in=sight.queue_ids)


def _wished_queues(sight: Sight, wish: Wish) -> Q:
    here = _queues(sight, wish)
    return here | Q(queue_id__isnull=True) if sight.sees_unqueued else here


def _everyones_queues(sight: Sight, wish: Wish) -> Q:
    """Rule 150."""
    if sight.sees_all_history:
        return Q() if sight.sees_unqueued else Q(queue_id__isnull=False)
    return _wished_queues(sight, wish)
