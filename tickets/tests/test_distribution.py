"""Waiting tickets find an agent by themselves; every decision says why (rule 105)."""

from datetime import timedelta

import pytest

from accounts.events import UserPresenceChanged
from accounts.models import User
from accounts.services import note_presence
from dispatch.models import Agenda
from tickets import services
from tickets.events import TicketAccepted, TicketAssigned
from tickets.models import Assignment, Episode, Queue, QueueMember, Ticket
from tickets.services.distribution import assign_ticket, distribute_queue
from tickets.services.find import Wanted, live_tickets
from tickets.tests.desk import (
    NOW,
    come,
    distribute,
    go,
    holder,
    pass_time_once,
    reasons,
    run_agenda,
    waiting,
)
from whaticket.testing.races import at_once

# ---------------------------------------------------------------------------- the decision


def test_a_ticket_that_enters_a_queue_is_given_to_somebody_of_it_and_still_waits(
    cast, team, customer, heard
):
    distribute(cast.sales)
    ticket = waiting(cast, customer)
    assert holder(ticket) is None

    run_agenda()

    assert holder(ticket) in {team.ana.pk, team.caio.pk, team.dora.pk}
    assert ticket.status == "pending"
    (event,) = heard(TicketAssigned)
    decision = ticket.assignments.get()
    assert event["assignment_id"] == decision.pk
    assert event["before"]["agent_id"] is None
    assert (decision.outcome, decision.mode, decision.trigger) == ("assigned", "random", "entered")
    assert decision.agent_id == ticket.agent_id
    assert len(decision.candidates) == 3


def test_a_queue_that_does_not_distribute_plans_nothing(cast, team, customer):
    ticket = waiting(cast, customer)
    assert not Agenda.objects.filter(kind="tickets.assign").exists()
    assert assign_ticket(ticket.pk) is None
    assert holder(ticket) is None


def test_every_reason_against_somebody_is_written_down(cast, team, customer, make_ticket):
    come(cast.bia, cast.rui)
    for person in (cast.bia, cast.rui):
        QueueMember.objects.create(queue=cast.sales, user=person)
    go(team.ana)
    User.objects.filter(pk=team.caio.pk).update(work_starts="03:00", work_ends="03:00")
    User.objects.filter(pk=team.dora.pk).update(is_active=False)
    QueueMember.objects.filter(user=cast.bia).update(capacity=1)
    make_ticket(status="open", agent=cast.bia, queue=cast.support)
    distribute(cast.sales)
    ticket = waiting(cast, customer)

    run_agenda()

    assert holder(ticket) is None
    decision = ticket.assignments.get()
    assert decision.outcome == "nobody"
    assert reasons(decision) == {
        "Ana": "offline",
        "Caio": "out_of_hours",
        "Dora": "inactive",
        "Bia": "at_capacity",
        "Rui": "not_an_agent",
    }
    assert next(r for r in decision.candidates if r["name"] == "Bia")["load"] == 1


def test_who_was_silent_for_five_minutes_is_offline_whatever_the_flag_says(cast, team, customer):
    User.objects.filter(company=cast.acme).update(last_seen_at=NOW() - timedelta(minutes=6))
    distribute(cast.sales)
    ticket = waiting(cast, customer)
    run_agenda()
    assert set(reasons(ticket.assignments.get()).values()) == {"offline"}


def test_random_draws_only_among_those_who_are_there(cast, team, customer):
    go(team.ana, team.caio)
    distribute(cast.sales)
    for number in range(4):
        ticket = waiting(cast, customer, f"551193333{number:04}")
        run_agenda()
        assert holder(ticket) == team.dora.pk


def test_next_agent_goes_around(cast, team, customer):
    distribute(cast.sales, "next")
    got = []
    for number in range(6):
        ticket = waiting(cast, customer, f"551193333{number:04}")
        run_agenda()
        got.append(holder(ticket))
    assert got == [team.ana.pk, team.caio.pk, team.dora.pk] * 2


