"""What the Cloud API is sent, and how its answers are read."""

from datetime import UTC, datetime

import pytest

from whatsapp.drivers.base import (
    MEDIA_KINDS,
    CardPhone,
    Choice,
    Choices,
    ChoiceSection,
    ContactCard,
    Content,
    ErrorClass,
    Identity,
    IdentityKind,
    Kind,
    Location,
    Template,
)
from whatsapp.drivers.cloud import wire
from whatsapp.drivers.cloud.errors import error_of, error_of_status
from whatsapp.drivers.cloud.graph import Answer

PHONE = Identity(IdentityKind.PHONE, "5511")
BSUID = Identity(IdentityKind.BSUID, "BR.1")
LID = Identity(IdentityKind.LID, "99")


@pytest.mark.parametrize(
    ("chat", "to", "fields"),
    [
        ("5511@s.whatsapp.net", (), {"recipient_type": "individual", "to": "5511"}),
        ("BR.1@bsuid", (), {"recipient_type": "individual", "recipient": "BR.1"}),
        ("G7@g.us", (PHONE,), {"recipient_type": "group", "to": "G7"}),
        ("99@lid", (LID, BSUID, PHONE), {"recipient_type": "individual", "to": "5511"}),
        ("99@lid", (LID, BSUID), {"recipient_type": "individual", "recipient": "BR.1"}),
        ("", (PHONE,), {"recipient_type": "individual", "to": "5511"}),
        ("99@lid", (LID,), None),
        ("ana@username", (), None),
    ],
)
def test_the_recipient_is_named_by_the_best_known_identity(chat, to, fields):
    assert wire.address(chat, to) == fields


