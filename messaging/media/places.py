"""Where files lie: MEDIA_ROOT/<schema>/<two letters>/<random name>."""

import re
import secrets
from pathlib import Path

from django.conf import settings

from whaticket.tenancy import current_schema

# The only names there are: nothing else is ever looked up on the disk.
FILE_NAME = re.compile(r"[0-9a-f]{32}(?:_t)?\.[a-z0-9]{1,8}")


def new_name(extension: str) -> str:
    """Make a name nobody can guess."""
    return f"{secrets.token_hex(16)}.{extension}"


def thumbnail_name(name: str) -> str:
    """Name the thumbnail of a file."""
    return f"{name.split('.')[0]}_t.webp"


def full_path(name: str, schema: str | None = None) -> Path:
    """Give the place of a stored file of the current company; raise ValueError for other names."""
    if not FILE_NAME.fullmatch(name):
        raise ValueError("not the name of a stored file")
    return settings.MEDIA_ROOT / (schema or current_schema()) / name[:2] / name
