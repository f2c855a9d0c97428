"""What cannot be sent, changed or found is refused by the services and leaves nothing behind."""

import base64
import dataclasses
import datetime
import threading
import uuid

import pytest
import redis
from django.db import IntegrityError
from django.utils import timezone

from contacts.models import ContactIdentity
from dispatch.models import Outbox
from events.bus import publish
from messaging.events import MessageQueued
from messaging.exceptions import (
    MessageNotFound,
    NoConnection,
    NotSupportedHere,
    TextTooLong,
    TooLate,
)
from messaging.media.addresses import media_url, read_token, token_url
from messaging.media.places import full_path
from messaging.models import Message
from messaging.services import ledger, outbox, permitted, send
from messaging.services.delete import delete_message
from messaging.services.receive import receive_messages
from messaging.services.send import Draft, send_message
from whaticket.tenancy import PUBLIC, NotInCompany, current_company_id, in_schema
from whatsapp.drivers.base import Content, Inbound, Kind, MediaRef, Person, identity_of
from whatsapp.drivers.base import Message as Arrived
from whatsapp.drivers.registry import capabilities_of
from whatsapp.models import Connection

NOTHING = 999_999_999
FILE = f"{'a' * 32}.png"


def nothing_was_sent():
    return not Message.objects.exists() and not Outbox.objects.exists()


# Sending -----------------------------------------------------------------------------------------


def test_a_ticket_whose_number_is_gone_sends_nothing(ticket, cast):
    type(ticket).objects.filter(pk=ticket.pk).update(connection=None)
    with pytest.raises(NoConnection):
        send_message(ticket, Draft(body="hello"), by=cast.rui)
    assert nothing_was_sent()


def test_what_a_network_does_not_carry_is_not_sent(ticket, cast):
    limit = capabilities_of("sandbox").max_text
    with pytest.raises(TextTooLong):
        send_message(ticket, Draft(body="x" * (limit + 1)), by=cast.rui)
    assert nothing_was_sent()


def test_somebody_without_any_address_is_sent_nothing(ticket, cast):
    ContactIdentity.objects.filter(contact_id=ticket.contact_id).delete()
    with pytest.raises(NoConnection):
        send_message(ticket, Draft(body="hello"), by=cast.rui)
    assert nothing_was_sent()


@pytest.mark.parametrize("kind", ["voice", "sticker", "location", "contacts"])
def test_a_kind_the_driver_cannot_send_is_refused(kind):
    lame = dataclasses.replace(
        capabilities_of("sandbox"), voice=False, stickers=False, locations=False, contacts=False
    )
    with pytest.raises(NotSupportedHere):
        send.require_carriable(Message(kind=kind, body=""), lame)
    send.require_carriable(Message(kind="text", body="hello"), lame)


def test_one_id_is_given_to_one_message(ticket, cast, monkeypatch):
    same = uuid.uuid4()
    monkeypatch.setattr(uuid, "uuid4", lambda: same)
    first = send_message(ticket, Draft(body="one"), by=cast.rui)
    with pytest.raises(IntegrityError):
        send_message(ticket, Draft(body="two"), by=cast.rui)
    assert list(Message.objects.values_list("pk", flat=True)) == [first.pk]


def test_a_message_without_a_number_leaves_no_work(ticket, cast):
    message = send_message(ticket, Draft(body="note", is_private=True), by=cast.rui)
    message.connection_id = None
    with pytest.raises(NoConnection):
        outbox.enqueue("send", message)
    assert not Outbox.objects.exists()


def test_a_wake_up_that_is_lost_loses_no_work(cast, monkeypatch):
    def be_away():
        raise redis.ConnectionError("away")

    monkeypatch.setattr(outbox, "valkey", be_away)
    outbox.wake(cast.acme.pk)


def test_an_event_outside_of_a_transaction_is_refused():
    refusals = []

    def tell():
        try:
            publish(MessageQueued(message_id=1, ticket_id=1, connection_id=None, by_id=None))
        except RuntimeError as error:
            refusals.append(str(error))

    thread = threading.Thread(target=tell)
    thread.start()
    thread.join()
    assert refusals == [f"{MessageQueued.name} published outside a transaction"]


