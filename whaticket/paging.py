"""Query parameters and pages as the contract has them (rest.md §1)."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from whaticket.exceptions import Invalid
from whaticket.texts import is_encodable

PAGE_SIZE = 20
# Far past any list, and its offset still fits PostgreSQL's bigint.
LAST_PAGE = 1_000_000_000


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
    if not (value.isascii() and value.isdigit()) or len(value) > 18:
        raise Invalid(details={name: ["A whole number is needed."]})
    return int(value)


def page_param(request: Request) -> int:
    """Give `pageNumber`, 1 where it is absent; raise Invalid."""
    number = int_param(request, "pageNumber")
    if number is None:
        return 1
    if not 1 <= number <= LAST_PAGE:
        raise Invalid(details={"pageNumber": ["There is no such page."]})
    return number


def page_of(rows: QuerySet[Any], number: int, size: int = PAGE_SIZE) -> tuple[list[Any], int, bool]:
    """Give one page, how many rows there are in all, and whether more follow."""
    offset = (number - 1) * size
    count = rows.count()
    page = list(rows[offset : offset + size]) if offset < count else []
    return page, count, count > offset + len(page) and bool(page)
