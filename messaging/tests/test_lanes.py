"""Lanes of the board: time moves a ticket on and greets its customer; a message brings it back."""

import datetime

import pytest
from django.db import transaction
from django.utils import timezone

from billing.models import Plan, Subscription
from contacts.models import Tag
from dispatch.models import Agenda, Outbox
from dispatch.services import claim_due, run_due
from messaging.models import Message
from messaging.services import send as sending
from messaging.services.receive import receive_messages
from messaging.services.send import Draft, send_message
from messaging.tests.test_receive import arrival
from tickets import services
from tickets.events import TicketLaneChanged
from tickets.models import Ticket, TicketTag
from tickets.services.lanes import LANE_DUE
from whatsapp.drivers.base import Echo

HOURS = 24


@pytest.fixture
def lanes(cast):
    """New → (24 h) Waiting, which greets and goes back to New on a message."""
    waiting = Tag.objects.create(
        name="Waiting", is_lane=True, lane_greeting="Are you still there, {{firstName}}?"
    )
    new = Tag.objects.create(name="New", is_lane=True, lane_hours=HOURS, next_lane=waiting)
    waiting.rollback_lane = new
    waiting.save()
    return new, waiting


@pytest.fixture
def card(cast, ticket, lanes):
    """An open ticket in New, whose customer was answered last."""
    services.accept_ticket(ticket, by=cast.ana)
    Ticket.objects.filter(pk=ticket.pk).update(last_message_from_me=True)
    services.tag_ticket(ticket, lanes[0], by=cast.ana)
    return Ticket.objects.get(pk=ticket.pk)


def age(ticket, hours):
    """Let a ticket have stood still for some hours."""
    then = timezone.now() - datetime.timedelta(hours=hours)
    Ticket.objects.filter(pk=ticket.pk).update(updated_at=then)
    TicketTag.objects.filter(ticket=ticket).update(created_at=then)
    Agenda.objects.filter(kind=LANE_DUE).update(due_at=then + datetime.timedelta(hours=HOURS))


def plan_of(ticket):
    row = Agenda.objects.filter(kind=LANE_DUE, object_id=ticket.pk).first()
    return row.due_at if row else None


def run():
    """Do what is due, as the clock would; give how much that was."""
    return len([run_due(due) for due in claim_due() if due.kind == LANE_DUE])


def lane_of(ticket):
    return TicketTag.objects.get(ticket=ticket, tag__is_lane=True).tag


def sent(ticket):
    return list(Message.objects.filter(ticket=ticket, from_me=True).values_list("body", flat=True))


def test_a_ticket_in_a_lane_with_a_time_has_one_plan(cast, card, lanes):
    assert plan_of(card) == TicketTag.objects.get(ticket=card).created_at + datetime.timedelta(
        hours=HOURS
    )
    services.tag_ticket(card, lanes[0], by=cast.ana)
    assert Agenda.objects.filter(kind=LANE_DUE).count() == 1
    assert run() == 0


def test_an_idle_ticket_moves_on_and_its_customer_is_greeted_once(card, lanes, heard):
    age(card, HOURS + 1)
    assert run() == 1
    assert lane_of(card) == lanes[1]
    # Marked as the bot's, variables filled in.
    assert sent(card) == ["\u200eAre you still there, Carla?"]
    (message,) = Message.objects.filter(ticket=card, from_me=True)
    assert (message.origin, message.status) == ("bot", "queued")
    assert Outbox.objects.filter(message_id=message.pk).count() == 1
    (moved,) = [row for row in heard(TicketLaneChanged) if row["cause"] == "time"]
    assert (moved["former_lane_id"], moved["lane_id"]) == (lanes[0].pk, lanes[1].pk)
    # Waiting has no time of its own: nothing is planned any more.
    assert plan_of(card) is None
    assert run() == 0


def test_doing_it_again_after_a_death_before_the_plan_was_forgotten_changes_nothing(card, lanes):
    age(card, HOURS + 1)
    (due,) = [due for due in claim_due() if due.kind == LANE_DUE]
    assert run_due(due)
    # The process died before it noted that all was done: another one does it again.
    assert run_due(due)
    assert lane_of(card) == lanes[1]
    assert len(sent(card)) == 1


def test_a_death_on_the_way_loses_neither_the_move_nor_the_greeting(card, lanes, monkeypatch):
    age(card, HOURS + 1)

    class Killed(BaseException):
        pass

    def die(*args):
        raise Killed

    (due,) = [due for due in claim_due() if due.kind == LANE_DUE]
    # After the card was moved and the message written, before the commit.
    monkeypatch.setattr(sending, "enqueue", die)
    with pytest.raises(Killed), transaction.atomic():
        run_due(due)
    monkeypatch.undo()
    assert (lane_of(card), sent(card)) == (lanes[0], [])
    # The claim grows old and is claimed again.
    Agenda.objects.update(claimed_at=timezone.now() - datetime.timedelta(minutes=10))
    assert run() == 1
    assert lane_of(card) == lanes[1]
    assert len(sent(card)) == 1


