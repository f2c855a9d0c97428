"""Files that belong to rows: put there, given copies of, and gone with them."""

from dataclasses import replace

from django.db import transaction

from messaging.media import StoredMedia, copy_stored, discard_files
from messaging.models.library import StoredFile
from whaticket.tenancy import current_schema, in_schema

COLUMNS = (
    "media_path",
    "media_name",
    "media_type",
    "media_kind",
    "media_size",
    "thumbnail_path",
)


def put_file(row: StoredFile, stored: StoredMedia | None) -> None:
    """Give a row another file, or none; the one it had goes with the commit. Saves nothing."""
    drop_file(row)
    row.media_path = stored.path if stored else ""
    row.media_name = stored.name if stored else ""
    row.media_type = stored.mimetype if stored else ""
    row.media_kind = stored.kind if stored else ""
    row.media_size = stored.size if stored else None
    row.thumbnail_path = stored.thumbnail_path if stored else ""


def drop_file(*rows: StoredFile) -> None:
    """Remove the files of rows once the change that needs them no more is committed."""
    names = [name for row in rows for name in (row.media_path, row.thumbnail_path) if name]
    if not names:
        return
    schema = current_schema()

    def remove() -> None:
        with in_schema(schema):
            discard_files(*names)

    transaction.on_commit(remove, robust=True)


def copy_of(row: StoredFile) -> StoredMedia:
    """Give a row's file once more, for a message to keep; raise MediaDamaged where it is gone.

    What was sent stays as it was, whatever becomes of the row.
    """
    copy = copy_stored(row.media_path, row.thumbnail_path)
    return replace(copy, name=row.media_name, mimetype=row.media_type, kind=row.media_kind)
