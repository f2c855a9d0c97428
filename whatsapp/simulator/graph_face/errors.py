"""Graph API errors and their texts."""

from __future__ import annotations

import secrets
from typing import Any

TITLES = {
    0: "AuthException",
    1: "API Unknown",
    2: "API Service",
    4: "API Too Many Calls",
    10: "Permission Denied",
    100: "Invalid parameter",
    190: "Access token has expired",
    368: "Temporarily blocked for policies violations",
    2200: "Callback verification failed",
    80007: "Rate limit issues",
    130429: "Rate limit hit",
    130472: "User's number is part of an experiment",
    130497: "Business account is restricted from messaging users in this country",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131030: "Recipient phone number not in allowed list",
    131031: "Account has been locked",
    131037: "Display name is not approved",
    131042: "Business eligibility payment issue",
    131045: "Incorrect certificate",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "Not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped marketing messages",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131056: "Pair rate limit hit",
    131057: "Account in maintenance mode",
    131062: "Business-scoped user id not supported",
    131064: "Template limit reached",
    132000: "Template parameter count mismatch",
    132001: "Template does not exist",
    132005: "Template hydrated text too long",
    132007: "Template format character policy violated",
    132008: "Template parameter format mismatch",
    132012: "Template parameter format mismatch",
    132015: "Template is paused",
    132016: "Template is disabled",
    133010: "Phone number not registered",
    133016: "Account register rate limit exceeded",
    137000: "Identity hash mismatch",
}
# Found out only on the way to the recipient: accepted first, reported by webhook.
REPORTED_LATER = frozenset({130472, 131026, 131042, 131047, 131049, 131050, 131052, 131053, 131062})
_STATUS = {
    0: 401, 2: 503, 4: 429, 10: 403, 190: 401, 80007: 429, 130429: 429, 131000: 500, 131005: 403,
    131016: 503, 131048: 429, 131057: 503,
}  # fmt: skip
_TRANSIENT = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057})


class GraphError(Exception):
    """An error answer of the Graph API; nothing was changed."""

    def __init__(self, code: int, details: str = "", subcode: int | None = None) -> None:
        super().__init__(f"({code}) {details}")
        self.code = code
        self.details = details or TITLES.get(code, "Error")
        self.subcode = subcode

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return _STATUS.get(self.code, 400)

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {TITLES.get(self.code, 'Error')}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "A" + secrets.token_urlsafe(16),
            "is_transient": self.code in _TRANSIENT,
        }
        if self.subcode:
            error["error_subcode"] = self.subcode
        return {"error": error}


def code_of_suffix(number: str) -> int | None:
    """Return the error a recipient asks for by the end of its number."""
    for length in (6, 5):
        code = int(number[-length:] or 0) if number[-length:].isdigit() else 0
        if code in TITLES and code > 10_000:
            return code
    return None
