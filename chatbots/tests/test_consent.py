"""May we keep what you write? (behaviour 92-95)"""

import pytest

from chatbots.tests.wires import NEVER, group_message
from contacts.models import Contact
from messaging.services.receive import receive_messages
from tickets.events import ConsentAwaited, ConsentGiven, TicketClosed, TicketOpened
from tickets.models import Episode
from tickets.services import close_ticket


@pytest.fixture
def asked(settings_are, number_is, chat):
    settings_are(
        lgpd_enabled=True, lgpd_text="Guardamos seus dados.", lgpd_link="https://x.example"
    )
    number_is(completion_message="Tchau!", greeting_message="Olá!")
    return chat


def test_93_a_new_conversation_begins_with_text_link_and_question(asked, heard):
    asked.hear("oi")
    ticket = asked.ticket
    assert (ticket.status, ticket.bot_menu_count) == ("lgpd", 1)
    assert ticket.consent_asked_at is not None
    assert asked.said[:2] == ["Guardamos seus dados.", "https://x.example"]
    assert "*[ 1 ]* - " in asked.said[2]
    assert "*[ 2 ]* - " in asked.said[2]
    assert len(asked.said) == 3
    assert len(heard(ConsentAwaited)) == 1
    assert heard(TicketOpened) == []


def test_93_without_a_link_none_is_sent(asked, settings_are):
    settings_are(lgpd_link="")
    asked.hear("oi")
    assert len(asked.said) == 2


def test_94_yes_lets_the_ticket_wait_and_brings_the_menu(asked, heard):
    asked.hear("oi")
    asked.hear("1")
    ticket = asked.ticket
    assert (ticket.status, ticket.queue, ticket.bot_menu_count) == ("pending", None, 1)
    assert ticket.consented_at is not None
    assert Contact.objects.get().consented_at == ticket.consented_at
    assert asked.said[-1].startswith("Olá!\n")
    assert len(heard(ConsentGiven)) == 1


def test_94_no_ends_it_and_leaves_no_episode(asked, heard):
    asked.hear("oi")
    asked.hear("2")
    assert asked.ticket.status == "closed"
    assert asked.said[-1] == "Tchau!"
    assert not Episode.objects.exists()
    assert Contact.objects.get().consented_at is None
    assert len(heard(TicketClosed)) == 1


@pytest.mark.parametrize(("most", "questions"), [(2, 2), (0, 4)])
def test_94_anything_else_is_asked_again_within_the_limit(asked, number_is, most, questions):
    number_is(max_bot_menus=most)
    for text in ("oi", "como assim?", "não entendi", "alô"):
        asked.hear(text)
    assert sum("*[ 1 ]*" in text for text in asked.said) == questions
    assert asked.ticket.status == "lgpd"


def test_95_while_waiting_nothing_else_runs(asked, number_is, settings_are):
    number_is(schedules=NEVER, out_of_hours_message="Fechado.")
    settings_are(schedule_type="connection")
    asked.hear("oi")
    asked.hear("sair")
    assert "Fechado." not in asked.said
    assert asked.ticket.status == "lgpd"


def test_92_who_agreed_once_is_asked_again_only_if_the_company_wants_it(asked, settings_are, cast):
    asked.hear("oi")
    asked.hear("1")
    close_ticket(asked.ticket, by=cast.rui, says_farewell=False)
    asked.hear("voltei")
    assert asked.ticket.status == "pending"
    close_ticket(asked.ticket, by=cast.rui, says_farewell=False)
    settings_are(lgpd_asks_every_ticket=True)
    asked.hear("de novo")
    assert asked.ticket.status == "lgpd"


@pytest.mark.parametrize("off", [{"lgpd_enabled": False}, {"lgpd_text": " "}])
def test_92_without_the_setting_or_a_text_nobody_is_asked(asked, settings_are, off):
    settings_are(**off)
    asked.hear("oi")
    assert asked.ticket.status == "pending"


def test_92_switched_off_meanwhile_nobody_has_to_answer(asked, settings_are):
    asked.hear("oi")
    settings_are(lgpd_enabled=False)
    asked.hear("alô?")
    assert asked.ticket.status == "pending"
    assert asked.said[-1].startswith("Olá!\n")


def test_92_a_group_is_not_asked(asked, number_is):
    number_is(allows_groups=True, groups_as_tickets=True)
    receive_messages(asked.number, [group_message("G1", "oi")])
    assert asked.ticket.status == "pending"
