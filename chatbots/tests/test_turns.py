"""Every message is answered once: whatever dies, doubles, crosses or fails."""

import pytest
from django.db import connection as database
from django.utils import timezone

from chatbots.models import PendingText, Turn
from chatbots.services import pipeline, turns
from chatbots.services.later import say_pending
from chatbots.services.pipeline import Outcome, add_step
from chatbots.services.turns import answer_ticket, note_arrivals
from chatbots.tasks import answer_tickets, say_pending_text
from contacts.models import Contact
from contacts.services import merge_contacts
from dispatch.models import Agenda, Outbox
from dispatch.services import claim_due, run_due
from messaging.models import Message
from messaging.services.receive import receive_messages
from messaging.tests.test_receive import arrival
from tickets.models import Queue, Ticket
from whaticket.tenancy import current_company_id, current_schema
from whaticket.testing.races import at_once
from whatsapp.drivers.base import Identity, IdentityKind
from whatsapp.models import Connection


def bot_texts():
    return list(Message.objects.filter(origin="bot").values_list("body", flat=True))


@pytest.fixture
def shop(scratch_company):
    """A company that really commits: one number, two queues, a greeting."""
    number = Connection.objects.create(
        name="shop", status="CONNECTED", number="5511900000009", greeting_message="Olá!"
    )
    for position, name in enumerate(("Vendas", "Suporte")):
        queue = Queue.objects.create(name=name, color=f"#00000{position}", position=position)
        number.queues.add(queue)
    yield number
    for table in (Outbox, Agenda):
        table.objects.filter(company_id=scratch_company.pk).delete()


class Killed(BaseException):
    """What `kill -9` looks like from inside: nothing catches it."""


def die_at_every_statement(act):
    """Call a function again and again, killed one statement later each time, until it lives."""
    at = 0
    while True:
        at += 1
        count = 0

        def dies(execute, sql, params, many, context, at=at):
            nonlocal count
            count += 1
            if count == at:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with database.execute_wrapper(dies):
                act()
        except Killed:
            yield at
        else:
            return


def test_killed_at_any_statement_a_turn_is_done_once_and_wholly(shop):
    shop.queues.set(Queue.objects.filter(name="Vendas"))
    receive_messages(shop, [arrival("A1", "oi")])
    ticket = Ticket.objects.get()

    def state():
        ticket.refresh_from_db()
        planned = Agenda.objects.filter(company_id=current_company_id(), kind=turns.KIND).count()
        outbox = Outbox.objects.filter(company_id=current_company_id(), kind="send").count()
        return bot_texts(), ticket.is_bot, Turn.objects.count(), planned, outbox

    before, after = ([], True, 1, 1, 0), (["\u200eOlá!"], False, 0, 0, 1)
    seen = [state()]
    seen += [state() for _ in die_at_every_statement(lambda: answer_ticket(ticket.pk))]
    seen.append(state())
    # Nothing of it, until all of it: the last deaths come after the commit.
    assert seen.count(before) > 10
    assert seen == [before] * seen.count(before) + [after] * seen.count(after)


def test_killed_at_any_statement_a_menu_is_said_once(shop):
    receive_messages(shop, [arrival("A1", "oi")])
    ticket = Ticket.objects.get()
    answer_ticket(ticket.pk)
    PendingText.objects.update(due_at=timezone.now())

    def state():
        return len(bot_texts()), PendingText.objects.count()

    seen = [state() for _ in die_at_every_statement(lambda: say_pending(ticket.pk))]
    assert seen.count((0, 1)) > 10
    assert set(seen) | {state()} == {(0, 1), (1, 0)}
    assert state() == (1, 0)


