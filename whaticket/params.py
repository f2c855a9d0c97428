"""Query parameters as the contract has them (rest.md §1): texts, numbers and JSON lists."""

import json
from typing import Any

from rest_framework.request import Request

from whaticket.exceptions import Invalid
from whaticket.texts import is_encodable

LARGEST_ID = 10**18 - 1
# Far past any list, and its offset still fits PostgreSQL's bigint.
LAST_PAGE = 1_000_000_000
_LONGEST_LIST = 20_000


def whole_number(text: str) -> int | None:
    """Read digits as a number, at most LARGEST_ID; None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def text_param(request: Request, name: str, default: str = "", *, longest: int = 255) -> str:
    """Give a text parameter of the query; raise Invalid where PostgreSQL could not hold it."""
    value = request.query_params.get(name, default)
    if "\0" in value or len(value) > longest or not is_encodable(value):
        raise Invalid(details={name: ["This text cannot be searched for."]})
    return value


def int_param(request: Request, name: str) -> int | None:
    """Give a whole-number parameter of the query, None where it is absent; raise Invalid."""
    value = request.query_params.get(name, "").strip()
    if not value:
        return None
    number = whole_number(value)
    if number is None:
        raise Invalid(details={name: ["A whole number is needed."]})
    return number


def page_param(request: Request) -> int:
    """Give `pageNumber`, 1 where it is absent; raise Invalid."""
    number = int_param(request, "pageNumber")
    if number is None:
        return 1
    if not 1 <= number <= LAST_PAGE:
        raise Invalid(details={"pageNumber": ["There is no such page."]})
    return number


def flag_param(request: Request, name: str) -> bool:
    """Give a flag, which is the text `true` or anything else."""
    return request.query_params.get(name, "").strip().lower() == "true"


def ids_param(request: Request, name: str) -> tuple[int, ...] | None:
    """Give a list of ids, None where it is absent; raise Invalid."""
    items = _list(request, name)
    if items is None:
        return None
    found: list[int] = []
    for item in items:
        is_named = isinstance(item, int | str) and not isinstance(item, bool)
        number = whole_number(str(item)) if is_named else None
        if number is None:
            raise Invalid(details={name: ["A list of ids is needed."]})
        found.append(number)
    return tuple(found)


def words_param(request: Request, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Give a list of words out of a set; raise Invalid for any other."""
    found = _list(request, name) or []
    if not all(isinstance(item, str) and item in allowed for item in found):
        raise Invalid(details={name: ["There is no such value."]})
    return tuple(found)


def _list(request: Request, name: str) -> list[Any] | None:
    text = request.query_params.get(name, "").strip()
    if not text or text in {"undefined", "null"}:
        return None
    if len(text) > _LONGEST_LIST:
        raise Invalid(details={name: ["This list is too long."]})
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(details={name: ["A list is needed."]}) from error
    if not isinstance(value, list):
        raise Invalid(details={name: ["A list is needed."]})
    return value