def test_a_ticket_that_changed_is_looked_at_again_when_it_could_be_idle(cast, card, lanes):
    age(card, HOURS + 1)
    changed = timezone.now() - datetime.timedelta(hours=3)
    Ticket.objects.filter(pk=card.pk).update(updated_at=changed)
    assert run() == 1
    assert lane_of(card) == lanes[0]
    assert plan_of(card) == changed + datetime.timedelta(hours=HOURS)


@pytest.mark.parametrize(
    "state",
    [{"status": "pending"}, {"status": "nps"}, {"last_message_from_me": False}],
)
def test_only_open_tickets_that_wait_for_the_customer_move_on(card, lanes, state):
    age(card, HOURS + 1)
    Ticket.objects.filter(pk=card.pk).update(**state)
    assert run() == 1
    assert lane_of(card) == lanes[0]
    # It may become one that does.
    assert plan_of(card) > timezone.now() + datetime.timedelta(hours=HOURS - 1)


def test_a_closed_ticket_is_left_alone_and_timed_again_when_reopened(cast, card, lanes):
    services.close_ticket(card, by=cast.ana, says_farewell=False)
    age(card, HOURS + 1)
    assert run() == 1
    assert (lane_of(card), plan_of(card)) == (lanes[0], None)
    services.reopen_ticket(card, by=cast.ana)
    assert plan_of(card) > timezone.now()


def test_a_plan_without_a_board_stops_the_clock_and_the_way_back(cast, card, lanes):
    plan = Plan.objects.create(name="No board", users=9, connections=9, queues=9, use_kanban=False)
    Subscription.objects.create(company=cast.acme, plan=plan)
    age(card, HOURS + 1)
    assert run() == 1
    assert lane_of(card) == lanes[0]
    TicketTag.objects.filter(ticket=card).update(tag=lanes[1])
    receive_messages(cast.number, [arrival("M1", "Hello")])
    assert lane_of(card) == lanes[1]


def test_another_time_for_a_lane_holds_for_the_tickets_in_it(api, cast, card, lanes):
    since = TicketTag.objects.get(ticket=card).created_at
    api(cast.rui).put(f"/tags/{lanes[0].pk}", {"timeLane": 2})
    assert plan_of(card) == since + datetime.timedelta(hours=2)
    api(cast.rui).put(f"/tags/{lanes[0].pk}", {"timeLane": 0})
    age(card, HOURS + 1)
    assert run() == 1
    assert (lane_of(card), plan_of(card)) == (lanes[0], None)


def test_a_removed_ticket_or_lane_is_no_error_for_the_clock(cast, card, lanes):
    age(card, HOURS + 1)
    lanes[0].delete()
    assert run() == 1
    other = Tag.objects.create(name="Other", is_lane=True, lane_hours=HOURS, next_lane=lanes[1])
    services.tag_ticket(card, other, by=cast.ana)
    age(card, HOURS + 1)
    services.delete_ticket(card, by=cast.rui)
    assert run() == 1
    assert plan_of(card) is None


def test_a_greeting_that_cannot_be_sent_does_not_hold_the_card(cast, card, lanes):
    Ticket.objects.filter(pk=card.pk).update(connection=None)
    age(card, HOURS + 1)
    assert run() == 1
    assert (lane_of(card), sent(card)) == (lanes[1], [])


def test_a_lane_without_a_greeting_says_nothing(card, lanes):
    Tag.objects.filter(pk=lanes[1].pk).update(lane_greeting="")
    age(card, HOURS + 1)
    run()
    assert (lane_of(card), sent(card)) == (lanes[1], [])


def test_an_agent_who_moves_a_card_sends_no_greeting(cast, card, lanes):
    services.tag_ticket(card, lanes[1], by=cast.ana)
    assert sent(card) == []


@pytest.fixture
def waiting_card(cast, card, lanes):
    services.tag_ticket(card, lanes[1], by=cast.ana)
    return card


def test_a_customers_message_brings_the_card_back_in_the_same_commit(
    cast, waiting_card, lanes, heard
):
    receive_messages(cast.number, [arrival("M1", "Yes, I am")])
    assert lane_of(waiting_card) == lanes[0]
    assert heard(TicketLaneChanged)[-1]["cause"] == "message"
    assert plan_of(waiting_card) > timezone.now()


def test_an_agents_message_brings_it_back_too(cast, waiting_card, lanes):
    send_message(waiting_card, Draft(body="A note", is_private=True), by=cast.ana)
    assert lane_of(waiting_card) == lanes[1]
    send_message(waiting_card, Draft(body="May I help?"), by=cast.ana)
    assert lane_of(waiting_card) == lanes[0]


@pytest.mark.parametrize("origin", ["bot", "flow", "campaign"])
def test_what_machines_say_brings_no_card_back(waiting_card, lanes, origin):
    send_message(waiting_card, Draft(body="Automatic"), by=None, origin=origin)
    assert lane_of(waiting_card) == lanes[1]


@pytest.mark.parametrize(
    "body", ["Are you still there, {{firstName}}?", "\u200eBot", "\u200cCampaign"]
)
def test_the_echo_of_a_greeting_brings_no_card_back(cast, waiting_card, lanes, body):
    receive_messages(cast.number, [arrival("E1", body, event=Echo)])
    assert lane_of(waiting_card) == lanes[1]
    receive_messages(cast.number, [arrival("E2", "Typed on the phone", event=Echo)])
    assert lane_of(waiting_card) == lanes[0]