def test_killed_while_storing_there_are_message_and_turn_or_neither(shop):
    event = arrival("A1", "oi")

    def state():
        planned = Agenda.objects.filter(company_id=current_company_id(), kind=turns.KIND).count()
        return Message.objects.count(), Turn.objects.count(), planned

    seen = [state() for _ in die_at_every_statement(lambda: receive_messages(shop, [event]))]
    assert set(seen) | {state()} == {(0, 0, 0), (1, 1, 1)}
    assert state() == (1, 1, 1)


def test_workers_at_once_answer_every_message_once_and_in_order(shop):
    shop.queues.set(Queue.objects.filter(name="Vendas"))
    receive_messages(shop, [arrival(f"A{n}", f"m{n}", seconds=n) for n in range(6)])
    ticket = Ticket.objects.get()
    counts = at_once(answer_ticket, [ticket.pk] * 4)
    assert sum(counts) == 6
    assert bot_texts() == ["\u200eOlá!"]
    assert Turn.objects.count() == 0


def test_workers_at_once_say_a_pending_text_once(shop):
    receive_messages(shop, [arrival("A1", "oi")])
    ticket = Ticket.objects.get()
    answer_ticket(ticket.pk)
    PendingText.objects.update(due_at=timezone.now())
    assert sorted(at_once(say_pending, [ticket.pk] * 4)) == [False, False, False, True]
    assert len(bot_texts()) == 1


def test_a_message_during_a_turn_gets_a_turn_of_its_own(shop):
    receive_messages(shop, [arrival("A1", "oi")])
    ticket = Ticket.objects.get()

    def act(what):
        if what == "answer":
            return answer_ticket(ticket.pk)
        return len(receive_messages(shop, [arrival("A2", "1", seconds=5)]))

    at_once(act, ["answer", "hear"])
    answer_ticket(ticket.pk)
    ticket.refresh_from_db()
    assert ticket.queue is not None
    assert ticket.queue.name == "Vendas"
    assert Turn.objects.count() == 0


def test_the_tasks_do_what_they_are_woken_for(shop):
    receive_messages(shop, [arrival("A1", "oi")])
    ticket = Ticket.objects.get()
    schema = current_schema()
    assert answer_tickets(schema, [ticket.pk]) == 1
    assert say_pending_text(schema, ticket.pk) is False
    PendingText.objects.update(due_at=timezone.now())
    assert say_pending_text(schema, ticket.pk) is True
    assert len(bot_texts()) == 1


# ------------------------------------------------------------------------------ in one transaction


@pytest.fixture
def menu(number_is, chat):
    number_is(greeting_message="Olá!")
    return chat


def test_a_lost_wake_up_is_found_by_the_clock(menu, acme):
    menu.hear("oi", is_answered=False)
    Agenda.objects.update(due_at=timezone.now())
    for due in claim_due():
        assert run_due(due)
    PendingText.objects.update(due_at=timezone.now())
    Agenda.objects.update(due_at=timezone.now())
    for due in claim_due():
        assert run_due(due)
    assert len(menu.said) == 1
    assert not Agenda.objects.filter(company_id=acme.pk, kind__startswith="chatbots").exists()


