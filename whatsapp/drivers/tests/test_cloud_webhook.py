"""Meta's webhooks: every entry, change, message and status is read, and nothing raises."""

import json

import pytest

from whatsapp.drivers.base import (
    CardPhone,
    Edited,
    ErrorClass,
    Identity,
    IdentityKind,
    IdentityLinked,
    Inbound,
    Kind,
    Reacted,
    Receipt,
    Revoked,
    Status,
)
from whatsapp.drivers.cloud.gateway import CloudDriver
from whatsapp.drivers.tests.cloud_samples import (
    AT,
    BSUID,
    CHAT,
    PARENT,
    PHONE,
    USERNAME,
    content_of,
    read,
    read_one,
)

from .samples import (
    FAILED_STATUS,
    MESSAGES,
    SHA,
    STAMP,
    STATUS,
    body,
    message,
    value,
)

# Messages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MESSAGES)
def test_every_type_of_message_is_read_with_its_people(name):
    event = read_one(body(value(messages=[MESSAGES[name]])))
    assert isinstance(event, Inbound)
    assert (event.wire_id, event.chat, event.at, event.token) == ("wamid.HBgA", CHAT, AT, None)
    assert event.message.sender.identities == (PHONE, BSUID, PARENT, USERNAME)
    assert event.message.peer == event.message.sender.identities
    assert event.message.sender.push_name == "Ana"
    assert event.message.sender.username == "ana.x"
    assert not event.message.is_group


@pytest.mark.parametrize("name", MESSAGES)
def test_what_was_stored_gives_the_same_event_again(name):
    event = read_one(body(value(messages=[MESSAGES[name]])))
    stored = json.loads(json.dumps(event.raw))
    assert CloudDriver.parse(stored) == [event]


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("text", Kind.TEXT, "oi"),
        ("image", Kind.IMAGE, "see"),
        ("video", Kind.VIDEO, "see"),
        ("audio", Kind.AUDIO, ""),
        ("voice", Kind.VOICE, ""),
        ("document", Kind.DOCUMENT, "see"),
        ("sticker", Kind.STICKER, ""),
        ("location", Kind.LOCATION, ""),
        ("contacts", Kind.CONTACTS, ""),
        ("template button", Kind.BUTTON_REPLY, "Stop"),
        ("button reply", Kind.BUTTON_REPLY, "Yes"),
        ("list reply", Kind.LIST_REPLY, "Row"),
        ("form reply", Kind.FORM_REPLY, "Sent"),
        ("call permission", Kind.FORM_REPLY, "accept"),
        ("order", Kind.ORDER, "please"),
        ("welcome", Kind.SYSTEM, ""),
        ("identity changed", Kind.SYSTEM, "New device"),
        ("unsupported", Kind.UNSUPPORTED, ""),
    ],
)
def test_every_type_has_its_kind_and_words(name, kind, text):
    content = content_of(name)
    assert (content.kind, content.text) == (kind, text)


def test_the_details_of_messages_are_read():
    text = content_of("text")
    assert (text.quoted, text.quoted_sender) == ("wamid.prev", "15550001111@s.whatsapp.net")
    assert content_of("forwarded").forwarded
    assert content_of("from an ad").referral["ctwa_clid"] == "c"
    assert content_of("about a product").extra["referred_product"] == {"catalog_id": "1"}
    media = content_of("document").media
    assert (media.id, media.mimetype, media.file_name, media.sha256) == ("m1", "a/b", "a.pdf", SHA)
    assert content_of("sticker").media.animated
    place = content_of("location").location
    assert (place.latitude, place.longitude, place.name) == (-23.5, -46.6, "SP")
    assert content_of("template button").reply_id == "stop"
    assert content_of("button reply").reply_id == "y"
    assert content_of("list reply").reply_id == "r1"
    assert content_of("list reply").extra["description"] == "d"
    assert content_of("form reply").extra["answers"] == {"size": "M"}
    assert content_of("order").extra["items"][0]["quantity"] == 2
    assert content_of("welcome").extra["event"] == "request_welcome"
    assert content_of("unsupported").extra["type"] == "poll"
    assert content_of("unsupported").extra["errors"][0]["code"] == 131051


def test_shared_contacts_keep_every_number():
    bia, cai = content_of("contacts").contacts
    assert (bia.name, bia.organization, bia.emails) == ("Bia Souza", "Acme", ("bia@acme.test",))
    assert bia.phones == (
        CardPhone("+55 11 98888-0000", "CELL", "5511988880000"),
        CardPhone("+55 11 3333-0000", "WORK"),
    )
    assert "waid=5511988880000" in bia.vcard
    assert cai.name == "Cai Lima"


def test_a_sha256_in_base64_is_the_same_as_in_hex():
    wire = "W05cbVtOXG1bTlxtW05cbVtOXG1bTlxtW05cbVtOXG0="
    event = read_one(body(value(messages=[message("image", {"id": "m", "sha256": wire})])))
    assert event.message.content.media.sha256 == SHA


def test_milliseconds_are_understood():
    event = read_one(
        body(value(messages=[message("text", {"body": "x"}, timestamp=STAMP + "000")]))
    )
    assert event.at == AT


