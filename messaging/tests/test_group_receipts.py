"""Reading a group: the network is told whose messages were read."""

from contacts.identity import Identity
from contacts.services import Profile, identify_contacts
from dispatch.models import Outbox
from messaging.models import Message
from messaging.services.read import read_messages
from messaging.tests.talk import received
from whatsapp.services import outbound

GROUP = "120363000000000001@g.us"


def person(cast, *identities):
    profile = Profile(
        identities=tuple(Identity(kind, value) for kind, value in identities),
        channel="whatsapp",
        connection_id=cast.number.pk,
    )
    return identify_contacts([profile])[0]


def say(mine, cast, who, text):
    message = received(mine, cast, text)
    Message.objects.filter(pk=message.pk).update(chat=GROUP, contact=who)
    message.refresh_from_db()
    return message


def test_each_writer_of_a_group_gets_a_receipt_of_their_own(mine, cast):
    caio = person(cast, ("phone", "5511977770000"), ("lid", "99887766"))
    duda = person(cast, ("lid", "11223344"))
    first, other, last = (say(mine, cast, who, "oi") for who in (caio, duda, caio))
    assert read_messages([mine.pk], tells_network=True) == 3
    rows = Outbox.objects.filter(kind="read").order_by("id")
    assert [(row.chat, row.payload) for row in rows] == [
        (GROUP, {"wire_ids": [other.wire_id], "sender": "11223344@lid"}),
        (
            GROUP,
            {"wire_ids": [first.wire_id, last.wire_id], "sender": "5511977770000@s.whatsapp.net"},
        ),
    ]


def test_a_large_group_costs_as_many_statements_as_one_person(
    mine, cast, django_assert_num_queries
):
    for number in range(12):
        say(mine, cast, person(cast, ("phone", f"55119777700{number:02d}")), "oi")
    # The messages, their writers' names, the receipts.
    with django_assert_num_queries(3 + 2):
        read_messages([mine.pk], tells_network=True)
    assert Outbox.objects.filter(kind="read").count() == 12


def test_a_reaction_in_a_group_says_whose_message_it_is_about(mine, cast):
    caio = person(cast, ("phone", "5511977770000"))
    theirs = say(mine, cast, caio, "oi")
    assert outbound.key_of(theirs.pk).sender == "5511977770000@s.whatsapp.net"
    Message.objects.filter(pk=theirs.pk).update(from_me=True)
    assert outbound.key_of(theirs.pk).sender == ""


def test_between_two_people_nobody_is_named(mine, cast, inbound):
    read_messages([mine.pk], tells_network=True)
    assert Outbox.objects.get(kind="read").payload == {"wire_ids": [inbound.wire_id]}
    assert outbound.key_of(inbound.pk).sender == ""
