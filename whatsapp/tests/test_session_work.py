"""What a session builds, returns and records besides plain texts; calls and unreadable events."""

import datetime

import orjson
import pytest
from django.db import OperationalError
from django.utils import timezone

from companies.services import forget_settings, update_settings
from contacts.models import ContactIdentity
from dispatch.models import Outbox
from messaging.models import InboundEvent, Message
from messaging.services import receive
from messaging.services.outbox import enqueue
from messaging.services.send import Draft, send_message
from whatsapp.drivers.base import (
    Accepted,
    ErrorClass,
    Identity,
    IdentityKind,
    IdentityLinked,
    Notice,
    Receipt,
    Rejected,
    Status,
    Unknown,
    Unreadable,
    send_error,
)
from whatsapp.drivers.registry import capabilities_of
from whatsapp.drivers.sandbox.wire import parse_event
from whatsapp.services import inbound, leases, outbound, sessions
from whatsapp.services.inbound import project_events, store_events

SANDBOX = capabilities_of("sandbox")
CLOUD = capabilities_of("cloud")
CHAT = "5511988887777@s.whatsapp.net"
NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture
def lease(cast):
    leases.want_session(cast.acme.pk, cast.number.pk)
    return leases.take_leases("one", 1)[0]


@pytest.fixture
def say(cast, ticket):
    return lambda text="one", **draft: send_message(ticket, Draft(body=text, **draft), by=cast.rui)


def claim(lease):
    return outbound.claim_work(lease, limit=10, busy=())


def work_of(lease):
    (work,) = claim(lease)
    return work


def row_of(message):
    return Outbox.objects.get(message_id=message.pk)


# What is built -----------------------------------------------------------------------------------


