"""Database functions that several rooms use."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import CharField, Func, Model

from whaticket.marks import resolved


class Folded(Func):
    """Text without accents and case: what accent-insensitive search and order compare."""

    function = "public.folded"
    output_field = CharField()


class _ReadCursor(ServerBindingCursor):
    """Sends parameters apart from the text, so that psycopg prepares what comes often."""


def read_rows(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement of a hot read in the schema entered and give its rows.

    The text should be the same for every request of a kind and company: psycopg has PostgreSQL
    keep the plan of a text that comes often (OPTIONS["prepare_threshold"]), per connection. A plan
    belongs to one search path, so a text that names tenant tables should name the company, too.
    """
    if connection.connection is None or connection.search_path_set_schemas is None:  # type: ignore[attr-defined]
        _point_at_schema()
    with connection._prepare_cursor(_ReadCursor(connection.connection)) as cursor:  # type: ignore[attr-defined, call-arg]
        cursor.execute(sql, params)
        return cursor.fetchall()


def _point_at_schema() -> None:
    connection.ensure_connection()
    wanted = connection._get_cursor_search_paths()  # type: ignore[attr-defined]
    # A connection of the pool often stands where its last user left it. PostgreSQL (18 and newer)
    # tells where that is, also after a rollback; older ones say nothing, and are told again.
    if connection.connection.info.parameter_status("search_path") == ", ".join(wanted):
        connection.search_path_set_schemas = wanted  # type: ignore[attr-defined]
    else:
        connection.cursor().close()


def read_text(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> bytes:
    """Give the one text that a read model's statement builds, as bytes."""
    text: str = read_rows(sql, params)[0][0]
    return resolved(text.encode())


class Columns:
    """A model's columns for statements of text, and its instances from their rows.

    For the few look-ups that most requests begin with: there the ORM takes longer to write the
    statement than PostgreSQL to answer it.
    """

    def __init__(self, model: type[Model]):
        self._model = model
        self._fields = model._meta.concrete_fields
        self._names = [field.attname for field in self._fields]
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
            values[place] = field.from_db_value(values[place], None, connection)
        return self._model.from_db(connection.alias, self._names, values)
