"""Query parameters that hold lists, written as JSON text (rest.md §1)."""

import json
from typing import Any

from rest_framework.request import Request

from whaticket.exceptions import Invalid

LARGEST_ID = 10**18 - 1
_LONGEST = 20_000


def _array(request: Request, name: str) -> list[Any] | None:
    text = request.query_params.get(name, "").strip()
    if not text or text in {"undefined", "null"}:
        return None
    if len(text) > _LONGEST:
        raise Invalid(details={name: ["This list is too long."]})
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(details={name: ["A list is needed."]}) from error
    if not isinstance(value, list):
        raise Invalid(details={name: ["A list is needed."]})
    return value


def ids_param(request: Request, name: str) -> tuple[int, ...] | None:
    """Give a list of ids, None where it is absent; raise Invalid."""
    found: list[int] = []
    for item in _array(request, name) or []:
        text = str(item) if isinstance(item, int | str) and not isinstance(item, bool) else ""
        if not (text.isascii() and text.isdigit()) or len(text) > 18:
            raise Invalid(details={name: ["A list of ids is needed."]})
        found.append(int(text))
    return tuple(found) if found or _array(request, name) is not None else None


def words_param(request: Request, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Give a list of words out of a set; raise Invalid for any other."""
    found = _array(request, name) or []
    if any(item not in allowed for item in found if isinstance(item, str)) or not all(
        isinstance(item, str) for item in found
    ):
        raise Invalid(details={name: ["There is no such value."]})
    return tuple(found)


def flag_param(request: Request, name: str) -> bool:
    """Give a flag, which is the text `true` or anything else."""
    return request.query_params.get(name, "").strip().lower() == "true"