def test_a_file_goes_out_as_it_lies_there(lease, say, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    message = say()
    name = f"{'a' * 32}.png"
    Message.objects.filter(pk=message.pk).update(
        kind="image", media_path=name, media_type="image/png", media_name="photo.png"
    )
    work = work_of(lease)
    upload = outbound.outgoing_of([work])[work.id].upload
    assert (upload.path.name, upload.mimetype, upload.file_name) == (
        name,
        "image/png",
        "photo.png",
    )


def test_a_card_goes_out_with_its_phones(lease, say):
    phone = {"number": "5511988887777", "label": "CELL"}
    card = {"name": "Dora", "phones": [phone], "emails": ["d@example.com"]}
    say("", kind="contacts", data={"contacts": [card]})
    work = work_of(lease)
    (built,) = outbound.outgoing_of([work])[work.id].content.contacts
    assert (built.name, built.phones[0].number, built.emails) == (
        "Dora",
        "5511988887777",
        ("d@example.com",),
    )


def test_what_was_deleted_meanwhile_is_not_built_and_its_work_is_dropped(lease, say):
    message = say()
    work = work_of(lease)
    Message.objects.filter(pk=message.pk).update(deleted_at=timezone.now())
    assert outbound.outgoing_of([work]) == {}
    outbound.drop_work(lease, work)
    assert not Outbox.objects.filter(message_id=message.pk).exists()


def test_a_direct_message_that_is_gone_is_not_built(lease, say):
    row = row_of(say())
    Outbox.objects.filter(pk=row.pk).update(kind=Outbox.Kind.DIRECT, message_id=999_999)
    assert outbound.outgoing_of([work_of(lease)]) == {}


def test_an_edit_behind_a_message_does_not_change_what_it_begins_with(lease, say):
    message = say("It costs 10")
    Message.objects.filter(pk=message.pk).update(body="It costs 12", edited_at=timezone.now())
    message.refresh_from_db()
    for former in ("It costs 10", "It costs 11"):
        enqueue(Outbox.Kind.EDIT, message, {"former": former})
    (work,) = claim(lease)
    assert outbound.outgoing_of([work])[work.id].content.text == "It costs 10"


def test_a_message_has_a_key_once_the_network_knows_it(say):
    message = say()
    key = outbound.key_of(message.pk)
    assert (key.chat, key.wire_id, key.from_me) == (message.chat, message.wire_id, True)
    Message.objects.filter(pk=message.pk).update(wire_id=None)
    assert outbound.key_of(message.pk) is None
    assert outbound.key_of(999_999) is None


def test_the_key_of_a_message_in_a_group_names_who_wrote_it(say, ticket):
    message = say()
    Message.objects.filter(pk=message.pk).update(chat="1203@g.us", from_me=False)
    assert outbound.key_of(message.pk).sender == CHAT
    Message.objects.filter(pk=message.pk).update(from_me=True)
    assert outbound.key_of(message.pk).sender == ""


# What is returned and recorded -------------------------------------------------------------------


def test_work_that_cannot_be_done_now_waits_a_little(lease, say):
    message = say()
    outbound.postpone_work(lease, work_of(lease))
    assert (row_of(message).state, row_of(message).claimed_by) == ("queued", None)
    assert row_of(message).not_before > timezone.now()
    assert claim(lease) == []


@pytest.mark.parametrize("result", ["accepted", "refused", "unknown"])
def test_a_receipt_that_came_to_nothing_changes_no_message(lease, say, result):
    message = say()
    Outbox.objects.update(kind=Outbox.Kind.READ, attempts=outbound.MAX_REPEATS)
    work = work_of(lease)
    error = send_error(ErrorClass.OTHER, "1", "No", permanent=True)
    outcome = {
        "accepted": Accepted(wire_id="", at=timezone.now()),
        "refused": Rejected(error=error),
        "unknown": Unknown(reason="timeout"),
    }[result]
    outbound.record_result(lease, work, outcome, "cloud", CLOUD)
    message.refresh_from_db()
    assert message.status == Message.Status.QUEUED
    assert not Outbox.objects.exists()


def test_a_refused_edit_gives_the_former_wording_back(lease, say):
    message = say("It costs 12")
    Outbox.objects.update(
        kind=Outbox.Kind.EDIT, payload={"former": "It costs 10", "at": NOON.isoformat()}
    )
    error = send_error(ErrorClass.OTHER, "1", "No", permanent=True)
    outbound.record_result(lease, work_of(lease), Rejected(error=error), "sandbox", SANDBOX)
    assert not Outbox.objects.filter(message_id=message.pk).exists()


def test_a_connection_without_leases_has_nothing_waiting(db):
    assert outbound.waiting_connections([]) == set()


# What arrives ------------------------------------------------------------------------------------


def event(kind, id="A1", **fields):
    raw = {"kind": kind, "id": id, "chat": CHAT, "sender": CHAT, "at": NOON.timestamp()}
    return parse_event(raw | fields)


def arrive(connection, events):
    store_events(connection.pk, events)
    return project_events(connection.pk)


@pytest.fixture
def answers_calls(cast, django_capture_on_commit_callbacks):
    def change(is_on):
        with django_capture_on_commit_callbacks(execute=True):
            update_settings(cast.acme.pk, by_id=None, answers_calls=is_on)

    yield change
    forget_settings(cast.acme.pk)


def test_a_call_is_a_bubble_where_the_company_wants_it(cast, answers_calls):
    answers_calls(False)
    arrive(cast.number, event("call", "C1", status="missed"))
    assert not Message.objects.exists()
    answers_calls(True)
    arrive(cast.number, event("call", "C2", status="missed"))
    assert Message.objects.get().kind == "call"


def test_what_cannot_be_read_is_a_bubble_of_whoever_sent_it(cast):
    arrive(cast.number, event("unknown", "U1", raw="poll"))
    assert Message.objects.get().kind == "unsupported"
    nobodys = Unreadable(wire_id="U2", chat="", at=NOON, raw={"kind": "unknown"}, reason="?")
    assert inbound._as_message(nobodys) == []


def test_nothing_stored_is_nothing_new(cast):
    assert store_events(cast.number.pk, []) == 0


@pytest.mark.parametrize("replaces", [False, True])
def test_a_person_who_changes_their_number_stays_one_contact(cast, ticket, replaces):
    old = Identity(IdentityKind.PHONE, "5511988887777")
    new = Identity(IdentityKind.PHONE, "5511977776666")
    change = IdentityLinked(
        wire_id="I1", chat=CHAT, at=NOON, raw={}, a=old, b=new, replaces=replaces
    )
    inbound._apply(cast.number, [inbound._Pending(InboundEvent(pk=1), [change])])
    kept = ContactIdentity.objects.filter(contact_id=ticket.contact_id)
    values = set(kept.values_list("value", flat=True))
    assert values == {new.value} if replaces else {old.value, new.value}


def test_news_of_an_account_are_no_message_of_anybody(cast):
    news = Notice(wire_id="N1", chat="", at=NOON, raw={}, name="quality")
    row = InboundEvent(pk=1)
    assert inbound._apply(cast.number, [inbound._Pending(row, [news])]) == [row]
    assert not Message.objects.exists()


def test_a_receipt_of_failure_says_why(say):
    message = say()
    error = send_error(ErrorClass.CONTENT, "131053", "The file is broken", permanent=True)
    receipt = Receipt(
        wire_id=message.wire_id, chat=CHAT, at=NOON, raw={}, status=Status.FAILED, error=error
    )
    (rise,) = inbound._rise(receipt)
    assert (rise.status, rise.failure_code, rise.failure_reason) == (
        "failed",
        "131053",
        "The file is broken",
    )


def test_a_receipt_that_says_no_more_than_we_know_raises_nothing():
    for status in set(Status) - set(inbound._STATUS):
        assert inbound._rise(Receipt(wire_id="W", chat=CHAT, at=NOON, raw={}, status=status)) == []


def test_a_database_that_goes_away_while_events_are_tried_singly_makes_none_bad(cast, monkeypatch):
    store_events(cast.number.pk, event("message", message={"type": "text", "text": "oi"}))
    outcomes = iter([KeyError("a fault"), OperationalError("away")])

    def fail(_connection, _messages):
        raise next(outcomes)

    monkeypatch.setattr(receive, "_followers", [fail])
    with pytest.raises(OperationalError):
        project_events(cast.number.pk)
    assert InboundEvent.objects.get().failure == ""
    assert orjson.dumps(InboundEvent.objects.get().raw)


# The state of a session --------------------------------------------------------------------------


def test_a_session_that_opens_without_telling_its_number_keeps_it(cast):
    sessions.record_connected(cast.number.pk, "")
    cast.number.refresh_from_db()
    assert (cast.number.status, cast.number.number) == ("CONNECTED", "5511900000001")


def test_a_token_that_an_administrator_entered_outlives_a_log_out(cast):
    cast.number.driver, cast.number.credentials = "cloud", {"access_token": "kept"}
    cast.number.save()
    sessions.record_logged_out(cast.number.pk, "expired")
    cast.number.refresh_from_db()
    assert (cast.number.status, cast.number.credentials) == ("PENDING", {"access_token": "kept"})
