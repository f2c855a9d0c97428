"""How the network names people, and when two names mean one person (whatsapp.md §16)."""

import re
from dataclasses import dataclass

# Countries whose mobile numbers circulate in two spellings. The match key drops what varies.
# Brazil: 55, two-digit area, an optional 9, eight digits. Mexico: an optional 1 after 52.
# Argentina: an optional 9 after 54.
_BRAZIL = re.compile(r"55(\d{2})9?(\d{8})")
_MEXICO = re.compile(r"521?(\d{10})")
_ARGENTINA = re.compile(r"549?(\d{10})")


@dataclass(frozen=True, slots=True)
class Identity:
    """One name of a person: kind (phone, lid, bsuid, parent_bsuid, username, group) and value."""

    kind: str
    value: str
    scope: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What equal identities share; unique in a company."""
        return self.kind, self.scope, match_key(self.kind, self.value)


def match_key(kind: str, value: str) -> str:
    """Reduce a value to what all its spellings have in common."""
    if kind == "phone":
        digits = re.sub(r"\D", "", value)
        for pattern, prefix in ((_BRAZIL, "55"), (_MEXICO, "52"), (_ARGENTINA, "54")):
            found = pattern.fullmatch(digits)
            if found:
                return prefix + "".join(found.groups())
        return digits
    if kind == "lid":
        return value.removesuffix("@lid").lower()
    if kind in {"username", "group"}:
        return value.lower().removeprefix("@")
    return value


def phone_from(text: str) -> str:
    """Read a phone number as people type it; digits only, empty when there are too few or many."""
    digits = re.sub(r"\D", "", text)
    return digits if 7 <= len(digits) <= 15 else ""


# What to show as a contact's number, best first (rule 27).
ADDRESS_ORDER = ("group", "phone", "lid", "username", "bsuid", "parent_bsuid")


def address_of(identities: list[Identity] | tuple[Identity, ...]) -> str:
    """Choose what people see as the number: the phone, else the LID, else what there is."""
    by_kind = {identity.kind: identity.value for identity in reversed(identities)}
    for kind in ADDRESS_ORDER:
        value = by_kind.get(kind)
        if value:
            if kind == "lid" and not value.endswith("@lid"):
                return f"{value}@lid"
            return value
    return ""
