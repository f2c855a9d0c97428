"""The ways accounts say no."""

from whaticket.exceptions import DomainError


class InvalidCredentials(DomainError):
    """Unknown e-mail or wrong password; which of both stays untold."""

    code = "ERR_INVALID_CREDENTIALS"
    status = 401


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
