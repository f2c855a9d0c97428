"""Reading foreign JSON so that nothing in it can break what comes after."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

# Python's own JSON encoder, through which a stored event passes, stops at about 1000 levels.
MAX_DEPTH = 100

# PostgreSQL refuses NUL in text and jsonb; a lone half of a surrogate pair is no Unicode text.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A number of seconds this large is a number of milliseconds (the year 5138).
_MILLISECONDS_FROM = 100_000_000_000


def read_json(data: bytes | str) -> Any:
    """Parse JSON into values PostgreSQL can store; raise ValueError for what is no JSON."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        # The standard parser also takes lone surrogates and NaN, which were seen on the wire.
        try:
            value = json.loads(data)
        except (RecursionError, UnicodeDecodeError) as error:
            raise ValueError("not JSON") from error
    return storable(value)


def storable(value: Any, depth: int = 0) -> Any:
    """Return the value with everything replaced that a jsonb column would refuse."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        # Neither a bigint nor the encoder holds it; its digits are not lost as text.
        return str(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth >= MAX_DEPTH:
        return "(nested too deeply)"
    if isinstance(value, Mapping):
        return {clean(str(key)): storable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item, depth + 1) for item in value]
    return clean(str(value))


def clean(text: str) -> str:
    """Return the text without what PostgreSQL cannot keep."""
    return _UNSTORABLE.sub(_REPLACEMENT, text) if _UNSTORABLE.search(text) else text


def text_of(value: Any) -> str:
    """Read a text; a number counts as its digits, anything else as nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return str(value)
        except ValueError:  # more digits than Python prints
            return ""
    return ""


def dict_of(value: Any) -> Mapping[str, Any]:
    """Read an object; anything else counts as an empty one."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: Any) -> list[Any]:
    """Read a list; anything else counts as an empty one."""
    return value if isinstance(value, list) else []


def dicts_in(value: Any) -> list[Mapping[str, Any]]:
    """Read the objects of a list."""
    return [item for item in list_of(value) if isinstance(item, Mapping)]


def int_of(value: Any) -> int | None:
    """Read a whole number, also from a text."""
    number = number_of(value)
    return None if number is None else int(number)


def number_of(value: Any) -> float | None:
    """Read a finite number, also from a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def moment_of(value: Any) -> datetime | None:
    """Read Unix seconds or milliseconds, number or text; None for what is no moment."""
    number = number_of(value)
    if number is None or number <= 0:
        return None
    if number >= _MILLISECONDS_FROM:
        number /= 1000
    if number >= _MILLISECONDS_FROM:
        return None
    try:
        return datetime.fromtimestamp(number, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def moment_or_epoch(value: Any) -> datetime:
    """Read a moment; what has none gets 1970, the same each time it is read."""
    return moment_of(value) or _EPOCH
