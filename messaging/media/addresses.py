"""Signed, expiring addresses of files.

The JSON of read models holds marks (whaticket/marks.py) in the place of addresses: `WIRE_MARK` +
folder + path + `~` + name in hex. `sign_marks` turns them into addresses.
"""

import base64
import hashlib
import hmac
import re
import time
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings

from messaging.media.places import FILE_NAME
from whaticket.marks import MARK as WIRE_MARK

_MARK = WIRE_MARK.encode()
# The contract's clients know the files of quick messages and the pictures of contacts by a folder
# in their address. It is only an ornament: a name on the disk is found, and signed, without it.
QUICK_FOLDER = "quickMessage/"
_MARKED = re.compile(
    re.escape(_MARK) + rb"(quickMessage/|contacts/|)([0-9a-z_]+\.[0-9a-z]+)~([0-9a-f]*)"
)


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"media address\0" + secret.encode()).digest()


def _signature(company_id: int, path: str, expires: int, name: str) -> str:
    text = f"{company_id}\n{path}\n{expires}\n{name}".encode()
    digest = hmac.new(_key(settings.SECRET_KEY), text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()


def _expiry() -> int:
    """Give the end of the next half period: an address stays the same, and cacheable, for a while.

    It works for at least half of MEDIA_URL_SECONDS and never for longer than all of it.
    """
    step = max(1, settings.MEDIA_URL_SECONDS // 2)
    return (int(time.time()) // step + 2) * step


def media_url(company_id: int, path: str, name: str = "", *, folder: str = "") -> str:
    """Write the address of a stored file, in the contract's shape (models.md, Computed fields)."""
    expires = _expiry()
    signature = _signature(company_id, path, expires, name)
    place = f"{settings.BACKEND_URL}/public/company{company_id}/{folder}{path}"
    address = f"{place}?e={expires}&s={signature}"
    return f"{address}&n={quote(name, safe='')}" if name else address


def sign_marks(text: bytes, company_id: int) -> bytes:
    """Replace the marks in JSON that PostgreSQL built by addresses."""
    if _MARK not in text:
        return text
    return _MARKED.sub(
        lambda found: media_url(
            company_id,
            found[2].decode(),
            bytes.fromhex(found[3].decode()).decode(),
            folder=found[1].decode(),
        ).encode(),
        text,
    )


def token_url(company_id: int, path: str, name: str = "") -> str:
    """Write the other form of an address, `/media/<token>`, for whoever wants no query text."""
    expires = _expiry()
    named = base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")
    signature = _signature(company_id, path, expires, name)
    return f"{settings.BACKEND_URL}/media/{company_id}.{expires}.{signature}.{path}.{named}"


def read_address(company_id: int, path: str, expires: str, signature: str, name: str) -> bool:
    """Tell whether an address is ours and still works."""
    if not FILE_NAME.fullmatch(path) or not re.fullmatch(r"[0-9]{1,12}", expires):
        return False
    wanted = _signature(company_id, path, int(expires), name)
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "surrogatepass")) and (
        int(expires) > time.time()
    )


def read_token(token: str) -> tuple[int, str, str] | None:
    """Give company, path and name of a `/media/<token>` address; None where it does not count."""
    found = re.fullmatch(
        r"([0-9]{1,18})\.([0-9]{1,12})\.([\w-]{24})\.([0-9a-z_]+\.[0-9a-z]+)\.([\w-]*)", token
    )
    if found is None:
        return None
    company_id, expires, signature, path, named = found.groups()
    try:
        name = base64.urlsafe_b64decode(named + "=" * (-len(named) % 4)).decode()
    except ValueError:
        return None
    if not read_address(int(company_id), path, expires, signature, name):
        return None
    return int(company_id), path, name
