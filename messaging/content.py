"""A driver's content as columns of a message."""

from dataclasses import asdict
from typing import Any

from messaging.models import Message
from whatsapp.drivers.base import ContactCard, Content, Kind, MediaRef

# Taps on buttons and rows read as what the person said.
_AS_TEXT = {Kind.BUTTON_REPLY, Kind.LIST_REPLY, Kind.FORM_REPLY, Kind.ORDER}
_KNOWN = set(Message.Kind.values)


def kind_of(content: Content) -> str:
    """Map what a driver calls a content to what a message is."""
    if content.kind in _AS_TEXT:
        return Message.Kind.TEXT
    return content.kind.value if content.kind.value in _KNOWN else Message.Kind.UNSUPPORTED


def body_of(content: Content) -> str:
    """Give the text of a content; NUL, which PostgreSQL refuses, is removed."""
    if content.text or content.kind != Kind.CONTACTS:
        return content.text.replace("\x00", "")
    return ", ".join(card.name for card in content.contacts).replace("\x00", "")


def data_of(content: Content) -> dict[str, Any]:
    """Keep what has no column: where the file is, cards, coordinates, ids of taps, the advert."""
    data: dict[str, Any] = {}
    if content.media is not None:
        data["media"] = {k: v for k, v in asdict(content.media).items() if v not in ("", None)}
    if content.location is not None:
        data["location"] = asdict(content.location)
    if content.contacts:
        data["contacts"] = [_card(card) for card in content.contacts]
    if content.quoted:
        data["quoted"] = content.quoted
    if content.reply_id:
        data["reply_id"] = content.reply_id
    if content.referral:
        data["referral"] = dict(content.referral)
    if content.mentions:
        data["mentions"] = list(content.mentions)
    if content.view_once:
        data["view_once"] = True
    if content.extra:
        data["extra"] = dict(content.extra)
    if content.kind.value not in _KNOWN:
        data["kind"] = content.kind.value
    return _without_nul(data)


def media_ref(message: Message) -> MediaRef:
    """Give back the reference under which the network keeps a message's file."""
    return MediaRef(**message.data.get("media", {}))


def _card(card: ContactCard) -> dict[str, Any]:
    return {
        "name": card.name,
        "phones": [asdict(phone) for phone in card.phones],
        "emails": list(card.emails),
        "organization": card.organization,
        "vcard": card.vcard,
    }


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {key: _without_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(item) for item in value]
    return value
