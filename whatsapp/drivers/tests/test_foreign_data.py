"""Whatever strangers send can be read, stored and shown."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsapp.drivers import raw
from whatsapp.drivers.base import CardPhone, ContactCard, MediaRef, MediaUnavailable
from whatsapp.drivers.files import save
from whatsapp.drivers.vcard import MAX_CARD, format_vcard, parse_vcard

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=30,
)


@given(JSON)
def test_any_json_becomes_something_postgresql_takes(value):
    text = json.dumps(raw.storable(value), allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode()  # no lone surrogate is left


def test_nul_and_half_characters_are_replaced_and_the_rest_is_kept():
    body = b'{"a": "x\\u0000y", "b": "\\ud83d", "c": "\\ud83d\\ude00", "n": NaN}'
    assert raw.read_json(body) == {"a": "x\ufffdy", "b": "\ufffd", "c": "😀", "n": None}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"nope", b"[" * 100_000])
def test_what_is_no_json_is_a_value_error(body):
    with pytest.raises(ValueError, match=r".*"):
        raw.read_json(body)


def test_what_is_nested_without_end_is_cut():
    deep = raw.read_json(b"[" * 900 + b"]" * 900)
    json.dumps(deep)
    assert "nested too deeply" in str(deep)


@pytest.mark.parametrize("stamp", [1763900000, "1763900000", 1763900000000, "1763900000000"])
def test_seconds_and_milliseconds_are_the_same_moment(stamp):
    assert raw.moment_of(stamp) == datetime(2025, 11, 23, 12, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "stamp", [None, "", "soon", -1, 0, True, [], 1e300, "9" * 400, float("nan")]
)
def test_what_is_no_moment_is_none_and_never_raises(stamp):
    assert raw.moment_of(stamp) is None


def test_a_moment_the_calendar_does_not_reach_is_the_same_each_time():
    assert (
        raw.moment_or_epoch("soon") == raw.moment_or_epoch(None) == datetime(1970, 1, 1, tzinfo=UTC)
    )


def test_numbers_of_any_size_are_read_without_raising():
    assert raw.text_of(10**5000) == ""
    assert raw.int_of("1e400") is None
    assert raw.number_of(10**400) is None


# Contact cards ------------------------------------------------------------------------------


def test_a_card_with_several_numbers_keeps_them_all():
    card = parse_vcard(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Souza;Ana;;Dr.;\r\nFN:Ana Souza\r\nORG:Acme;Sales\r\n"
        "item1.TEL;waid=5511999990000:+55 11 99999-0000\r\nitem1.X-ABLabel:Celular\r\n"
        "TEL;type=WORK;type=VOICE:+55 11 3333-0000\r\n"
        "item2.TEL:+1 555 0100\r\nitem2.X-ABLabel:_$!<Home>!$_\r\n"
        "EMAIL;type=INTERNET:ana@acme.test\r\nEND:VCARD\r\n"
    )
    assert card.name == "Ana Souza"
    assert card.organization == "Acme, Sales"
    assert card.emails == ("ana@acme.test",)
    assert card.phones == (
        CardPhone("+55 11 99999-0000", "Celular", "5511999990000"),
        CardPhone("+55 11 3333-0000", "WORK", ""),
        CardPhone("+1 555 0100", "Home", ""),
    )


def test_an_old_card_in_quoted_printable_is_read():
    card = parse_vcard(
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Concei=C3=A7=C3=A3o;"
        "Jo=\n=C3=A3o\nTEL;CELL:+5511988887777\nEND:VCARD"
    )
    assert card.name == "João Conceição"
    assert card.phones == (CardPhone("+5511988887777", "CELL", ""),)


def test_folded_lines_and_escapes_are_undone():
    card = parse_vcard("FN:Silva\\, Fi\n lhos \\; Cia\nTEL;VALUE=uri:tel:+5511\n")
    assert card.name == "Silva, Filhos ; Cia"
    assert card.phones[0].number == "+5511"


def test_a_card_with_only_a_whatsapp_id_still_has_a_number():
    assert parse_vcard("TEL;waid=5511:\n").phones == (CardPhone("+5511", "", "5511"),)


def test_the_message_names_the_contact_before_the_card_does():
    assert parse_vcard("FN:Card\n", "Message").name == "Message"


@given(st.text(max_size=300))
def test_no_card_raises(text):
    parse_vcard("BEGIN:VCARD\n" + text)


def test_a_huge_card_is_read_up_to_a_bound():
    assert len(parse_vcard("TEL:1\n" * MAX_CARD).phones) == 100


def test_a_card_made_here_is_read_back():
    card = ContactCard(
        name="Ana, da Silva",
        phones=(CardPhone("+5511", "HOME", "5511"), CardPhone("+5522")),
        emails=("a@b.test",),
        organization="Acme; Co",
    )
    again = parse_vcard(format_vcard(card))
    assert (again.name, again.phones[0], again.emails) == (card.name, card.phones[0], card.emails)
    assert again.phones[1].number == "+5522"
    assert format_vcard(again) == again.vcard


# Files --------------------------------------------------------------------------------------


async def _chunks(*parts: bytes):
    for part in parts:
        yield part


async def test_a_file_arrives_whole(tmp_path: Path):
    ref = MediaRef(mimetype="text/plain", sha256=_SHA_OF_ABCD)
    fetched = await save(_chunks(b"ab", b"cd"), tmp_path / "f", limit=4, ref=ref)
    assert (tmp_path / "f").read_bytes() == b"abcd"
    assert (fetched.size, fetched.sha256, fetched.mimetype) == (4, _SHA_OF_ABCD, "text/plain")


@pytest.mark.parametrize(
    ("ref", "limit", "code", "permanent"),
    [
        (MediaRef(), 3, "too_large", True),
        (MediaRef(sha256="0" * 64), 9, "damaged", False),
    ],
)
async def test_a_file_that_is_not_as_it_should_be_leaves_nothing(
    tmp_path, ref, limit, code, permanent
):
    with pytest.raises(MediaUnavailable) as caught:
        await save(_chunks(b"ab", b"cd"), tmp_path / "f", limit=limit, ref=ref)
    assert (caught.value.error.code, caught.value.permanent) == (code, permanent)
    assert list(tmp_path.iterdir()) == []


async def test_a_transfer_that_breaks_leaves_nothing(tmp_path):
    async def broken():
        yield b"ab"
        raise OSError("cable")

    with pytest.raises(MediaUnavailable) as caught:
        await save(broken(), tmp_path / "f", limit=9, ref=MediaRef())
    assert caught.value.error.code == "disk"
    assert list(tmp_path.iterdir()) == []


_SHA_OF_ABCD = "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589"
