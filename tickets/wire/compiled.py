"""Filters as text, so that a hot statement is written once and not by the ORM on every request."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection, models
from django.db.models import Q

from tickets.models import Ticket, TicketCount
from tickets.selection import Wish, listed_q
from tickets.sight import Sight

Clause = tuple[str, tuple[Any, ...]]


def where(model: type[models.Model], q: Q) -> Clause:
    """Compile a filter on columns of one table into the text after WHERE, and its parameters."""
    query = model._default_manager.filter(q).query
    compiler = query.get_compiler(connection=connection)
    try:
        text, params = query.where.as_sql(compiler, connection)
    except FullResultSet:
        return "true", ()
    except EmptyResultSet:
        return "false", ()
    return _with_words(text, params)


def _with_words(text: str, params: Iterable[Any]) -> Clause:
    """Write words of ours (never a client's: statuses) into the text, where the planner sees them.

    It would otherwise choose one plan for the few open tickets and the many closed ones.
    """
    first, *rest = text.split("%s")
    found, left = first, []
    for value, following in zip(params, rest, strict=True):
        if isinstance(value, str) and value.isalpha():
            found += f"'{value}'{following}"
        else:
            left.append(value)
            found += f"%s{following}"
    return found, tuple(left)


def branches(q: Q) -> tuple[Clause, ...]:
    """Write a filter as filters that exclude each other and that an index has in order of change.

    An index gives the tickets of one status in order; of several statuses PostgreSQL would read
    all and sort them. So each status is a branch of its own, cut to a page before they are merged.
    """
    return tuple(where(Ticket, branch) for branch in _by_status(q))


def _by_status(q: Q) -> list[Q]:
    if q.connector == Q.AND and not q.negated:
        for place, child in enumerate(q.children):
            if isinstance(child, tuple) and child[0] == "status__in":
                rest = [*q.children[:place], *q.children[place + 1 :]]
                return [Q(*rest, status=status) for status in dict.fromkeys(child[1])]
    return [q]


@lru_cache(maxsize=4096)
def listed_branches(sight: Sight, wish: Wish) -> tuple[Clause, ...]:
    """The rule of a list as branches."""
    return branches(listed_q(sight, wish))


@lru_cache(maxsize=4096)
def listed(sight: Sight, wish: Wish) -> Clause:
    """The rule of a list over the ticket table."""
    return where(Ticket, listed_q(sight, wish))


@lru_cache(maxsize=4096)
def counted(sight: Sight, wish: Wish) -> Clause:
    """The same rule over the table of counts."""
    return where(TicketCount, listed_q(sight, wish))


@lru_cache(maxsize=4096)
def seen(sight: Sight) -> Clause:
    """What a person may open."""
    return where(Ticket, sight.as_q())


@lru_cache(maxsize=4096)
def counted_in_sight(sight: Sight) -> Clause:
    """The same over the table of counts."""
    return where(TicketCount, sight.as_q())