def test_every_message_carries_its_outbox_id_and_quote():
    assert wire.envelope({"to": "5511"}, "ob:1", "wamid.Q") == {
        "messaging_product": "whatsapp",
        "to": "5511",
        "context": {"message_id": "wamid.Q"},
        "biz_opaque_callback_data": "ob:1",
    }
    assert len(wire.envelope({}, "x" * 600)["biz_opaque_callback_data"]) == 512


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (
            Content(kind=Kind.TEXT, text="see https://x.test"),
            {"type": "text", "text": {"body": "see https://x.test", "preview_url": True}},
        ),
        (
            Content(kind=Kind.TEXT, text="hi"),
            {"type": "text", "text": {"body": "hi", "preview_url": False}},
        ),
        (
            Content(kind=Kind.IMAGE, text="c"),
            {"type": "image", "image": {"id": "m1", "caption": "c"}},
        ),
        (Content(kind=Kind.VIDEO), {"type": "video", "video": {"id": "m1"}}),
        (
            Content(kind=Kind.DOCUMENT, text="c"),
            {"type": "document", "document": {"id": "m1", "caption": "c", "filename": "a.pdf"}},
        ),
        (Content(kind=Kind.AUDIO, text="c"), {"type": "audio", "audio": {"id": "m1"}}),
        (Content(kind=Kind.VOICE), {"type": "audio", "audio": {"id": "m1", "voice": True}}),
        (Content(kind=Kind.STICKER), {"type": "sticker", "sticker": {"id": "m1"}}),
        (
            Content(kind=Kind.LOCATION, location=Location(latitude=1, longitude=2, name="n")),
            {"type": "location", "location": {"latitude": 1, "longitude": 2, "name": "n"}},
        ),
        (
            Content(
                kind=Kind.CONTACTS,
                contacts=(
                    ContactCard(
                        name="Ana Souza",
                        phones=(CardPhone("+55", "home", "55"), CardPhone("+1")),
                        emails=("a@b.test",),
                        organization="Acme",
                    ),
                    ContactCard(name="", vcard="FN:Bia\nTEL:+2"),
                ),
            ),
            {
                "type": "contacts",
                "contacts": [
                    {
                        "name": {
                            "formatted_name": "Ana Souza",
                            "first_name": "Ana",
                            "last_name": "Souza",
                        },
                        "phones": [
                            {"phone": "+55", "type": "HOME", "wa_id": "55"},
                            {"phone": "+1", "type": "CELL"},
                        ],
                        "emails": [{"email": "a@b.test", "type": "WORK"}],
                        "org": {"company": "Acme"},
                    },
                    {
                        "name": {"formatted_name": "Bia", "first_name": "Bia"},
                        "phones": [{"phone": "+2", "type": "CELL"}],
                    },
                ],
            },
        ),
        (
            Content(
                kind=Kind.BUTTONS,
                text="hi",
                choices=Choices(buttons=(Choice(id="y", title="Yes"),), header="H", footer="F"),
            ),
            {
                "type": "interactive",
                "interactive": {
                    "type": "button",
                    "header": {"type": "text", "text": "H"},
                    "body": {"text": "hi"},
                    "footer": {"text": "F"},
                    "action": {
                        "buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]
                    },
                },
            },
        ),
        (
            Content(
                kind=Kind.LIST,
                text="hi",
                choices=Choices(
                    opener="Open",
                    sections=(
                        ChoiceSection(
                            title="S", rows=(Choice(id="r1", title="r", description="d"),)
                        ),
                    ),
                ),
            ),
            {
                "type": "interactive",
                "interactive": {
                    "type": "list",
                    "body": {"text": "hi"},
                    "action": {
                        "button": "Open",
                        "sections": [
                            {
                                "title": "S",
                                "rows": [{"id": "r1", "title": "r", "description": "d"}],
                            }
                        ],
                    },
                },
            },
        ),
        (
            Content(
                kind=Kind.INTERACTIVE,
                interactive={
                    "type": "location_request_message",
                    "body": {"text": "where"},
                    "action": {"name": "send_location"},
                },
            ),
            {
                "type": "interactive",
                "interactive": {
                    "type": "location_request_message",
                    "body": {"text": "where"},
                    "action": {"name": "send_location"},
                },
            },
        ),
        (
            Content(
                kind=Kind.TEMPLATE,
                template=Template(
                    name="order",
                    language="pt_BR",
                    components=(
                        {"type": "header", "parameters": [{"type": "image", "image": {}}]},
                        {"type": "body", "parameters": [{"type": "text", "text": "77"}]},
                    ),
                ),
            ),
            {
                "type": "template",
                "template": {
                    "name": "order",
                    "language": {"code": "pt_BR"},
                    "components": [
                        {
                            "type": "header",
                            "parameters": [{"type": "image", "image": {"id": "m1"}}],
                        },
                        {"type": "body", "parameters": [{"type": "text", "text": "77"}]},
                    ],
                },
            },
        ),
    ],
)
def test_every_kind_has_its_form_on_the_wire(content, fields):
    assert wire.content_fields(content, "m1", "a.pdf") == fields


def test_what_has_no_form_is_not_sent():
    for kind in (Kind.SYSTEM, Kind.ORDER, Kind.BUTTONS, Kind.TEMPLATE, Kind.LOCATION, *MEDIA_KINDS):
        assert wire.content_fields(Content(kind=kind)) is None


def test_a_reaction_is_removed_by_an_empty_emoji():
    assert wire.reaction_fields("wamid.A", "") == {
        "type": "reaction",
        "reaction": {"message_id": "wamid.A", "emoji": ""},
    }


@pytest.mark.parametrize(
    ("kind", "given", "uploaded"),
    [
        (Kind.VOICE, "audio/ogg", "audio/ogg; codecs=opus"),
        (Kind.VOICE, "audio/ogg; codecs=opus", "audio/ogg; codecs=opus"),
        (Kind.AUDIO, "audio/opus", "audio/ogg; codecs=opus"),
        (Kind.AUDIO, "audio/mpeg", "audio/mpeg"),
        (Kind.IMAGE, "image/jpg", "image/jpeg"),
        (Kind.DOCUMENT, "", "application/octet-stream"),
    ],
)
def test_types_the_network_refuses_are_spelled_as_it_wants(kind, given, uploaded):
    assert wire.upload_mimetype(kind, given) == uploaded


