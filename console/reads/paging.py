"""Pages of lists: some rows, and whether there are more."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

from console.access import whole_number

SIZE = 40
_LAST = 10_000


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the number of the next page where there is one."""

    rows: list[Row]
    next: int | None


def page_of(rows: QuerySet[Any], number: int, *, size: int = SIZE) -> Page[Any]:
    """Give a page of rows, counted from 1; one statement."""
    start = (number - 1) * size
    found = list(rows[start : start + size + 1])
    return Page(found[:size], number + 1 if len(found) > size else None)


def number_of(request: HttpRequest) -> int:
    """Read which page is asked for."""
    return min(max(whole_number(request.GET.get("page")) or 1, 1), _LAST)
