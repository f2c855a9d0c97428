"""What a removed person held waits again (behaviour 53), even if a process is killed meanwhile."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import create_user, remove_user
from dispatch.models import Agenda
from dispatch.services import claim_due, run_due
from tickets import services
from tickets.events import TicketReturned
from tickets.models import Episode, Queue, QueueMember, Ticket


def test_removal_and_release_are_one_commit(cast, make_ticket, heard):
    live = make_ticket(status="open", agent=cast.ana)
    preselected = make_ticket(status="pending", agent=cast.ana)
    closed = make_ticket(status="closed", agent=cast.ana)
    hers = make_ticket(status="open", agent=cast.bia, queue=cast.support)
    remove_user(cast.ana, by=cast.rui)
    # No receiver has run: nothing here was committed.
    for ticket, place in (
        (live, ("pending", None)),
        (preselected, ("pending", None)),
        (closed, ("closed", cast.ana.pk)),
        (hers, ("open", cast.bia.pk)),
    ):
        ticket.refresh_from_db()
        assert (ticket.status, ticket.agent_id) == place
    assert len(heard(TicketReturned)) == 2
    assert not QueueMember.objects.filter(user_id=cast.ana.pk).exists()


def test_a_removal_that_is_undone_releases_nothing(cast, make_ticket):
    ticket = make_ticket(status="open", agent=cast.ana)
    with transaction.atomic():
        remove_user(cast.ana, by=cast.rui)
        transaction.set_rollback(True)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.agent_id) == ("open", cast.ana.pk)


def test_what_was_given_to_somebody_at_the_moment_of_removal_is_found_later(cast, make_ticket):
    remove_user(cast.ana, by=cast.rui)
    straggler = make_ticket(status="open", agent=cast.ana)
    plan = Agenda.objects.get(kind="tickets.release", object_id=cast.ana.pk)
    assert plan.due_at > timezone.now()
    Agenda.objects.filter(pk=plan.pk).update(due_at=timezone.now())
    assert all(run_due(due) for due in claim_due())
    straggler.refresh_from_db()
    assert (straggler.status, straggler.agent_id) == ("pending", None)
    assert not Agenda.objects.filter(kind="tickets.release").exists()


def test_what_was_released_is_given_to_a_colleague_where_the_queue_distributes(cast, make_ticket):
    dora = create_user(
        company_id=cast.acme.pk, email="dora@acme.example", password=None, name="Dora"
    )
    QueueMember.objects.create(queue=cast.sales, user=dora)
    User.objects.filter(pk=dora.pk).update(is_online=True, last_seen_at=timezone.now())
    Queue.objects.filter(pk=cast.sales.pk).update(distribution="next")
    ticket = make_ticket(status="open", agent=cast.ana)
    Episode.objects.create(ticket=ticket, agent=cast.ana)
    remove_user(cast.ana, by=cast.rui)
    assert all(run_due(due) for due in claim_due())
    assert Ticket.objects.get(pk=ticket.pk).agent_id == dora.pk


def test_releasing_twice_is_releasing_once(cast, make_ticket):
    make_ticket(status="open", agent=cast.ana)
    assert services.release_tickets_of(cast.ana.pk) == 1
    assert services.release_tickets_of(cast.ana.pk) == 0
