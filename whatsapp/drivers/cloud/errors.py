"""Graph's error codes as classes a sender can act on (whatsapp.md §13), as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from whatsapp.drivers.base import ErrorClass, SendError, send_error
from whatsapp.drivers.raw import dict_of, int_of, text_of


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means; `wait` is in seconds."""

    cls: ErrorClass
    permanent: bool
    wait: float | None = None


_THROTTLE = Rule(ErrorClass.THROTTLE, permanent=False)
_TRANSIENT = Rule(ErrorClass.TRANSIENT, permanent=False)
# The message can go out once the account is mended.
_AUTH = Rule(ErrorClass.AUTH, permanent=False)
_ACCOUNT = Rule(ErrorClass.ACCOUNT, permanent=False)
_WINDOW = Rule(ErrorClass.WINDOW, permanent=True)
_RECIPIENT = Rule(ErrorClass.RECIPIENT, permanent=True)
_CONTENT = Rule(ErrorClass.CONTENT, permanent=True)
_GROUPS = Rule(ErrorClass.GROUPS, permanent=True)
_OTHER = Rule(ErrorClass.OTHER, permanent=True)

RULES: dict[int, Rule] = {
    # The app's or the account's calls per hour are used up.
    4: Rule(ErrorClass.THROTTLE, permanent=False, wait=60),
    80007: Rule(ErrorClass.THROTTLE, permanent=False, wait=60),
    # More messages a second than the number may send.
    130429: Rule(ErrorClass.THROTTLE, permanent=False, wait=1),
    # Too many messages were reported as spam.
    131048: Rule(ErrorClass.THROTTLE, permanent=False, wait=3600),
    # Too many to one person: one per six seconds.
    131056: Rule(ErrorClass.THROTTLE, permanent=False, wait=6),
    131064: Rule(ErrorClass.THROTTLE, permanent=False, wait=3600),
    133016: Rule(ErrorClass.THROTTLE, permanent=False, wait=72 * 3600),
    1: _TRANSIENT,
    2: _TRANSIENT,
    131000: _TRANSIENT,
    131016: _TRANSIENT,
    131053: _TRANSIENT,
    # The number's throughput is being raised: minutes.
    131057: Rule(ErrorClass.TRANSIENT, permanent=False, wait=60),
    133004: _TRANSIENT,
    0: _AUTH,
    3: _AUTH,
    10: _AUTH,
    190: _AUTH,
    131005: _AUTH,
    368: _ACCOUNT,
    130497: _ACCOUNT,
    131031: _ACCOUNT,
    131037: _ACCOUNT,
    131042: _ACCOUNT,
    131045: _ACCOUNT,
    131063: _ACCOUNT,
    133010: _ACCOUNT,
    131047: _WINDOW,
    130472: _RECIPIENT,
    131021: _RECIPIENT,
    131026: _RECIPIENT,
    131030: _RECIPIENT,
    # The person got enough marketing for a day.
    131049: _RECIPIENT,
    131050: _RECIPIENT,
    131062: _RECIPIENT,
    137000: _RECIPIENT,
    100: _CONTENT,
    131008: _CONTENT,
    131009: _CONTENT,
    131051: _CONTENT,
    131052: _CONTENT,
    132000: _CONTENT,
    132001: _CONTENT,
    132005: _CONTENT,
    132007: _CONTENT,
    132008: _CONTENT,
    132012: _CONTENT,
    132015: _CONTENT,
    132016: _CONTENT,
    132068: _CONTENT,
    132069: _CONTENT,
    131020: _GROUPS,
    131041: _GROUPS,
    131059: _GROUPS,
}
# Families of codes: first and last.
RANGES: tuple[tuple[int, int, Rule], ...] = (
    (200, 299, _AUTH),
    (131200, 131299, _GROUPS),
    (132000, 132999, _CONTENT),
)
# With a 5xx these say only that something broke, perhaps after the message was taken.
AMBIGUOUS = frozenset({1, 2})


def rule_of(code: int | None, *, is_transient: bool = False) -> Rule:
    """Return what a code means; an unknown one is final unless the network calls it passing."""
    if code is not None:
        if code in RULES:
            return RULES[code]
        for first, last, rule in RANGES:
            if first <= code <= last:
                return rule
    return _TRANSIENT if is_transient else _OTHER


def error_of(error: Mapping[str, Any], *, wait: float | None = None) -> SendError:
    """Read a Graph error object, from an answer or from a status webhook."""
    code = int_of(error.get("code"))
    rule = rule_of(code, is_transient=error.get("is_transient") is True)
    details = text_of(dict_of(error.get("error_data")).get("details"))
    user_message = text_of(error.get("error_user_msg"))
    message = text_of(error.get("message")) or text_of(error.get("title"))
    return send_error(
        rule.cls,
        "unknown" if code is None else code,
        details or user_message or message or "The network gave no reason",
        permanent=rule.permanent,
        retry_after=wait if wait is not None else rule.wait,
    )


def error_of_status(status: int) -> SendError:
    """Read an answer without an error object, by its HTTP status alone."""
    if status in {401, 403}:
        rule = _AUTH
    elif status == 429:
        rule = _THROTTLE
    elif status >= 500:
        rule = _TRANSIENT
    elif status == 413:
        rule = _CONTENT
    else:
        rule = _OTHER
    return send_error(
        rule.cls, f"http_{status}", f"The network answered {status}", permanent=rule.permanent
    )