def test_next_agent_leaves_out_who_is_away_and_gives_them_the_turn_when_back(cast, team, customer):
    distribute(cast.sales, "next")
    go(team.ana)
    first, second = (waiting(cast, customer, f"55119333300{n}0") for n in (1, 2))
    run_agenda()
    assert {holder(first), holder(second)} == {team.caio.pk, team.dora.pk}
    come(team.ana)
    third = waiting(cast, customer, "5511933330030")
    run_agenda()
    assert holder(third) == team.ana.pk


def test_least_busy_counts_what_people_hold_over_all_queues(cast, team, customer, make_ticket):
    distribute(cast.sales, "least_busy")
    make_ticket(status="open", agent=team.ana, queue=cast.support)
    make_ticket(status="pending", agent=team.caio)
    make_ticket(status="closed", agent=team.dora)
    ticket = waiting(cast, customer)
    run_agenda()
    assert holder(ticket) == team.dora.pk


def test_the_last_agent_gets_the_customer_back_if_there_and_else_the_least_busy(
    cast, team, customer, make_ticket
):
    distribute(cast.sales, "last_agent")
    nina = customer("Nina", "5511933330001")
    make_ticket(status="open", agent=team.caio)
    old = make_ticket(contact=nina, status="closed", agent=team.caio)
    Episode.objects.create(ticket=old, agent=team.caio, finished_at=NOW())
    ticket = waiting(cast, customer, contact=nina)
    run_agenda()
    assert holder(ticket) == team.caio.pk

    services.close_ticket(ticket, by=None)
    go(team.caio)
    make_ticket(status="open", agent=team.ana)
    again = waiting(cast, customer, contact=nina)
    run_agenda()
    assert again.pk != ticket.pk
    assert holder(again) == team.dora.pk


def test_capacity_of_the_queue_and_of_one_member(cast, team, customer):
    distribute(cast.sales, "next", capacity=1, capacities={team.ana.pk: 2, team.caio.pk: None})
    tickets = [waiting(cast, customer, f"551193333{n:04}") for n in range(6)]
    run_agenda()
    held = [holder(ticket) for ticket in tickets]
    assert held.count(team.ana.pk) == 2
    assert held.count(team.caio.pk) == held.count(team.dora.pk) == 1
    assert held[4:] == [None, None]


def test_a_queue_may_open_what_it_assigns(cast, team, customer, heard):
    distribute(cast.sales, "next", opens=True, minutes=5)
    ticket = waiting(cast, customer)
    run_agenda()
    assert (holder(ticket), ticket.status, ticket.is_bot) == (team.ana.pk, "open", False)
    assert heard(TicketAccepted)[-1]["by_id"] is None
    assert Episode.objects.get(ticket=ticket).started_at is not None
    # It need not be picked up any more.
    assert not Agenda.objects.filter(kind="tickets.assign", object_id=ticket.pk).exists()


# -------------------------------------------------------------------------- not picked up


def test_what_is_not_picked_up_in_time_goes_to_somebody_else(cast, team, customer):
    distribute(cast.sales, "next", minutes=5)
    ticket = waiting(cast, customer)
    run_agenda()
    assert holder(ticket) == team.ana.pk
    plan = Agenda.objects.get(kind="tickets.assign", object_id=ticket.pk)
    assert timedelta(minutes=4) < plan.due_at - NOW() <= timedelta(minutes=5)

    pass_time_once()  # too early: Ana still has time
    assert holder(ticket) == team.ana.pk
    Assignment.objects.update(decided_at=NOW() - timedelta(minutes=5))
    # That the customer writes meanwhile gives her no more time.
    Ticket.objects.update(updated_at=NOW())
    pass_time_once()

    assert holder(ticket) == team.caio.pk
    newest, first = ticket.assignments.order_by("-pk")
    assert (first.trigger, newest.trigger) == ("entered", "not_picked_up")
    assert reasons(newest)["Ana"] == "had_it"


