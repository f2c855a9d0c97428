"""Which queue should it be? (behaviour 76-82)"""

import pytest

from chatbots.models import PendingText
from chatbots.services import files
from dispatch.models import Agenda
from messaging.media import store_upload
from messaging.models import FileList, FileListItem, Message
from messaging.services.files import put_files
from messaging.tests.talk import picture
from tickets.events import MenuSent, TicketClosed, TicketQueued
from tickets.models import Episode, Ticket
from tickets.services import accept_ticket

GREETING = "Olá, {{firstName}}! Com quem você quer falar?"


@pytest.fixture
def menu(number_is, chat):
    number_is(greeting_message=GREETING)
    return chat


def test_76_the_only_queue_greets_once_and_takes_the_ticket(one_queue, number_is, chat, cast):
    number_is(greeting_message=GREETING)
    chat.hear("oi")
    chat.hear("tem alguém?")
    assert chat.said == ["Olá, Carla! Com quem você quer falar?"]
    assert (chat.ticket.queue, chat.ticket.status) == (cast.sales, "pending")


def test_76_without_the_setting_the_only_queue_says_nothing(
    one_queue, number_is, settings_are, chat, cast
):
    number_is(greeting_message=GREETING)
    settings_are(greets_on_single_queue=False)
    chat.hear("oi")
    assert (chat.said, chat.turns, chat.ticket.queue) == ([], 0, cast.sales)


@pytest.mark.parametrize("greeting", ["", " ", "."])
def test_76_a_greeting_of_one_character_is_none(one_queue, number_is, chat, greeting):
    number_is(greeting_message=greeting)
    chat.hear("oi")
    assert chat.said == []


def test_76_the_place_in_the_queue_is_said_where_the_company_wants_it(
    one_queue, settings_are, chat, cast, make_ticket
):
    settings_are(sends_queue_position=True, queue_position_text="Sua posição:")
    make_ticket(queue=cast.sales)
    make_ticket(queue=cast.sales, agent=cast.ana)
    make_ticket(queue=cast.sales, is_group=True)
    make_ticket(queue=cast.support)
    chat.hear("oi")
    assert chat.said == ["Sua posição: *2*"]


def test_76_nobody_is_told_a_place_who_is_being_served(one_queue, settings_are, chat, cast):
    settings_are(sends_queue_position=True, queue_position_text="Sua posição:")
    chat.hear("oi", is_answered=False)
    accept_ticket(chat.ticket, by=cast.ana)
    chat.answer()
    assert (chat.said, chat.turns) == ([], 0)


def test_76_a_queue_that_closes_what_enters_it_closes_the_ticket(one_queue, chat, cast, heard):
    cast.sales.closes_tickets = True
    cast.sales.save()
    chat.hear("oi")
    assert chat.ticket.status == "closed"
    assert [event["says_farewell"] for event in heard(TicketClosed)] == [False]


def test_77_a_number_chooses_the_queue_at_that_place_of_the_menu(menu, cast, heard):
    cast.support.position, cast.sales.position = 1, 2
    cast.support.save()
    cast.sales.save()
    menu.hear("oi")
    assert menu.said[0].splitlines() == [
        "Olá, Carla! Com quem você quer falar?",
        "",
        "*[ 1 ]* - Support",
        "*[ 2 ]* - Sales",
        menu.said[0].splitlines()[-1],
    ]
    assert menu.said[0].splitlines()[-1].startswith("*[ Sair ]* - ")
    menu.hear(" 2 ")
    assert (menu.ticket.queue, menu.ticket.status) == (cast.sales, "pending")
    (queued,) = heard(TicketQueued)
    assert (queued["queue_id"], queued["before"]["queue_id"]) == (cast.sales.pk, None)


def test_77_a_tap_counts_by_its_id_and_not_by_its_words(menu, cast):
    menu.hear("oi")
    menu.hear("Vendas", reply_id="2")
    assert menu.ticket.queue == cast.support


@pytest.mark.parametrize("answer", ["0", "3", "-1", "1.5", "²", "um", "99999999999999999999"])
def test_77_what_is_no_number_of_the_menu_brings_the_menu_again(menu, answer):
    menu.hear("oi")
    menu.hear(answer)
    assert menu.ticket.queue is None
    assert len(menu.said) == 2
    assert menu.said[0] == menu.said[1]


@pytest.mark.parametrize("word", ["sair", "SAIR", "Sair "])
def test_77_sair_ends_the_conversation_with_farewell(menu, number_is, settings_are, word):
    number_is(completion_message="Até logo!")
    settings_are(says_farewell_to_waiting=True)
    menu.hear("oi")
    menu.hear(word)
    assert menu.ticket.status == "closed"
    assert menu.said[-1] == "Até logo!"


def test_77_who_wants_no_bot_gets_no_menu(menu, cast):
    menu.hear("oi", is_answered=False)
    menu.ticket.contact.__class__.objects.update(bot_disabled=True)
    menu.answer()
    assert menu.said == []


def test_78_the_chosen_queue_greets_and_the_counters_begin_anew(menu, cast):
    cast.sales.greeting_message = "Aqui é {{queue}}."
    cast.sales.save()
    menu.hear("oi")
    assert menu.ticket.bot_menu_count == 1
    menu.hear("1")
    assert menu.said[-1] == "Aqui é Sales."
    assert menu.ticket.bot_menu_count == 0
    episode = Episode.objects.get(ticket=menu.ticket)
    assert (episode.queue, episode.bot_at) == (cast.sales, None)


