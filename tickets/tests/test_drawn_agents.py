"""Whom menu and wallet give a ticket to, and what customers are told (rules 37, 79, 105)."""

from datetime import timedelta

import pytest

from accounts.models import User
from dispatch.models import Agenda
from tickets.models import Assignment, Ticket
from tickets.services.bot import enter_queue
from tickets.services.find import Wanted, live_tickets
from tickets.tests.desk import (
    NOW,
    distribute,
    holder,
    pass_time_once,
    run_agenda,
    texts,
    waiting,
)

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