def test_an_acceptance_names_the_message_and_the_recipient_as_the_network_knows_them():
    now = datetime.now(UTC)
    taken = wire.accepted(
        {
            "contacts": [{"input": "5511999999999", "wa_id": "551199999999", "user_id": "BR.1"}],
            "messages": [{"id": "wamid.1", "message_status": "held_for_quality_assessment"}],
        },
        now,
    )
    assert (taken.wire_id, taken.at, taken.note) == (
        "wamid.1",
        now,
        "held_for_quality_assessment",
    )
    assert taken.identities == (Identity(IdentityKind.PHONE, "551199999999"), BSUID)
    assert wire.accepted({"messages": [{"id": "w", "message_status": "accepted"}]}, now).note == ""
    assert wire.accepted({}, now) is None
    assert wire.accepted({"messages": [{}]}, now) is None


# Errors -------------------------------------------------------------------------------------

CLASSES = {
    ErrorClass.THROTTLE: (4, 80007, 130429, 131048, 131056, 131064, 133016),
    ErrorClass.TRANSIENT: (1, 2, 131000, 131016, 131053, 131057, 133004),
    ErrorClass.AUTH: (0, 3, 10, 190, 200, 250, 299, 131005),
    ErrorClass.ACCOUNT: (368, 131031, 130497, 131042, 131045, 131037, 133010, 131063),
    ErrorClass.WINDOW: (131047,),
    ErrorClass.RECIPIENT: (131026, 131021, 131030, 131050, 131049, 130472, 131062, 137000),
    ErrorClass.CONTENT: (
        100, 131008, 131009, 131051, 131052, 132000, 132001, 132005, 132007, 132008, 132012,
        132015, 132016, 132068, 132069,
    ),
    ErrorClass.GROUPS: (131020, 131041, 131059, 131201, 131299),
    ErrorClass.OTHER: (138000, 139200, 2593109),
}  # fmt: skip


@pytest.mark.parametrize(
    ("cls", "code"), [(cls, code) for cls, codes in CLASSES.items() for code in codes]
)
def test_every_code_has_its_class(cls, code):
    error = error_of({"code": code, "message": "m"})
    assert (error.cls, error.code, error.reason) == (cls, str(code), "m")
    passing = {ErrorClass.THROTTLE, ErrorClass.TRANSIENT, ErrorClass.AUTH, ErrorClass.ACCOUNT}
    assert error.permanent is (cls not in passing)


def test_the_most_telling_words_are_kept():
    error = {"code": 100, "message": "m", "title": "t", "error_data": {"details": "d"}}
    assert error_of(error).reason == "d"
    assert error_of(error | {"error_data": None, "error_user_msg": "u"}).reason == "u"
    assert error_of({"title": "t"}).reason == "t"
    assert error_of({}).reason


def test_an_unknown_code_passes_if_the_network_says_so():
    assert error_of({"code": 987654, "is_transient": True}).cls is ErrorClass.TRANSIENT
    assert error_of({"code": "x"}).cls is ErrorClass.OTHER


def test_waiting_times_are_the_networks_or_the_rules():
    assert error_of({"code": 131056}).retry_after == 6
    assert error_of({"code": 131056}, wait=30).retry_after == 30


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (401, ErrorClass.AUTH),
        (429, ErrorClass.THROTTLE),
        (502, ErrorClass.TRANSIENT),
        (413, ErrorClass.CONTENT),
        (418, ErrorClass.OTHER),
    ],
)
def test_without_an_error_object_the_status_decides(status, cls):
    assert error_of_status(status).cls is cls


@pytest.mark.parametrize(
    ("status", "code", "proves_refusal"),
    [
        (400, 131047, True),
        (500, 131000, True),
        (503, 131016, True),
        (500, 1, False),
        (503, 2, False),
        (400, 1, True),
        (502, None, False),
        (504, None, False),
        (408, None, False),
        (401, None, True),
        (302, None, False),
    ],
)
def test_only_what_proves_that_nothing_was_taken_is_a_refusal(status, code, proves_refusal):
    data = {} if code is None else {"error": {"code": code}}
    assert Answer(status, data).is_refusal is proves_refusal
    assert not Answer(200, {"messages": []}).is_refusal
