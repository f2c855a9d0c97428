"""The people of a company as their page shows them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Value

from accounts import ports
from accounts.models import User
from billing.services import seat_limit
from console.reads.paging import Page, page_of
from tickets.models import Queue, Ticket
from whaticket.database import Folded
from whatsapp.models import Connection

PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A person, the queues they answer, and whether the reader may change them."""

    user: User
    queues: list[dict[str, Any]]
    is_own: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class Places:
    """How many of what a plan allows are taken; `limit` None: as many as one likes."""

    taken: int
    limit: int | None

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.taken >= self.limit


def people_for(user: User, *, text: str = "", page: int = 1) -> Page[Row]:
    """Give a page of the people of somebody's company, by name; two statements."""
    found = User.objects.of_company(user.company_id)
    if text:
        part = Folded(Value(text))
        found = found.alias(name_folded=Folded("name"), email_folded=Folded("email")).filter(
            Q(name_folded__contains=part) | Q(email_folded__contains=part)
        )
    people = page_of(found.order_by("name", "pk"), page, size=PEOPLE)
    queues = ports.queues_of([one.pk for one in people.rows])
    return Page([_row(one, queues[one.pk], user) for one in people.rows], people.next)


def places_of(user: User) -> Places:
    """Tell how many people the company has and how many its plan allows."""
    taken = User.objects.of_company(user.company_id).count()
    return Places(taken=taken, limit=seat_limit(user.company_id))


def queues_of(user_id: int) -> set[int]:
    """Give the ids of the queues a person answers."""
    return {queue["id"] for queue in ports.queues_of([user_id])[user_id]}


def choices() -> dict[str, Any]:
    """Give what a person can be put to: queues and connections."""
    return {
        "queues": list(Queue.objects.all()),
        "connections": list(Connection.objects.order_by("name")),
    }


def open_tickets_of(user_id: int) -> int:
    """Count the tickets that go back to the waiting list when a person is removed."""
    held = Ticket.objects.live().filter(agent_id=user_id)
    return held.exclude(status=Ticket.Status.NPS).count()


def _row(one: User, queues: list[dict[str, Any]], reader: User) -> Row:
    return Row(
        user=one,
        queues=queues,
        is_own=one.pk == reader.pk,
        # An administrator changes no operator of the platform (accounts.services.require_reach).
        may_change=reader.is_super or not one.is_super or one.pk == reader.pk,
    )