def test_what_a_colleague_handed_over_to_wait_is_passed_on_in_time_too(cast, team, customer):
    ticket = waiting(cast, customer)
    distribute(cast.sales, "next", minutes=5)
    services.transfer_ticket(ticket, by=cast.rui, agent_id=team.ana.pk, status="pending")
    pass_time_once()
    assert holder(ticket) == team.ana.pk
    Episode.objects.update(queued_at=NOW() - timedelta(minutes=6))
    pass_time_once()
    assert holder(ticket) == team.caio.pk


def test_where_agents_may_take_their_time_nothing_is_planned(cast, team, customer):
    ticket = waiting(cast, customer)
    distribute(cast.sales, "next")
    services.transfer_ticket(ticket, by=cast.rui, agent_id=team.ana.pk, status="pending")
    run_agenda()
    assert holder(ticket) == team.ana.pk
    assert not Agenda.objects.exists()
    assert assign_ticket(ticket.pk) is None


def test_who_accepts_while_it_is_being_decided_keeps_it(cast, team, customer, monkeypatch):
    from tickets.services.distribution import assign

    ticket = waiting(cast, customer)
    distribute(cast.sales, "next")
    look = assign.candidates_of

    def slowly(queue):
        services.accept_ticket(ticket, by=team.dora)
        return look(queue)

    monkeypatch.setattr(assign, "candidates_of", slowly)
    assert assign_ticket(ticket.pk) is None
    assert (holder(ticket), ticket.status) == (team.dora.pk, "open")
    assert not ticket.assignments.exists()


def test_where_nobody_else_is_there_it_stays_and_is_asked_about_again(cast, team, customer):
    distribute(cast.sales, "next", minutes=5)
    ticket = waiting(cast, customer)
    run_agenda()
    go(team.caio, team.dora)
    for _ in range(3):
        Assignment.objects.update(decided_at=NOW() - timedelta(minutes=6))
        pass_time_once()
    assert holder(ticket) == team.ana.pk
    kept = ticket.assignments.get(outcome="kept")
    assert kept.attempts == 3
    assert Agenda.objects.filter(kind="tickets.assign", object_id=ticket.pk).exists()


def test_what_was_accepted_or_given_to_somebody_of_another_queue_is_left_alone(
    cast, team, customer, heard
):
    distribute(cast.sales, "next", minutes=5)
    ticket = waiting(cast, customer)
    run_agenda()
    services.accept_ticket(ticket, by=team.ana)
    Assignment.objects.update(decided_at=NOW() - timedelta(minutes=6))
    pass_time_once()
    assert (holder(ticket), ticket.status) == (team.ana.pk, "open")

    Ticket.objects.filter(pk=ticket.pk).update(status="pending", agent=cast.rui)
    assert assign_ticket(ticket.pk) is None
    assert holder(ticket) == cast.rui.pk


# ---------------------------------------------------------------------- nobody was there


def test_what_nobody_could_take_is_taken_by_who_comes(
    cast, team, customer, django_capture_on_commit_callbacks
):
    go(team.ana, team.caio, team.dora)
    distribute(cast.sales, "next")
    first, second = (waiting(cast, customer, f"55119333300{n}0") for n in (1, 2))
    run_agenda()
    assert holder(first) is holder(second) is None
    plan = Agenda.objects.get(kind="tickets.distribute")
    assert plan.due_at > NOW()

    team.caio.is_online = False
    with django_capture_on_commit_callbacks(execute=True):
        note_presence(team.caio)
    run_agenda()

    assert holder(first) == holder(second) == team.caio.pk
    assert [a.outcome for a in first.assignments.order_by("pk")] == ["nobody", "assigned"]
    assert not Agenda.objects.filter(kind="tickets.distribute").exists()


