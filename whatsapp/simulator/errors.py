"""How the simulated network says no."""

from __future__ import annotations

_STATUS = {
    "bad_request": 400,
    "not_paired": 401,
    "not_found": 404,
    "not_on_whatsapp": 404,
    "conflict": 409,
    "code_expired": 410,
    "too_large": 413,
    "rate_limited": 429,
    "temporary": 503,
}
_PASSING = frozenset({"rate_limited", "temporary"})


class Refusal(Exception):
    """A request the network refuses, with a stable code; nothing was changed."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason

    @property
    def status(self) -> int:
        """The HTTP status of this refusal."""
        return _STATUS[self.code]

    @property
    def permanent(self) -> bool:
        """Whether asking again cannot help."""
        return self.code not in _PASSING
