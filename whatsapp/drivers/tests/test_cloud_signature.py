"""Only Meta's own bytes get in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsapp.drivers.cloud.signature import challenge_answer, is_signed, sign

# HMAC-SHA256 of this body under this key, computed with openssl.
BODY = b'{"entry":[],"text":"\\u00e9"}'
SIGNED = "sha256=" + "ea0d2a3b1f8aec7aa218dbc27b5a003b83277d316e27e62d147f71a76589cf81"


def test_the_signature_is_that_of_the_raw_bytes():
    assert sign(BODY, "secret") == SIGNED
    assert is_signed(BODY, SIGNED, "secret")
    # The same JSON, written again.
    assert not is_signed('{"entry":[],"text":"é"}'.encode(), SIGNED, "secret")


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        (None, "secret"),
        ("", "secret"),
        (SIGNED, ""),
        (SIGNED, None),
        (SIGNED, "other"),
        (SIGNED[7:], "secret"),
        ("sha256=", "secret"),
        ("sha1=" + SIGNED[7:], "secret"),
        ("sha256=é", "secret"),
    ],
)
def test_what_proves_nothing_is_refused(header, secret):
    assert not is_signed(BODY, header, secret)


@given(st.binary(), st.text(st.characters(codec="utf-8"), min_size=1), st.text())
def test_only_the_right_signature_is_taken(body, secret, header):
    assert is_signed(body, sign(body, secret), secret)
    assert not is_signed(body, header, secret) or header.strip() == sign(body, secret)
    assert not is_signed(body + b"x", sign(body, secret), secret)


def test_the_handshake_answers_the_challenge_to_who_knows_the_token():
    query = {"hub.mode": "subscribe", "hub.challenge": "1158", "hub.verify_token": "ours"}
    assert challenge_answer(query, "ours") == "1158"
    assert challenge_answer(query, "theirs") is None
    assert challenge_answer(query, "") is None
    assert challenge_answer(query, None) is None
    assert challenge_answer(query | {"hub.mode": "unsubscribe"}, "ours") is None
    assert challenge_answer(query | {"hub.verify_token": ""}, "") is None
    assert challenge_answer(query | {"hub.verify_token": "ã"}, "ours") is None
    assert challenge_answer({}, "ours") is None
