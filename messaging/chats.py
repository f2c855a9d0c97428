"""How a contact is addressed on the network."""

from collections.abc import Iterable, Sequence

from contacts.models import Contact, ContactIdentity
from whatsapp.drivers.base import Identity, IdentityKind, chat_key

# Chats of several people are named so.
GROUP_SERVER = "@g.us"

# The first identity a contact has, in this order, names its chat. The phone comes first because
# every driver can address it.
_ORDER = ("group", "phone", "lid", "bsuid", "parent_bsuid", "username")


def identities_of(contact: Contact) -> tuple[Identity, ...]:
    """Give everything the network calls a contact, best address first."""
    return in_order(ContactIdentity.objects.filter(contact=contact))


def in_order(rows: Iterable[ContactIdentity]) -> tuple[Identity, ...]:
    """Sort identity rows by how well they address, the most recently seen first."""
    ranked = sorted(rows, key=lambda row: (_ORDER.index(row.kind), -row.last_seen_at.timestamp()))
    return tuple(Identity(IdentityKind(row.kind), row.value.removesuffix("@lid")) for row in ranked)


def chat_of(identities: tuple[Identity, ...]) -> str:
    """Name the chat with somebody who is known by these identities; empty when by none."""
    return chat_key(identities[0]) if identities else ""


def chats_of(contact_ids: Sequence[int]) -> dict[int, str]:
    """Name the chats with several contacts, by their id; one statement, or none for nobody."""
    if not contact_ids:
        return {}
    rows: dict[int, list[ContactIdentity]] = {}
    for row in ContactIdentity.objects.filter(contact_id__in=contact_ids):
        rows.setdefault(row.contact_id, []).append(row)
    return {pk: chat_of(in_order(identities)) for pk, identities in rows.items()}
