"""What a message holds: reading it from each face and showing it on each."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from typing import Any

from .errors import Refusal
from .media import MediaStore

MEDIA_KINDS = frozenset({"image", "video", "audio", "voice", "document", "sticker"})
# What a person taps in a message with buttons or a list.
REPLY_KINDS = frozenset({"button_reply", "list_reply"})
MAX_TEXT = 65_536

_DEFAULT_MIMETYPES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg; codecs=opus",
    "document": "application/octet-stream",
    "sticker": "image/webp",
}


def from_device(data: Any, store: MediaStore) -> dict[str, Any]:
    """Read the device protocol's `message` object; raise Refusal."""
    if not isinstance(data, dict):
        raise Refusal("bad_request", "message must be an object")
    kind = _text(data, "type")
    content: dict[str, Any] = {"type": kind}
    if kind == "text":
        content["text"] = _text(data, "text", required=True)
    elif kind in MEDIA_KINDS:
        media = data.get("media")
        if not isinstance(media, dict) or not isinstance(media.get("id"), str):
            raise Refusal("bad_request", "message.media.id is missing")
        content["media"] = store.get(media["id"]).as_wire()
        if file_name := _text(media, "file_name"):
            content["media"]["file_name"] = file_name
        if caption := _text(data, "caption"):
            content["caption"] = caption
    elif kind == "location":
        _place(data, content)
    elif kind == "contacts":
        _cards(data, content)
    else:
        raise Refusal("bad_request", "message.type is not one the network carries")
    _common(content, data.get("quoted"), data.get("forwarded"))
    return content


def from_phone(data: dict[str, Any], store: MediaStore) -> dict[str, Any]:
    """Read the control API's flat form; raise Refusal."""
    kind = _text(data, "kind") or "text"
    content: dict[str, Any] = {"type": kind}
    if kind == "text":
        content["text"] = _text(data, "text", required=True)
    elif kind in MEDIA_KINDS:
        content["media"] = _upload(kind, data, store)
        if caption := _text(data, "caption") or _text(data, "text"):
            content["caption"] = caption
    elif kind == "location":
        _place(data, content)
    elif kind == "contacts":
        _cards(data, content)
    elif kind in REPLY_KINDS:
        content["text"] = _text(data, "text", required=True)
        content["reply_id"] = _text(data, "replyId", required=True)
        if description := _text(data, "description"):
            content["description"] = description
    elif kind == "unknown":
        content["raw"] = _text(data, "raw") or _text(data, "text") or "pollCreationMessage"
    else:
        raise Refusal("bad_request", "kind is not one the network carries")
    _common(content, data.get("quotedId"), data.get("forwarded"))
    return content


def for_device(content: dict[str, Any]) -> dict[str, Any]:
    """Return the `message` object a linked device sees."""
    if content["type"] in {*REPLY_KINDS, "interactive", "template"}:
        plain = {"type": "text", "text": content.get("text", "")}
        if "quoted" in content:
            plain["quoted"] = content["quoted"]
        return plain
    return content


def for_api(content: dict[str, Any]) -> dict[str, Any]:
    """Return the flat fields the control API and the page show."""
    flat: dict[str, Any] = {"kind": content["type"]}
    media = content.get("media")
    if media:
        flat |= {
            "mediaId": media["id"],
            "mediaUrl": f"/api/media/{media['id']}",
            "mimetype": media["mimetype"],
            "size": media["size"],
            "sha256": media["sha256"],
        }
        if media.get("file_name"):
            flat["fileName"] = media["file_name"]
    for key, value in content.items():
        if key not in {"type", "media", "quoted", "reply_id"}:
            flat[key] = value
    if "quoted" in content:
        flat["quotedId"] = content["quoted"]
    if "reply_id" in content:
        flat["replyId"] = content["reply_id"]
    return flat


def _text(data: dict[str, Any], key: str, *, required: bool = False) -> str:
    value = data.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value):
        raise Refusal("bad_request", f"{key} must be a text" + (" and not empty" * required))
    if len(value) > MAX_TEXT:
        raise Refusal("too_large", f"{key} may have at most {MAX_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Refusal("bad_request", f"{key} is not valid Unicode") from error
    return value


def _place(data: dict[str, Any], content: dict[str, Any]) -> None:
    for key, limit in (("latitude", 90), ("longitude", 180)):
        value = data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > limit:
            raise Refusal("bad_request", f"{key} must be a number within {limit} degrees")
        content[key] = value
    for key in ("name", "address"):
        if value := _text(data, key):
            content[key] = value


def _cards(data: dict[str, Any], content: dict[str, Any]) -> None:
    cards = data.get("contacts")
    if not isinstance(cards, list) or not cards:
        raise Refusal("bad_request", "contacts must be a list and not empty")
    content["contacts"] = []
    for card in cards:
        if not isinstance(card, dict):
            raise Refusal("bad_request", "each contact must be an object")
        name = _text(card, "name", required=True)
        vcard = _text(card, "vcard") or _vcard(name, _text(card, "number"))
        content["contacts"].append({"name": name, "vcard": vcard})


def _vcard(name: str, number: str) -> str:
    phone = f"TEL;type=CELL;waid={number}:+{number}\n" if number else ""
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\n{phone}END:VCARD"


def _upload(kind: str, data: dict[str, Any], store: MediaStore) -> dict[str, Any]:
    if media_id := _text(data, "mediaId"):
        return store.get(media_id).as_wire()
    try:
        body = base64.b64decode(data.get("dataBase64") or "", validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise Refusal("bad_request", "dataBase64 is not base64") from error
    if not body:
        raise Refusal("bad_request", "dataBase64 or mediaId is missing")
    file_name = _text(data, "fileName") or None
    guessed = mimetypes.guess_type(file_name or "")[0]
    mimetype = _text(data, "mimetype") or guessed or _DEFAULT_MIMETYPES[kind]
    return store.put(body, mimetype, file_name).as_wire()


def _common(content: dict[str, Any], quoted: Any, forwarded: Any) -> None:
    if quoted is not None:
        if not isinstance(quoted, str) or not quoted:
            raise Refusal("bad_request", "the quoted id must be a text")
        content["quoted"] = quoted
    if forwarded:
        content["forwarded"] = True
