"""Reading the frames a device sends."""

from __future__ import annotations

from typing import Any

import orjson

from whatsapp.simulator.errors import Refusal


def parse_frame(text: str) -> dict[str, Any]:
    """Return the object a frame holds; raise Refusal(bad_request)."""
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refusal("bad_request", "not JSON") from error
    if not isinstance(frame, dict):
        raise Refusal("bad_request", "a frame must be an object")
    return frame


def id_of(frame: dict[str, Any], key: str) -> str:
    """Return an id a frame must name; raise Refusal(bad_request)."""
    value = frame.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= 128:
        raise Refusal("bad_request", f"{key} must be a text of 1 to 128 characters")
    return value
