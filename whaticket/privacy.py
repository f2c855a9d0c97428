"""Phone numbers that somebody may not read (company setting lgpdHideNumber).

They are masked where an answer leaves, so that no read model can forget it.
"""

import re
from contextvars import ContextVar

# Whether the page being made is for somebody who may not read numbers.
hidden: ContextVar[bool] = ContextVar("hidden", default=False)

_DIGITS = r"\+?[0-9]{8,15}"
# Addresses by key, and names of people of whom nothing but the number is known.
_BY_KEY = re.compile(rb'"(number|remoteJid|participant|lid|contactNumber)"(\s*:\s*)"([^"]*)"')
_NAMES = re.compile(rf'"(name|contactName)"(\s*:\s*)"({_DIGITS})"'.encode())
_IN_PAGE = re.compile(rf"(?<=>)(\s*)({_DIGITS})(?=\s*<)".encode())
_DIGIT = re.compile(rb"[0-9]")


def masked_number(text: str) -> str:
    """Leave the first four digits and the last two."""
    return _masked(text.encode()).decode()


def masked_json(body: bytes) -> bytes:
    """Mask addresses and number-like names in JSON text."""
    for pattern in (_BY_KEY, _NAMES):
        body = pattern.sub(_in_json, body)
    return body


def masked_page(body: bytes) -> bytes:
    """Mask texts of a page that are nothing but a number."""
    return _IN_PAGE.sub(lambda found: found[1] + _masked(found[2]), body)


def _in_json(found: re.Match[bytes]) -> bytes:
    return b'"%s"%s"%s"' % (found[1], found[2], _masked(found[3]))


def _masked(text: bytes) -> bytes:
    digits = len(_DIGIT.findall(text))
    if digits < 8:
        return text
    place = 0

    def hide(found: re.Match[bytes]) -> bytes:
        nonlocal place
        place += 1
        return found[0] if place <= 4 or place > digits - 2 else b"*"

    return _DIGIT.sub(hide, text)
