"""Why something did not work, in classes a sender can act on."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NoReturn

# The widths of the columns that keep these texts.
MAX_CODE = 32
MAX_REASON = 255


class ErrorClass(enum.StrEnum):
    """What a sender does about a failure (whatsapp.md §13)."""

    THROTTLE = "throttle"
    TRANSIENT = "transient"
    AUTH = "auth"
    ACCOUNT = "account"
    WINDOW = "window"
    RECIPIENT = "recipient"
    CONTENT = "content"
    GROUPS = "groups"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendError:
    """Why the network said no. `permanent`: the same message will never be taken.

    `retry_after` is in seconds, where the network or its rules name a time.
    """

    cls: ErrorClass
    code: str
    reason: str
    permanent: bool
    retry_after: float | None = None


class DriverFailure(Exception):
    """Something other than a send did not work; `error` says what to do about it."""

    def __init__(self, error: SendError) -> None:
        super().__init__(f"{error.cls}/{error.code}: {error.reason}")
        self.error = error

    @property
    def permanent(self) -> bool:
        """Whether trying again is useless."""
        return self.error.permanent


class NotSupported(DriverFailure):
    """The driver cannot do this; its capabilities said so."""


class MediaUnavailable(DriverFailure):
    """A file could not be fetched: gone, too large, damaged, or the network is away."""


class NotConnected(DriverFailure):
    """Asked of a driver that has no open session."""


def send_error(
    cls: ErrorClass,
    code: str | int,
    reason: str,
    *,
    permanent: bool,
    retry_after: float | None = None,
) -> SendError:
    """Build a SendError whose texts fit the columns that keep them."""
    return SendError(
        cls=cls,
        code=str(code)[:MAX_CODE],
        reason=reason[:MAX_REASON],
        permanent=permanent,
        retry_after=retry_after,
    )


def not_supported(what: str) -> NoReturn:
    """Refuse what the driver has no way to do; raise NotSupported."""
    raise NotSupported(unsupported_error(what))


def unsupported_error(what: str) -> SendError:
    """Return the error of something the driver's capabilities exclude."""
    return send_error(
        ErrorClass.CONTENT, "unsupported", f"This connection cannot do this: {what}", permanent=True
    )
