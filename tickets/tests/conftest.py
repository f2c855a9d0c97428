"""What tests of tickets work with, besides the cast."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def scratch_team(scratch_company: Any) -> Iterator[SimpleNamespace]:
    """Eight agents of one queue, a connected number and a waiting ticket, really committed."""
    from accounts.models import User
    from accounts.services import create_user
    from contacts.identity import Identity
    from contacts.services import Profile, identify_contacts
    from tickets.models import Queue, QueueMember, Ticket
    from tickets.services import Wanted, live_tickets
    from whatsapp.models import Connection

    number = Connection.objects.create(
        name="scratch", status="CONNECTED", number="5511900000009", is_default=True
    )
    queue = Queue.objects.create(name="Scratch", color="#123456")
    queue.connections.add(number)
    agents = []
    for index in range(8):
        agent = create_user(
            company_id=scratch_company.pk,
            email=f"agent{index}@{scratch_company.pk}.example",
            password="correct horse",
            name=f"Agent {index}",
        )
        QueueMember.objects.create(queue=queue, user=agent)
        agents.append(agent)
    (contact,) = identify_contacts([Profile((Identity("phone", "5511977776666"),), name="Caio")])
    live_tickets([Wanted(contact, number)])
    yield SimpleNamespace(
        number=number,
        queue=queue,
        agents=agents,
        contact=contact,
        ticket=Ticket.objects.get(contact=contact),
    )
    User.objects.filter(pk__in=[agent.pk for agent in agents]).delete()


@pytest.fixture
def customer(cast: SimpleNamespace) -> Callable[..., Any]:
    """`customer("Dora", "5511955554444")`: a contact."""
    from contacts.identity import Identity
    from contacts.services import Profile, identify_contacts

    def make(name: str, phone: str, **fields: Any) -> Any:
        (contact,) = identify_contacts([Profile((Identity("phone", phone),), name=name, **fields)])
        return contact

    return make


@pytest.fixture
def make_ticket(cast: SimpleNamespace, customer: Callable[..., Any]) -> Callable[..., Any]:
    """`make_ticket(status="open", agent=cast.ana)`: a ticket of a new customer, in sales."""
    from django.utils import timezone

    from tickets.models import Ticket

    count = iter(range(1, 10_000))

    def make(**fields: Any) -> Any:
        number = next(count)
        contact = fields.pop("contact", None) or customer(
            f"Customer {number}", f"55119{10_000_000 + number}"
        )
        if fields.get("status") == "closed":
            fields.setdefault("is_newest_closed", True)
            fields.setdefault("closed_at", timezone.now())
        fields.setdefault("connection", cast.number)
        fields.setdefault("queue", cast.sales)
        return Ticket.objects.create(contact=contact, **fields)

    return make


@pytest.fixture
def company_sets(
    cast: SimpleNamespace, django_capture_on_commit_callbacks: Any
) -> Iterator[Callable[..., None]]:
    """`company_sets(assigns_randomly=False)`: change settings of the company, as committed."""
    from companies.services import forget_settings, update_settings

    def change(**changes: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            update_settings(cast.acme.pk, by_id=None, **changes)

    yield change
    forget_settings(cast.acme.pk)


@pytest.fixture
def served(make_ticket: Callable[..., Any]) -> Callable[..., Any]:
    """`served(agent=cast.ana, waited=5, handled=20, rate=9)`: a ticket, with minutes of service."""
    from tickets.models import Episode, Rating, Ticket
    from tickets.tests.histories import NOON, minutes

    def make(
        *,
        waited: int | None = None,
        handled: int | None = None,
        rate: int | None = None,
        opened: Any = NOON,
        **fields: Any,
    ) -> Any:
        fields.setdefault("status", "closed")
        ticket = make_ticket(created_at=opened, **fields)
        started = None if waited is None else opened + minutes(waited)
        ended = None if handled is None else started + minutes(handled)
        if ended:
            Ticket.objects.filter(pk=ticket.pk).update(closed_at=ended)
        episode = Episode.objects.create(
            ticket=ticket,
            connection=ticket.connection,
            queue=ticket.queue,
            agent_id=ticket.agent_id,
            created_at=opened,
            queued_at=opened,
            started_at=started,
            closed_at=ended,
            finished_at=ended,
        )
        if rate is not None:
            Rating.objects.create(
                ticket=ticket,
                episode=episode,
                agent_id=ticket.agent_id,
                rate=rate,
                created_at=ended,
            )
        return ticket

    return make


@pytest.fixture
def team(cast: SimpleNamespace) -> SimpleNamespace:
    """Ana and two more agents of the sales queue, all at work; Bia is of another queue."""
    from accounts.services import create_user
    from tickets.models import QueueMember
    from tickets.tests.desk import come

    people = [cast.ana]
    for name in ("caio", "dora"):
        agent = create_user(
            company_id=cast.acme.pk, email=f"{name}@acme.example", password=None, name=name.title()
        )
        QueueMember.objects.create(queue=cast.sales, user=agent)
        people.append(agent)
    come(*people)
    return SimpleNamespace(ana=people[0], caio=people[1], dora=people[2])