def test_an_arrival_costs_nothing_where_nothing_waits(cast, team, heard):
    note_presence(cast.bia)
    assert heard(UserPresenceChanged)
    assert not Agenda.objects.exists()


def test_a_new_member_takes_what_waits(cast, team, customer, django_capture_on_commit_callbacks):
    go(team.ana, team.caio, team.dora)
    come(cast.bia)
    distribute(cast.sales, "next")
    ticket = waiting(cast, customer)
    run_agenda()
    everybody = [*QueueMember.objects.filter(queue=cast.sales).values_list("user_id", flat=True)]
    with django_capture_on_commit_callbacks(execute=True):
        services.set_members_of(cast.sales, [*everybody, cast.bia.pk], by=cast.rui)
    run_agenda()
    assert holder(ticket) == cast.bia.pk


def test_a_full_hand_that_gets_free_takes_the_next(
    cast, team, customer, django_capture_on_commit_callbacks
):
    go(team.caio, team.dora)
    distribute(cast.sales, "next", capacity=1)
    first, second = (waiting(cast, customer, f"55119333300{n}0") for n in (1, 2))
    run_agenda()
    assert (holder(first), holder(second)) == (team.ana.pk, None)
    with django_capture_on_commit_callbacks(execute=True):
        services.close_ticket(first, by=None)
    run_agenda()
    assert holder(second) == team.ana.pk


def test_a_queue_that_is_switched_on_gives_away_what_waits_already(cast, team, customer):
    tickets = [waiting(cast, customer, f"551193333{n:04}") for n in range(3)]
    distribute(cast.sales, "next")
    run_agenda()
    assert {holder(t) for t in tickets} == {team.ana.pk, team.caio.pk, team.dora.pk}
    assert distribute_queue(cast.sales.pk) == 0


# -------------------------------------------------------------------------------- races


@pytest.fixture
def crowd(scratch_team):
    """The eight agents at work, and forty waiting tickets of a queue that goes around."""
    from contacts.identity import Identity
    from contacts.services import Profile, identify_contacts

    come(*scratch_team.agents)
    Queue.objects.filter(pk=scratch_team.queue.pk).update(distribution="next", agent_capacity=0)
    profiles = [
        Profile((Identity("phone", f"55119666{number:05}"),), name=f"C{number}")
        for number in range(40)
    ]
    contacts = identify_contacts(profiles)
    Ticket.objects.filter(pk=scratch_team.ticket.pk).update(queue=None)
    found = live_tickets([Wanted(contact, scratch_team.number) for contact in contacts])
    yield scratch_team, [ticket.pk for ticket in found.values()]
    Agenda.objects.filter(company_id=scratch_team.agents[0].company_id).delete()


def test_workers_at_once_give_fairly_and_never_twice(crowd):
    team, ids = crowd
    parts = [ids[n::8] + ids[(n + 1) % 8 :: 8] for n in range(8)]  # every ticket is tried twice

    at_once(lambda part: [assign_ticket(pk) for pk in part], parts)

    held = list(Ticket.objects.filter(pk__in=ids).values_list("agent_id", flat=True))
    assert sorted(held.count(agent.pk) for agent in team.agents) == [5] * 8
    assert Assignment.objects.filter(outcome="assigned").count() == 40


def test_of_an_agent_and_the_distribution_at_once_one_gets_the_ticket(crowd):
    team, ids = crowd

    def take(number):
        if number == 0:
            return assign_ticket(ids[0])
        try:
            return services.accept_ticket(Ticket.objects.get(pk=ids[0]), by=team.agents[number])
        except services.accept.TicketTaken:
            return None

    at_once(take, range(4))

    ticket = Ticket.objects.get(pk=ids[0])
    given = Assignment.objects.filter(ticket=ticket, outcome="assigned").first()
    if ticket.status == "pending":
        assert given.agent_id == ticket.agent_id
    else:
        # Whoever accepts after the decision was the one it fell on.
        assert given is None or given.agent_id == ticket.agent_id
