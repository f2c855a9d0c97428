"""Marks for what PostgreSQL cannot write itself.

The JSON of read models is built by PostgreSQL, which does not know the key that addresses of files
are signed with. It writes a mark instead; on the way out the marks of a finished text become
addresses, in one pass over its bytes and only where there are any. The mark begins with a random
text of this process, so nothing a person types can be mistaken for one.
"""

import secrets

from whaticket.ports import Port
from whaticket.tenancy import current_company_id

MARK = f"media-{secrets.token_hex(12)}:"
_MARK = MARK.encode()

# Gives a text with addresses of a company's files in the place of its marks.
addresses_of: Port[[bytes, int], bytes] = Port("addresses of files", lambda text, _company_id: text)


def resolved(text: bytes) -> bytes:
    """Give a text of the company entered with addresses in the place of its marks."""
    return addresses_of(text, current_company_id()) if _MARK in text else text
