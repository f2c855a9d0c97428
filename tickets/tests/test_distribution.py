"""Waiting tickets find an agent by themselves; every decision says why (rules 37, 79, 105)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.events import UserPresenceChanged
from accounts.models import User
from accounts.services import note_presence
from dispatch.models import Agenda
from dispatch.services import claim_due, run_due
from messaging.models import Message
from tickets import services
from tickets.events import TicketAccepted, TicketAssigned
from tickets.models import Assignment, Episode, Queue, QueueMember, Ticket
from tickets.services.bot import enter_queue
from tickets.services.distribution import assign_ticket, distribute_queue
from tickets.services.find import Wanted, live_tickets
from whaticket.testing.races import at_once

NOW = timezone.now


@pytest.fixture
def team(cast):
    """Ana and two more agents of the sales queue, all at work; Bia is of another queue."""
    from types import SimpleNamespace

    from accounts.services import create_user

    people = [cast.ana]
    for name in ("caio", "dora"):
        agent = create_user(
            company_id=cast.acme.pk, email=f"{name}@acme.example", password=None, name=name.title()
        )
        QueueMember.objects.create(queue=cast.sales, user=agent)
        people.append(agent)
    come(*people)
    return SimpleNamespace(ana=people[0], caio=people[1], dora=people[2])


def come(*people):
    User.objects.filter(pk__in=[p.pk for p in people]).update(is_online=True, last_seen_at=NOW())


def go(*people):
    User.objects.filter(pk__in=[p.pk for p in people]).update(is_online=False)


def distribute(queue, mode="random", **fields):
    """Switch a queue's distribution on, as an administrator does."""
    services.set_distribution(queue, services.DistributionChange(mode=mode, **fields), by=None)


def pass_time(**age):
    """Let everything that is planned come due so much earlier, and do what is due then."""
    Agenda.objects.update(due_at=NOW())
    run_agenda()


def run_agenda():
    """Do what is due, as the clock and a worker would."""
    while claimed := claim_due():
        assert all(run_due(due) for due in claimed)


def waiting(cast, customer, phone="5511933330001", **fields):
    """A customer writes: a ticket as the inbound path opens it."""
    contact = fields.pop("contact", None) or customer("Nina", phone)
    found = live_tickets([Wanted(contact, cast.number)])[contact.pk]
    services.transfer_ticket(found, by=None, queue_id=cast.sales.pk)
    found.refresh_from_db()
    return found


def holder(ticket):
    ticket.refresh_from_db()
    return ticket.agent_id


def reasons(assignment):
    return {row["name"]: row["skipped"] for row in assignment.candidates}


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

    pass_time()  # too early: Ana still has time
    assert holder(ticket) == team.ana.pk
    Assignment.objects.update(decided_at=NOW() - timedelta(minutes=5))
    # That the customer writes meanwhile gives her no more time.
    Ticket.objects.update(updated_at=NOW())
    pass_time_once()

    assert holder(ticket) == team.caio.pk
    newest, first = ticket.assignments.order_by("-pk")
    assert (first.trigger, newest.trigger) == ("entered", "not_picked_up")
    assert reasons(newest)["Ana"] == "had_it"


def pass_time_once():
    """Let what is planned come due and do each once."""
    Agenda.objects.update(due_at=NOW())
    assert all(run_due(due) for due in claim_due())


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


# -------------------------------------------------------------- the menu, and own agents