def test_78_a_chosen_queue_that_closes_tickets_closes_this_one(menu, cast):
    cast.sales.closes_tickets, cast.sales.greeting_message = True, "Veja nosso site."
    cast.sales.save()
    menu.hear("oi")
    menu.hear("1")
    assert menu.ticket.status == "closed"
    assert menu.said[-1] == "Veja nosso site."


def test_78_a_place_is_said_after_the_choice_too(menu, settings_are, cast):
    settings_are(sends_queue_position=True, queue_position_text="Sua posição:")
    menu.hear("oi")
    menu.hear("1")
    assert menu.said[-1] == "Sua posição: *1*"


@pytest.fixture
def prices(cast, settings, tmp_path):
    """Sales sends a list with one file to everybody who enters."""
    settings.MEDIA_ROOT = tmp_path
    row = FileList.objects.create(name="Prices", message="Nossos preços, {{firstName}}:")
    item = FileListItem.objects.create(file_list=row, name="Tabela")
    put_files(row.pk, {item.pk: store_upload(picture(), name="prices.png")}, by=cast.rui)
    cast.sales.file_list_id, cast.sales.greeting_message = row.pk, "Aqui é {{queue}}."
    cast.sales.save()
    return row


def test_78_the_files_of_the_queue_follow_its_greeting_once(menu, prices):
    menu.hear("oi")
    chosen = menu.hear("1")
    plan = Agenda.objects.get(kind=files.KIND)
    assert plan.object_id == chosen.pk
    files.send_due_files(chosen.pk)
    files.send_due_files(chosen.pk)
    assert menu.said[1:] == ["Aqui é Sales.", "Nossos preços, Carla:", "Tabela"]
    assert Message.objects.last().kind == "image"
    assert not Agenda.objects.filter(kind=files.KIND).exists()


def test_76_the_only_queue_sends_its_files_too(one_queue, chat, prices):
    message = chat.hear("oi")
    files.send_due_files(message.pk)
    assert chat.said == ["Nossos preços, Carla:", "Tabela"]


def test_files_of_a_queue_that_sends_none_any_more_are_not_sent(menu, prices, cast):
    menu.hear("oi")
    message = menu.hear("1")
    cast.sales.file_list_id = None
    cast.sales.save()
    files.send_due_files(message.pk)
    assert menu.said[1:] == ["Aqui é Sales."]


def test_80_the_menu_is_logged_counted_and_dated(menu, heard):
    menu.hear("oi")
    assert [event["ticket_id"] for event in heard(MenuSent)] == [menu.ticket.pk]
    assert menu.ticket.bot_menu_count == 1
    assert Episode.objects.get(ticket=menu.ticket).bot_at is not None


def test_80_the_menu_goes_out_with_its_picture(menu, number_is, settings, tmp_path, cast):
    settings.MEDIA_ROOT = tmp_path
    stored = store_upload(picture(), name="oi.png")
    number_is(greeting_media=stored.path)
    menu.hear("oi")
    sent = Message.objects.get(origin="bot")
    assert (sent.kind, sent.media_type) == ("image", "image/png")
    assert sent.media_path != stored.path
    assert "*[ 1 ]* - Sales" in sent.body


def test_80_a_picture_that_is_gone_costs_nobody_the_menu(menu, number_is, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    number_is(greeting_media="0123456789abcdef0123456789abcdef.png")
    menu.hear("oi")
    assert "*[ 1 ]* - Sales" in menu.said[0]


def test_81_of_several_messages_at_once_the_last_one_brings_the_menu(menu):
    for text in ("oi", "tudo bem?", "preciso de ajuda"):
        menu.hear(text, is_answered=False)
    menu.answer()
    assert len(menu.said) == 1
    assert menu.turns == PendingText.objects.count() == Agenda.objects.count() == 0


def test_81_a_choice_takes_the_place_of_a_menu_that_waits(menu, cast):
    menu.hear("oi", is_answered=False)
    menu.hear("1", is_answered=False)
    menu.answer()
    assert menu.said == []
    assert menu.ticket.queue == cast.sales


def test_without_a_greeting_several_queues_are_silent_and_cost_no_turn(chat, cast):
    chat.hear("oi", is_answered=False)
    assert chat.turns == 0
    chat.hear("1")
    assert (chat.said, chat.ticket.queue) == ([], None)


def test_25_an_agents_conversation_costs_no_turn(menu, cast):
    menu.hear("oi")
    Ticket.objects.update(status="open", agent=cast.ana)
    menu.hear("1", is_answered=False)
    assert menu.turns == 0


def test_25_who_has_a_queue_gets_no_menu(menu, cast):
    menu.hear("oi", is_answered=False)
    Ticket.objects.update(queue=cast.support)
    menu.answer()
    assert menu.said == []


def test_25_a_waiting_ticket_with_an_agent_gets_no_menu(menu, cast):
    menu.hear("oi", is_answered=False)
    Ticket.objects.update(agent=cast.ana)
    menu.answer()
    menu.hear("1", is_answered=False)
    assert (menu.said, menu.turns) == ([], 0)


def test_every_text_of_the_bot_carries_its_mark(menu):
    menu.hear("oi")
    menu.hear("1")
    assert Message.objects.filter(origin="bot").count() >= 1
    for body in Message.objects.filter(origin="bot").values_list("body", flat=True):
        assert body.startswith("\u200e")
