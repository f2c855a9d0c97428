"""What a file is, told by its bytes. Names and claims are never believed."""

import mmap
import re
from dataclasses import dataclass, replace
from pathlib import Path

import filetype

HEAD = 8192
OCTETS = "application/octet-stream"

# type → (kind of message, extension it is stored under)
_KNOWN: dict[str, tuple[str, str]] = {
    "image/jpeg": ("image", "jpg"),
    "image/png": ("image", "png"),
    "image/gif": ("image", "gif"),
    "image/webp": ("image", "webp"),
    "video/mp4": ("video", "mp4"),
    "video/3gpp": ("video", "3gp"),
    "video/webm": ("video", "webm"),
    "video/quicktime": ("video", "mov"),
    "audio/mpeg": ("audio", "mp3"),
    "audio/mp4": ("audio", "m4a"),
    "audio/aac": ("audio", "aac"),
    "audio/amr": ("audio", "amr"),
    "audio/ogg": ("audio", "ogg"),
    "audio/webm": ("audio", "webm"),
    "audio/wav": ("audio", "wav"),
    "application/pdf": ("document", "pdf"),
    "text/plain": ("document", "txt"),
}
_ALIASES = {
    "image/apng": "image/png",
    "audio/x-wav": "audio/wav",
    "video/x-m4v": "video/mp4",
}
# What runs when somebody opens it.
_PROGRAMS = frozenset(
    {
        "application/x-msdownload",
        "application/x-executable",
        "application/x-shockwave-flash",
        "application/x-google-chrome-extension",
        "application/x-deb",
        "application/x-rpm",
        "application/vnd.ms-cab-compressed",
        "application/wasm",
    }
)
_PROGRAM_HEADS = (
    b"#!",
    b"\xfe\xed\xfa\xce",  # Mach-O
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # Java class, fat Mach-O
    b"dex\n",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcut
)
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe|object|embed|meta|\?php|\?xml)[\s>/:]",
    re.IGNORECASE,
)
# Nothing a camera or an encoder writes: an image with these inside is meant to be read twice.
_SECOND_NATURE = re.compile(
    rb"<script[\s>]|<html[\s>]|<!doctype html|<\?php\s|<iframe[\s>]|%PDF-1\.", re.IGNORECASE
)
_PICTURE_TRACK = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_SOUND_TRACK = re.compile(rb"hdlr.{8}soun", re.DOTALL)
_WEBM_PICTURES = re.compile(rb"V_(?:VP|AV1|MPEG|MJPEG|THEORA)")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the bytes say: type, kind of message, and whether the file means harm."""

    mimetype: str
    kind: str
    extension: str
    is_program: bool = False
    is_polyglot: bool = False
    is_markup: bool = False


def facts_of(path: Path) -> FileFacts:
    """Read what a file is; never raises for what is inside."""
    size = path.stat().st_size
    if not size:
        return FileFacts(OCTETS, "document", "bin")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        head = data[:HEAD]
        facts = _by_head(head, data)
        if _is_zip_behind(data, size) and not _is_archive(facts):
            facts = replace(facts, is_polyglot=True)
        if facts.kind == "image" and _SECOND_NATURE.search(data):
            facts = replace(facts, is_polyglot=True)
        return facts


def _by_head(head: bytes, data: mmap.mmap) -> FileFacts:
    if head.startswith(_PROGRAM_HEADS):
        return FileFacts(OCTETS, "document", "bin", is_program=True)
    found = filetype.guess(head)
    if found is None:
        return _text_or_octets(head)
    mimetype = _ALIASES.get(found.mime, found.mime)
    if mimetype in _PROGRAMS:
        return FileFacts(OCTETS, "document", "bin", is_program=True)
    if mimetype == "application/zip":
        # Android and Java packages are zips by their bytes; what makes them programs is inside.
        packed = data.find(b"AndroidManifest.xml") >= 0 or data.find(b"META-INF/MANIFEST.MF") >= 0
        return FileFacts(OCTETS if packed else mimetype, "document", "zip", is_program=packed)
    if mimetype in {"video/mp4", "video/quicktime", "video/3gpp"} and not _has_pictures(data):
        mimetype = "audio/mp4"
    elif mimetype == "video/webm" and not _WEBM_PICTURES.search(data[: 256 * 1024]):
        mimetype = "audio/webm"
    kind, extension = _KNOWN.get(mimetype, ("document", _safe_extension(found.extension)))
    return FileFacts(mimetype, kind, extension)


def _text_or_octets(head: bytes) -> FileFacts:
    if _MARKUP.search(head):
        return FileFacts(OCTETS, "document", "bin", is_markup=True)
    try:
        # The head may end within a letter.
        text = head.decode("utf-8-sig") if len(head) < HEAD else head[:-4].decode("utf-8", "ignore")
    except UnicodeDecodeError:
        return FileFacts(OCTETS, "document", "bin")
    if any(letter < " " and letter not in "\t\n\r\f\x1b" for letter in text):
        return FileFacts(OCTETS, "document", "bin")
    return FileFacts("text/plain", "document", "txt")


def _has_pictures(data: mmap.mmap) -> bool:
    """Tell a film from a recording in the same container: by its tracks."""
    return bool(_PICTURE_TRACK.search(data)) or not _SOUND_TRACK.search(data)


def _is_zip_behind(data: mmap.mmap, size: int) -> bool:
    """Tell whether the file's end makes it a zip, whatever its beginning says."""
    start = max(0, size - 22 - 65535)
    at = data.rfind(b"PK\x05\x06", start)
    if at < 0 or at + 22 > size:
        return False
    comment = int.from_bytes(data[at + 20 : at + 22], "little")
    return at + 22 + comment == size


def _is_archive(facts: FileFacts) -> bool:
    return facts.mimetype == OCTETS or "zip" in facts.mimetype or "document" in facts.mimetype


def _safe_extension(extension: str) -> str:
    return extension if re.fullmatch(r"[a-z0-9]{1,8}", extension) else "bin"