def test_a_person_without_a_phone_is_known_by_their_other_names():
    sender = {"profile": {"name": "Ana", "username": "ana.x"}, "user_id": "BR.1234567890"}
    event = read_one(
        body(value(contacts=[sender], messages=[message("text", {"body": "x"}, **{"from": None})]))
    )
    assert event.chat == "BR.1234567890@bsuid"
    assert event.message.peer == (BSUID, USERNAME)


def test_a_message_that_names_nobody_belongs_to_the_lone_contact():
    bare = message("text", {"body": "x"}, **{"from": None, "from_user_id": None})
    event = read_one(body(value(messages=[bare])))
    assert event.message.peer == (PHONE, BSUID, PARENT, USERNAME)


def test_each_message_of_a_batch_has_its_own_contact():
    bia = {"profile": {"name": "Bia"}, "wa_id": "5511988880000"}
    webhook = body(
        value(
            contacts=[value()["contacts"][0], bia],
            messages=[
                message("text", {"body": "1"}),
                message(
                    "text",
                    {"body": "2"},
                    id="wamid.2",
                    from_user_id=None,
                    **{"from": "5511988880000"},
                ),
            ],
        )
    )
    assert [event.message.sender.push_name for event in read(webhook)] == ["Ana", "Bia"]


def test_in_a_group_the_chat_is_the_group_and_the_sender_the_person():
    event = read_one(body(value(messages=[message("text", {"body": "x"}, group_id="G7")])))
    assert event.chat == "G7@g.us"
    assert event.message.is_group
    assert event.message.peer == (Identity(IdentityKind.GROUP, "G7"),)
    assert event.message.sender.identities[0] == PHONE


def test_reactions_edits_and_deletions_name_their_message():
    reaction = read_one(
        body(value(messages=[message("reaction", {"message_id": "wamid.T", "emoji": "👍"})]))
    )
    assert isinstance(reaction, Reacted)
    assert (reaction.target, reaction.emoji, reaction.peer[0]) == ("wamid.T", "👍", PHONE)
    gone = read_one(body(value(messages=[message("reaction", {"message_id": "wamid.T"})])))
    assert gone.emoji == ""
    edited = read_one(
        body(
            value(
                messages=[
                    message(
                        "edit",
                        {
                            "original_message_id": "wamid.T",
                            "message": {"type": "text", "text": {"body": "new"}},
                        },
                    )
                ]
            )
        )
    )
    assert isinstance(edited, Edited)
    assert (edited.target, edited.wire_id, edited.content.text) == ("wamid.T", "wamid.HBgA", "new")
    revoked = read_one(
        body(value(messages=[message("revoke", {"original_message_id": "wamid.T"})]))
    )
    assert isinstance(revoked, Revoked)
    assert revoked.target == "wamid.T"


def test_a_changed_number_moves_the_identity_and_is_shown():
    system = {"type": "user_changed_number", "body": "moved", "new_wa_id": "5511900001111"}
    link, shown = read(body(value(messages=[message("system", system)])))
    assert isinstance(link, IdentityLinked)
    assert (link.a, link.b) == (PHONE, Identity(IdentityKind.PHONE, "5511900001111"))
    assert link.replaces
    assert isinstance(shown, Inbound)
    assert shown.message.content.text == "moved"


def test_a_changed_user_id_replaces_the_old_one():
    system = {"type": "user_changed_user_id", "user_id": "BR.777"}
    link, _ = read(body(value(messages=[message("system", system)])))
    assert (link.a, link.b, link.replaces) == (BSUID, Identity(IdentityKind.BSUID, "BR.777"), True)


# Statuses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["sent", "delivered", "read", "played", "failed", "deleted"])
def test_every_status_is_a_receipt(word):
    event = read_one(body(value(statuses=[STATUS | {"status": word}])))
    assert isinstance(event, Receipt)
    assert (event.status, event.wire_id, event.chat) == (Status(word), "wamid.OUT", CHAT)
    assert event.opaque == "ob:8f3"
    assert event.pricing["category"] == "utility"
    assert event.recipient[:2] == (PHONE, BSUID)
    assert event.at == AT


def test_a_failure_says_why_in_a_class():
    error = read_one(body(value(statuses=[FAILED_STATUS]))).error
    assert (error.cls, error.code) == (ErrorClass.WINDOW, "131047")
    assert error.reason == "More than 24 hours have passed"


def test_a_status_without_its_recipient_still_counts():
    bare = {"id": "wamid.OUT", "status": "read", "timestamp": STAMP}
    event = read_one(body(value(contacts=[], statuses=[bare])))
    assert (event.status, event.chat, event.recipient) == (Status.READ, "", ())


def test_a_group_status_names_the_reader():
    status = STATUS | {
        "recipient_type": "group",
        "recipient_id": "G7",
        "recipient_participant_id": "5511988880000",
        "recipient_user_id": None,
    }
    event = read_one(body(value(contacts=[], statuses=[status])))
    assert event.chat == "G7@g.us"
    assert event.recipient == (Identity(IdentityKind.PHONE, "5511988880000"),)
