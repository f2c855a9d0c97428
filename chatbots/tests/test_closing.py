"""Words at the end of an agent's part (behaviour 44, 48-50)."""

import pytest
from django.db import transaction

from messaging.models import Message
from tickets.events import TicketTransferred
from tickets.models import Ticket
from tickets.services import accept_ticket, close_ticket, transfer_ticket


@pytest.fixture
def served(number_is, chat, cast):
    """Ana serves Carla; the number has a closing text."""
    number_is(completion_message="Até logo, {{firstName}}!")
    chat.hear("oi")
    Ticket.objects.update(queue=cast.sales)
    accept_ticket(chat.ticket, by=cast.ana)
    return chat


def put(api, user, ticket, **body):
    answer = api(user).put(f"/tickets/{ticket.pk}", body, format="json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_44_closing_says_the_connections_farewell(served, api, cast):
    put(api, cast.ana, served.ticket, status="closed")
    assert served.ticket.status == "closed"
    assert served.said == ["Até logo, Carla!"]
    assert Message.objects.get(origin="bot").status == "queued"


def test_44_the_agents_own_farewell_wins(served, cast):
    cast.ana.farewell_message = "Um abraço, {{userName}}"
    cast.ana.save()
    close_ticket(served.ticket, by=cast.ana)
    assert served.said == ["Um abraço, Ana"]


def test_44_the_farewell_is_the_ticket_agents_also_where_an_admin_closes(served, cast):
    cast.ana.farewell_message = "Um abraço, {{userName}}"
    cast.ana.save()
    close_ticket(served.ticket, by=cast.rui)
    assert served.said == ["Um abraço, Ana"]


def test_44_a_close_without_farewell_is_silent(served, api, cast):
    put(api, cast.ana, served.ticket, status="closed", sendFarewellMessage=False)
    assert (served.ticket.status, served.said) == ("closed", [])


def test_44_without_a_text_nothing_is_said(served, number_is, cast):
    number_is(completion_message="")
    close_ticket(served.ticket, by=cast.ana)
    assert (served.ticket.status, served.said) == ("closed", [])


@pytest.mark.parametrize(("wanted", "said"), [(False, []), (True, ["Até logo, Carla!"])])
def test_44_who_only_waited_hears_farewell_where_the_company_wants_it(
    number_is, settings_are, chat, cast, wanted, said
):
    number_is(completion_message="Até logo, {{firstName}}!")
    settings_are(says_farewell_to_waiting=wanted)
    chat.hear("oi")
    close_ticket(chat.ticket, by=cast.rui)
    assert chat.said == said


@pytest.mark.parametrize(("as_tickets", "said"), [(False, []), (True, ["Tchau"])])
def test_44_groups_hear_farewell_only_where_they_are_tickets(
    served, number_is, cast, as_tickets, said
):
    number_is(completion_message="Tchau", groups_as_tickets=as_tickets)
    Ticket.objects.update(is_group=True)
    close_ticket(served.ticket, by=cast.ana)
    assert served.said == said


def test_44_a_ticket_whose_connection_is_gone_closes_without_words(served, cast):
    Ticket.objects.update(connection=None)
    assert close_ticket(Ticket.objects.get(), by=cast.ana).status == "closed"


def test_44_a_farewell_the_connection_cannot_carry_hinders_no_close(served, number_is, cast):
    number_is(completion_message="x" * 100_000)
    close_ticket(served.ticket, by=cast.ana)
    assert (served.ticket.status, served.said) == ("closed", [])


def test_44_a_close_that_is_undone_says_nothing(served, cast):
    with transaction.atomic():
        close_ticket(served.ticket, by=cast.ana)
        transaction.set_rollback(True)
    assert (served.ticket.status, served.said) == ("open", [])


def test_22_the_echo_of_the_farewell_opens_nothing(served, cast):
    from messaging.services.receive import receive_messages
    from messaging.tests.test_receive import arrival
    from whatsapp.drivers.base import Echo

    close_ticket(served.ticket, by=cast.ana)
    receive_messages(served.number, [arrival("E1", "\u200eAté logo, Carla!", event=Echo)])
    assert Ticket.objects.get().status == "closed"


# ------------------------------------------------------------------------------ 48-50 transfers


def test_48_the_note_is_kept_and_the_customer_told(served, settings_are, api, cast, heard):
    settings_are(announces_transfer=True, transfer_text="{{firstName}}, agora é com ${queue.name}.")
    put(
        api,
        cast.ana,
        served.ticket,
        status="pending",
        queueId=cast.support.pk,
        userId=None,
        isTransfered=True,
        msgTransfer="Cliente VIP",
    )
    note = Message.objects.get(is_private=True)
    assert (note.body, note.author) == ("Cliente VIP", cast.ana)
    assert served.said == ["Carla, agora é com Support."]
    assert len(heard(TicketTransferred)) == 1


def test_48_a_note_of_nothing_is_none_and_one_with_a_gone_connection_is_kept(served, cast):
    Ticket.objects.update(connection=None)
    for note in ("  ", "Cliente VIP"):
        transfer_ticket(served_ticket(), by=cast.rui, agent_id=cast.ana.pk, note=note)
    assert list(Message.objects.filter(is_private=True).values_list("body", flat=True)) == [
        "Cliente VIP"
    ]


def served_ticket():
    return Ticket.objects.get()


def test_48_without_the_setting_the_customer_is_not_told(served, settings_are, api, cast):
    settings_are(transfer_text="Agora é com ${queue.name}.")
    put(api, cast.ana, served.ticket, queueId=cast.support.pk, userId=None, isTransfered=True)
    assert served.said == []


def test_48_what_is_no_transfer_is_not_announced(served, settings_are, api, cast):
    settings_are(announces_transfer=True, transfer_text="Agora é com ${queue.name}.")
    put(api, cast.ana, served.ticket, queueId=cast.support.pk, userId=None)
    assert served.ticket.queue == cast.support
    assert served.said == []


def test_48_a_transfer_to_where_it_is_tells_nobody(served, settings_are, cast):
    settings_are(announces_transfer=True, transfer_text="Agora é com outro.")
    transfer_ticket(
        served.ticket, by=cast.ana, queue_id=cast.sales.pk, agent_id=cast.ana.pk, is_announced=True
    )
    assert served.said == []


def test_48_another_agent_of_the_same_queue_is_announced_too(served, settings_are, cast):
    settings_are(announces_transfer=True, transfer_text="Agora é com outra pessoa.")
    transfer_ticket(
        served.ticket, by=cast.ana, queue_id=cast.sales.pk, agent_id=cast.rui.pk, is_announced=True
    )
    assert served.said == ["Agora é com outra pessoa."]


def test_49_note_and_words_go_to_the_ticket_that_follows(served, settings_are, api, cast):
    settings_are(
        announces_transfer=True, transfer_text="Agora é com ${queue.name}.", closes_on_transfer=True
    )
    first = served.ticket
    answer = put(
        api,
        cast.ana,
        first,
        status="pending",
        queueId=cast.support.pk,
        userId=None,
        isTransfered=True,
        msgTransfer="Cliente VIP",
    )
    assert answer["id"] == served.ticket.pk != first.pk
    assert set(Message.objects.filter(from_me=True).values_list("ticket_id", flat=True)) == {
        served.ticket.pk
    }
    first.refresh_from_db()
    assert (first.status, served.said) == ("closed", ["Agora é com Support."])


def test_50_a_transfer_is_logged_on_both_sides(served, api, cast):
    put(
        api,
        cast.ana,
        served.ticket,
        queueId=cast.sales.pk,
        userId=cast.rui.pk,
        isTransfered=True,
        status="open",
    )
    rows = api(cast.rui).get(f"/tickets-log/{served.ticket.pk}").json()
    found = {row["type"]: row["userId"] for row in rows}
    assert found["receivedTransfer"] == cast.rui.pk
    assert "transfered" in found