def test_rule_79_draws_somebody_when_the_customer_has_chosen_a_queue(cast, team, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(queue=None)
    ticket.refresh_from_db()
    enter_queue(ticket, cast.sales)
    run_agenda()
    assert holder(ticket) in {team.ana.pk, team.caio.pk, team.dora.pk}
    decision = ticket.assignments.get()
    assert (decision.mode, decision.trigger) == ("random", "menu")


def test_rule_79_is_a_setting_of_the_company(cast, team, ticket, company_sets):
    company_sets(assigns_randomly=False)
    Ticket.objects.filter(pk=ticket.pk).update(queue=None)
    ticket.refresh_from_db()
    enter_queue(ticket, cast.sales)
    run_agenda()
    assert holder(ticket) is None
    assert not ticket.assignments.exists()


def test_a_queue_that_distributes_does_so_after_the_menu_in_its_own_way(
    cast, team, ticket, company_sets
):
    company_sets(assigns_randomly=False)
    distribute(cast.sales, "next")
    Ticket.objects.filter(pk=ticket.pk).update(queue=None)
    run_agenda()
    ticket.refresh_from_db()
    enter_queue(ticket, cast.sales)
    run_agenda()
    assert holder(ticket) == team.ana.pk
    decision = ticket.assignments.get()
    assert (decision.mode, decision.trigger) == ("next", "menu")


def test_what_has_an_agent_after_the_menu_keeps_them(cast, team, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(queue=None, agent=cast.rui)
    ticket.refresh_from_db()
    enter_queue(ticket, cast.sales)
    run_agenda()
    assert holder(ticket) == cast.rui.pk
    assert not ticket.assignments.exists()


def test_a_drawing_that_finds_nobody_is_not_repeated(cast, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(queue=None)
    ticket.refresh_from_db()
    enter_queue(ticket, cast.sales)
    run_agenda()
    assert ticket.assignments.get().outcome == "nobody"
    assert not Agenda.objects.exists()


def test_rule_37_a_new_ticket_is_opened_for_the_first_agent_of_the_wallet(
    cast, team, customer, company_sets
):
    from contacts.models import Wallet

    company_sets(routes_to_wallets=True)
    nina, otto = customer("Nina", "5511933330001"), customer("Otto", "5511933330002")
    for agent in (team.caio, team.ana):
        Wallet.objects.create(contact=nina, agent=agent)
    found = live_tickets([Wanted(nina, cast.number), Wanted(otto, cast.number)])
    mine, other = found[nina.pk], found[otto.pk]
    assert (mine.status, mine.agent_id, mine.is_bot) == ("open", team.caio.pk, False)
    assert (other.status, other.agent_id) == ("pending", None)
    decision = mine.assignments.get()
    assert (decision.mode, decision.outcome, decision.agent_id) == (
        "wallet",
        "assigned",
        team.caio.pk,
    )


@pytest.mark.parametrize("why", ["off", "removed"])
def test_rule_37_needs_the_setting_and_an_agent_who_is_still_here(
    cast, team, customer, company_sets, why
):
    from contacts.models import Wallet

    company_sets(routes_to_wallets=why != "off")
    nina = customer("Nina", "5511933330001")
    Wallet.objects.create(contact=nina, agent=team.caio)
    if why == "removed":
        User.objects.filter(pk=team.caio.pk).update(removed_at=NOW())
    found = live_tickets([Wanted(nina, cast.number)])[nina.pk]
    assert (found.status, found.agent_id) == ("pending", None)


# ---------------------------------------------------------------------- what customers read


def test_the_customer_is_told_once_that_somebody_is_looked_for(cast, team, customer):
    distribute(cast.sales, "next", minutes=5)
    ticket = waiting(cast, customer)
    run_agenda()
    assert texts(ticket) == 1
    Assignment.objects.update(decided_at=NOW() - timedelta(minutes=6))
    pass_time_once()
    assert holder(ticket) == team.caio.pk
    assert texts(ticket) == 1


def test_nobody_is_told_where_the_company_does_not_want_it(cast, team, customer, company_sets):
    company_sets(greets_on_single_queue=False)
    distribute(cast.sales, "next")
    ticket = waiting(cast, customer)
    run_agenda()
    assert holder(ticket) == team.ana.pk
    assert texts(ticket) == 0


def texts(ticket):
    return Message.objects.filter(ticket=ticket, origin="bot").count()


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
