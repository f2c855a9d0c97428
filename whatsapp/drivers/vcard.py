"""Contact cards as WhatsApp shares them (vCard 2.1 to 4.0)."""

from __future__ import annotations

import quopri
import re

from .base import CardPhone, ContactCard

_LINE = re.compile(r"(?:(?P<group>[\w-]+)\.)?(?P<name>[\w-]+)(?P<params>(?:;[^:]*)?):(?P<value>.*)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# Types that say where a number rings but not what people call it.
_NOISE = {"voice", "pref", "internet", "uri", "text", "utf-8", "quoted-printable"}
# A card is someone else's text: enough for any real one, and a bound for the rest.
MAX_CARD = 200_000
MAX_VALUES = 100


def parse_vcard(text: str, name: str = "") -> ContactCard:
    """Read one card with all its numbers; what cannot be read is left out, nothing raises.

    `name` is what the message called the contact; the card's own name is used where it is empty.
    """
    full_name, parts_name, organization = "", "", ""
    phones: list[tuple[str, str, str, str]] = []
    emails: list[str] = []
    labels: dict[str, str] = {}
    for line in _unfold(text[:MAX_CARD]):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        group = found["group"] or ""
        params = _params(found["params"])
        value = _value(found["value"], params)
        match found["name"].upper():
            case "FN":
                full_name = full_name or value
            case "N":
                parts_name = parts_name or _display_name(value)
            case "ORG":
                organization = organization or ", ".join(filter(None, value.split(";")))
            case "TEL" if len(phones) < MAX_VALUES:
                whatsapp = re.sub(r"\D", "", params.get("waid", [""])[0])
                number = value.removeprefix("tel:").strip()
                if number or whatsapp:
                    phones.append((number or f"+{whatsapp}", _label(params), whatsapp, group))
            case "EMAIL" if value and len(emails) < MAX_VALUES:
                emails.append(value)
            case "X-ABLABEL":
                labels[group] = re.sub(r"^_\$!<(.*)>!\$_$", r"\1", value)
    return ContactCard(
        name=name or full_name or parts_name or organization,
        phones=tuple(
            CardPhone(number, labels.get(group, label) if group else label, whatsapp)
            for number, label, whatsapp, group in phones
        ),
        emails=tuple(emails),
        organization=organization,
        vcard=text,
    )


def format_vcard(card: ContactCard) -> str:
    """Return the card as vCard 3.0: the one it came with, else one made from its fields."""
    if card.vcard:
        return card.vcard
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"N:;{_escape(card.name)};;;",
        f"FN:{_escape(card.name)}",
    ]
    if card.organization:
        lines.append(f"ORG:{_escape(card.organization)}")
    for phone in card.phones:
        label = re.sub(r"[^\w-]", "", phone.label) or "CELL"
        waid = f";waid={phone.whatsapp}" if phone.whatsapp else ""
        lines.append(f"TEL;type={label}{waid}:{_escape(phone.number)}")
    lines += [f"EMAIL:{_escape(email)}" for email in card.emails]
    return "\n".join([*lines, "END:VCARD"])


def _unfold(text: str) -> list[str]:
    """Join what was broken into several lines: by a leading blank, or quoted-printable's `=`."""
    lines: list[str] = []
    soft = False
    for line in re.split(r"\r\n|\r|\n", text):
        if soft and lines:
            lines[-1] = lines[-1][:-1] + line
        elif line[:1] in {" ", "\t"} and lines:
            lines[-1] += line[1:]
        else:
            lines.append(line)
        head = lines[-1].partition(":")[0].upper()
        soft = line.endswith("=") and "QUOTED-PRINTABLE" in head
    return lines


def _params(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not part:
            continue
        # vCard 2.1 writes `TEL;CELL:`.
        key, values = (name.lower(), value) if equals else ("type", name)
        found.setdefault(key, []).extend(item.strip('"') for item in values.split(","))
    return found


def _value(text: str, params: dict[str, list[str]]) -> str:
    if "QUOTED-PRINTABLE" in {item.upper() for values in params.values() for item in values}:
        raw = quopri.decodestring(text.encode("utf-8", "replace"))
        charset = params.get("charset", ["utf-8"])[0]
        try:
            text = raw.decode(charset, "replace")
        except (LookupError, ValueError):
            text = raw.decode("utf-8", "replace")
        text = text.replace("\x00", "")
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text).strip()


def _display_name(value: str) -> str:
    family, given, middle, prefix, suffix = [*value.split(";"), "", "", "", "", ""][:5]
    return " ".join(filter(None, (prefix, given, middle, family, suffix)))


def _label(params: dict[str, list[str]]) -> str:
    types = [item for item in params.get("type", []) if item and item.lower() not in _NOISE]
    return types[0] if types else ""


def _escape(text: str) -> str:
    escaped = re.sub(r"([\\;,])", r"\\\1", text)
    return re.sub(r"\r\n|\r|\n", r"\\n", escaped)
