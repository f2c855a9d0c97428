"""Nobody works now (behaviour 70-75)"""

import datetime

import pytest
from django.utils import timezone

from chatbots.tests.wires import NEVER, always
from tickets.models import Episode, Ticket


@pytest.fixture
def closed(number_is, settings_are, chat):
    """The connection's hours are over."""
    number_is(schedules=NEVER, out_of_hours_message="Fechado.", greeting_message="Olá!")
    settings_are(schedule_type="connection")
    return chat


def test_72_outside_of_hours_the_customer_hears_so_instead_of_the_menu(closed):
    closed.hear("oi")
    assert closed.said == ["Fechado."]
    ticket = closed.ticket
    assert (ticket.is_out_of_hours, ticket.bot_menu_count, ticket.queue) == (True, 1, None)


def test_72_the_companys_hours_count_where_the_company_says_so(
    closed, settings_are, number_is, acme
):
    settings_are(schedule_type="company")
    number_is(schedules=always())
    acme.schedules = NEVER
    acme.save()
    closed.hear("oi")
    assert closed.said == ["Fechado."]
    acme.schedules = []
    acme.save()


@pytest.mark.parametrize("mode", ["disabled", "queue", "company"])
def test_70_other_tables_do_not_count(closed, settings_are, mode):
    settings_are(schedule_type=mode)
    closed.hear("oi")
    assert closed.said[0].startswith("Olá!")


def test_72_who_is_being_served_hears_nothing_of_hours(closed, cast):
    closed.hear("oi")
    Ticket.objects.update(status="open", agent=cast.ana)
    closed.hear("alô")
    assert closed.said == ["Fechado."]


def test_72_without_a_text_the_bot_is_silent_but_notes_it(closed, number_is):
    number_is(out_of_hours_message="")
    closed.hear("oi")
    assert (closed.said, closed.ticket.is_out_of_hours) == ([], True)


def test_74_the_bot_speaks_so_many_times_and_no_more(closed, number_is):
    number_is(max_bot_menus=2)
    for _ in range(4):
        closed.hear("oi")
    assert closed.said == ["Fechado."] * 2


def test_74_zero_means_no_limit(closed, number_is):
    number_is(max_bot_menus=0)
    for _ in range(4):
        closed.hear("oi")
    assert len(closed.said) == 4


def test_74_a_choice_is_taken_also_after_the_last_menu(number_is, chat, cast):
    number_is(greeting_message="Olá!", max_bot_menus=1)
    chat.hear("oi")
    chat.hear("hm")
    assert len(chat.said) == 1
    chat.hear("2")
    assert chat.ticket.queue == cast.support


def test_75_after_a_text_the_bot_is_silent_for_its_minutes(closed, number_is):
    number_is(bot_silence_minutes=10)
    closed.hear("oi")
    closed.hear("alô")
    assert closed.said == ["Fechado."]
    Episode.objects.update(bot_at=timezone.now() - datetime.timedelta(minutes=10, seconds=1))
    closed.hear("alô")
    assert closed.said == ["Fechado."] * 2


def test_75_back_in_hours_the_bot_begins_anew(closed, number_is):
    number_is(max_bot_menus=1, bot_silence_minutes=60)
    closed.hear("oi")
    number_is(schedules=always())
    closed.hear("bom dia")
    assert closed.said[-1].startswith("Olá!")
    assert closed.ticket.is_out_of_hours is False


@pytest.fixture
def queue_hours(number_is, settings_are, cast, chat):
    cast.sales.schedules, cast.sales.out_of_hours_message = NEVER, "Vendas fechada."
    cast.sales.save()
    number_is(greeting_message="Olá!")
    settings_are(schedule_type="queue")
    return chat


def test_73_a_queue_that_is_closed_says_so_when_chosen_and_takes_the_ticket(queue_hours, cast):
    queue_hours.hear("oi")
    queue_hours.hear("1")
    assert queue_hours.said[-1] == "Vendas fechada."
    assert queue_hours.said.count("Vendas fechada.") == 1
    assert queue_hours.ticket.queue == cast.sales
    assert queue_hours.ticket.is_out_of_hours


def test_73_a_ticket_that_waits_in_a_closed_queue_hears_so(queue_hours, cast):
    queue_hours.hear("oi", is_answered=False)
    Ticket.objects.update(queue=cast.sales)
    queue_hours.answer()
    queue_hours.hear("alô")
    assert queue_hours.said == ["Vendas fechada."] * 2


@pytest.mark.parametrize("change", ["no text", "open", "other mode"])
def test_73_otherwise_the_queue_is_entered_as_ever(queue_hours, settings_are, cast, change):
    if change == "no text":
        cast.sales.out_of_hours_message = " "
    elif change == "open":
        cast.sales.schedules = always()
    else:
        settings_are(schedule_type="disabled")
    cast.sales.greeting_message = "Aqui é Vendas."
    cast.sales.save()
    queue_hours.hear("oi")
    queue_hours.hear("1")
    assert queue_hours.said[-1] == "Aqui é Vendas."
