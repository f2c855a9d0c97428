"""Database functions that several apps use."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import CharField, Func, Model
from psycopg import RawCursor

from whaticket.marks import resolved


class Folded(Func):
    """Text without accents and case: what accent-insensitive search and order compare."""

    function = "public.folded"
    output_field = CharField()


def read_rows(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement of a hot read in the schema entered and give its rows.

    The text should be the same for every request of a kind and company: psycopg has PostgreSQL
    keep the plan of a text that comes often (OPTIONS["prepare_threshold"]), per connection. A plan
    belongs to one search path, so a text that names tenant tables should name the company, too.
    """
    with _executed(sql, params) as cursor:
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def read_text(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> bytes:
    """Give the one text that a read model's statement builds, as bytes."""
    with _executed(sql, params) as cursor:
        # As they came: half a megabyte need not become text on its way.
        return resolved(cursor.pgresult.get_value(0, 0))


def _executed(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> Any:
    connection: Any = connections[DEFAULT_DB_ALIAS]
    if connection.connection is None or connection.search_path_set_schemas is None:
        _point_at_schema(connection)
    text, names = _numbered(sql)
    values = params if isinstance(params, Sequence) else [params[name] for name in names]
    # Parameters go apart from the text, so that psycopg prepares what comes often.
    cursor = connection._prepare_cursor(RawCursor(connection.connection))
    cursor.execute(text, values)
    return cursor


def _point_at_schema(connection: Any) -> None:
    connection.ensure_connection()
    wanted = connection._get_cursor_search_paths()
    # A connection of the pool often stands where its last user left it. PostgreSQL (18 and newer)
    # tells where that is, also after a rollback; older ones say nothing, and are told again.
    if connection.connection.info.parameter_status("search_path") == ", ".join(wanted):
        connection.search_path_set_schemas = wanted
    else:
        connection.cursor().close()


_PLACE = re.compile(r"%(?:%|s|\((\w+)\)s)")


@lru_cache(maxsize=4096)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Write a statement with PostgreSQL's own $1, $2; give the names of its parameters, if named.

    psycopg would take a text of some thousand letters apart on every execution.
    """
    names: dict[str, int] = {}
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] == "%%":
            return "%"
        name = found[1]
        if name is None:
            count += 1
            return f"${count}"
        return f"${names.setdefault(name, len(names) + 1)}"

    return _PLACE.sub(number, sql), tuple(names)


class Columns:
    """A model's columns for statements of text, and its instances from their rows.

    For the few look-ups that most requests begin with: there the ORM takes longer to write the
    statement than PostgreSQL to answer it. Fields that are left out are deferred ones: they are
    read when somebody asks for them.
    """

    def __init__(
        self,
        model: type[Model],
        *,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
    ):
        self._model = model
        self._fields = [
            field
            for field in model._meta.concrete_fields
            if (only is None or field.attname in only) and field.attname not in without
        ]
        self._names = frozenset(field.attname for field in self._fields)
        self._converters = [
            (place, field)
            for place, field in enumerate(self._fields)
            if hasattr(field, "from_db_value")
        ]

    def __len__(self) -> int:
        return len(self._fields)

    def sql(self, alias: str) -> str:
        """Write the columns for SELECT."""
        return ", ".join(f"{alias}.{field.column}" for field in self._fields)

    def instance(self, row: Sequence[Any]) -> Any:
        """Make an instance of a row that begins with the columns; what follows is left alone."""
        values = list(row[: len(self._fields)])
        for place, field in self._converters:
            values[place] = field.from_db_value(values[place], None, connections[DEFAULT_DB_ALIAS])
        return self._model.from_db(DEFAULT_DB_ALIAS, self._names, values)
