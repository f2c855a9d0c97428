"""Tickets open, move, close and come back: every way in and every refusal of the services."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from tickets import services
from tickets.events import (
    TicketClosed,
    TicketMarkedUnread,
    TicketOpened,
    TicketReopened,
    TicketTransferred,
    TicketUpdated,
)
from tickets.exceptions import (
    AgentNotFound,
    AgentNotInQueue,
    ConnectionNotFound,
    NoConnection,
    OtherOpenTicket,
    PendingTicketsStayOpen,
    QueueNotFound,
    TicketNotFound,
    TicketTaken,
)
from tickets.models import Episode, QueueMember, Ticket
from tickets.services.close import close_imported
from tickets.services.find import Wanted, live_tickets
from tickets.services.open import open_ticket_for
from tickets.services.reopen import reopen_ticket, return_ticket
from tickets.services.update import TicketChange, update_ticket
from whaticket.testing.races import just_before
from whatsapp.models import Connection

NOTHING = 999_999_999


def current(ticket):
    return Ticket.objects.get(pk=ticket.pk)


@pytest.fixture
def person(customer):
    return customer("Dora", "5511955554444")


# Open --------------------------------------------------------------------------------------------


def test_an_agent_opens_a_conversation_on_their_own_number_else_on_the_default_one(
    cast, person, customer, heard
):
    opened = open_ticket_for(person, by=cast.ana)
    assert (opened.status, opened.agent_id, opened.connection) == ("open", cast.ana.pk, cast.number)
    assert heard(TicketOpened)[-1]["ticket_id"] == opened.pk
    own = Connection.objects.create(name="ana's", status="CONNECTED", number="5511900000077")
    cast.ana.connection_id = own.pk
    assert open_ticket_for(person, by=cast.ana).connection == own
    cast.ana.connection_id = NOTHING
    assert open_ticket_for(customer("Elsa", "5511955554445"), by=cast.ana).connection == cast.number


def test_a_named_number_queue_and_agent_are_taken(cast, person):
    opened = open_ticket_for(
        person,
        by=cast.rui,
        agent_id=cast.ana.pk,
        queue_id=cast.sales.pk,
        connection_id=cast.number.pk,
    )
    assert (opened.agent_id, opened.queue_id) == (cast.ana.pk, cast.sales.pk)


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"connection_id": NOTHING}, ConnectionNotFound),
        ({"queue_id": NOTHING}, QueueNotFound),
        ({"agent_id": NOTHING}, AgentNotFound),
    ],
)
def test_what_is_not_there_opens_nothing(cast, person, wish, refusal):
    with pytest.raises(refusal):
        open_ticket_for(person, by=cast.ana, **wish)
    assert not Ticket.objects.filter(contact=person).exists()


def test_nobody_opens_a_ticket_in_a_queue_they_do_not_answer(cast, person):
    with pytest.raises(AgentNotInQueue):
        open_ticket_for(person, by=cast.ana, queue_id=cast.support.pk)


def test_without_a_default_number_only_a_connected_one_will_do(cast, person):
    Connection.objects.update(is_default=False, status="DISCONNECTED")
    with pytest.raises(NoConnection):
        open_ticket_for(person, by=cast.ana)
    Connection.objects.update(status="CONNECTED")
    assert open_ticket_for(person, by=cast.ana).connection == cast.number


def test_a_live_ticket_is_shown_to_whoever_opens_another(cast, person):
    first = open_ticket_for(person, by=cast.ana)
    with pytest.raises(OtherOpenTicket) as refusal:
        open_ticket_for(person, by=cast.rui)
    assert refusal.value.details["ticket"]["id"] == first.pk


def test_a_live_ticket_that_closes_at_that_moment_is_not_shown(cast, person):
    first = open_ticket_for(person, by=cast.ana)

    def close():
        Ticket.objects.filter(pk=first.pk).update(status="closed")

    with just_before('SELECT "tickets_ticket"', close), pytest.raises(OtherOpenTicket) as refusal:
        open_ticket_for(person, by=cast.rui)
    assert "ticket" not in refusal.value.details


# Find --------------------------------------------------------------------------------------------


def test_nobody_who_writes_gets_nothing(db):
    assert live_tickets([]) == {}


def closed_lately(make_ticket, cast, **fields):
    Connection.objects.filter(pk=cast.number.pk).update(reopen_minutes=30)
    cast.number.refresh_from_db()
    return make_ticket(status="closed", **fields)


def test_whoever_writes_soon_after_the_end_finds_the_same_ticket_waiting(cast, make_ticket, heard):
    old = closed_lately(make_ticket, cast)
    found = live_tickets([Wanted(old.contact, cast.number)])[old.contact_id]
    assert (found.pk, found.status, found.closed_at) == (old.pk, "pending", None)
    assert [event["ticket_id"] for event in heard(TicketReopened)] == [old.pk]
    assert Episode.objects.filter(ticket=old, finished_at=None).count() == 1


def test_whoever_writes_long_after_the_end_begins_anew(cast, make_ticket):
    old = closed_lately(make_ticket, cast)
    Ticket.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(minutes=31))
    found = live_tickets([Wanted(old.contact, cast.number)])[old.contact_id]
    assert (found.pk != old.pk, current(old).status) == (True, "closed")


def test_a_group_that_is_no_ticket_comes_back_as_a_group(cast, make_ticket):
    old = closed_lately(make_ticket, cast, is_group=True)
    assert live_tickets([Wanted(old.contact, cast.number)])[old.contact_id].status == "group"


def test_a_reopening_gives_way_to_a_ticket_opened_at_that_moment(cast, make_ticket):
    old = closed_lately(make_ticket, cast)
    opened = []

    def rival():
        opened.append(make_ticket(contact=old.contact, status="pending"))

    with just_before("SAVEPOINT", rival, nth=2):
        found = live_tickets([Wanted(old.contact, cast.number)])[old.contact_id]
    assert (found.pk, current(old).status) == (opened[0].pk, "closed")


def test_a_new_group_and_a_person_to_be_asked_begin_in_their_own_state(
    cast, customer, company_sets
):
    company_sets(lgpd_enabled=True, lgpd_text="May we keep it?")
    group = Contact.objects.create(name="Family", is_group=True)
    person, imported = customer("Dora", "5511955554444"), customer("Elsa", "5511955554445")
    found = live_tickets(
        [
            Wanted(group, cast.number),
            Wanted(person, cast.number),
            Wanted(imported, cast.number, is_import=True),
        ]
    )
    states = [found[contact.pk].status for contact in (group, person, imported)]
    assert states == ["group", "lgpd", "pending"]


# Accept, transfer --------------------------------------------------------------------------------


def test_a_group_stays_a_group_whoever_takes_it_or_hands_it_over(cast, make_ticket):
    QueueMember.objects.create(queue=cast.sales, user=cast.bia)
    cast.ana.allows_groups = True
    group = make_ticket(status="group", is_group=True)
    assert services.accept_ticket(group, by=cast.rui).status == "group"
    moved = services.transfer_ticket(group, by=cast.rui, agent_id=cast.bia.pk)
    assert (moved.status, moved.agent_id) == ("group", cast.bia.pk)


def test_whoever_was_a_moment_faster_has_the_ticket(cast, ticket):
    def faster():
        Ticket.objects.filter(pk=ticket.pk).update(status="open", agent_id=cast.rui.pk)

    with just_before('UPDATE "tickets_ticket"', faster), pytest.raises(TicketTaken):
        services.accept_ticket(ticket, by=cast.ana)


def test_a_word_for_the_next_agent_goes_out_even_where_nothing_moves(cast, make_ticket, heard):
    ticket = make_ticket(status="open", agent=cast.ana)
    same = services.transfer_ticket(ticket, by=cast.ana, agent_id=cast.ana.pk)
    assert heard(TicketTransferred) == []
    services.transfer_ticket(same, by=cast.ana, agent_id=cast.ana.pk, note="calls at three")
    assert [event["note"] for event in heard(TicketTransferred)] == ["calls at three"]


def test_a_colleague_of_the_same_queue_takes_over(cast, make_ticket, heard):
    QueueMember.objects.create(queue=cast.sales, user=cast.bia)
    ticket = make_ticket(status="open", agent=cast.ana)
    services.transfer_ticket(ticket, by=cast.ana, agent_id=cast.bia.pk)
    (event,) = heard(TicketTransferred)
    assert (event["agent_id"], event["before"]["agent_id"]) == (cast.bia.pk, cast.ana.pk)


# Close -------------------------------------------------------------------------------------------


def test_what_is_over_is_not_ended_again(cast, make_ticket, heard):
    ticket = make_ticket(status="closed")
    assert services.close_ticket(ticket, by=cast.ana).pk == ticket.pk
    assert heard(TicketClosed) == []


def test_some_agents_may_not_end_what_still_waits(cast, make_ticket):
    waiting, served = make_ticket(), make_ticket(status="open", agent=cast.ana)
    cast.ana.closes_pending = False
    with pytest.raises(PendingTicketsStayOpen):
        services.close_ticket(waiting, by=cast.ana)
    assert current(waiting).status == "pending"
    services.close_ticket(served, by=cast.ana)
    cast.rui.closes_pending = False
    services.close_ticket(waiting, by=cast.rui)
    assert [current(one).status for one in (waiting, served)] == ["closed", "closed"]


def test_a_served_customer_is_asked_for_a_rating_first(cast, make_ticket, company_sets, heard):
    company_sets(asks_rating=True)
    Connection.objects.filter(pk=cast.number.pk).update(rating_message="How was it?")
    ticket = make_ticket(status="open", agent=cast.ana)
    Episode.objects.create(ticket=ticket, agent_id=cast.ana.pk)
    assert services.close_ticket(ticket, by=cast.ana).status == "nps"
    assert heard(TicketClosed) == []
    assert services.close_ticket(ticket, by=cast.ana).status == "closed"
    assert [event["says_farewell"] for event in heard(TicketClosed)] == [False]


def test_what_an_import_left_waiting_is_ended_and_nothing_else(cast, make_ticket):
    imported = make_ticket(imported_at=timezone.now())
    others = [make_ticket(), make_ticket(status="open", imported_at=timezone.now())]
    assert close_imported(cast.number.pk, by=cast.rui) == 1
    assert current(imported).status == "closed"
    assert [current(one).status for one in others] == ["pending", "open"]


# Come back ---------------------------------------------------------------------------------------


def test_a_live_ticket_is_not_reopened(cast, make_ticket):
    ticket = make_ticket(status="open", agent=cast.ana)
    assert reopen_ticket(ticket, by=cast.rui).agent_id == cast.ana.pk


def test_a_conversation_comes_back_to_an_agent_of_its_queue_only(cast, make_ticket):
    ticket = make_ticket(status="closed")
    with pytest.raises(AgentNotInQueue):
        reopen_ticket(ticket, by=cast.rui, agent_id=cast.bia.pk)
    assert reopen_ticket(ticket, by=cast.rui, agent_id=cast.ana.pk).agent_id == cast.ana.pk


def test_a_conversation_comes_back_to_whoever_asks_or_to_the_waiting_list(cast, make_ticket):
    first, second, third = (make_ticket(status="closed") for _ in range(3))
    assert reopen_ticket(first, by=cast.ana).agent_id == cast.ana.pk
    assert reopen_ticket(second, by=cast.ana, waits=True).status == "pending"
    assert reopen_ticket(third, by=None).status == "pending"


def test_a_group_comes_back_as_a_group_unless_groups_are_tickets(cast, make_ticket):
    chatter, served = (make_ticket(status="closed", is_group=True) for _ in range(2))
    assert reopen_ticket(chatter, by=cast.rui).status == "group"
    Connection.objects.filter(pk=cast.number.pk).update(groups_as_tickets=True)
    assert reopen_ticket(served, by=cast.rui).status == "open"


def test_a_conversation_whose_number_is_gone_comes_back_too(cast, make_ticket):
    ticket = make_ticket(status="closed", connection=None)
    assert reopen_ticket(ticket, by=cast.rui).status == "open"


def test_coming_back_gives_way_to_a_message_of_that_moment(cast, make_ticket):
    ticket = make_ticket(status="closed")
    opened = []

    def rival():
        opened.append(make_ticket(contact=ticket.contact))

    with just_before("SAVEPOINT", rival, nth=2):
        assert reopen_ticket(ticket, by=cast.rui).pk == opened[0].pk
    assert current(ticket).status == "closed"


def test_an_agent_gives_a_ticket_back_but_not_one_that_is_over(cast, make_ticket):
    held, over = make_ticket(status="open", agent=cast.ana), make_ticket(status="closed")
    group = make_ticket(status="group", is_group=True, agent=cast.ana)
    assert (return_ticket(held, by=cast.ana).status, current(held).agent_id) == ("pending", None)
    assert return_ticket(over, by=cast.ana).status == "closed"
    assert return_ticket(group, by=cast.ana).status == "group"


# One request for all of it -----------------------------------------------------------------------


def test_a_change_that_leaves_a_closed_ticket_closed_changes_nothing(cast, make_ticket):
    ticket = make_ticket(status="closed")
    update_ticket(ticket, TicketChange(agent_id=cast.ana.pk), by=cast.rui)
    assert (current(ticket).status, current(ticket).agent_id) == ("closed", None)


def test_a_ticket_put_to_waiting_loses_its_agent(cast, make_ticket):
    ticket = make_ticket(status="open", agent=cast.ana)
    update_ticket(ticket, TicketChange(status="pending"), by=cast.ana)
    assert (current(ticket).status, current(ticket).agent_id) == ("pending", None)


def test_an_open_ticket_has_somebody_who_answers_it(cast, make_ticket):
    waiting, held = make_ticket(), make_ticket(status="open", agent=cast.ana)
    update_ticket(waiting, TicketChange(status="open"), by=cast.rui)
    update_ticket(held, TicketChange(status="open"), by=cast.rui)
    assert current(waiting).agent_id == cast.rui.pk
    assert current(held).agent_id == cast.ana.pk


def test_a_waiting_ticket_that_only_changes_its_queue_goes_on_waiting(cast, make_ticket):
    ticket = make_ticket()
    update_ticket(ticket, TicketChange(queue_id=cast.support.pk), by=cast.rui)
    assert (current(ticket).status, current(ticket).queue_id) == ("pending", cast.support.pk)


def test_details_are_written_once_and_told_once(cast, make_ticket, heard):
    ticket = make_ticket(status="open", agent=cast.ana)
    for _ in range(2):
        update_ticket(current(ticket), TicketChange(is_bot=False, unread_count=3), by=cast.ana)
        Ticket.objects.filter(pk=ticket.pk).update(unread_count=0)
        update_ticket(current(ticket), TicketChange(is_bot=False), by=cast.ana)
    assert not current(ticket).is_bot
    assert {event["ticket_id"] for event in heard(TicketUpdated)} == {ticket.pk}
    assert len(heard(TicketUpdated)) == 2


def test_a_ticket_that_is_gone_is_not_found(cast, make_ticket):
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).delete()
    for act in (
        services.close_ticket,
        services.transfer_ticket,
        services.mark_unread,
        reopen_ticket,
        return_ticket,
    ):
        with pytest.raises(TicketNotFound):
            act(ticket, by=cast.rui)


def test_a_reminder_is_a_badge_of_one(cast, make_ticket, heard):
    ticket = make_ticket()
    assert services.mark_unread(ticket, by=cast.ana).unread_count == 1
    assert len(heard(TicketMarkedUnread)) == 1


def test_the_members_of_a_queue_are_people_of_the_company(cast):
    with pytest.raises(AgentNotFound):
        services.set_members_of(cast.sales, [cast.ana.pk, cast.eva.pk], by=cast.rui)
    services.set_members_of(cast.sales, [cast.ana.pk], by=cast.rui)
    assert [row.user_id for row in QueueMember.objects.filter(queue=cast.sales)] == [cast.ana.pk]


def test_a_queue_nobody_answers_is_removed_too(cast):
    services.set_members_of(cast.support, [], by=cast.rui)
    services.delete_queue(cast.support, by=cast.rui)
    assert not type(cast.support).objects.filter(pk=cast.support.pk).exists()
