"""Echoes, groups, vacation, recordings and calls (behaviour 16-25, 69, 83)"""

import datetime

import pytest
from django.utils import timezone

from chatbots.models import Turn
from chatbots.tests.wires import NEVER, group_message, of_kind
from contacts.models import Contact
from messaging.models import Message
from messaging.services.receive import receive_messages
from messaging.tests.test_receive import NOON, arrival
from tickets.models import Ticket
from whatsapp.drivers.base import (
    Echo,
    Inbound,
    Kind,
)
from whatsapp.drivers.base import Message as Wire
from whatsapp.drivers.registry import driver_for
from whatsapp.services.inbound import project_events, store_events


def test_an_echo_of_the_phone_triggers_no_bot(number_is, chat):
    number_is(greeting_message="Olá!")
    receive_messages(chat.number, [arrival("E1", "oi", event=Echo)])
    chat.answer()
    assert (chat.turns, chat.said) == (0, [])


def test_the_echo_of_a_bots_text_makes_no_second_bubble(number_is, chat, cast):
    number_is(greeting_message="Olá!")
    chat.hear("oi")
    echo = arrival("E1", Message.objects.get(origin="bot").body, event=Echo)
    assert receive_messages(chat.number, [echo]) == []


def test_history_and_imported_tickets_trigger_no_bot(number_is, settings_are, chat, cast):
    number_is(greeting_message="Olá!")
    settings_are(lgpd_enabled=True, lgpd_text="Guardamos seus dados.")
    event = arrival("H1", "oi")
    old = Wire(
        peer=event.message.peer,
        sender=event.message.sender,
        content=event.message.content,
        is_history=True,
    )
    history = Inbound(wire_id="H1", chat=event.chat, at=NOON, raw={}, message=old)
    receive_messages(chat.number, [history])
    assert (chat.turns, chat.ticket.status) == (0, "pending")
    Ticket.objects.update(imported_at=timezone.now())
    chat.hear("oi")
    assert (chat.turns, chat.said) == (0, [])


def test_a_group_that_is_no_ticket_is_left_alone(number_is, settings_are, chat):
    number_is(greeting_message="Olá!", allows_groups=True, schedules=NEVER)
    settings_are(schedule_type="connection")
    receive_messages(chat.number, [group_message("G1", "1")])
    chat.answer()
    assert (chat.turns, chat.said, chat.ticket.status) == (0, [], "group")


def test_80_a_group_that_is_a_ticket_may_choose_but_is_not_asked(number_is, chat, cast):
    number_is(greeting_message="Olá!", allows_groups=True, groups_as_tickets=True)
    receive_messages(chat.number, [group_message("G1", "oi")])
    chat.answer()
    assert (chat.said, chat.ticket.queue) == ([], None)
    receive_messages(chat.number, [group_message("G2", "1")])
    chat.answer()
    assert chat.ticket.queue == cast.sales


def test_76_a_group_that_is_a_ticket_is_greeted_once_by_the_only_queue(number_is, chat, one_queue):
    number_is(greeting_message="Olá!", allows_groups=True, groups_as_tickets=True)
    for n in range(2):
        receive_messages(chat.number, [group_message(f"G{n}", "oi")])
        chat.answer()
    assert chat.said == ["Olá!"]


def test_what_is_a_day_old_is_answered_by_nobody(number_is, chat):
    number_is(greeting_message="Olá!")
    receive_messages(chat.number, [arrival("A1", "oi", seconds=-86_400)])
    chat.answer()
    assert (chat.turns, chat.said) == (0, [])


def test_22_a_ticket_that_closed_meanwhile_gets_no_answer(number_is, chat):
    number_is(greeting_message="Olá!")
    chat.hear("oi", is_answered=False)
    Ticket.objects.update(status="closed")
    chat.answer()
    assert (chat.turns, chat.said) == (0, [])


