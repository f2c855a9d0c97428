"""Is a number on WhatsApp? Only a running session can tell, so the answer may be "not known"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from contacts.identity import Identity
from contacts.ports import NumberCheck
from whatsapp.drivers.registry import DriverUnavailable, UnknownDriver, capabilities_of
from whatsapp.exceptions import SessionNotRunning
from whatsapp.models import Connection
from whatsapp.services.ask import ask_session

_BRAZIL = re.compile(r"55(\d{2})(9?)(\d{8})\Z")
# From this area code on, WhatsApp knows Brazilian numbers without the ninth digit (behaviour 31).
_SHORT_FROM = 31


@dataclass(frozen=True, slots=True)
class CheckedNumber:
    """What WhatsApp says about a number. `exists` is None where nobody could be asked.

    `number` are its digits as WhatsApp writes them, `identities` all it is known by there.
    """

    asked: str
    number: str
    exists: bool | None
    identities: tuple[Identity, ...] = ()


def whatsapp_spelling(number: str) -> str:
    """Write a Brazilian number as WhatsApp does: the ninth digit only below area 31."""
    found = _BRAZIL.match(number)
    if found is None:
        return number
    area, ninth, rest = found.groups()
    # Without the digit 9 in front, a number that begins with 2 to 5 is a landline and has none.
    mobile = bool(ninth) or rest[0] in "6789"
    keeps = int(area) < _SHORT_FROM and mobile
    return f"55{area}{'9' if keeps else ''}{rest}"


def other_spelling(number: str) -> str:
    """Give the other way a Brazilian mobile number circulates; the same for all others."""
    found = _BRAZIL.match(number)
    if found is None:
        return number
    area, ninth, rest = found.groups()
    return f"55{area}{'' if ninth else '9'}{rest}"


def check_number(number: str, connection: Connection | None = None) -> CheckedNumber:
    """Ask WhatsApp about one number (behaviour 30), over a connection or the default one.

    Both Brazilian spellings are tried. Without a session that can tell, `exists` is None.
    """
    return check_numbers([number], connection)[0]


def check_numbers(
    numbers: Sequence[str], connection: Connection | None = None
) -> list[CheckedNumber]:
    """Ask WhatsApp about several numbers at once; see `check_number`."""
    connection = connection or Connection.objects.default_for()
    unknown = [CheckedNumber(number, number, None) for number in numbers]
    if connection is None or not numbers or not _can_check(connection.driver):
        return unknown
    spellings = [list(dict.fromkeys([whatsapp_spelling(n), n, other_spelling(n)])) for n in numbers]
    asked = list(dict.fromkeys(spelling for group in spellings for spelling in group))
    try:
        answer = ask_session(connection.pk, "check_numbers", numbers=asked)
    except SessionNotRunning:
        return unknown
    if "error" in answer:
        return unknown
    told = {entry["number"]: entry for entry in answer["numbers"]}
    return [_checked(number, group, told) for number, group in zip(numbers, spellings, strict=True)]


def _checked(number: str, spellings: Sequence[str], told: dict[str, dict]) -> CheckedNumber:
    answers = [told[spelling] for spelling in spellings if spelling in told]
    if not answers:
        return CheckedNumber(number, number, None)
    for entry in answers:
        if entry["exists"]:
            identities = tuple(Identity(kind, value) for kind, value in entry["identities"])
            phones = [identity.value for identity in identities if identity.kind == "phone"]
            return CheckedNumber(number, (phones or [entry["number"]])[0], True, identities)
    return CheckedNumber(number, number, False)


def _can_check(driver: str) -> bool:
    try:
        return capabilities_of(driver).check_numbers
    except (UnknownDriver, DriverUnavailable):
        return False


def answer_contacts(number: str) -> NumberCheck | None:
    """Answer the contacts' question about a number; None where no session can tell."""
    checked = check_number(number)
    if checked.exists is None:
        return None
    by_kind = {identity.kind: identity.value for identity in checked.identities}
    return NumberCheck(
        exists=checked.exists,
        phone=by_kind.get("phone", checked.number),
        lid=by_kind.get("lid", ""),
    )
