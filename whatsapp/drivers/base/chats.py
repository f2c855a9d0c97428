"""How people, groups and chats are named, the same in every driver."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass

# The widths of the columns that hold these texts; what is longer is digested, never cut, because
# two ids that differ after the 255th character are two messages.
MAX_KEY = 255


class IdentityKind(enum.StrEnum):
    """The names by which the network knows a person or a group."""

    PHONE = "phone"
    LID = "lid"
    BSUID = "bsuid"
    PARENT_BSUID = "parent_bsuid"
    USERNAME = "username"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Identity:
    """One name of a person or group. Phones are digits only; LIDs and groups without their suffix.

    One person usually has several; `identities` fields hold all that one event told.
    """

    kind: IdentityKind
    value: str


Identities = tuple[Identity, ...]

_SUFFIXES = {
    IdentityKind.PHONE: "@s.whatsapp.net",
    IdentityKind.LID: "@lid",
    IdentityKind.GROUP: "@g.us",
    IdentityKind.BSUID: "@bsuid",
    IdentityKind.PARENT_BSUID: "@parent_bsuid",
    IdentityKind.USERNAME: "@username",
}


def chat_key(identity: Identity) -> str:
    """Return the text that names a chat, the same in every driver: `5511…@s.whatsapp.net`."""
    return bounded_key(identity.value + _SUFFIXES[identity.kind])


def identity_of(chat: str) -> Identity | None:
    """Return the identity a chat key names, or None for what is no chat of a person or group."""
    value, at, server = chat.rpartition("@")
    if not value:
        return None
    # 5511…:12@s.whatsapp.net is device 12 of that person.
    for kind, suffix in _SUFFIXES.items():
        if at + server == suffix:
            person = kind in {IdentityKind.PHONE, IdentityKind.LID}
            return Identity(kind, value.split(":")[0] if person else value)
    return None


def bounded_key(text: str) -> str:
    """Return a key that fits its column: itself, or its digest where it is too long."""
    if len(text) <= MAX_KEY:
        return text
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