def test_outside_of_any_company_there_is_none(db):
    with in_schema(PUBLIC), pytest.raises(NotInCompany):
        current_company_id()


# Changing ----------------------------------------------------------------------------------------


@pytest.fixture
def sent(ticket, cast):
    return send_message(ticket, Draft(body="hello"), by=cast.rui)


def test_a_message_whose_number_is_gone_is_not_changed(sent):
    Connection.objects.all().delete()
    sent = Message.objects.get(pk=sent.pk)
    with pytest.raises(NoConnection):
        permitted.capabilities_for(sent)


def test_the_networks_time_for_a_change_ends(sent):
    sent.sent_at = timezone.now() - datetime.timedelta(minutes=16)
    permitted.require_within(sent, is_supported=True, minutes=17)
    permitted.require_within(sent, is_supported=True, minutes=None)
    with pytest.raises(TooLate):
        permitted.require_within(sent, is_supported=True, minutes=15)
    with pytest.raises(NotSupportedHere):
        permitted.require_within(sent, is_supported=False, minutes=None)


def test_a_message_that_is_gone_is_not_found(sent):
    assert permitted.lock_message(sent.pk) == sent
    with pytest.raises(MessageNotFound):
        permitted.lock_message(NOTHING)


def test_what_never_left_is_taken_back_without_asking_the_network(sent, cast):
    Message.objects.filter(pk=sent.pk).update(status=Message.Status.FAILED)
    Outbox.objects.all().delete()
    delete_message(sent, by=cast.rui)
    sent.refresh_from_db()
    assert sent.deleted_at is not None
    assert not Outbox.objects.exists()


def test_without_news_the_ledger_stays(cast):
    assert ledger.raise_statuses(cast.number.pk, []) == 0


# Receiving ---------------------------------------------------------------------------------------


def arrived(wire_id, **fields):
    chat = "5511988887777@s.whatsapp.net"
    person = Person(identities=(identity_of(chat),), push_name="Carla")
    content = fields.pop("content", Content(kind=Kind.TEXT, text="oi"))
    message = Arrived(peer=person.identities, sender=person, content=content, **fields)
    return Inbound(wire_id=wire_id, chat=chat, at=timezone.now(), raw={}, message=message)


def test_a_file_is_left_to_be_fetched_beside_its_chat(cast):
    media = MediaRef(id="M1", mimetype="image/png", size=7, file_name="photo.png")
    content = Content(kind=Kind.IMAGE, text="", media=media)
    (message,) = receive_messages(cast.number, [arrived("A1", content=content)])
    assert (message.media_state, message.media_name, message.media_size) == (
        "pending",
        "photo.png",
        7,
    )
    work = Outbox.objects.get()
    assert (work.kind, work.chat) == ("fetch", f"media:{message.pk}")


def test_old_messages_are_no_news(cast):
    (message,) = receive_messages(cast.number, [arrived("A1", is_history=True)])
    message.ticket.refresh_from_db()
    assert (message.origin, message.is_read, message.ticket.unread_count) == ("import", True, 0)


# Addresses of files ------------------------------------------------------------------------------


def test_an_address_counts_only_as_it_was_given(cast):
    token = token_url(cast.acme.pk, FILE, "photo.png").rpartition("/")[2]
    assert read_token(token) == (cast.acme.pk, FILE, "photo.png")
    company, expires, signature, name, ext, named = token.split(".")
    other = base64.urlsafe_b64encode(b"other.png").decode().rstrip("=")
    not_text = base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("=")
    for wrong in (
        "no token",
        f"{cast.globex.pk}.{expires}.{signature}.{name}.{ext}.{named}",
        f"{company}.{int(expires) + 1}.{signature}.{name}.{ext}.{named}",
        f"{company}.{expires}.{signature}.{name}.{ext}.{other}",
        f"{company}.{expires}.{signature}.{name}.{ext}.{not_text}",
    ):
        assert read_token(wrong) is None
    assert token_url(cast.acme.pk, FILE) != media_url(cast.acme.pk, FILE)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a.png", "", FILE + "\0", f"x{FILE}"])
def test_only_names_of_stored_files_are_looked_up(cast, name):
    with pytest.raises(ValueError, match="not the name"):
        full_path(name)
