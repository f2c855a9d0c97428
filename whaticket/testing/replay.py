"""Rows that many tests begin with: made once by the services, inserted again in one go.

Every test's transaction is rolled back, so what it begins with has to be made again. The services
take some forty statements for the cast; PostgreSQL takes one round trip to put the same rows back.
"""

import copy
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, transaction

# search_path must not shorten the names: the same statement runs inside any company.
_TABLES = """
    SELECT format('%%I.%%I', n.nspname, c.relname),
        string_agg(format('%%I', a.attname), ', ' ORDER BY a.attnum)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = ''
    WHERE c.relkind = 'r' AND n.nspname = ANY(%s)
    GROUP BY 1"""


class Replay:
    """What a function wrote into some schemas, and what it gave."""

    def __init__(self, make: Callable[[], Any], schemas: Iterable[str], shared: Iterable[Any]):
        """Run `make` in the test's transaction. Objects in `shared` are given, never copied."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            first = cursor.fetchone()[0]
            self._given = make()
            cursor.execute(_TABLES, [list(schemas)])
            self._inserts = ";".join(
                insert
                for table, columns in cursor.fetchall()
                if (insert := _insert_again(cursor, table, columns, first))
            )
        self._shared = list(shared)
        # Tests change what they are given; the next one starts from what was made.
        self._given = self._copy()

    def run(self) -> Any:
        """Put the rows back and give what the function gave."""
        with connection.cursor() as cursor:
            cursor.execute(self._inserts)
        return self._copy()

    def given(self) -> Any:
        """Give what the function gave, for the test whose rows are there already."""
        return self._copy()

    def _copy(self) -> Any:
        return copy.deepcopy(self._given, {id(one): one for one in self._shared})


def _insert_again(cursor: Any, table: str, columns: str, first: int) -> str:
    """Write the statement that inserts a table's rows of transactions from `first` on."""
    cursor.execute(
        f"SELECT json_agg(t)::text FROM {table} t WHERE t.xmin::text::bigint >= %s",
        [first],
    )
    rows = cursor.fetchone()[0]
    if rows is None:
        return ""
    cursor.execute("SELECT quote_literal(%s)", [rows])
    literal = cursor.fetchone()[0]
    return (
        f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
        f" SELECT {columns} FROM json_populate_recordset(NULL::{table}, {literal})"
    )
