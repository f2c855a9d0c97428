"""What contacts asks of the app that talks to the network."""

from collections.abc import Sequence
from dataclasses import dataclass

from whaticket.ports import Port


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """What the network says of a number. `phone` is its spelling there, `lid` its LID if known."""

    exists: bool
    phone: str = ""
    lid: str = ""


@dataclass(frozen=True, slots=True)
class BookEntry:
    """A person whom the phone behind a connection knows."""

    phone: str = ""
    lid: str = ""
    name: str = ""


# Both wait for the network, so they are asked outside of any transaction.
# None where no connection can be asked: the number is then taken unverified.
check_number: Port[[str], NumberCheck | None] = Port(
    "is a number on WhatsApp", lambda _number: None
)
# Whom the default connection's phone knows: "contacts", or "chats" for whom it has talked to.
# None where no connection can be asked.
address_book: Port[[str], Sequence[BookEntry] | None] = Port(
    "whom does the phone know", lambda _source: None
)
# Writes down, in the caller's transaction, that every connection which can shall block or unblock a
# person: what the network calls them, and which of the two.
block_on_network: Port[[Sequence[tuple[str, str]], bool], None] = Port(
    "block or unblock somebody", lambda _identities, _blocked: None
)
