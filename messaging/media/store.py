"""Keeping files: whole or not at all."""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from messaging.media.kinds import OCTETS, FileFacts, facts_of
from messaging.media.names import display_name, extension_of
from messaging.media.pictures import make_thumbnail
from messaging.media.places import full_path, new_name, thumbnail_name
from messaging.media.refusals import MediaDamaged, MediaRefused, MediaTooLarge, MediaTypeRefused

_CHUNK = 256 * 1024
# What phones and desktops run by its name. A type is never told by a name, but a program may be.
_PROGRAM_NAMES = frozenset(
    re.findall(
        r"\w+",
        "ade adp apk app appx bat cab chm cmd com cpl deb dll dmg exe hta inf ins iso jar js jse "
        "lnk mde msc msi msp mst ocx ps1 psm1 pif pkg reg rpm scf scr sct sh sys url vb vbe vbs "
        "ws wsc wsf wsh xll",
    )
)


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """A file that is on the disk, whole. Paths are names to give to `full_path`."""

    path: str
    name: str
    mimetype: str
    size: int
    kind: str
    sha256: str
    thumbnail_path: str = ""


def store_upload(file: Any, *, name: str) -> StoredMedia:
    """Keep a file somebody wants to send (an uploaded file or a binary stream).

    Raises MediaTooLarge, MediaTypeRefused (programs, two files in one, nothing), MediaDamaged.
    """
    return _store(_chunks_of(file), name=name, is_outgoing=True)


def store_file(path: Path, *, name: str = "", claimed_type: str = "") -> StoredMedia:
    """Keep a copy of a file the network brought; raise MediaTooLarge (FETCH_MAX_BYTES).

    What a customer sent is never dropped: a suspicious file is kept as plain octets, which no
    browser opens. `claimed_type` only helps to name a file that came without a name.
    """
    with path.open("rb") as file:
        return _store(_chunks_of(file), name=name, is_outgoing=False, claimed_type=claimed_type)


def copy_stored(path: str, thumbnail_path: str = "") -> StoredMedia:
    """Give a stored file a second name of its own; the bytes lie on the disk once.

    Only paths and size of the result are known. Raises MediaDamaged when the file is gone.
    """
    copy = new_name(path.rpartition(".")[2])
    thumbnail = thumbnail_name(copy) if thumbnail_path else ""
    full_path(copy).parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(full_path(path), full_path(copy))
        if thumbnail:
            os.link(full_path(thumbnail_path), full_path(thumbnail))
    except FileNotFoundError as error:
        discard_files(copy, thumbnail)
        raise MediaDamaged from error
    size = full_path(copy).stat().st_size
    return StoredMedia(copy, "", "", size, "", "", thumbnail)


def discard(stored: StoredMedia) -> None:
    """Remove a file whose message never came to be."""
    discard_files(stored.path, stored.thumbnail_path)


def discard_files(*names: str) -> None:
    """Remove stored files; empty names and files that are gone already are no matter."""
    for name in filter(None, names):
        full_path(name).unlink(missing_ok=True)


def _chunks_of(file: BinaryIO | Any) -> Iterable[bytes]:
    if hasattr(file, "chunks"):
        return file.chunks(_CHUNK)  # type: ignore[no-any-return]
    return iter(lambda: file.read(_CHUNK), b"")


def _store(
    chunks: Iterable[bytes], *, name: str, is_outgoing: bool, claimed_type: str = ""
) -> StoredMedia:
    limit = settings.MEDIA_MAX_BYTES if is_outgoing else settings.FETCH_MAX_BYTES
    secret = new_name("part")
    part = full_path(secret)
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        size, sha256 = _write(chunks, part, limit=limit)
        facts = facts_of(part)
        if is_outgoing:
            _refuse_harm(facts, size, name)
        elif facts.is_program or facts.is_polyglot or facts.is_markup:
            facts = FileFacts(OCTETS, "document", "bin")
        path = f"{secret.split('.')[0]}.{facts.extension}"
        thumbnail = thumbnail_name(path) if facts.kind == "image" else ""
        if thumbnail:
            try:
                _keep_thumbnail(part, thumbnail)
            except MediaRefused as refusal:
                if is_outgoing:
                    raise
                thumbnail = ""
                if isinstance(refusal, MediaTooLarge):
                    # The agent's browser must not open what this worker would not.
                    facts = FileFacts(OCTETS, "document", "bin")
                    path = f"{secret.split('.')[0]}.bin"
        _publish(part, full_path(path))
    finally:
        part.unlink(missing_ok=True)
    fallback = f"{_fallback(claimed_type)}.{facts.extension}"
    return StoredMedia(
        path=path,
        name=display_name(name, fallback),
        mimetype=facts.mimetype,
        size=size,
        kind=facts.kind,
        sha256=sha256,
        thumbnail_path=thumbnail,
    )


def _fallback(claimed_type: str) -> str:
    major = claimed_type.split("/")[0].lower()
    return major if major in {"image", "video", "audio"} else "file"


def _write(chunks: Iterable[bytes], part: Path, *, limit: int) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with part.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise MediaTooLarge(limit=limit)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _refuse_harm(facts: FileFacts, size: int, name: str) -> None:
    if not size:
        raise MediaDamaged
    if facts.is_program or facts.is_polyglot or extension_of(display_name(name)) in _PROGRAM_NAMES:
        raise MediaTypeRefused


def _keep_thumbnail(source: Path, name: str) -> None:
    target = full_path(name)
    draft = full_path(new_name("part"))
    draft.parent.mkdir(parents=True, exist_ok=True)
    try:
        make_thumbnail(source, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _publish(part: Path, target: Path) -> None:
    """Give the file its name, so that it is there after a power cut or not at all."""
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
