"""The device protocol, frame by frame: what each becomes, and what is sent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from whatsapp.drivers.base import (
    Call,
    CardPhone,
    ContactCard,
    Content,
    Echo,
    Edited,
    ErrorClass,
    Identity,
    IdentityKind,
    Inbound,
    Kind,
    Location,
    MediaRef,
    Reacted,
    Receipt,
    Revoked,
    State,
    Status,
    StoredEvent,
    Typing,
    Unreadable,
)
from whatsapp.drivers.sandbox import wire

from .test_foreign_data import JSON

ANA = Identity(IdentityKind.PHONE, "5511922220000")
ANA_LID = Identity(IdentityKind.LID, "990011")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STAMP = NOW.timestamp()


def event(kind, **fields):
    return {
        "kind": kind, "id": "A1", "at": STAMP, "chat": "5511922220000@s.whatsapp.net",
        "sender": "5511922220000@s.whatsapp.net", "sender_alt": "990011@lid",
        "from_me": False, "push_name": "Ana",
    } | fields  # fmt: skip


def only(raw, token=7):
    [read] = wire.parse_event(raw, token)
    return read


MESSAGES = {
    "text": (
        {"type": "text", "text": "oi", "quoted": "Q", "forwarded": True},
        Content(kind=Kind.TEXT, text="oi", quoted="Q", forwarded=True),
    ),
    **{
        kind: (
            {
                "type": kind,
                "caption": "see",
                "media": {
                    "id": "m1", "mimetype": "a/b", "size": 3, "file_name": "f.b", "sha256": "00",
                },
            },
            Content(
                kind=Kind(kind),
                text="see",
                media=MediaRef(id="m1", mimetype="a/b", size=3, file_name="f.b", sha256="00"),
            ),
        )
        for kind in ("image", "video", "audio", "voice", "document", "sticker")
    },
    "location": (
        {"type": "location", "latitude": 1.5, "longitude": "2", "name": "n", "address": "a"},
        Content(
            kind=Kind.LOCATION,
            location=Location(latitude=1.5, longitude=2.0, name="n", address="a"),
        ),
    ),
    "contacts": (
        {
            "type": "contacts",
            "contacts": [{"name": "Bia", "vcard": "FN:B\nTEL;waid=1:+1\nTEL:+2"}],
        },
        Content(
            kind=Kind.CONTACTS,
            contacts=(
                ContactCard(
                    name="Bia",
                    phones=(CardPhone("+1", "", "1"), CardPhone("+2")),
                    vcard="FN:B\nTEL;waid=1:+1\nTEL:+2",
                ),
            ),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_kind_of_message_is_read(kind):
    message, content = MESSAGES[kind]
    read = only(event("message", message=message))
    assert isinstance(read, Inbound)
    assert read.message.content == content
    assert (read.wire_id, read.chat, read.at, read.token) == (
        "A1", "5511922220000@s.whatsapp.net", NOW, 7,
    )  # fmt: skip
    assert read.message.sender.push_name == "Ana"
    assert read.message.peer == read.message.sender.identities == (ANA, ANA_LID)


@pytest.mark.parametrize("kind", MESSAGES)
def test_what_was_stored_gives_the_same_event_again(kind):
    read = only(event("message", message=MESSAGES[kind][0]), None)
    assert wire.parse_event(read.raw) == [read]


@pytest.mark.parametrize("kind", MESSAGES)
def test_what_is_sent_reads_back_as_it_was_meant(kind):
    content = MESSAGES[kind][1]
    back = wire.parse_content(wire.message_object(content, "m1"))
    assert (back.kind, back.text, back.location) == (content.kind, content.text, content.location)
    assert [card.vcard for card in back.contacts] == [card.vcard for card in content.contacts]
    assert (back.quoted, back.forwarded) == (content.quoted, content.forwarded)


@pytest.mark.parametrize("kind", [Kind.TEMPLATE, Kind.BUTTONS, Kind.LOCATION, Kind.CONTACTS])
def test_what_the_protocol_lacks_is_not_sent(kind):
    assert wire.message_object(Content(kind=kind, text="x")) is None


def test_a_person_known_only_by_lid_has_the_phone_when_the_chat_tells_it():
    read = only(
        event(
            "message",
            chat="990011@lid",
            chat_alt="5511922220000@s.whatsapp.net",
            sender="990011@lid",
            sender_alt=None,
            message={"type": "text", "text": "x"},
        )
    )
    assert read.chat == "990011@lid"
    assert set(read.message.peer) == {ANA, ANA_LID}


def test_in_a_group_the_peer_is_the_group_and_the_sender_the_person():
    read = only(event("message", chat="77@g.us", message={"type": "text", "text": "x"}))
    assert read.message.is_group
    assert read.message.peer == (Identity(IdentityKind.GROUP, "77"),)
    assert read.message.sender.identities == (ANA, ANA_LID)


def test_what_was_typed_on_the_phone_is_an_echo():
    read = only(
        event(
            "message",
            from_me=True,
            sender="5511911110000@s.whatsapp.net",
            sender_alt=None,
            message={"type": "text", "text": "x"},
        )
    )
    assert isinstance(read, Echo)
    assert read.message.peer == (ANA,)


@pytest.mark.parametrize("status", ["delivered", "read", "played"])
def test_receipts_say_how_far_a_message_got(status):
    read = only(event("receipt", status=status))
    assert isinstance(read, Receipt)
    assert (read.status, read.wire_id, read.recipient) == (Status(status), "A1", (ANA,))


def test_edits_deletions_reactions_and_calls_name_their_message_and_themselves():
    edit = only(event("edit", text="new"))
    assert isinstance(edit, Edited)
    assert (edit.target, edit.content.text) == ("A1", "new")
    later = only(event("edit", text="newer", at=STAMP + 1))
    assert edit.wire_id != later.wire_id
    assert edit.wire_id == only(event("edit", text="new")).wire_id
    revoke = only(event("revoke"))
    assert isinstance(revoke, Revoked)
    assert (revoke.target, revoke.from_me) == ("A1", False)
    reaction = only(event("reaction", id="R", target="A1", emoji="👍"))
    assert isinstance(reaction, Reacted)
    assert (reaction.wire_id, reaction.target, reaction.emoji) == ("R", "A1", "👍")
    offered, missed = (only(event("call", status=word)) for word in ("offered", "missed"))
    assert isinstance(offered, Call)
    assert offered.wire_id != missed.wire_id
    assert offered.caller.identities[0] == ANA


def test_typing_is_neither_stored_nor_confirmed():
    read = only(event("typing", active=True), None)
    assert isinstance(read, Typing)
    assert not isinstance(read, StoredEvent)
    assert read.active


@pytest.mark.parametrize(
    "raw",
    [
        event("unknown", raw="pollCreationMessage"),
        event("message", message={"type": "poll"}),
        event("message", message={"type": "location", "latitude": "north"}),
        event("message", message=None),
        event("receipt", status="pondered"),
        event("something new"),
        event("message", id=None, message={"type": "text", "text": "x"}),
        {},
    ],
)
def test_what_cannot_be_read_is_kept(raw):
    read = only(raw)
    assert isinstance(read, Unreadable)
    assert read.raw == raw
    assert read.wire_id
    assert read.token == 7


def test_unreadable_events_without_ids_are_told_apart():
    assert only({"kind": "x", "a": 1}).wire_id != only({"kind": "x", "a": 2}).wire_id
    assert len(only({"kind": "x" * 999}).wire_id) <= 255


@given(JSON)
def test_no_event_raises(value):
    assert len(wire.parse_event(value)) == 1
    assert len(wire.parse_event(event("message", message=value))) == 1
    assert (
        len(wire.parse_event(event("message", message={"type": "contacts", "contacts": value})))
        == 1
    )
    assert len(wire.parse_event(event("edit", id=value, at=value, chat=value, sender=value))) == 1


# The session --------------------------------------------------------------------------------


def test_a_code_says_until_when_it_can_be_scanned():
    code = wire.qr_code({"type": "qr", "code": "2@x", "expires_in": 60, "attempt": 2}, NOW)
    assert (code.code, code.expires_at, code.attempt) == ("2@x", NOW + timedelta(seconds=60), 2)


def test_pairing_brings_the_credentials_of_the_next_hello():
    paired = wire.paired({"number": "5511", "lid": "99@lid", "credentials": "tok"})
    assert (paired.number, paired.lid, dict(paired.credentials)) == ("5511", "99", {"token": "tok"})
    assert wire.hello("dev", "tok", "Acme") == {
        "type": "hello", "device": "dev", "credentials": "tok", "name": "Acme",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("logout", State.LOGGED_OUT),
        ("banned", State.LOGGED_OUT),
        ("replaced", State.DISCONNECTED),
    ],
)
def test_only_a_replaced_session_keeps_its_link(reason, state):
    changed = wire.logged_out({"type": "logged_out", "reason": reason})
    assert (changed.state, changed.reason) == (state, reason)


@pytest.mark.parametrize(
    ("code", "cls"),
    [
        ("not_on_whatsapp", ErrorClass.RECIPIENT),
        ("not_paired", ErrorClass.AUTH),
        ("bad_request", ErrorClass.CONTENT),
        ("too_large", ErrorClass.CONTENT),
        ("rate_limited", ErrorClass.THROTTLE),
        ("temporary", ErrorClass.TRANSIENT),
        ("something_new", ErrorClass.OTHER),
    ],
)
def test_every_refusal_has_a_class(code, cls):
    error = wire.error_of({"ok": False, "code": code, "reason": "r", "permanent": True})
    assert (error.cls, error.code, error.reason, error.permanent) == (cls, code, "r", True)


def test_the_chat_is_addressed_before_other_identities():
    assert wire.address("990011@lid", (ANA,)) == "990011@lid"
    assert wire.address("BR.1@bsuid", (ANA_LID,)) == "990011@lid"
    assert wire.address("77@g.us", (ANA,)) == "77@g.us"
