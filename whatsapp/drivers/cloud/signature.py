"""Proof that a webhook comes from Meta: the signature of its raw body, and the handshake."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


def sign(body: bytes, app_secret: str) -> str:
    """Return the header value Meta sends with this body."""
    return _PREFIX + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, header: str | None, app_secret: str | None) -> bool:
    """Whether the header proves that the owner of the app secret sent exactly these bytes.

    The bytes must be those of the wire: parsed and written again they differ. Without a header or
    without a secret nothing is proven, so the answer is no. Takes the same time wherever they
    differ.
    """
    if not header or not app_secret:
        return False
    expected = sign(body, app_secret).encode()
    return hmac.compare_digest(expected, header.strip().encode("utf-8", "surrogatepass"))


def challenge_answer(query: Mapping[str, str], verify_token: str | None) -> str | None:
    """Return the text to answer Meta's handshake with, or None to refuse it (403)."""
    given = query.get("hub.verify_token") or ""
    if query.get("hub.mode") != "subscribe" or not verify_token or not given:
        return None
    if not hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), verify_token.encode("utf-8", "surrogatepass")
    ):
        return None
    return query.get("hub.challenge") or None
