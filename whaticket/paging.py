"""Pages as the contract has them (rest.md §1)."""

from typing import Any

from django.db.models import QuerySet

PAGE_SIZE = 20


def page_of(rows: QuerySet[Any], number: int, size: int = PAGE_SIZE) -> tuple[list[Any], int, bool]:
    """Give one page, how many rows there are in all, and whether more follow."""
    offset = (number - 1) * size
    count = rows.count()
    page = list(rows[offset : offset + size]) if offset < count else []
    return page, count, count > offset + len(page) and bool(page)
