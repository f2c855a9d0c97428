"""Who is on the network, and every way of naming them."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import secrets
import time
from typing import Any

import orjson
import phonenumbers

from .errors import Refusal
from .ledger import Ledger

PHONE_SERVER = "@s.whatsapp.net"
LID_SERVER = "@lid"
GROUP_SERVER = "@g.us"
ADDRESSINGS = ("phone", "lid", "lid_only")

_DIGITS = re.compile(r"[1-9]\d{6,14}")
_DECORATION = re.compile(r"[\s+().-]")


@dataclasses.dataclass(slots=True)
class Phone:
    """One person's WhatsApp. `addressing`: the JID others see (a LID may come with or without
    the phone number beside it)."""

    number: str
    name: str
    lid: str
    bsuid: str
    username: str | None
    addressing: str

    def as_json(self) -> dict[str, Any]:
        """The form of the control API."""
        return {
            "number": self.number,
            "name": self.name,
            "lid": self.lid,
            "bsuid": self.bsuid,
            "username": self.username,
            "addressing": self.addressing,
        }


@dataclasses.dataclass(slots=True)
class Group:
    """A group chat."""

    id: str
    subject: str
    members: list[str]

    def as_json(self) -> dict[str, Any]:
        """The form of the control API."""
        return {"id": self.id, "subject": self.subject, "members": self.members}


def clean_number(value: Any) -> str:
    """Return the digits of a phone number; raise Refusal(bad_request)."""
    if not isinstance(value, str):
        raise Refusal("bad_request", "a phone number must be a text of digits")
    digits = _DECORATION.sub("", value)
    if not _DIGITS.fullmatch(digits):
        raise Refusal("bad_request", "a phone number has 7 to 15 digits and no leading zero")
    return digits


def number_variants(number: str) -> list[str]:
    """Other spellings by which the network knows the same line (Brazil, Mexico, Argentina)."""
    if re.fullmatch(r"55\d{2}9\d{8}", number):
        return [number[:4] + number[5:]]
    if re.fullmatch(r"55\d{2}[6-9]\d{7}", number):
        return [number[:4] + "9" + number[4:]]
    for code, extra in (("52", "1"), ("54", "9")):
        if number.startswith(code + extra) and len(number) == 13:
            return [code + number[3:]]
        if number.startswith(code) and len(number) == 12:
            return [code + extra + number[2:]]
    return []


class Directory:
    """Phones, groups and cloud numbers, kept in memory and in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.phones: dict[str, Phone] = {}
        self.groups: dict[str, Group] = {}
        # Business numbers on the Cloud API and their names; the Graph face keeps the rest.
        self.cloud: dict[str, str] = {}
        self._by_alias: dict[str, str] = {}
        self._blocks: set[tuple[str, str]] = set()
        for row in ledger.all("SELECT number, whom FROM blocks"):
            self._blocks.add((row[0], row[1]))
        for row in ledger.all("SELECT number, name, lid, bsuid, username, addressing FROM phones"):
            self._remember(Phone(*row))
        for row in ledger.all("SELECT id, subject, members FROM groups"):
            self.groups[row[0]] = Group(row[0], row[1], orjson.loads(row[2]))
        for row in ledger.all("SELECT number, settings FROM cloud_numbers"):
            self.cloud[row[0]] = orjson.loads(row[1])["name"]

    def add_phone(
        self,
        number: str,
        name: str,
        *,
        username: str | None = None,
        addressing: str | None = None,
    ) -> tuple[Phone, bool]:
        """Add a phone or rename it; return it and whether it is new. Raise Refusal."""
        known = self.phones.get(number)
        if known:
            self._forget_aliases(known)
            known.name = name or known.name
            known.username = username or known.username
            known.addressing = addressing or known.addressing
            phone = known
        else:
            if number in self.cloud:
                raise Refusal("conflict", "this number is on the Cloud API")
            digest = int(hashlib.sha256(number.encode()).hexdigest(), 16)
            phone = Phone(
                number,
                name or number,
                f"{10**14 + digest % (9 * 10**14)}{LID_SERVER}",
                f"{_country(number)}.{10**15 + digest // 7 % (9 * 10**15)}",
                username,
                addressing or "phone",
            )
        self._remember(phone)
        self._ledger.write(
            "REPLACE INTO phones VALUES (?, ?, ?, ?, ?, ?, ?)",
            phone.number,
            phone.name,
            phone.lid,
            phone.bsuid,
            phone.username,
            phone.addressing,
            time.time(),
        )
        return phone, known is None

    def block(self, number: str, whom: str, *, blocked: bool) -> None:
        """Shut somebody out of a number's private chats, or let him in again."""
        if blocked:
            self._blocks.add((number, whom))
            self._ledger.write("REPLACE INTO blocks VALUES (?, ?)", number, whom)
        else:
            self._blocks.discard((number, whom))
            self._ledger.write("DELETE FROM blocks WHERE number = ? AND whom = ?", number, whom)

    def is_blocked(self, number: str, whom: str) -> bool:
        """Tell whether a number has shut somebody out."""
        return (number, whom) in self._blocks

    def add_group(self, subject: str, members: list[str], group_id: str | None = None) -> Group:
        """Create a group or change its subject and members."""
        group_id = group_id or f"120363{secrets.randbelow(10**12):012d}{GROUP_SERVER}"
        group = Group(group_id, subject, members)
        self.groups[group.id] = group
        self._ledger.write(
            "REPLACE INTO groups VALUES (?, ?, ?)",
            group.id,
            group.subject,
            orjson.dumps(group.members).decode(),
        )
        return group

    def phone(self, number: str) -> Phone:
        """Return the phone of a number as given in a path; raise Refusal(not_found)."""
        found = self.resolve(number)
        if found is None or found not in self.phones:
            raise Refusal("not_found", f"no phone {number}")
        return self.phones[found]

    def resolve(self, address: Any) -> str | None:
        """Return the number or group id meant by a JID, LID, BSUID, username or number."""
        if not isinstance(address, str):
            return None
        if address in self.phones or address in self.cloud or address in self.groups:
            return address
        if address in self._by_alias:
            return self._by_alias[address]
        digits = _DECORATION.sub("", address.removesuffix(PHONE_SERVER))
        for candidate in (digits, *number_variants(digits)):
            if candidate in self.phones or candidate in self.cloud:
                return candidate
        return None

    def jids(self, address: str) -> tuple[str, str | None]:
        """Return the JID the network shows for an address and the other one, if it tells."""
        if address in self.groups:
            return address, None
        phone = self.phones.get(address)
        if phone is None:
            return f"{address}{PHONE_SERVER}", None
        if phone.addressing == "phone":
            return f"{address}{PHONE_SERVER}", phone.lid
        alternative = f"{address}{PHONE_SERVER}" if phone.addressing == "lid" else None
        return phone.lid, alternative

    def name(self, address: str) -> str:
        """Return the name people see for an address."""
        if address in self.phones:
            return self.phones[address].name
        if address in self.groups:
            return self.groups[address].subject
        return self.cloud.get(address, address)

    def _remember(self, phone: Phone) -> None:
        self.phones[phone.number] = phone
        self._by_alias[phone.lid] = phone.number
        self._by_alias[phone.bsuid] = phone.number
        if phone.username:
            self._by_alias[f"@{phone.username}"] = phone.number

    def _forget_aliases(self, phone: Phone) -> None:
        for alias in (phone.lid, phone.bsuid, f"@{phone.username}"):
            self._by_alias.pop(alias, None)


def _country(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(f"+{number}")) or "ZZ"
    except phonenumbers.NumberParseException:
        return "ZZ"
