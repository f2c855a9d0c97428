"""Reading what the control API is asked."""

from __future__ import annotations

import math
from typing import Any

from aiohttp import web

from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.network import Network


def number_of(request: web.Request, network: Network) -> str:
    """Return the number of the phone a path names; raise Refusal(not_found)."""
    return network.directory.phone(request.match_info["number"]).number


def text_of(body: dict[str, Any], key: str) -> str:
    """Return a text of a body, empty if it is not there; raise Refusal(bad_request)."""
    value = body.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refusal("bad_request", f"{key} must be a text")
    return value


def whole_of(value: str, key: str) -> int:
    """Return a query parameter as a whole number; raise Refusal(bad_request)."""
    try:
        number = float(value)
    except ValueError as error:
        raise Refusal("bad_request", f"{key} must be a number") from error
    if not math.isfinite(number) or abs(number) >= 2**62:
        raise Refusal("bad_request", f"{key} must be a number")
    return int(number)
