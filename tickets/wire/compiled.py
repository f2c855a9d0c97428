"""Filters as text, so that a hot statement is written once and not by the ORM on every request."""

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
    return text, tuple(params)


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
