"""Meta's webhooks: every entry, change, message and status is read, and nothing raises."""

import copy
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsapp.drivers.base import (
    Call,
    CardPhone,
    Content,
    Echo,
    Edited,
    ErrorClass,
    Identity,
    IdentityKind,
    IdentityLinked,
    Inbound,
    Kind,
    MarketingPreference,
    Notice,
    Reacted,
    Receipt,
    Revoked,
    State,
    StateChanged,
    Status,
    StoredEvent,
    Unreadable,
)
from whatsapp.drivers.cloud.gateway import CloudDriver
from whatsapp.drivers.cloud.webhook import parse, split

from .samples import (
    FAILED_STATUS,
    MESSAGES,
    NOTICES,
    PHONE_ID,
    SHA,
    STAMP,
    STATUS,
    WABA_ID,
    body,
    message,
    value,
)
from .test_foreign_data import JSON

AT = datetime.fromtimestamp(int(STAMP), tz=UTC)
PHONE = Identity(IdentityKind.PHONE, "5511999999999")
BSUID = Identity(IdentityKind.BSUID, "BR.1234567890")
PARENT = Identity(IdentityKind.PARENT_BSUID, "BR.ENT.99")
USERNAME = Identity(IdentityKind.USERNAME, "ana.x")
CHAT = "5511999999999@s.whatsapp.net"


def read(webhook):
    """Every event of a body, in order."""
    return [event for items in split(webhook).values() for item in items for event in parse(item)]


def read_one(webhook):
    [event] = read(webhook)
    return event


def content_of(name) -> Content:
    event = read_one(body(value(messages=[MESSAGES[name]])))
    assert isinstance(event, Inbound)
    return event.message.content


# Messages -----------------------------------------------------------------------------------


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


# Statuses -----------------------------------------------------------------------------------


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


# Other fields -------------------------------------------------------------------------------


def test_media_of_old_messages_come_later_and_are_history_too():
    late = value(messages=[MESSAGES["image"]])
    event = read_one(body(late, field="history"))
    assert isinstance(event, Inbound)
    assert event.message.is_history
    assert event.message.peer[0] == PHONE
    assert event.message.content.media.id == "m1"


def test_a_digest_that_is_none_is_left_out():
    for wire in ("nonsense!", "YWJj"):
        event = read_one(body(value(messages=[message("image", {"id": "m", "sha256": wire})])))
        assert event.message.content.media.sha256 == ""


