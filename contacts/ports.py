"""What contacts asks of the room that talks to the network; that room registers its answer."""

from collections.abc import Callable
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
