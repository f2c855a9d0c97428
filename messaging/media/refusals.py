"""The ways a file is refused."""

from whaticket.exceptions import DomainError


class MediaRefused(DomainError):
    """A file that cannot be kept or sent; the code says why."""

    code = "ERR_MEDIA_TYPE"


class MediaTooLarge(MediaRefused):
    """More bytes, or more pixels, than allowed; `limit` says how many are."""

    code = "ERR_MEDIA_TOO_LARGE"


class MediaTypeRefused(MediaRefused):
    """A program, a file that is two things at once, or no file at all."""

    code = "ERR_MEDIA_TYPE"


class MediaDamaged(MediaRefused):
    """The bytes are not what their beginning says they are."""

    code = "ERR_MEDIA_DAMAGED"
