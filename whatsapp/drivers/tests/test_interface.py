"""What every driver shares: names of chats, events that can be stored, secrets that stay hidden."""

from datetime import UTC, datetime

import pytest

from whatsapp.drivers.base import (
    MAX_KEY,
    Choice,
    Choices,
    ChoiceSection,
    Content,
    DriverConfig,
    ErrorClass,
    Identity,
    IdentityKind,
    Kind,
    MediaRef,
    PairCode,
    Paired,
    QrCode,
    Receipt,
    Status,
    bounded_key,
    chat_key,
    identity_of,
    send_error,
)
from whatsapp.drivers.plain import choice_at, numbered
from whatsapp.drivers.registry import (
    DriverUnavailable,
    UnknownDriver,
    capabilities_of,
    driver_for,
    driver_names,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("identity", "key"),
    [
        (Identity(IdentityKind.PHONE, "5511999999999"), "5511999999999@s.whatsapp.net"),
        (Identity(IdentityKind.LID, "990011"), "990011@lid"),
        (Identity(IdentityKind.GROUP, "1203630"), "1203630@g.us"),
        (Identity(IdentityKind.BSUID, "BR.123"), "BR.123@bsuid"),
        (Identity(IdentityKind.PARENT_BSUID, "BR.ENT.9"), "BR.ENT.9@parent_bsuid"),
        (Identity(IdentityKind.USERNAME, "ana.x"), "ana.x@username"),
    ],
)
def test_a_chat_key_names_its_identity_both_ways(identity, key):
    assert chat_key(identity) == key
    assert identity_of(key) == identity


def test_the_device_of_a_person_is_not_part_of_their_name():
    assert identity_of("5511:12@s.whatsapp.net") == Identity(IdentityKind.PHONE, "5511")


@pytest.mark.parametrize("chat", ["", "5511", "@lid", "status@broadcast", "1@newsletter"])
def test_what_is_no_chat_names_nobody(chat):
    assert identity_of(chat) is None


def test_keys_too_long_for_their_column_stay_different():
    one, other = bounded_key("a" * 300 + "1"), bounded_key("a" * 300 + "2")
    assert one != other
    assert len(one) <= MAX_KEY
    assert bounded_key("a" * MAX_KEY) == "a" * MAX_KEY


def test_each_status_of_a_message_is_stored_by_itself():
    facts = {"wire_id": "A", "chat": "1@lid", "at": NOW, "raw": {}}
    keys = {Receipt(status=status, **facts).store_key for status in Status}
    assert len(keys) == len(Status)
    ana, bia = Identity(IdentityKind.PHONE, "1"), Identity(IdentityKind.PHONE, "2")
    in_group = {
        Receipt(status=Status.READ, recipient=(who,), **facts).store_key for who in (ana, bia)
    }
    assert len(in_group) == 2


def test_no_secret_is_in_any_repr():
    secret = "s3cr3t"
    for thing in (
        DriverConfig(connection_key="c", credentials={"token": secret}),
        Paired(number="1", credentials={"token": secret}),
        QrCode(code=secret, expires_at=NOW),
        PairCode(code=secret),
        MediaRef(id="1", key=secret),
        driver_for("cloud")(DriverConfig(connection_key="c", credentials={"access_token": secret})),
        driver_for("sandbox")(DriverConfig(connection_key="c", credentials={"token": secret})),
    ):
        assert secret not in repr(thing)


def test_errors_fit_the_columns_that_keep_them():
    error = send_error(ErrorClass.OTHER, "c" * 99, "r" * 999, permanent=True)
    assert (len(error.code), len(error.reason)) == (32, 255)


def test_drivers_are_found_by_name():
    assert driver_names() == ("cloud", "sandbox")
    for name in driver_names():
        assert driver_for(name).name == name
        assert capabilities_of(name) == driver_for(name).capabilities


def test_an_unknown_driver_is_refused_with_the_names_there_are():
    with pytest.raises(UnknownDriver, match="cloud, sandbox"):
        driver_for("telegram")


def test_a_driver_whose_library_is_missing_says_so(monkeypatch):
    monkeypatch.setitem(
        __import__("whatsapp.drivers.registry", fromlist=["_DRIVERS"])._DRIVERS,
        "web",
        "no_such_library.gateway:WebDriver",
    )
    with pytest.raises(DriverUnavailable, match="no_such_library"):
        driver_for("web")


def test_a_menu_becomes_a_text_whose_numbers_find_the_choice_again():
    rows = (Choice(id="r1", title="Sales", description="Buy things"), Choice(id="r2", title="Help"))
    menu = Content(
        kind=Kind.LIST,
        text="How can we help?",
        choices=Choices(
            header="Acme",
            footer="Any time",
            buttons=(Choice(id="b", title="Call me"),),
            sections=(ChoiceSection(title="Teams", rows=rows),),
        ),
    )
    plain = numbered(menu)
    assert plain.kind is Kind.TEXT
    assert plain.choices is None
    assert plain.text == (
        "*Acme*\n\nHow can we help?\n\n*1* - Call me\n*Teams*\n*2* - Sales\nBuy things\n"
        "*3* - Help\n\n_Any time_"
    )
    assert [choice.id for n in (1, 2, 3) if (choice := choice_at(menu, n))] == ["b", "r1", "r2"]
    assert choice_at(menu, 0) is None
    assert choice_at(menu, 4) is None
    text = Content(kind=Kind.TEXT, text="hi")
    assert numbered(text) is text
    assert choice_at(text, 1) is None
