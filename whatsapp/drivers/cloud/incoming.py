"""What Cloud API messages say: their objects as `Content`, their people as identities."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from whatsapp.drivers.base import (
    MEDIA_KINDS,
    CardPhone,
    ContactCard,
    Content,
    Identities,
    Identity,
    IdentityKind,
    Kind,
    Location,
    MediaRef,
    Person,
    bounded_key,
    chat_key,
)
from whatsapp.drivers.raw import dict_of, dicts_in, list_of, number_of, read_json, text_of
from whatsapp.drivers.vcard import format_vcard

_PHONE = re.compile(r"\+?[\d\s().-]+")


def phone_or_bsuid(text: str) -> Identity | None:
    """Name a person by what stands in `from`, `to` or `recipient_id`."""
    if not text:
        return None
    if _PHONE.fullmatch(text) and (digits := re.sub(r"\D", "", text)):
        return Identity(IdentityKind.PHONE, digits)
    return Identity(IdentityKind.BSUID, text)


def identities(
    *names: Identity | None, contact: Mapping[str, Any], user_id: str = "", parent_user_id: str = ""
) -> Identities:
    """Collect every identity of one person, phone first."""
    found = [name for name in (*names, phone_or_bsuid(text_of(contact.get("wa_id")))) if name]
    values = (
        (IdentityKind.BSUID, user_id or text_of(contact.get("user_id"))),
        (IdentityKind.PARENT_BSUID, parent_user_id or text_of(contact.get("parent_user_id"))),
        (IdentityKind.USERNAME, _username(contact)),
    )
    found += [Identity(kind, value) for kind, value in values if value]
    order = list(IdentityKind)
    return tuple(sorted(dict.fromkeys(found), key=lambda name: order.index(name.kind)))


def person(names: Identities, contact: Mapping[str, Any]) -> Person:
    """Return a person with the names of their profile."""
    profile = dict_of(contact.get("profile"))
    return Person(
        identities=names, push_name=text_of(profile.get("name")), username=_username(contact)
    )


def _username(contact: Mapping[str, Any]) -> str:
    profile = dict_of(contact.get("profile"))
    return text_of(profile.get("username")) or text_of(contact.get("username"))


def digest_of(text: str) -> str:
    """Return a SHA-256 as lower-case hex; the network writes it as hex here and Base64 there."""
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return text.lower()
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return raw.hex() if len(raw) == 32 else ""


def parse_content(message: Mapping[str, Any]) -> Content | None:
    """Read what a message says; None for a type that is not known (or that is no message)."""
    kind = text_of(message.get("type"))
    parse = _PARSERS.get(kind)
    if parse is None:
        return None
    body = dict_of(message.get(kind))
    fields = parse(body if kind != "contacts" else message)
    if fields is None:
        return None
    context = dict_of(message.get("context"))
    extra: dict[str, Any] = dict(fields.pop("extra", {}))
    if product := dict_of(context.get("referred_product")):
        extra["referred_product"] = product
    if errors := list_of(message.get("errors")):
        extra["errors"] = errors
    quoted_sender = phone_or_bsuid(text_of(context.get("from")))
    return Content(
        quoted=bounded_key(text_of(context.get("id"))),
        quoted_sender=chat_key(quoted_sender) if quoted_sender else "",
        forwarded=context.get("forwarded") is True or context.get("frequently_forwarded") is True,
        referral=dict_of(message.get("referral")) or None,
        extra=extra,
        **fields,
    )


def _text(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": Kind.TEXT, "text": text_of(body.get("body"))}


def _media(kind: Kind) -> Any:
    def parse(body: Mapping[str, Any]) -> dict[str, Any]:
        voice = kind is Kind.AUDIO and body.get("voice") is True
        return {
            "kind": Kind.VOICE if voice else kind,
            "text": text_of(body.get("caption")),
            "media": MediaRef(
                id=text_of(body.get("id")),
                url=text_of(body.get("url")),
                mimetype=text_of(body.get("mime_type")),
                file_name=text_of(body.get("filename")),
                sha256=digest_of(text_of(body.get("sha256"))),
                animated=body.get("animated") is True,
            ),
        }

    return parse


def _location(body: Mapping[str, Any]) -> dict[str, Any] | None:
    latitude, longitude = number_of(body.get("latitude")), number_of(body.get("longitude"))
    if latitude is None or longitude is None:
        return None
    place = Location(
        latitude=latitude,
        longitude=longitude,
        name=text_of(body.get("name")),
        address=text_of(body.get("address")),
        url=text_of(body.get("url")),
    )
    return {"kind": Kind.LOCATION, "location": place}


def _contacts(message: Mapping[str, Any]) -> dict[str, Any]:
    cards = dicts_in(message.get("contacts"))
    return {"kind": Kind.CONTACTS, "contacts": tuple(_card(card) for card in cards)}


def _card(card: Mapping[str, Any]) -> ContactCard:
    name = dict_of(card.get("name"))
    parts = ("prefix", "first_name", "middle_name", "last_name", "suffix")
    joined = " ".join(filter(None, (text_of(name.get(part)) for part in parts)))
    phones = tuple(
        CardPhone(
            text_of(phone.get("phone")) or text_of(phone.get("wa_id")),
            text_of(phone.get("type")),
            text_of(phone.get("wa_id")),
        )
        for phone in dicts_in(card.get("phones"))
    )
    emails = (text_of(email.get("email")) for email in dicts_in(card.get("emails")))
    read = ContactCard(
        name=text_of(name.get("formatted_name")) or joined,
        phones=tuple(phone for phone in phones if phone.number),
        emails=tuple(filter(None, emails)),
        organization=text_of(dict_of(card.get("org")).get("company")),
    )
    return ContactCard(
        name=read.name,
        phones=read.phones,
        emails=read.emails,
        organization=read.organization,
        vcard=format_vcard(read),
    )


def _button(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": Kind.BUTTON_REPLY,
        "text": text_of(body.get("text")),
        "reply_id": text_of(body.get("payload")),
    }


def _interactive(body: Mapping[str, Any]) -> dict[str, Any] | None:
    kind = text_of(body.get("type"))
    reply = dict_of(body.get(kind))
    if kind in {"button_reply", "list_reply"}:
        return {
            "kind": Kind(kind),
            "text": text_of(reply.get("title")),
            "reply_id": text_of(reply.get("id")),
            "extra": {"description": reply["description"]} if reply.get("description") else {},
        }
    if kind == "nfm_reply":
        try:
            answers = read_json(text_of(reply.get("response_json")))
        except ValueError:
            answers = {}
        extra = {"name": text_of(reply.get("name")), "answers": answers}
        return {"kind": Kind.FORM_REPLY, "text": text_of(reply.get("body")), "extra": extra}
    if kind == "call_permission_reply":
        extra = {"name": kind, "answers": reply}
        return {"kind": Kind.FORM_REPLY, "text": text_of(reply.get("response")), "extra": extra}
    return None


def _order(body: Mapping[str, Any]) -> dict[str, Any]:
    extra = {
        "catalog_id": text_of(body.get("catalog_id")),
        "items": dicts_in(body.get("product_items")),
    }
    return {"kind": Kind.ORDER, "text": text_of(body.get("text")), "extra": extra}


def _system(body: Mapping[str, Any]) -> dict[str, Any]:
    extra = {"event": text_of(body.get("type")), "system": body}
    return {"kind": Kind.SYSTEM, "text": text_of(body.get("body")), "extra": extra}


def _welcome(_: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": Kind.SYSTEM, "extra": {"event": "request_welcome"}}


def _unsupported(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": Kind.UNSUPPORTED, "extra": {"type": text_of(body.get("type"))}}


_PARSERS: dict[str, Any] = {
    "text": _text,
    **{kind.value: _media(kind) for kind in MEDIA_KINDS if kind is not Kind.VOICE},
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "system": _system,
    "request_welcome": _welcome,
    "unsupported": _unsupported,
}
