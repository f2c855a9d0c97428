"""Writing what the network sends to disk: bounded, checked, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import AsyncIterable
from pathlib import Path

from .base import ErrorClass, FetchedMedia, MediaRef, MediaUnavailable, send_error


async def save(
    chunks: AsyncIterable[bytes], target: Path, *, limit: int, ref: MediaRef
) -> FetchedMedia:
    """Write the chunks to `target` once all arrived and their digest fits what `ref` says.

    Raises MediaUnavailable: permanently where there are more than `limit` bytes, for a retry where
    the digest differs (a transfer that was cut looks so).
    """
    digest = hashlib.sha256()
    size = 0
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise too_large(size, limit)
                digest.update(chunk)
                file.write(chunk)
        if ref.sha256 and digest.hexdigest() != ref.sha256.lower():
            raise unavailable("damaged", "The file is not the one that was announced")
        os.replace(part, target)
    except OSError as error:
        raise unavailable("disk", f"The file cannot be written ({type(error).__name__})") from error
    finally:
        # Gone already where it became the target.
        Path(part).unlink(missing_ok=True)
    return FetchedMedia(
        size=size, sha256=digest.hexdigest(), mimetype=ref.mimetype, file_name=ref.file_name
    )


def too_large(size: int, limit: int) -> MediaUnavailable:
    """Return the refusal of a file with more bytes than wanted."""
    return unavailable("too_large", f"The file has {size} bytes; {limit} are allowed", True)


def unavailable(code: str, reason: str, permanent: bool = False) -> MediaUnavailable:
    """Return the failure of a download."""
    cls = ErrorClass.CONTENT if permanent else ErrorClass.TRANSIENT
    return MediaUnavailable(send_error(cls, code, reason, permanent=permanent))
