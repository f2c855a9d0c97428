"""Pictures of people: whatever is uploaded, only a small JPEG of our own making is kept."""

import io
import uuid
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from accounts.exceptions import ImageInvalid
from accounts.models import User
from accounts.services.users import require_reach, update_user
from whaticket.tenancy import schema_of

SIDE = 512
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000


def folder_of(company_id: int) -> Path:
    """Give where a company's pictures of people lie."""
    return Path(settings.MEDIA_ROOT) / schema_of(company_id) / "user"


def set_profile_image(user: User, file: IO[bytes], *, by: User | None) -> User:
    """Give a person a new picture; raise ImageInvalid, NoPermission or UserNotFound."""
    require_reach(user, by=by)
    picture = small_picture(file)
    folder = folder_of(user.company_id)
    folder.mkdir(parents=True, exist_ok=True)
    # Nobody can guess the name, and a replaced picture never hides behind a cached address.
    path = folder / f"{uuid.uuid4().hex}.jpg"
    draft = path.with_suffix(".part")
    draft.write_bytes(picture)
    draft.replace(path)
    old = user.profile_image
    with transaction.atomic():
        user = update_user(user, by=by, profile_image=path.name)

        def clear_up() -> None:
            if old:
                (folder / Path(old).name).unlink(missing_ok=True)

        transaction.on_commit(clear_up, robust=True)
    return user


def remove_profile_image(user: User, *, by: User | None) -> User:
    """Take a person's picture away, and its file; raise NoPermission or UserNotFound."""
    old = user.profile_image
    with transaction.atomic():
        user = update_user(user, by=by, profile_image="")

        def clear_up() -> None:
            if old:
                (folder_of(user.company_id) / Path(old).name).unlink(missing_ok=True)

        transaction.on_commit(clear_up, robust=True)
    return user


def small_picture(file: IO[bytes]) -> bytes:
    """Draw an upload again as a JPEG of at most 512 x 512; raise ImageInvalid."""
    body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ImageInvalid(details={"profileImage": [_("The picture has more than 5 MB.")]})
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as image:
            # Known from the header, before a single pixel is unpacked.
            if image.width * image.height > MOST_PIXELS:
                raise ValueError("too many pixels")
            image.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((SIDE, SIDE))
            drawn = io.BytesIO()
            upright.save(drawn, "JPEG", quality=85, optimize=True)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, KeyError) as error:
        raise ImageInvalid(details={"profileImage": [_("This is no usable picture.")]}) from error
    return drawn.getvalue()
