"""Files of the platform: logos and pictures drawn again, announcements' files, private files."""

import io
import secrets
from pathlib import Path
from typing import IO

from django.conf import settings
from PIL import Image, ImageOps

from messaging.media.kinds import facts_of
from messaging.media.refusals import MediaDamaged, MediaTooLarge, MediaTypeRefused
from whaticket.tenancy import schema_of

# Drawings with scripts (SVG) are no pictures here.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "ICO")
MOST_PIXELS = 40_000_000
LOGO_SIDE, FAVICON_SIDE, PICTURE_SIDE = 1024, 256, 2048


def public_folder(name: str = "") -> Path:
    """Give where files lie that anybody may see who knows their name."""
    return Path(settings.MEDIA_ROOT) / "public" / name


def login_folder(company_id: int) -> Path:
    """Give where the pictures lie that a company's operators gave to the sign-in page."""
    return Path(settings.MEDIA_ROOT) / schema_of(company_id) / "login"


def private_folder(company_id: int) -> Path:
    """Give where a company's private files lie; nothing serves them."""
    return Path(settings.MEDIA_ROOT) / schema_of(company_id) / "private"


def store_picture(file: IO[bytes], folder: Path, *, side: int = PICTURE_SIDE) -> str:
    """Draw an upload again as a PNG and keep it; give its name.

    Only pixels of ours reach the disk, so nothing else that the upload held does. Raises
    MediaTypeRefused for what is no picture, MediaTooLarge, MediaDamaged.
    """
    body = _read(file)
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as image:
            # Known from the header, before a single pixel is unpacked.
            if image.width * image.height > MOST_PIXELS:
                raise ValueError("too many pixels")
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            upright.thumbnail((side, side))
            drawn = io.BytesIO()
            upright.save(drawn, "PNG", optimize=True)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, KeyError) as error:
        raise MediaTypeRefused from error
    name = f"{secrets.token_hex(16)}.png"
    _keep(folder / name, drawn.getvalue())
    return name


def store_attachment(file: IO[bytes], folder: Path) -> str:
    """Keep the file of an announcement under a name nobody can guess.

    Its type is told by its bytes. Raises MediaTypeRefused for programs, markup (SVG too) and files
    that are two things at once, MediaTooLarge, MediaDamaged.
    """
    body = _read(file)
    stem = secrets.token_hex(16)
    part = folder / f"{stem}.part"
    _keep(part, body)
    facts = facts_of(part)
    if facts.is_program or facts.is_polyglot or facts.is_markup:
        part.unlink(missing_ok=True)
        raise MediaTypeRefused
    name = f"{stem}.{facts.extension}"
    part.replace(folder / name)
    return name


def store_private(file: IO[bytes], company_id: int) -> str:
    """Keep a file that no address leads to; give its name.

    Raises MediaTooLarge or MediaDamaged.
    """
    body = _read(file)
    name = secrets.token_hex(16)
    _keep(private_folder(company_id) / name, body, mode=0o600)
    return name


def discard(folder: Path, name: str) -> None:
    """Remove a kept file; an empty name and a file that is gone already are no matter."""
    if name:
        (folder / Path(name).name).unlink(missing_ok=True)


def _read(file: IO[bytes]) -> bytes:
    body = file.read(settings.MEDIA_MAX_BYTES + 1)
    if not body:
        raise MediaDamaged
    if len(body) > settings.MEDIA_MAX_BYTES:
        raise MediaTooLarge(limit=settings.MEDIA_MAX_BYTES)
    return body


def _keep(path: Path, body: bytes, *, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.touch(mode=mode)
    draft.write_bytes(body)
    draft.replace(path)
