"""Files nobody refers to: an upload that died before its row was written leaves one behind."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.db import connection as database
from django.db import models, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from messaging.media import discard_files
from messaging.media.places import FILE_NAME
from whaticket.tenancy import current_schema

# Older than any upload can take, and than any transaction that refers to a new file.
KEPT = timedelta(days=1)
# Columns that hold names of stored files are called so; a test keeps it that way.
ENDINGS = ("_path", "_media")
_BATCH = 1000
_TABLE = "lost_file_candidates"


def file_columns() -> list[tuple[str, str]]:
    """Give table and column of everything in a company that may name a stored file."""
    tenant = set(settings.TENANT_APPS)
    return [
        (model._meta.db_table, str(field.column))
        for model in apps.get_models()
        if apps.get_app_config(model._meta.app_label).name in tenant
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and str(field.column).endswith(ENDINGS)
    ]


@transaction.atomic
def remove_lost_files(*, now: datetime | None = None) -> int:
    """Remove the current company's files that no row names and that are over a day old.

    Names go through a table that ends with the transaction, so a store of any size takes little
    memory and each table is read once. Harmless twice, and whenever it dies.
    """
    limit = (now or timezone.now()) - KEPT
    with database.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {_TABLE} (name text PRIMARY KEY) ON COMMIT DROP")
        try:
            for names in _in_batches(_old_files(limit.timestamp())):
                cursor.execute(
                    f"INSERT INTO {_TABLE} SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING",
                    [names],
                )
            for table, column in file_columns():
                cursor.execute(
                    f"DELETE FROM {_TABLE} c USING {table} t"  # noqa: S608 (our models' own names)
                    f" WHERE t.{column} <> '' AND c.name = t.{column}"
                )
            return _remove(cursor)
        finally:
            if not database.needs_rollback:
                cursor.execute(f"DROP TABLE {_TABLE}")


def _remove(cursor: CursorWrapper) -> int:
    gone, after = 0, ""
    while True:
        cursor.execute(
            f"SELECT name FROM {_TABLE} WHERE name > %s ORDER BY name LIMIT {_BATCH}",  # noqa: S608
            [after],
        )
        names = [row[0] for row in cursor.fetchall()]
        if not names:
            return gone
        discard_files(*names)
        gone, after = gone + len(names), names[-1]


def _old_files(limit: float) -> Iterator[str]:
    root = settings.MEDIA_ROOT / current_schema()
    for number in range(256):
        folder = root / f"{number:02x}"
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            for entry in entries:
                if FILE_NAME.fullmatch(entry.name) and _is_older(entry, limit):
                    yield entry.name


def _is_older(entry: "os.DirEntry[str]", limit: float) -> bool:
    try:
        # When it got its name: a second name of an old file is new, although its bytes are not.
        return entry.stat(follow_symlinks=False).st_ctime < limit
    except FileNotFoundError:
        return False


def _in_batches(names: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
