"""Echoes, history, news of the account and all that is no message of today."""

import json
from datetime import UTC, datetime

import pytest

from whatsapp.drivers.base import (
    Call,
    Echo,
    Identity,
    IdentityKind,
    Inbound,
    MarketingPreference,
    Notice,
    Revoked,
    State,
    StateChanged,
    Unreadable,
)
from whatsapp.drivers.cloud.webhook import parse, split
from whatsapp.drivers.tests.cloud_samples import BSUID, CHAT, PHONE, read, read_one

from .samples import (
    MESSAGES,
    NOTICES,
    STAMP,
    STATUS,
    WABA_ID,
    body,
    message,
    value,
)


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
