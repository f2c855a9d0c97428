"""What the routes of messages take (rest.md §8). Anything else is refused with a code."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from messaging.media import display_name
from whaticket.exceptions import Invalid
from whaticket.params import LARGEST_ID, whole_number
from whatsapp.drivers.base import CardPhone, ContactCard
from whatsapp.drivers.vcard import format_vcard

MAX_FILES = 20
MAX_FORWARDED = 50
# Far more than any network carries; the connection's own limit is told apart.
MAX_TEXT = 65_536
# Of an Idempotency-Key.
MAX_KEY = 255


def refuse(field: str, why: str) -> Invalid:
    """Make the refusal of one field."""
    return Invalid(details={field: [why]})


def fields_of(request: Request) -> Mapping[str, Any]:
    """Give the body's fields; raise Invalid for a body that has none."""
    if not isinstance(request.data, Mapping):
        raise refuse("body", "An object is needed.")
    return request.data


def text_of(value: Any, field: str, *, longest: int = MAX_TEXT) -> str:
    """Give a text that PostgreSQL can hold; nothing counts as empty. Raises Invalid."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise refuse(field, "This text cannot be sent.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise refuse(field, "This text cannot be sent.") from error
    return value


def flag_of(value: Any, field: str) -> bool:
    """Read the contract's `"true"` and `"false"`, or real ones. Raises Invalid."""
    if value in (None, "", "false", False):
        return False
    if value in ("true", True):
        return True
    raise refuse(field, "true or false is needed.")


def id_of(value: Any, field: str) -> int:
    """Read an id, as a number or as text. Raises Invalid."""
    if isinstance(value, str):
        value = whole_number(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_ID:
        raise refuse(field, "A whole number is needed.")
    return value


def ids_of(value: Any, field: str, *, most: int) -> list[int]:
    """Read a list of ids, or JSON text of one. Raises Invalid."""
    value = _unpacked(value, field)
    if not isinstance(value, list) or len(value) > most:
        raise refuse(field, "A list of numbers is needed.")
    return list(dict.fromkeys(id_of(item, field) for item in value))


def quoted_id_of(value: Any) -> int | None:
    """Read `quotedMsg`: an object with an id, or JSON text of one. Raises Invalid."""
    value = _unpacked(value, "quotedMsg")
    if value in (None, ""):
        return None
    return id_of(value.get("id") if isinstance(value, Mapping) else value, "quotedMsg")


def card_of(value: Any) -> dict[str, Any] | None:
    """Read `vCard` ({name, number}) as a contact card (behaviour 63). Raises Invalid."""
    value = _unpacked(value, "vCard")
    if value in (None, ""):
        return None
    if not isinstance(value, Mapping):
        raise refuse("vCard", "A name and a number are needed.")
    name = display_name(text_of(value.get("name"), "vCard", longest=255), "")
    number = value.get("number")
    digits = "".join(filter(str.isdecimal, str(number)))[:32] if number is not None else ""
    if not name or not digits:
        raise refuse("vCard", "A name and a number are needed.")
    card = ContactCard(name=name, phones=(CardPhone(f"+{digits}", "", digits),))
    return {
        "name": name,
        "phones": [{"number": f"+{digits}", "label": "", "whatsapp": digits}],
        "emails": [],
        "organization": "",
        "vcard": format_vcard(card),
    }


@dataclass(frozen=True, slots=True)
class Wish:
    """A request to write: one message, or one per file."""

    texts: list[str]
    files: list[Any]
    card: dict[str, Any] | None
    quoted_id: int | None
    is_private: bool


def wish_of(request: Request) -> Wish:
    """Read `POST /messages/:ticketId`, JSON or multipart. Raises Invalid."""
    data = fields_of(request)
    files = request.FILES.getlist("medias")
    if len(files) > MAX_FILES:
        raise refuse("medias", f"At most {MAX_FILES} files at once.")
    texts = data.getlist("body") if hasattr(data, "getlist") else data.get("body")
    if isinstance(texts, str) or texts is None:
        texts = [texts]
    if not isinstance(texts, list):
        raise refuse("body", "This text cannot be sent.")
    return Wish(
        texts=[text_of(text, "body") for text in texts] or [""],
        files=files,
        card=card_of(data.get("vCard")),
        quoted_id=quoted_id_of(data.get("quotedMsg")),
        is_private=flag_of(data.get("isPrivate"), "isPrivate"),
    )


def _unpacked(value: Any, field: str) -> Any:
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise refuse(field, "This is no JSON.") from error