def test_form_answers_that_are_no_json_are_empty():
    form = {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": "{"}}
    event = read_one(body(value(messages=[message("interactive", form)])))
    assert event.message.content.extra["answers"] == {}


def test_what_was_typed_in_the_app_is_an_echo():
    typed = {
        "from": "15550001111",
        "to": "5511999999999",
        "to_user_id": "BR.1234567890",
        "id": "wamid.E",
        "timestamp": STAMP,
        "type": "text",
        "text": {"body": "from the phone"},
    }
    event = read_one(body(value(message_echoes=[typed]), field="smb_message_echoes"))
    assert isinstance(event, Echo)
    assert event.message.peer == (PHONE, BSUID)
    assert event.message.sender.identities == (Identity(IdentityKind.PHONE, "15550001111"),)
    revoked = typed | {"type": "revoke", "revoke": {"original_message_id": "wamid.E"}}
    event = read_one(body(value(message_echoes=[revoked]), field="smb_message_echoes"))
    assert isinstance(event, Revoked)
    assert event.from_me


def test_old_messages_are_marked_as_history_on_both_sides():
    theirs = message("text", {"body": "old"}, id="wamid.1")
    ours = message("text", {"body": "older"}, id="wamid.2", **{"from": "15550001111"})
    chunk = {
        "metadata": {"phase": 0, "chunk_order": 1, "progress": 55},
        "threads": [{"id": "5511999999999", "messages": [theirs, ours]}],
    }
    inbound, echo = read(body(value(contacts=[], history=[chunk]), field="history"))
    assert isinstance(inbound, Inbound)
    assert isinstance(echo, Echo)
    assert inbound.message.is_history
    assert echo.message.is_history
    assert inbound.chat == echo.chat == CHAT
    declined = read_one(body(value(contacts=[], errors=[{"code": 2593109}]), field="history"))
    assert isinstance(declined, Notice)
    assert declined.data["errors"] == [{"code": 2593109}]


@pytest.mark.parametrize("field", NOTICES)
def test_news_of_the_account_are_kept_as_they_are(field):
    events = read(body(NOTICES[field], field=field))
    assert {type(event) for event in events} == {Notice}
    assert {event.name for event in events} == {field}
    assert events[0].at == datetime.fromtimestamp(1763900009, tz=UTC)
    assert len({event.wire_id for event in events}) == len(events)
    assert set(split(body(NOTICES[field], field=field))) == {f"waba:{WABA_ID}"}


@pytest.mark.parametrize(
    ("news", "state", "reason"),
    [
        ({"event": "ACCOUNT_RESTRICTION"}, State.RESTRICTED, "account_restriction"),
        (
            {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}},
            State.RESTRICTED,
            "disabled_update",
        ),
        ({"event": "PARTNER_REMOVED"}, State.LOGGED_OUT, "partner_removed"),
        (
            {"event": "X", "disconnection_info": {"reason": "PRIMARY_INACTIVITY"}},
            State.LOGGED_OUT,
            "primary_inactivity",
        ),
        ({"event": "ACCOUNT_RECONNECTED"}, State.CONNECTED, "account_reconnected"),
    ],
)
def test_what_ends_or_restricts_the_account_is_also_a_state(news, state, reason):
    notice, changed = read(body(news, field="account_update"))
    assert isinstance(notice, Notice)
    assert isinstance(changed, StateChanged)
    assert (changed.state, changed.reason) == (state, reason)


def test_who_wants_no_marketing_is_told():
    wish = {"wa_id": "5511999999999", "category": "marketing_messages", "value": "stop"}
    stop, resume = read(
        body(value(user_preferences=[wish, wish | {"value": "resume"}]), field="user_preferences")
    )
    assert isinstance(stop, MarketingPreference)
    assert (stop.wanted, resume.wanted) == (False, True)
    assert stop.person.identities == (PHONE,)


def test_calls_are_told_each_time():
    call = {"id": "wacid.1", "from": "5511999999999", "event": "connect", "timestamp": STAMP}
    offered, ended = read(body(value(calls=[call, call | {"event": "terminate"}]), field="calls"))
    assert isinstance(offered, Call)
    assert (offered.status, ended.status) == ("offered", "ended")
    assert offered.wire_id != ended.wire_id
    assert offered.caller.identities[0] == PHONE


def test_errors_of_a_whole_change_are_kept():
    event = read_one(body(value(errors=[{"code": 130429, "title": "Rate limit"}])))
    assert isinstance(event, Notice)
    assert (event.name, event.data["code"]) == ("error", 130429)


@pytest.mark.parametrize(
    "webhook",
    [
        body(value(messages=[message("hologram", {"x": 1})])),
        body(value(messages=[message("location", {"latitude": "north"})])),
        body(value(messages=[message("interactive", {"type": "dance"})])),
        body(value(messages=[message("edit", {"original_message_id": "w"})])),
        body(value(messages=[message("text", {"body": "x"}, id=None)])),
        body(value(contacts=[], messages=[{"id": "wamid.1", "type": "text"}])),
        body(value(statuses=[STATUS | {"status": "pondered"}])),
        body(value(statuses=["x"])),
        body(value(), field="brand_new_field"),
        body(value(novelty=1)),
        body(value(calls=[{}]), field="calls"),
        body(value(user_preferences=[{}]), field="user_preferences"),
        {"object": "page", "entry": [{"id": "1", "messaging": []}]},
        {"entry": [{"id": "1", "changes": ["x"]}]},
        {"entry": ["x"]},
        {},
        [],
    ],
)
def test_what_is_not_known_is_kept_and_never_dropped(webhook):
    event = read_one(json.dumps(webhook))
    assert isinstance(event, Unreadable)
    assert event.wire_id
    assert event.reason
    assert parse(event.raw) == [event]


def test_an_unreadable_message_is_still_somebodys():
    event = read_one(body(value(messages=[message("hologram", {"x": 1})])))
    assert (event.wire_id, event.chat, event.reason) == ("wamid.HBgA", CHAT, "type hologram")
    assert event.sender.push_name == "Ana"


def test_nul_in_a_text_is_replaced_where_postgresql_would_refuse_it():
    webhook = json.dumps(body(value(messages=[message("text", {"body": "a\x00b"})])))
    event = read_one(webhook)
    assert event.message.content.text == "a\ufffdb"
    assert "\\u0000" not in json.dumps(event.raw)


def test_a_very_long_id_still_fits_its_column():
    event = read_one(body(value(messages=[message("text", {"body": "x"}, id="w" * 400)])))
    assert len(event.wire_id) <= 255


def test_what_is_no_json_is_refused():
    with pytest.raises(ValueError, match=r".*"):
        split(b"entry=1")


# Any batch ----------------------------------------------------------------------------------

_NUMBERS = st.sampled_from([PHONE_ID, "2", "3"])
_MESSAGE = st.builds(
    lambda name, number: copy.deepcopy(MESSAGES[name]) | {"id": f"wamid.{number}"},
    st.sampled_from(sorted(MESSAGES)),
    st.integers(0, 10**9),
)
_STATUS = st.builds(
    lambda word, number: STATUS | {"status": word, "id": f"wamid.{number}"},
    st.sampled_from(["sent", "delivered", "read"]),
    st.integers(0, 10**9),
)


def _value(phone_id, messages, statuses):
    found = value(messages=messages, statuses=statuses)
    found["metadata"] = found["metadata"] | {"phone_number_id": phone_id}
    return found


_VALUES = st.builds(_value, _NUMBERS, st.lists(_MESSAGE, max_size=4), st.lists(_STATUS, max_size=4))
_BODIES = st.builds(
    lambda entries: {
        "object": "whatsapp_business_account",
        "entry": [
            {"id": f"waba{n}", "changes": [{"field": "messages", "value": v} for v in values]}
            for n, values in enumerate(entries)
        ],
    },
    st.lists(st.lists(_VALUES, max_size=4), max_size=4),
)


@settings(deadline=None)
@given(_BODIES)
def test_every_message_and_status_of_any_batch_reaches_its_number_in_order(webhook):
    expected: dict[str, list[tuple[type, str]]] = {}
    for entry in webhook["entry"]:
        for change in entry["changes"]:
            one = change["value"]
            facts = [(Inbound, item["id"]) for item in one["messages"]]
            facts += [(Receipt, item["id"]) for item in one["statuses"]]
            if facts:
                phone_id = one["metadata"]["phone_number_id"]
                expected.setdefault(phone_id, []).extend(facts)
    found = {
        number: [(type(event), event.wire_id) for item in items for event in parse(item)]
        for number, items in split(json.dumps(webhook).encode()).items()
    }
    assert found == expected


@settings(deadline=None)
@given(JSON)
def test_no_json_raises_and_none_is_dropped(anything):
    for webhook in (
        anything,
        {"entry": anything},
        {"entry": [{"id": anything, "time": anything, "changes": anything}]},
        {"entry": [{"changes": [{"field": anything, "value": anything}]}]},
        {"entry": [{"changes": [{"field": "history", "value": {"history": [anything]}}]}]},
    ):
        if isinstance(webhook, bytes | str):
            continue
        items = [item for group in split(webhook).values() for item in group]
        for item in items:
            events = parse(item)
            assert events
            for event in events:
                if isinstance(event, StoredEvent):
                    json.dumps(event.raw, allow_nan=False)
                    assert event.wire_id
                    assert len(event.wire_id) <= 255
                    assert len(event.chat) <= 255
    assert parse(anything if isinstance(anything, dict) else {"item": anything})


_LISTS = [
    "messages", "statuses", "errors", "message_echoes", "calls", "state_sync", "user_preferences",
    "contacts", "history",
]  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from(["messages", "smb_message_echoes", "calls", "history", "user_preferences"]),
    st.dictionaries(st.sampled_from(_LISTS), st.lists(st.dictionaries(
        st.sampled_from(["id", "type", "text", "from", "to", "status", "timestamp", "interactive",
                         "reaction", "errors", "context", "contacts", "system", "threads"]),
        JSON | st.sampled_from(["text", "interactive", "system", "contacts", "read"]),
    ), max_size=3)),
)  # fmt: skip
def test_no_member_of_a_known_field_raises(field, members):
    for group in split({"entry": [{"changes": [{"field": field, "value": members}]}]}).values():
        for item in group:
            assert parse(item)
