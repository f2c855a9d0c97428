"""Thumbnails: small, upright, without metadata; and the proof that an image is one."""

import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from messaging.media.refusals import MediaDamaged, MediaTooLarge

# Beyond it, one small file could fill the memory of a worker.
MAX_PIXELS = 50_000_000
SIDE = 480
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")


def make_thumbnail(source: Path, target: Path) -> None:
    """Write a WebP of at most 480 pixels a side; raise MediaDamaged, MediaTooLarge.

    Reading the pixels is also the check that the image is whole.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source, formats=_FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise MediaTooLarge(limit=MAX_PIXELS)
                # A JPEG can be read at an eighth of its size, which saves most of the work.
                image.draft("RGB", (SIDE * 2, SIDE * 2))
                upright = ImageOps.exif_transpose(image)
                has_alpha = "A" in upright.getbands() or "transparency" in upright.info
                small = upright.convert("RGBA" if has_alpha else "RGB")
    except Image.DecompressionBombError as error:
        raise MediaTooLarge(limit=MAX_PIXELS) from error
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
    ) as error:
        raise MediaDamaged from error
    small.thumbnail((SIDE, SIDE))
    # Nothing of the source goes along: neither place nor camera.
    clean = Image.new(small.mode, small.size)
    clean.paste(small)
    clean.save(target, "WEBP", quality=75, method=3)
