"""The ways accounts say no."""

from whaticket.exceptions import DomainError, Invalid


class InvalidCredentials(DomainError):
    """Unknown e-mail or wrong password; which of both stays untold."""

    code = "ERR_INVALID_CREDENTIALS"
    status = 401


class TooManyAttempts(DomainError):
    """Sign-in is locked for a while after too many failures."""

    code = "ERR_TOO_MANY_REQUESTS"
    status = 429


class OutOfHours(DomainError):
    """The person's working day has not begun or is over."""

    code = "ERR_OUT_OF_HOURS"
    status = 401


class SessionExpired(DomainError):
    """No valid refresh cookie."""

    code = "ERR_SESSION_EXPIRED"
    status = 401


class SessionConflict(DomainError):
    """Another device took over the account's sessions."""

    code = "ERR_SESSION_CONFLICT"
    status = 409


class UserNotFound(DomainError):
    """No such person in this company."""

    code = "ERR_NO_USER_FOUND"
    status = 404


class EmailTaken(DomainError):
    """Somebody already signs in with that address."""

    code = "ERR_EMAIL_ALREADY_EXISTS"


class UserLimitReached(DomainError):
    """The company's plan allows no more people."""

    code = "ERR_USER_LIMIT_REACHED"


class LastAdmin(DomainError):
    """A company keeps at least one administrator."""

    code = "ERR_LAST_ADMIN"


class RecoveryDisabled(DomainError):
    """The platform lets nobody set a new password by mail."""

    code = "ERR_PASSWORD_RECOVERY_DISABLED"
    status = 403


class RecoveryInvalid(DomainError):
    """A recovery link that is unknown, used or older than an hour."""

    code = "ERR_INVALID_RECOVERY_TOKEN"


class ImageInvalid(Invalid):
    """The file is no picture that can be shown; `details` says why."""


class VisitReasonMissing(Invalid):
    """An operator who enters a company says why."""
