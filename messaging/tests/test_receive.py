"""What arrives becomes exactly one row, in the right ticket, in the network's order."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, ContactIdentity
from messaging.events import MessageReceived
from messaging.models import Message
from messaging.services.receive import receive_messages
from tickets.models import Ticket
from whatsapp.drivers.base import (
    Content,
    Echo,
    Identity,
    IdentityKind,
    Inbound,
    Kind,
    Person,
    chat_key,
)
from whatsapp.drivers.base import Message as Wire

CARLA = Identity(IdentityKind.PHONE, "5511988887777")
NOON = timezone.now() - timedelta(hours=1)


def arrival(wire_id, text="oi", *, who=CARLA, also=(), seconds=0, event=Inbound, **content):
    """One event as a driver would give it."""
    person = Person(identities=(who, *also), push_name="Carla")
    return event(
        wire_id=wire_id,
        chat=chat_key(who),
        at=NOON + timedelta(seconds=seconds),
        raw={},
        message=Wire(
            peer=(who, *also),
            sender=person,
            content=Content(kind=Kind.TEXT, text=text, **content),
        ),
    )


def test_a_message_from_a_stranger_makes_a_contact_a_ticket_and_a_row(cast, heard):
    (message,) = receive_messages(cast.number, [arrival("A1", "bom dia")])
    ticket = Ticket.objects.get()
    contact = Contact.objects.get()
    assert (contact.name, contact.address) == ("Carla", "5511988887777")
    assert (ticket.status, ticket.unread_count, ticket.message_count) == ("pending", 1, 1)
    assert ticket.last_message == "bom dia"
    assert (message.ticket, message.contact, message.body) == (ticket, contact, "bom dia")
    assert message.status == "received"
    assert [event["message_id"] for event in heard(MessageReceived)] == [message.pk]


def test_the_same_message_again_changes_nothing(cast):
    receive_messages(cast.number, [arrival("A1")])
    assert receive_messages(cast.number, [arrival("A1"), arrival("A1")]) == []
    assert Message.objects.count() == 1
    assert Ticket.objects.get().unread_count == 1


def test_messages_of_one_batch_keep_the_order_of_the_networks_clock(cast):
    late, early = arrival("A2", "dois", seconds=2), arrival("A1", "um", seconds=1)
    receive_messages(cast.number, [late, early])
    assert list(Message.objects.order_by("sent_at").values_list("body", flat=True)) == [
        "um",
        "dois",
    ]
    assert Ticket.objects.get().last_message == "dois"


def test_a_straggler_does_not_become_the_last_line(cast):
    receive_messages(cast.number, [arrival("A2", "dois", seconds=2)])
    receive_messages(cast.number, [arrival("A1", "um", seconds=1)])
    ticket = Ticket.objects.get()
    assert (ticket.last_message, ticket.unread_count, ticket.message_count) == ("dois", 2, 2)


def test_a_clock_in_the_future_does_not_pin_a_message_to_the_end(cast):
    (message,) = receive_messages(cast.number, [arrival("A1", seconds=10**6)])
    assert message.sent_at <= timezone.now()


def test_a_lid_and_a_phone_seen_together_are_one_contact(cast):
    lid = Identity(IdentityKind.LID, "123456789")
    receive_messages(cast.number, [arrival("A1", who=lid)])
    receive_messages(cast.number, [arrival("A2", who=lid, also=(CARLA,))])
    contact = Contact.objects.get()
    assert contact.address == "5511988887777"
    assert set(contact.identities.values_list("kind", flat=True)) == {"phone", "lid"}
    assert Ticket.objects.count() == 1


def test_a_lid_contact_and_a_phone_contact_that_turn_out_to_be_one_person_are_merged(cast):
    lid = Identity(IdentityKind.LID, "123456789")
    receive_messages(cast.number, [arrival("A1", who=lid)])
    receive_messages(cast.number, [arrival("A2", who=CARLA)])
    receive_messages(cast.number, [arrival("A3", who=lid, also=(CARLA,))])
    kept = Contact.objects.get(merged_into=None)
    assert kept.address == "5511988887777"
    live = Ticket.objects.live().get()
    assert live.contact == kept
    assert set(Message.objects.values_list("ticket__contact", flat=True)) == {kept.pk}


@pytest.mark.parametrize("spelling", ["5511988887777", "551188887777"])
def test_brazils_ninth_digit_makes_no_second_contact(cast, spelling):
    receive_messages(cast.number, [arrival("A1")])
    receive_messages(cast.number, [arrival("A2", who=Identity(IdentityKind.PHONE, spelling))])
    assert ContactIdentity.objects.count() == 1


def test_an_echo_of_the_phone_is_ours_clears_the_counter_and_names_nobody(cast):
    receive_messages(cast.number, [arrival("A1")])
    (echo,) = receive_messages(cast.number, [arrival("E1", "respondi", seconds=5, event=Echo)])
    ticket = Ticket.objects.get()
    assert (echo.from_me, echo.origin, echo.status) == (True, "phone", "sent")
    assert (ticket.unread_count, ticket.last_message_from_me) == (0, True)
    assert Contact.objects.get().name == "Carla"


def test_an_echo_does_not_reopen_a_closed_ticket(cast):
    receive_messages(cast.number, [arrival("A1")])
    Ticket.objects.update(status="closed", is_newest_closed=True)
    receive_messages(cast.number, [arrival("E1", event=Echo, seconds=5)])
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.message_count) == ("closed", 2)


def test_a_customer_who_writes_after_the_close_gets_a_new_ticket(cast):
    receive_messages(cast.number, [arrival("A1")])
    Ticket.objects.update(status="closed", is_newest_closed=True)
    receive_messages(cast.number, [arrival("A2", seconds=5)])
    assert sorted(Ticket.objects.values_list("status", flat=True)) == ["closed", "pending"]


def test_an_answer_finds_what_it_quotes_even_within_one_batch(cast):
    batch = [arrival("A1", "pergunta"), arrival("A2", "resposta", seconds=1, quoted="A1")]
    question, answer = receive_messages(cast.number, batch)
    answer.refresh_from_db()
    assert answer.quoted == question


def test_groups_are_ignored_until_the_company_wants_them(cast):
    group = Identity(IdentityKind.GROUP, "12036304")
    event = Inbound(
        wire_id="G1",
        chat=chat_key(group),
        at=NOON,
        raw={},
        message=Wire(
            peer=(group,),
            sender=Person(identities=(CARLA,), push_name="Carla"),
            content=Content(kind=Kind.TEXT, text="oi, grupo"),
            is_group=True,
        ),
    )
    assert receive_messages(cast.number, [event]) == []
    cast.number.allows_groups = True
    (message,) = receive_messages(cast.number, [event])
    assert message.ticket.status == "group"
    assert (message.ticket.contact.is_group, message.contact.name) == (True, "Carla")


def test_a_hundred_people_cost_as_many_statements_as_one(cast, django_assert_max_num_queries):
    def crowd(start, count):
        return [
            arrival(f"M{n}", who=Identity(IdentityKind.PHONE, f"55119{n:08}"))
            for n in range(start, start + count)
        ]

    with django_assert_max_num_queries(40):
        receive_messages(cast.number, crowd(0, 1))
    with django_assert_max_num_queries(40):
        receive_messages(cast.number, crowd(100, 100))
    assert Ticket.objects.count() == 101
