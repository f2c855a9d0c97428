"""How this product says no: one base class, stable codes (errors.md)."""

from typing import Any

NOT_FOUND = "ERR_NOT_FOUND"
VALIDATION = "ERR_VALIDATION"
NO_PERMISSION = "ERR_NO_PERMISSION"
SESSION_EXPIRED = "ERR_SESSION_EXPIRED"
INTERNAL = "ERR_INTERNAL"
BODY_TOO_LARGE = "ERR_BODY_TOO_LARGE"


class DomainError(Exception):
    """A refusal of the domain: a stable code for programs, a status, and optional details."""

    code = INTERNAL
    status = 400

    def __init__(self, code: str | None = None, *, status: int | None = None, **details: Any):
        self.code = code or self.code
        self.status = status or self.status
        self.details = details
        super().__init__(self.code)


class NoPermission(DomainError):
    """The caller is known, but may not do this."""

    code = NO_PERMISSION
    status = 403


class Invalid(DomainError):
    """A field has a value that cannot be used; `details` says which and why."""

    code = VALIDATION
    status = 400


class TransportError(Exception):
    """Another party failed. Permanent failures are recorded, the rest is tried again."""

    def __init__(self, message: str, *, permanent: bool = False):
        self.permanent = permanent
        super().__init__(message)