def test_a_batch_wakes_the_workers_once_for_all_its_conversations(
    menu, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(turns, "wake_named", lambda name, *args: woken.append((name, *args)))
    crowd = [arrival(f"M{n}", who=Identity(IdentityKind.PHONE, f"55119{n:08}")) for n in range(25)]
    with django_capture_on_commit_callbacks(execute=True):
        receive_messages(menu.number, crowd)
    assert [name for name, *_ in woken] == [turns.TASK] * 2
    assert sorted(pk for *_, ids in woken for pk in ids) == sorted(
        Ticket.objects.values_list("pk", flat=True)
    )


def test_a_message_delivered_twice_is_answered_once(menu):
    receive_messages(menu.number, [arrival("A1"), arrival("A1")])
    menu.answer()
    receive_messages(menu.number, [arrival("A1")])
    menu.answer()
    assert len(menu.said) == 1


def test_the_network_clock_decides_the_order_of_answers(menu, cast):
    receive_messages(menu.number, [arrival("A2", "2", seconds=2)])
    receive_messages(menu.number, [arrival("A1", "1", seconds=1)])
    menu.answer()
    assert menu.ticket.queue == cast.sales


def test_the_same_step_of_the_same_message_is_sent_once_even_if_done_again(menu):
    message = menu.hear("oi")
    Turn.objects.create(message=message)
    Ticket.objects.update(bot_menu_count=0)
    menu.answer()
    assert len(menu.said) == 1


def test_a_turn_follows_its_message_when_contacts_are_merged(menu, cast):
    other = Identity(IdentityKind.PHONE, "5521977776666")
    receive_messages(menu.number, [arrival("A1", "oi")])
    receive_messages(menu.number, [arrival("B1", "alô", who=other, seconds=1)])
    keep, drop = Contact.objects.order_by("pk")
    merge_contacts(keep, drop, by=cast.rui)
    Agenda.objects.filter(kind=turns.KIND).update(due_at=timezone.now())
    for due in claim_due():
        run_due(due)
    assert Turn.objects.count() == 0
    menu.settle()
    assert len(menu.said) == 1


@pytest.fixture
def broken_step():
    """A step of another room that fails on one word."""

    def take(situation):
        if situation.answer == "bum":
            raise LookupError("of another room")
        return Outcome.ON

    add_step("q", wants=lambda arrival: True, take=take)
    yield
    pipeline._steps[:] = [step for step in pipeline._steps if step.place != "q"]


def test_a_message_that_breaks_a_step_is_given_up_after_some_tries(menu, broken_step):
    menu.hear("bum", is_answered=False)
    menu.hear("oi", is_answered=False)
    for attempt in range(1, turns.MAX_ATTEMPTS + 1):
        with pytest.raises(LookupError):
            answer_ticket(menu.ticket.pk)
        assert Turn.objects.order_by("pk").first().attempts == attempt
        assert menu.said == []
    menu.answer()
    assert len(menu.said) == 1
    (failed,) = Turn.objects.all()
    assert failed.failure == "LookupError"


def test_one_broken_conversation_stops_no_other(shop, broken_step):
    other = Identity(IdentityKind.PHONE, "5521977776666")
    receive_messages(shop, [arrival("A1", "bum"), arrival("B1", "oi", who=other)])
    ids = list(Ticket.objects.order_by("pk").values_list("pk", flat=True))
    assert answer_tickets(current_schema(), ids) == 1


def test_two_steps_cannot_stand_at_one_place():
    with pytest.raises(ValueError, match="two steps"):
        add_step("v", wants=lambda arrival: True, take=lambda situation: Outcome.ON)


def test_steps_stand_in_the_order_of_rule_20():
    assert [step.place for step in pipeline._steps] == ["a", "l", "m", "n", "p", "v", "w", "x"]


def test_a_message_nobody_wants_costs_no_statement(menu, cast, django_assert_num_queries):
    message = menu.hear("oi")
    Ticket.objects.update(status="open", agent=cast.ana, queue=cast.sales)
    message.refresh_from_db()
    message.ticket.refresh_from_db()
    note_arrivals(cast.number, [message])  # warms the cache of settings
    with django_assert_num_queries(0):
        note_arrivals(cast.number, [message])


def test_twenty_wanted_messages_cost_as_many_statements_as_one(
    menu, cast, django_assert_num_queries
):
    people = [Identity(IdentityKind.PHONE, f"55119{n:08}") for n in range(21)]
    stored = [
        receive_messages(menu.number, [arrival(f"M{n}", who=who)])[0]
        for n, who in enumerate(people)
    ]
    Turn.objects.all().delete()
    for count in (1, 20):
        # The turns; their plans in the agenda.
        with django_assert_num_queries(2):
            note_arrivals(menu.number, stored[:count])
        Turn.objects.all().delete()
