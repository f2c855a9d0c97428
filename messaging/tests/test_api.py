"""The routes of messages: what they do, and to whom they refuse it."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact
from dispatch.models import Outbox
from messaging.media import full_path
from messaging.models import Message
from messaging.services.send import Draft, send_message
from messaging.tests.talk import bodies, picture, received
from tickets.models import Ticket

# Reading ----------------------------------------------------------------------------------------


def test_a_conversation_is_paged_from_its_end_and_reads_downwards(api, cast, mine):
    for number in range(45):
        received(mine, cast, str(number))
    ana = api(cast.ana)
    first = ana.get(f"/messages/{mine.uuid}")
    assert bodies(first) == [str(n) for n in range(25, 45)]
    assert first.json()["hasMore"] is True
    assert first.json()["ticket"]["uuid"] == str(mine.uuid)
    last = ana.get(f"/messages/{mine.pk}?pageNumber=3")
    assert (bodies(last), last.json()["hasMore"]) == ([str(n) for n in range(5)], False)


def test_a_page_costs_two_statements_however_long(api, cast, mine):
    def cost(key):
        with CaptureQueriesContext(connection) as spent:
            assert ana.get(f"/messages/{key}").status_code == 200
        return len([q for q in spent.captured_queries if "SET search_path" not in q["sql"]])

    ana = api(cast.ana)
    received(mine, cast, "one")
    ana.get(f"/messages/{mine.pk}")  # notes presence, and reads
    assert cost(mine.uuid) == 2
    for number in range(25):
        received(mine, cast, str(number))
    ana.get(f"/messages/{mine.pk}")
    # The session with its person, company and queues; the ticket with the page.
    assert cost(mine.pk) == 2


def test_a_cursor_stays_put_when_messages_arrive(api, cast, mine):
    for number in range(30):
        received(mine, cast, str(number))
    ana = api(cast.ana)
    oldest = ana.get(f"/messages/{mine.pk}").json()["messages"][0]
    received(mine, cast, "new")
    assert bodies(ana.get(f"/messages/{mine.pk}?before={oldest['id']}")) == [
        str(n) for n in range(10)
    ]


def test_earlier_tickets_are_read_along_as_far_as_their_queue_is_ours(api, cast, mine):
    def earlier(queue, body):
        old = Ticket.objects.create(
            contact=mine.contact, connection=cast.number, queue=queue, status="closed"
        )
        received(old, cast, body, sent_at=mine.created_at)

    earlier(cast.sales, "ours")
    earlier(cast.support, "theirs")
    earlier(None, "nobody's")
    # The ticket in question is the newest.
    newest = Ticket.objects.create(
        contact=Contact.objects.create(name="x"), connection=cast.number, status="open"
    )
    Ticket.objects.filter(pk=mine.pk).update(status="closed")
    Ticket.objects.filter(pk=newest.pk).update(
        contact=mine.contact, agent=cast.ana, queue=cast.sales
    )
    assert set(bodies(api(cast.ana).get(f"/messages/{newest.pk}"))) == {"ours"}
    assert set(bodies(api(cast.rui).get(f"/messages/{newest.pk}"))) == {
        "ours",
        "theirs",
        "nobody's",
    }
    cast.ana.sees_all_history = True
    cast.ana.save()
    assert "theirs" in bodies(api(cast.ana).get(f"/messages/{newest.pk}"))


def test_reading_clears_the_badge_and_leaves_one_receipt(api, cast, mine, inbound):
    second = received(mine, cast, "alguém?")
    Ticket.objects.filter(pk=mine.pk).update(unread_count=2, is_bot=False)
    assert api(cast.ana).get(f"/messages/{mine.pk}").json()["ticket"]["unreadMessages"] == 0
    receipt = Outbox.objects.get(kind="read", company_id=cast.acme.pk)
    assert receipt.payload == {"wire_ids": [inbound.wire_id, second.wire_id]}
    api(cast.ana).get(f"/messages/{mine.pk}")
    assert Outbox.objects.filter(kind="read", company_id=cast.acme.pk).count() == 1


def test_a_waiting_ticket_keeps_its_badge(api, cast, ticket):
    received(ticket, cast, "oi")
    Ticket.objects.filter(pk=ticket.pk).update(unread_count=1)
    assert api(cast.ana).get(f"/messages/{ticket.pk}").json()["ticket"]["unreadMessages"] == 1
    assert not Outbox.objects.filter(kind="read").exists()


def test_a_page_costs_the_same_for_many_messages_as_for_one(api, cast, mine, inbound):
    ana = api(cast.ana)
    ana.get(f"/messages/{mine.pk}")

    def cost():
        # session, search path, queues of the person, ticket, page
        with CaptureQueriesContext(connection) as seen:
            assert ana.get(f"/messages/{mine.pk}").status_code == 200
        return len(seen)

    one = cost()
    for number in range(30):
        received(mine, cast, str(number))
    assert cost() == one <= 6


@pytest.mark.parametrize(
    ("status", "ack"),
    [
        ("queued", 0),
        ("sending", 0),
        ("accepted", 1),
        ("sent", 1),
        ("delivered", 2),
        ("read", 3),
        ("played", 4),
        ("failed", 0),
        ("unknown", 0),
    ],
)
def test_ticks_follow_the_ledger(api, cast, mine, status, ack):
    message = received(mine, cast, "x", from_me=True, status=status)
    Message.objects.filter(pk=message.pk).update(failure_code="131026")
    (row,) = api(cast.ana).get(f"/messages/{mine.pk}").json()["messages"]
    assert (row["ack"], row["status"]) == (ack, status)
    assert bool(row["failure"]) == (status in {"failed", "unknown"})


# Writing ----------------------------------------------------------------------------------------


def test_a_text_is_sent_once_for_one_key(api, cast, mine):
    for _ in range(2):
        answer = api(cast.ana).post(
            f"/messages/{mine.pk}", {"body": "olá"}, headers={"Idempotency-Key": "k1"}
        )
        assert (answer.status_code, answer.content) == (200, b"")
    assert Message.objects.filter(body="olá").count() == 1


def test_files_are_sent_with_their_captions_in_order(api, cast, mine):
    answer = api(cast.ana).post(
        f"/messages/{mine.pk}",
        {"medias": [picture("../a.png"), picture("b.png")], "body": ["one", "two"]},
        format="multipart",
    )
    assert answer.status_code == 200
    rows = list(Message.objects.order_by("pk").values_list("body", "kind", "media_name"))
    assert rows == [("one", "image", "a.png"), ("two", "image", "b.png")]
    (first, _second) = api(cast.ana).get(f"/messages/{mine.pk}").json()["messages"]
    assert f"/public/company{cast.acme.pk}/" in first["mediaUrl"]
    assert first["thumbnailUrl"]


def test_one_refused_file_keeps_all_from_being_sent(api, cast, mine, settings):
    program = io.BytesIO(b"MZ\x90\x00" + bytes(100))
    program.name = "a.png"
    answer = api(cast.ana).post(
        f"/messages/{mine.pk}", {"medias": [picture(), program]}, format="multipart"
    )
    assert (answer.status_code, answer.json()) == (400, {"error": "ERR_MEDIA_TYPE"})
    assert not Message.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_file_too_large_is_refused_with_the_limit(api, cast, mine, settings):
    settings.MEDIA_MAX_BYTES = 100
    large = io.BytesIO(b"a" * 101)
    large.name = "a.txt"
    answer = api(cast.ana).post(f"/messages/{mine.pk}", {"medias": large}, format="multipart")
    assert answer.status_code == 400
    assert answer.json() == {"error": "ERR_MEDIA_TOO_LARGE", "limit": 100}


def test_a_card_becomes_a_contact_message(api, cast, mine):
    card = {"name": "Rosa", "number": "+55 11 91234-5678"}
    assert api(cast.ana).post(f"/messages/{mine.pk}", {"vCard": card}).status_code == 200
    (row,) = api(cast.ana).get(f"/messages/{mine.pk}").json()["messages"]
    assert row["mediaType"] == "contactMessage"
    assert "waid=5511912345678" in row["body"]


def test_a_note_never_leaves_and_disappears_when_deleted(api, cast, mine):
    ana = api(cast.ana)
    ana.post(f"/messages/{mine.pk}", {"body": "cuidado", "isPrivate": "true"})
    note = Message.objects.get()
    assert not Outbox.objects.filter(message_id=note.pk, kind="send").exists()
    assert ana.delete(f"/messages/{note.pk}").status_code == 200
    assert not Message.objects.exists()


def test_what_is_quoted_must_be_of_the_same_customer(api, cast, mine, inbound):
    other = Ticket.objects.create(
        contact=Contact.objects.create(name="Other"), connection=cast.number, queue=cast.sales
    )
    foreign = received(other, cast, "secret")
    ana = api(cast.ana)
    refused = ana.post(f"/messages/{mine.pk}", {"body": "x", "quotedMsg": {"id": foreign.pk}})
    assert refused.status_code == 404
    assert (
        ana.post(f"/messages/{mine.pk}", {"body": "x", "quotedMsg": {"id": inbound.pk}}).status_code
        == 200
    )
    row = ana.get(f"/messages/{mine.pk}").json()["messages"][-1]
    assert row["quotedMsg"]["body"] == "bom dia"


# Changing ---------------------------------------------------------------------------------------


def test_an_edit_changes_the_text_and_is_left_for_the_network(api, cast, mine):
    message = send_message(mine, Draft(body="helo"), by=cast.ana)
    assert api(cast.ana).post(f"/messages/edit/{message.pk}", {"body": "hello"}).status_code == 200
    message.refresh_from_db()
    mine.refresh_from_db()
    assert (message.body, message.data["edits"], mine.last_message) == ("hello", ["helo"], "hello")
    assert Outbox.objects.get(kind="edit", message_id=message.pk).payload == {"text": "hello"}


def test_nobody_edits_or_takes_back_what_the_customer_said(api, cast, inbound):
    ana = api(cast.ana)
    assert ana.post(f"/messages/edit/{inbound.pk}", {"body": "x"}).json() == {
        "error": "ERR_EDITING_WAPP_MSG"
    }
    assert ana.delete(f"/messages/{inbound.pk}").json() == {"error": "ERR_DELETE_WAPP_MSG"}
    inbound.refresh_from_db()
    assert (inbound.body, inbound.deleted_at) == ("bom dia", None)


def test_a_deletion_is_left_for_the_network_once(api, cast, mine):
    message = send_message(mine, Draft(body="oops"), by=cast.ana)
    for _ in range(2):
        assert api(cast.ana).delete(f"/messages/{message.pk}").status_code == 200
    message.refresh_from_db()
    assert (message.body, message.deleted_at is not None) == ("oops", True)
    assert Outbox.objects.filter(kind="revoke", message_id=message.pk).count() == 1


def test_what_a_connection_cannot_do_is_refused_plainly(api, cast, mine, inbound):
    cast.number.driver = "cloud"
    cast.number.save()
    message = received(mine, cast, "x", from_me=True, status="sent")
    ana = api(cast.ana)
    assert ana.post(f"/messages/edit/{message.pk}", {"body": "y"}).json() == {
        "error": "ERR_NOT_SUPPORTED"
    }
    assert ana.delete(f"/messages/{message.pk}").json() == {"error": "ERR_NOT_SUPPORTED"}


def test_one_reaction_takes_the_place_of_another_and_can_be_taken_back(api, cast, inbound):
    ana = api(cast.ana)
    for emoji in ("👍", "❤️"):
        assert ana.post(f"/messages/{inbound.pk}/reaction", {"emoji": emoji}).status_code == 200
    rows = ana.get(f"/messages/{inbound.ticket_id}").json()["messages"]
    assert [row["body"] for row in rows if row["mediaType"] == "reactionMessage"] == ["❤️"]
    assert ana.post(f"/messages/{inbound.pk}/reaction", {"emoji": ""}).status_code == 200
    assert len(ana.get(f"/messages/{inbound.ticket_id}").json()["messages"]) == 1
    assert [row.payload["emoji"] for row in Outbox.objects.filter(kind="react").order_by("id")] == [
        "👍",
        "❤️",
        "",
    ]


@pytest.mark.parametrize("emoji", ["a", "hello", "👍" * 20, "<b>", "1", " ", "\n"])
def test_what_is_no_emoji_is_no_reaction(api, cast, inbound, emoji):
    answer = api(cast.ana).post(f"/messages/{inbound.pk}/reaction", {"emoji": emoji})
    assert (answer.status_code, answer.json()) == (400, {"error": "ERR_INVALID_EMOJI"})


def test_what_failed_is_sent_again_once(api, cast, mine):
    message = send_message(mine, Draft(body="x"), by=cast.ana)
    Outbox.objects.all().delete()
    Message.objects.filter(pk=message.pk).update(status="unknown")
    ana = api(cast.ana)
    assert ana.post(f"/messages/{message.pk}/resend").status_code == 200
    assert ana.post(f"/messages/{message.pk}/resend").status_code == 409
    again = Message.objects.get()
    assert (again.status, again.wire_id) == ("queued", message.wire_id)
    assert Outbox.objects.filter(message_id=message.pk, kind="send").count() == 1


def test_forwarding_opens_a_ticket_and_copies_the_file(api, cast, mine, inbound):
    api(cast.ana).post(f"/messages/{mine.pk}", {"medias": picture()}, format="multipart")
    sent = Message.objects.get(kind="image")
    from contacts.identity import Identity
    from contacts.services import Profile, identify_contacts

    (rosa,) = identify_contacts([Profile((Identity("phone", "5511977776666"),), name="Rosa")])
    answer = api(cast.ana).post(
        "/message/forward", {"messageIds": [inbound.pk, sent.pk], "contactId": rosa.pk}
    )
    assert answer.status_code == 200
    text, image = Message.objects.filter(ticket__contact=rosa).order_by("pk")
    assert (text.body, text.is_forwarded, image.is_forwarded) == ("bom dia", True, False)
    assert (text.ticket.status, text.ticket.agent) == ("open", cast.ana)
    assert image.media_path != sent.media_path
    assert full_path(image.media_path).read_bytes() == full_path(sent.media_path).read_bytes()


def test_messages_are_counted_by_direction_and_day(api, cast, mine, inbound):
    send_message(mine, Draft(body="x"), by=cast.ana)
    today = timezone.localdate(timezone=__import__("zoneinfo").ZoneInfo("America/Sao_Paulo"))
    address = f"/messages-allMe?fromMe=true&dateStart={today}&dateEnd={today}"
    assert api(cast.ana).get(address).json() == {"count": [{"count": "1"}]}
    assert api(cast.bia).get(address).json() == {"count": [{"count": "0"}]}
