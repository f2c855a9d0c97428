"""What contacts asks of the room that talks to the network; that room registers its answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """What the network says of a number. `phone` is its spelling there, `lid` its LID if known."""

    exists: bool
    phone: str = ""
    lid: str = ""


# Gives None where no connection can be asked: the number is then taken unverified.
Checker = Callable[[str], NumberCheck | None]
_checkers: list[Checker] = []


def register_number_check(checker: Checker) -> None:
    """Say who answers `check_number`; the last one registered counts."""
    _checkers[:] = [checker]


def check_number(number: str) -> NumberCheck | None:
    """Ask the network about a number, outside of any transaction; None when nobody can tell."""
    return _checkers[0](number) if _checkers else None


@dataclass(frozen=True, slots=True)
class BookEntry:
    """A person whom the phone behind a connection knows."""

    phone: str = ""
    lid: str = ""
    name: str = ""


# Gives None where no connection can be asked.
AddressBook = Callable[[str], Sequence[BookEntry] | None]
_books: list[AddressBook] = []


def register_address_book(book: AddressBook) -> None:
    """Say who answers `address_book`; the last one registered counts."""
    _books[:] = [book]


def address_book(source: str) -> Sequence[BookEntry] | None:
    """Ask the default connection's phone whom it knows, outside of any transaction.

    `source`: "contacts", or "chats" for whom it has talked to.
    """
    return _books[0](source) if _books else None


# Writes down, in the caller's transaction, that the network shall block or unblock somebody:
# what the network calls the person, and which of the two.
Blocker = Callable[[Sequence[tuple[str, str]], bool], None]
_blockers: list[Blocker] = []


def register_blocker(blocker: Blocker) -> None:
    """Say who takes `block_on_network`; the last one registered counts."""
    _blockers[:] = [blocker]


def block_on_network(identities: Sequence[tuple[str, str]], blocked: bool) -> None:
    """Have every connection that can block or unblock a person, once the transaction commits."""
    for blocker in _blockers:
        blocker(identities, blocked)
