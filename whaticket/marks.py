"""Marks for what PostgreSQL cannot write itself.

The JSON of read models is built by PostgreSQL, which does not know the key that addresses of files
are signed with. It writes a mark instead; on the way out the marks of a finished text become
addresses, in one pass over its bytes and only where there are any. The mark begins with a random
text of this process, so nothing a person types can be mistaken for one.
"""

import secrets
from collections.abc import Callable

from whaticket.tenancy import current_company_id

MARK = f"media-{secrets.token_hex(12)}:"
_MARK = MARK.encode()

# Turns the marks of a text into addresses of a company's files.
Resolver = Callable[[bytes, int], bytes]
_resolvers: list[Resolver] = []


def register_resolver(resolver: Resolver) -> None:
    """Say who knows the addresses; the last one registered counts."""
    _resolvers[:] = [resolver]


def resolved(text: bytes) -> bytes:
    """Give a text of the company entered with addresses in the place of its marks."""
    if _MARK not in text:
        return text
    for resolver in _resolvers:
        text = resolver(text, current_company_id())
    return text
