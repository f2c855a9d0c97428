"""What the Cloud API is sent and what it answers. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from whatsapp.drivers.base import (
    MEDIA_KINDS,
    Accepted,
    Choices,
    ContactCard,
    Content,
    Identities,
    IdentityKind,
    Kind,
    Location,
    Template,
    identity_of,
)
from whatsapp.drivers.raw import dict_of, dicts_in, text_of
from whatsapp.drivers.vcard import parse_vcard

from .incoming import identities

MAX_CALLBACK = 512
_CAPTIONED = {Kind.IMAGE, Kind.VIDEO, Kind.DOCUMENT}
_LINK = re.compile(r"https?://", re.IGNORECASE)
# Types the network refuses although they name what it takes (131053).
_MIMETYPES = {"audio/opus": "audio/ogg; codecs=opus", "image/jpg": "image/jpeg"}
# Voice bubbles are OGG with Opus; without the codec the network shows a file.
_VOICE = "audio/ogg; codecs=opus"


def address(chat: str, to: Identities) -> dict[str, Any] | None:
    """Return the fields that name the recipient; None where no known identity can be addressed.

    The chat's own identity comes first, then a phone, then a business-scoped id.
    """
    own = identity_of(chat)
    if own is not None and own.kind is IdentityKind.GROUP:
        return {"recipient_type": "group", "to": own.value}
    names = [own] if own else []
    names += sorted(to, key=lambda name: name.kind is not IdentityKind.PHONE)
    for name in names:
        if field := _FIELDS.get(name.kind):
            return {"recipient_type": "individual", field: name.value}
    return None


_FIELDS = {IdentityKind.PHONE: "to", IdentityKind.BSUID: "recipient"}


def envelope(recipient: Mapping[str, Any], outbox_id: str, quoted: str = "") -> dict[str, Any]:
    """Return what all messages share. The outbox id comes back in every status of the message."""
    body: dict[str, Any] = {"messaging_product": "whatsapp", **recipient}
    if quoted:
        body["context"] = {"message_id": quoted}
    if outbox_id:
        body["biz_opaque_callback_data"] = outbox_id[:MAX_CALLBACK]
    return body


def content_fields(
    content: Content, media_id: str = "", file_name: str = ""
) -> dict[str, Any] | None:
    """Return `type` and its object; None for a content the network cannot be sent."""
    kind = content.kind
    if kind is Kind.TEXT:
        return _typed("text", _text(content.text))
    if kind in MEDIA_KINDS:
        return _media(content, media_id, file_name)
    if kind is Kind.LOCATION and content.location:
        return _typed("location", _location(content.location))
    if kind is Kind.CONTACTS and content.contacts:
        return _typed("contacts", [_card(card) for card in content.contacts])
    if kind is Kind.BUTTONS and content.choices:
        return _typed("interactive", _buttons(content.text, content.choices))
    if kind is Kind.LIST and content.choices:
        return _typed("interactive", _list(content.text, content.choices))
    if kind is Kind.TEMPLATE and content.template:
        return _typed("template", _template(content.template, media_id))
    if kind is Kind.INTERACTIVE and content.interactive:
        return _typed("interactive", dict(content.interactive))
    return None


def reaction_fields(target: str, emoji: str) -> dict[str, Any]:
    """Return the fields of a reaction; an empty emoji removes ours."""
    return _typed("reaction", {"message_id": target, "emoji": emoji})


def upload_mimetype(kind: Kind, mimetype: str) -> str:
    """Return the type to upload under: the network refuses some spellings of what it takes."""
    plain = mimetype.split(";")[0].strip().lower()
    if kind is Kind.VOICE and plain in {"audio/ogg", "audio/opus"}:
        return _VOICE
    return _MIMETYPES.get(plain, mimetype or "application/octet-stream")


def accepted(answer: Mapping[str, Any], now: datetime) -> Accepted | None:
    """Read the answer to a send; None where it names no message."""
    messages = dicts_in(answer.get("messages"))
    wire_id = text_of(messages[0].get("id")) if messages else ""
    if not wire_id:
        return None
    contacts = dicts_in(answer.get("contacts"))
    note = text_of(messages[0].get("message_status"))
    return Accepted(
        wire_id=wire_id,
        at=now,
        identities=identities(contact=contacts[0]) if contacts else (),
        note="" if note == "accepted" else note,
    )


def _typed(kind: str, body: Any) -> dict[str, Any]:
    return {"type": kind, kind: body}


def _text(text: str) -> dict[str, Any]:
    return {"body": text, "preview_url": bool(_LINK.search(text))}


def _media(content: Content, media_id: str, file_name: str) -> dict[str, Any] | None:
    if not media_id:
        return None
    kind = Kind.AUDIO if content.kind is Kind.VOICE else content.kind
    body: dict[str, Any] = {"id": media_id}
    if content.kind is Kind.VOICE:
        body["voice"] = True
    if content.text and kind in _CAPTIONED:
        body["caption"] = content.text
    name = file_name or (content.media.file_name if content.media else "")
    if kind is Kind.DOCUMENT and name:
        body["filename"] = name
    return _typed(kind.value, body)


def _location(place: Location) -> dict[str, Any]:
    body: dict[str, Any] = {"latitude": place.latitude, "longitude": place.longitude}
    body |= {"name": place.name} if place.name else {}
    return body | ({"address": place.address} if place.address else {})


def _card(card: ContactCard) -> dict[str, Any]:
    if card.vcard and not card.phones:
        card = parse_vcard(card.vcard, card.name)
    name = card.name or (card.phones[0].number if card.phones else "-")
    first, _, last = name.partition(" ")
    names = {"formatted_name": name, "first_name": first} | ({"last_name": last} if last else {})
    body: dict[str, Any] = {"name": names}
    if card.phones:
        body["phones"] = [
            {"phone": phone.number, "type": (phone.label or "CELL").upper()}
            | ({"wa_id": phone.whatsapp} if phone.whatsapp else {})
            for phone in card.phones
        ]
    if card.emails:
        body["emails"] = [{"email": email, "type": "WORK"} for email in card.emails]
    if card.organization:
        body["org"] = {"company": card.organization}
    return body


def _menu(kind: str, text: str, choices: Choices, action: dict[str, Any]) -> dict[str, Any]:
    menu: dict[str, Any] = {"type": kind, "body": {"text": text}, "action": action}
    if choices.header:
        menu["header"] = {"type": "text", "text": choices.header}
    if choices.footer:
        menu["footer"] = {"text": choices.footer}
    return menu


def _buttons(text: str, choices: Choices) -> dict[str, Any]:
    buttons = [
        {"type": "reply", "reply": {"id": button.id, "title": button.title}}
        for button in choices.buttons
    ]
    return _menu("button", text, choices, {"buttons": buttons})


def _list(text: str, choices: Choices) -> dict[str, Any]:
    sections = [
        ({"title": section.title} if section.title else {})
        | {
            "rows": [
                {"id": row.id, "title": row.title}
                | ({"description": row.description} if row.description else {})
                for row in section.rows
            ]
        }
        for section in choices.sections
    ]
    return _menu("list", text, choices, {"button": choices.opener, "sections": sections})


def _template(template: Template, media_id: str) -> dict[str, Any]:
    body: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    components = [dict(component) for component in template.components]
    if media_id:
        components = [_with_media(component, media_id) for component in components]
    if components:
        body["components"] = components
    return body


def _with_media(component: dict[str, Any], media_id: str) -> dict[str, Any]:
    """Put an uploaded file into the header parameter that has neither id nor link."""
    if text_of(component.get("type")).lower() != "header":
        return component
    parameters = []
    for parameter in dicts_in(component.get("parameters")):
        kind = text_of(parameter.get("type"))
        media = dict_of(parameter.get(kind))
        if kind in {"image", "video", "document"} and not {"id", "link"} & media.keys():
            parameter = {**parameter, kind: {**media, "id": media_id}}
        parameters.append(dict(parameter))
    return component | {"parameters": parameters}
