"""Files sent over the network: rows in the ledger, bytes in a folder beside it."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import secrets
import time
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Any

from .errors import Refusal
from .ledger import Ledger

MAX_BYTES = 100 * 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Media:
    """One stored file."""

    id: str
    mimetype: str
    size: int
    sha256: str
    file_name: str | None

    def as_wire(self) -> dict[str, Any]:
        """The form of the device protocol."""
        wire: dict[str, Any] = {
            "id": self.id,
            "mimetype": self.mimetype,
            "size": self.size,
            "sha256": self.sha256,
        }
        if self.file_name:
            wire["file_name"] = self.file_name
        return wire


class MediaStore:
    """Keeps each content once, by its digest; a media id is one upload of it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.folder = ledger.path.with_name(ledger.path.name + ".media")
        self.folder.mkdir(parents=True, exist_ok=True)

    def put(
        self, data: bytes, mimetype: str, file_name: str | None = None, owner: str | None = None
    ) -> Media:
        """Store bytes in hand; raise Refusal(too_large, bad_request)."""
        if len(data) > MAX_BYTES:
            raise Refusal("too_large", f"a file may have at most {MAX_BYTES} bytes")
        partial = self._partial()
        partial.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        return self._adopt(partial, len(data), digest, mimetype, file_name, owner)

    async def receive(
        self,
        chunks: AsyncIterable[bytes],
        mimetype: str,
        file_name: str | None = None,
        owner: str | None = None,
    ) -> Media:
        """Store a body as it arrives; raise Refusal(too_large, bad_request)."""
        partial = self._partial()
        digest = hashlib.sha256()
        size = 0
        try:
            with partial.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > MAX_BYTES:
                        raise Refusal("too_large", f"a file may have at most {MAX_BYTES} bytes")
                    digest.update(chunk)
                    file.write(chunk)
            return self._adopt(partial, size, digest.hexdigest(), mimetype, file_name, owner)
        finally:
            partial.unlink(missing_ok=True)

    def get(self, media_id: str) -> Media:
        """Return a stored file; raise Refusal(not_found)."""
        row = self._ledger.one(
            "SELECT id, mimetype, size, sha256, file_name FROM media WHERE id = ?", media_id
        )
        if row is None:
            raise Refusal("not_found", "no such media")
        return Media(*row)

    def owner(self, media_id: str) -> str | None:
        """Return who uploaded a file, as given on upload."""
        row = self._ledger.one("SELECT owner FROM media WHERE id = ?", media_id)
        return row[0] if row else None

    def path(self, media: Media) -> Path:
        """Return where the bytes are."""
        return self.folder / media.sha256

    def delete(self, media_id: str) -> None:
        """Forget one upload; its bytes go with the last upload of the same content."""
        media = self.get(media_id)
        self._ledger.write("DELETE FROM media WHERE id = ?", media_id)
        if not self._ledger.one("SELECT 1 FROM media WHERE sha256 = ?", media.sha256):
            self._ledger.after_commit(lambda: self.path(media).unlink(missing_ok=True))

    def forget_all(self) -> None:
        """Remove all bytes, after the ledger has forgotten the rows."""
        for file in self.folder.iterdir():
            file.unlink(missing_ok=True)

    def _partial(self) -> Path:
        return self.folder / f".{secrets.token_hex(8)}"

    def _adopt(
        self,
        partial: Path,
        size: int,
        digest: str,
        mimetype: str,
        file_name: str | None,
        owner: str | None,
    ) -> Media:
        if not size:
            partial.unlink(missing_ok=True)
            raise Refusal("bad_request", "the file is empty")
        os.replace(partial, self.folder / digest)
        media = Media(
            str(secrets.randbelow(9 * 10**14) + 10**14), mimetype, size, digest, file_name
        )
        self._ledger.write(
            "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?)",
            media.id,
            mimetype,
            size,
            digest,
            file_name,
            owner,
            time.time(),
        )
        return media
