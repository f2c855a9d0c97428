"""The ticket list: a tab, its filters, one page by key, and the numbers on the tabs."""

import datetime
from dataclasses import dataclass, replace

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from console.access import person, whole_number
from console.asked import search_text
from contacts.models import Contact
from messaging.models import Message
from tickets.models import Queue, Ticket
from tickets.selection import Wish, listed_q
from tickets.services import sight_of
from tickets.sight import Sight
from whaticket.database import Folded

TABS = ("pending", "open", "closed", "groups")
PAGE = 30
_STATUS = {"pending": "pending", "open": "open", "closed": "closed", "groups": "group"}
# Shorter parts would match half of all conversations.
SEARCH_MIN = 2
MESSAGE_SEARCH_MIN = 3


@dataclass(frozen=True, slots=True)
class View:
    """Which tickets a person is looking at, as the address bar and the list's form say it."""

    user: User
    sight: Sight
    tab: str = "open"
    queue: int | None = None
    everyone: bool = False
    unread: bool = False
    text: str = ""

    @classmethod
    def of(cls, request: HttpRequest, *, tab: str | None = None) -> "View":
        user = person(request)
        wanted = tab or request.GET.get("tab") or request.session.get("inbox_tab")
        if wanted not in TABS:
            # Whoever holds nothing yet wants to see who waits.
            wanted = "open" if Ticket.objects.open().filter(agent=user).exists() else "pending"
        sight = sight_of(user)
        everyone = request.GET.get("who", request.session.get("inbox_who", "mine")) == "all"
        return cls(
            user=user,
            sight=sight,
            tab=wanted,
            queue=whole_number(request.GET.get("queue")),
            everyone=everyone and sees_everyone(sight),
            unread=request.GET.get("unread") == "1",
            text=search_text(request),
        )

    @property
    def is_search(self) -> bool:
        return len(self.text) >= SEARCH_MIN


def sees_everyone(sight: Sight) -> bool:
    """Tell whether the own/all switch means anything for this person (R-LIST 150)."""
    return sight.is_admin or sight.sees_all_users


def tickets_of(view: View) -> QuerySet[Ticket]:
    """Give the tickets of a view (behaviour R-LIST 148-152), newest first."""
    seen: QuerySet[Ticket] = Ticket.objects.visible_to(view.sight)
    seen = _matching(seen, view.text) if view.is_search else _in_tab(seen, view)
    if view.queue is not None:
        seen = seen.filter(_in_queue(view.queue))
    if view.unread:
        seen = seen.filter(unread_count__gt=0)
    return seen.order_by("-updated_at", "-id")


def _in_queue(queue: int) -> Q:
    """Match one queue; 0 stands for no queue."""
    return Q(queue_id=queue or None)


def _in_tab(seen: QuerySet[Ticket], view: View) -> QuerySet[Ticket]:
    wish = Wish(status=_STATUS[view.tab], show_all=view.everyone or view.tab == "closed")
    return seen.filter(listed_q(view.sight, wish))


def _matching(seen: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    """Keep the newest ticket of each conversation whose name, number or messages match."""
    part = Folded(Value(text))
    named = Q(folded__contains=part)
    digits = "".join(letter for letter in text if letter.isdigit())
    if len(digits) >= SEARCH_MIN and len(digits) * 2 >= len(text):
        named |= Q(address__contains=digits)
    people = Contact.objects.alias(folded=Folded("name")).filter(named)
    wanted = Q(contact__in=people.values("pk"))
    if len(text) >= MESSAGE_SEARCH_MIN:
        said = Message.objects.alias(folded=Folded("body")).filter(
            folded__contains=part, deleted_at=None, ticket__in=seen.order_by().values("pk")
        )
        wanted |= Q(contact__in=said.values("ticket__contact"))
    alive = (
        seen.order_by()
        .filter(contact=OuterRef("contact"), connection=OuterRef("connection"))
        .exclude(status=Ticket.Status.CLOSED)
    )
    newest = ~Q(status=Ticket.Status.CLOSED) | (Q(is_newest_closed=True) & ~Exists(alive))
    return seen.filter(wanted).filter(newest)


@dataclass(slots=True)
class Page:
    """Some tickets of a view, ready to show, and where the next ones begin."""

    tickets: list[Ticket]
    next: str | None


def page_of(view: View, after: str | None = None) -> Page:
    """Read the page that follows a key; keys keep their place while tickets move."""
    rows = tickets_of(view)
    key = read_key(after)
    if key:
        moment, pk = key
        rows = rows.filter(Q(updated_at__lt=moment) | Q(updated_at=moment, pk__lt=pk))
    found = list(rows.values_list("pk", "updated_at")[: PAGE + 1])
    tickets = dressed([pk for pk, _moment in found[:PAGE]])
    more = len(found) > PAGE
    return Page(tickets, write_key(found[PAGE - 1][1], found[PAGE - 1][0]) if more else None)


def write_key(moment: datetime.datetime, pk: int) -> str:
    """Name a place in a list by change, where its next page begins."""
    return f"{moment.isoformat()}~{pk}"


def read_key(text: str | None) -> tuple[datetime.datetime, int] | None:
    """Give the moment and the id of a key; None for anything else."""
    moment_text, _tilde, pk_text = (text or "").partition("~")
    pk = whole_number(pk_text)
    try:
        moment = datetime.datetime.fromisoformat(moment_text)
    except ValueError:
        return None
    return (moment, pk) if pk is not None and timezone.is_aware(moment) else None


def dressed(ids: list[int]) -> list[Ticket]:
    """Read tickets with everything a card shows, in the order of the ids."""
    last = (
        Message.objects.filter(ticket=OuterRef("pk"), is_private=False)
        .exclude(kind=Message.Kind.REACTION)
        .order_by("-sent_at", "-id")
    )
    rows = (
        Ticket.objects.filter(pk__in=ids)
        .select_related("contact", "connection", "queue", "agent")
        .prefetch_related("tags")
        .annotate(
            last_status=Subquery(last.values("status")[:1]),
            last_kind=Subquery(last.values("kind")[:1]),
            last_deleted=Subquery(last.values("deleted_at")[:1]),
        )
    )
    by_id = {ticket.pk: ticket for ticket in rows}
    return [by_id[pk] for pk in ids if pk in by_id]


def counts_of(view: View) -> dict[str, int]:
    """Count the tabs and the unread tickets of a person, in one statement."""
    seen = Ticket.objects.visible_to(view.sight).live()
    if view.queue is not None:
        seen = seen.filter(_in_queue(view.queue))
    mine = Q(status=Ticket.Status.OPEN)
    if not view.everyone:
        mine &= Q(agent=view.user)
    unread = Q(unread_count__gt=0)
    return seen.aggregate(
        pending=Count("pk", filter=Q(status=Ticket.Status.PENDING)),
        open=Count("pk", filter=mine),
        groups=Count("pk", filter=Q(status=Ticket.Status.GROUP)),
        unread=Count("pk", filter=mine & unread),
        groups_unread=Count("pk", filter=Q(status=Ticket.Status.GROUP) & unread),
    )


def queues_for(sight: Sight) -> list[Queue]:
    """Give the queues by which this person can narrow the list."""
    queues = Queue.objects.all()
    if not (sight.is_admin or sight.sees_all_history):
        queues = queues.filter(pk__in=sight.queue_ids)
    return list(queues)


def in_tab(view: View, ids: list[int]) -> list[Ticket]:
    """Give those of these tickets that stand in the view, dressed."""
    plain = replace(view, text="") if not view.is_search else view
    return dressed(list(tickets_of(plain).filter(pk__in=ids).values_list("pk", flat=True)))
