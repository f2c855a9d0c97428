"""The device protocol (docs/device-protocol.md): frames to dataclasses and back. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from whatsapp.drivers.base import (
    MEDIA_KINDS,
    Call,
    Content,
    Echo,
    Edited,
    ErrorClass,
    Event,
    Identities,
    Identity,
    Inbound,
    Kind,
    KnownPerson,
    Location,
    MediaRef,
    Message,
    Paired,
    Person,
    QrCode,
    Reacted,
    Receipt,
    Revoked,
    SendError,
    State,
    StateChanged,
    Status,
    Token,
    Typing,
    Unreadable,
    bounded_key,
    identity_of,
    send_error,
)
from whatsapp.drivers.raw import (
    dict_of,
    dicts_in,
    int_of,
    moment_or_epoch,
    number_of,
    storable,
    text_of,
)
from whatsapp.drivers.vcard import format_vcard, parse_vcard

# code -> class, seconds to wait
_ERRORS: dict[str, tuple[ErrorClass, float | None]] = {
    "not_on_whatsapp": (ErrorClass.RECIPIENT, None),
    "not_paired": (ErrorClass.AUTH, None),
    "bad_request": (ErrorClass.CONTENT, None),
    "too_large": (ErrorClass.CONTENT, None),
    "rate_limited": (ErrorClass.THROTTLE, 1.0),
    "temporary": (ErrorClass.TRANSIENT, None),
}
# Reasons of `logged_out` after which the credentials still work.
_LINK_KEPT = {"replaced"}


# Frames about the session -------------------------------------------------------------------


def hello(device: str, credentials: str | None, name: str) -> dict[str, Any]:
    """Return the first frame of a socket."""
    return {"type": "hello", "device": device, "credentials": credentials, "name": name}


def qr_code(frame: Mapping[str, Any], now: datetime) -> QrCode:
    """Read a `qr` frame."""
    seconds = min(max(number_of(frame.get("expires_in")) or 0.0, 0.0), 3600.0)
    return QrCode(
        code=text_of(frame.get("code")),
        expires_at=now + timedelta(seconds=seconds),
        attempt=int_of(frame.get("attempt")) or 1,
    )


def paired(frame: Mapping[str, Any]) -> Paired:
    """Read a `paired` frame; its credentials are what the next `hello` needs."""
    return Paired(
        number=text_of(frame.get("number")),
        lid=text_of(frame.get("lid")).removesuffix("@lid"),
        credentials={"token": text_of(frame.get("credentials"))},
    )


def logged_out(frame: Mapping[str, Any]) -> StateChanged:
    """Read a `logged_out` frame: unlinked, or only replaced by another socket."""
    reason = text_of(frame.get("reason")) or "logout"
    state = State.DISCONNECTED if reason in _LINK_KEPT else State.LOGGED_OUT
    return StateChanged(state=state, reason=reason)


def error_of(frame: Mapping[str, Any]) -> SendError:
    """Read why a command was refused."""
    code = text_of(frame.get("code")) or "unknown"
    cls, retry_after = _ERRORS.get(code, (ErrorClass.OTHER, None))
    return send_error(
        cls,
        code,
        text_of(frame.get("reason")) or code,
        permanent=frame.get("permanent") is True,
        retry_after=retry_after,
    )


def away(error: BaseException | None) -> SendError:
    """Return the error of a network that cannot be reached, or was never connected to."""
    reason = f"The simulator cannot be reached ({type(error).__name__})" if error else "No session"
    return send_error(ErrorClass.TRANSIENT, "not_connected", reason, permanent=False)


def missing_file() -> SendError:
    """Return the error of a media message without its file."""
    return send_error(ErrorClass.CONTENT, "no_file", "The file is missing", permanent=True)


# Events -------------------------------------------------------------------------------------


def parse_event(event: Mapping[str, Any], token: Token = None) -> list[Event]:
    """Read one event; what it does not know becomes Unreadable. Never raises."""
    event = storable(dict_of(event))
    chat = bounded_key(text_of(event.get("chat")))
    at = moment_or_epoch(event.get("at"))
    wire_id = bounded_key(text_of(event.get("id")))
    from_me = event.get("from_me") is True
    kind = event.get("kind")
    if kind == "typing":
        active = event.get("active") is True
        return [Typing(chat=chat, sender=_sender(event), active=active)]

    stored: dict[str, Any] = {"chat": chat, "at": at, "raw": event, "token": token}
    # An edit or deletion has no id of its own: its facts make one.
    moment = int(at.timestamp() * 1000)
    if not wire_id or not chat:
        return [_unreadable(event, stored, wire_id, "no id or chat")]
    match kind:
        case "message":
            message = _message(event)
            if message is None:
                return [_unreadable(event, stored, wire_id, "message")]
            cls = Echo if from_me else Inbound
            return [cls(wire_id=wire_id, message=message, **stored)]
        case "receipt" if event.get("status") in {Status.DELIVERED, Status.READ, Status.PLAYED}:
            status = Status(event["status"])
            return [Receipt(wire_id=wire_id, status=status, recipient=_names(chat), **stored)]
        case "edit":
            return [
                Edited(
                    wire_id=bounded_key(f"edit:{wire_id}:{moment}"),
                    target=wire_id,
                    content=Content(kind=Kind.TEXT, text=text_of(event.get("text"))),
                    sender=_sender(event),
                    from_me=from_me,
                    **stored,
                )
            ]
        case "revoke":
            return [
                Revoked(
                    wire_id=bounded_key(f"revoke:{wire_id}"),
                    target=wire_id,
                    sender=_sender(event),
                    from_me=from_me,
                    **stored,
                )
            ]
        case "reaction":
            return [
                Reacted(
                    wire_id=wire_id,
                    target=bounded_key(text_of(event.get("target"))),
                    emoji=text_of(event.get("emoji")),
                    sender=_sender(event),
                    peer=_peer(event),
                    from_me=from_me,
                    is_group=_is_group(chat),
                    **stored,
                )
            ]
        case "call":
            return [
                Call(
                    # One call is told twice: offered, then missed.
                    wire_id=bounded_key(f"{wire_id}:{text_of(event.get('status'))}"),
                    status=text_of(event.get("status")),
                    caller=_sender(event),
                    **stored,
                )
            ]
        case "unknown":
            return [_unreadable(event, stored, wire_id, text_of(event.get("raw")))]
        case _:
            return [_unreadable(event, stored, wire_id, f"event {text_of(kind)}")]


def parse_history(events: list[Mapping[str, Any]]) -> list[Event]:
    """Read old messages. Their raw form says that they are old, so a replay knows it too."""
    return [read for event in events for read in parse_event({**event, "history": True})]


def _unreadable(
    event: Mapping[str, Any], stored: dict[str, Any], wire_id: str, reason: str
) -> Unreadable:
    wire_id = wire_id or bounded_key("unread:" + repr(sorted(event.items(), key=str)))
    sender = _sender(event) if text_of(event.get("sender")) else None
    return Unreadable(wire_id=wire_id, reason=reason[:255], sender=sender, **stored)


def _names(*chats: str) -> Identities:
    found = [identity for chat in chats if (identity := identity_of(chat)) is not None]
    return tuple(dict.fromkeys(found))


def _is_group(chat: str) -> bool:
    return chat.endswith("@g.us")


def _sender(event: Mapping[str, Any]) -> Person:
    sender, alt = text_of(event.get("sender")), text_of(event.get("sender_alt"))
    if not sender and not _is_group(text_of(event.get("chat"))):
        sender, alt = text_of(event.get("chat")), text_of(event.get("chat_alt"))
    return Person(identities=_names(sender, alt), push_name=text_of(event.get("push_name")))


def _peer(event: Mapping[str, Any]) -> Identities:
    chat, alt = text_of(event.get("chat")), text_of(event.get("chat_alt"))
    peer = _names(chat, alt)
    if _is_group(chat) or event.get("from_me") is True:
        return peer
    # In a direct chat the sender is the chat, and either may name what the other leaves out.
    return tuple(dict.fromkeys(peer + _sender(event).identities))


def _message(event: Mapping[str, Any]) -> Message | None:
    content = parse_content(dict_of(event.get("message")))
    if content is None:
        return None
    return Message(
        peer=_peer(event),
        sender=_sender(event),
        content=content,
        is_group=_is_group(text_of(event.get("chat"))),
        is_history=event.get("history") is True,
    )


def parse_content(message: Mapping[str, Any]) -> Content | None:
    """Read a `message` object; None for a type this protocol does not have."""
    common: dict[str, Any] = {
        "quoted": bounded_key(text_of(message.get("quoted"))),
        "forwarded": message.get("forwarded") is True,
    }
    kind = message.get("type")
    if kind == "text":
        return Content(kind=Kind.TEXT, text=text_of(message.get("text")), **common)
    if kind in MEDIA_KINDS:
        media = dict_of(message.get("media"))
        return Content(
            kind=Kind(kind),
            text=text_of(message.get("caption")),
            media=MediaRef(
                id=text_of(media.get("id")),
                mimetype=text_of(media.get("mimetype")),
                size=int_of(media.get("size")),
                file_name=text_of(media.get("file_name")),
                sha256=text_of(media.get("sha256")),
            ),
            **common,
        )
    if kind == "location":
        latitude, longitude = (
            number_of(message.get("latitude")),
            number_of(message.get("longitude")),
        )
        if latitude is None or longitude is None:
            return None
        place = Location(
            latitude=latitude,
            longitude=longitude,
            name=text_of(message.get("name")),
            address=text_of(message.get("address")),
        )
        return Content(kind=Kind.LOCATION, location=place, **common)
    if kind == "contacts":
        cards = tuple(
            parse_vcard(text_of(card.get("vcard")), text_of(card.get("name")))
            for card in dicts_in(message.get("contacts"))
        )
        return Content(kind=Kind.CONTACTS, contacts=cards, **common)
    return None


# What is sent -------------------------------------------------------------------------------


def message_object(content: Content, media_id: str = "") -> dict[str, Any] | None:
    """Return the `message` object of a content; None for a kind this protocol does not have."""
    message: dict[str, Any] = {"type": content.kind.value}
    if content.kind is Kind.TEXT:
        message["text"] = content.text
    elif content.kind in MEDIA_KINDS:
        message["media"] = {"id": media_id}
        if content.media and content.media.file_name:
            message["media"]["file_name"] = content.media.file_name
        if content.text:
            message["caption"] = content.text
    elif content.kind is Kind.LOCATION and content.location:
        place = content.location
        message |= {"latitude": place.latitude, "longitude": place.longitude}
        message |= {"name": place.name} if place.name else {}
        message |= {"address": place.address} if place.address else {}
    elif content.kind is Kind.CONTACTS and content.contacts:
        message["contacts"] = [
            {"name": card.name, "vcard": format_vcard(card)} for card in content.contacts
        ]
    else:
        return None
    if content.quoted:
        message["quoted"] = content.quoted
    if content.forwarded:
        message["forwarded"] = True
    return message


def address(chat: str, to: Identities) -> str:
    """Return the JID to send to: the chat's own where it is one, else the best identity."""
    for name in (identity_of(chat), *to):
        if name is not None and (jid := _jid(name)):
            return jid
    return chat


def _jid(identity: Identity) -> str:
    suffixes = {"phone": "@s.whatsapp.net", "lid": "@lid", "group": "@g.us"}
    suffix = suffixes.get(identity.kind)
    return identity.value + suffix if suffix else ""


def known_person(item: Mapping[str, Any]) -> KnownPerson:
    """Read one entry of the phone's address book."""
    jids = (text_of(item.get("jid")), text_of(item.get("lid")))
    names: Identities = tuple(name for jid in jids if (name := identity_of(jid)) is not None)
    return KnownPerson(name=text_of(item.get("name")), identities=names)


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)