def test_what_nobody_can_read_is_answered_by_nobody(number_is, chat):
    number_is(greeting_message="Olá!")
    receive_messages(chat.number, [of_kind("U1", Kind.UNSUPPORTED)])
    assert chat.turns == 0


@pytest.mark.parametrize(
    ("first", "last", "said"), [(-1, 1, 1), (0, 1, 1), (1, 2, 0), (-2, -1, 0), (-1, 0, 0)]
)
def test_24_on_vacation_every_message_is_told_so_and_nothing_else(
    number_is, chat, first, last, said
):
    today = timezone.localdate(timezone=datetime.timezone(datetime.timedelta(hours=-3)))
    day = datetime.timedelta(days=1)
    number_is(
        vacation_starts=today + first * day,
        vacation_ends=today + last * day,
        vacation_message="Voltamos em janeiro.",
    )
    chat.hear("oi")
    assert chat.said == ["Voltamos em janeiro."] * said


def test_24_the_vacation_comes_before_the_menu_and_spares_groups(number_is, chat):
    today = timezone.localdate()
    number_is(
        vacation_starts=today - datetime.timedelta(days=9),
        vacation_ends=today + datetime.timedelta(days=9),
        vacation_message="Voltamos em janeiro.",
        greeting_message="Olá!",
        allows_groups=True,
        groups_as_tickets=True,
    )
    receive_messages(chat.number, [group_message("G1", "oi")])
    chat.answer()
    assert chat.said == []
    chat.hear("1")
    assert (chat.said, chat.ticket.queue) == (["Voltamos em janeiro."], None)


def voice(chat):
    (message,) = receive_messages(chat.number, [of_kind("V1", Kind.VOICE)])
    chat.answer()
    return message


@pytest.mark.parametrize("who", ["company", "contact"])
@pytest.mark.parametrize("status", ["pending", "open"])
def test_83_a_recording_is_refused_with_a_quoted_reply(chat, settings_are, cast, who, status):
    chat.hear("oi")
    if status == "open":
        Ticket.objects.update(status="open", agent=cast.ana)
    if who == "company":
        settings_are(accepts_audio=False)
    else:
        Contact.objects.update(accepts_audio=False)
    message = voice(chat)
    reply = Message.objects.get(origin="bot")
    assert reply.quoted == message
    assert reply.body.startswith("\u200e")


def test_83_where_recordings_are_welcome_they_cost_no_turn(chat):
    voice(chat)
    assert (chat.turns, chat.said) == (0, [])


def ring(chat, status):
    receive_messages(chat.number, [of_kind(f"C:{status}", Kind.CALL, extra={"status": status})])
    chat.answer()


def test_69_a_call_is_answered_once_when_it_is_over(chat, settings_are, number_is):
    number_is(greeting_message="Olá!")
    settings_are(call_answer="Não atendemos ligações.")
    ring(chat, "offered")
    assert chat.said == []
    ring(chat, "missed")
    assert chat.said == ["Não atendemos ligações."]
    assert chat.ticket.status == "pending"
    assert Message.objects.filter(kind="call").count() == 2


def test_69_without_a_text_nothing_is_said_but_the_call_is_kept(chat):
    ring(chat, "missed")
    assert (chat.said, Message.objects.filter(kind="call").count()) == ([], 1)


@pytest.mark.parametrize(("answers", "kept"), [(True, 1), (False, 0)])
def test_69_switched_off_calls_are_ignored(settings_are, cast, answers, kept):
    settings_are(answers_calls=answers, call_answer="Não atendemos ligações.")
    raw = {
        "kind": "call",
        "id": "C1",
        "chat": "5511988887777@s.whatsapp.net",
        "status": "missed",
        "at": NOON.timestamp(),
    }
    store_events(cast.number.pk, driver_for("sandbox").parse(raw))
    project_events(cast.number.pk)
    assert Message.objects.filter(kind="call").count() == kept
    assert Turn.objects.count() == kept
