"""Sending through the Graph API: what is checked, refused, accepted and reported."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from typing import Any

import aiohttp

from whatsapp.simulator.directory import GROUP_SERVER
from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.media import MAX_BYTES
from whatsapp.simulator.network import Message, Network, chat_key

from .accounts import Accounts, CloudNumber
from .errors import REPORTED_LATER, GraphError, code_of_suffix
from .templates import Templates, fill
from .webhooks import Webhooks

MEDIA_TYPES = ("image", "video", "audio", "document", "sticker")
TYPING_SECONDS = 25.0


class Sender:
    """POST /{phone_id}/messages."""

    def __init__(
        self, network: Network, accounts: Accounts, webhooks: Webhooks, templates: Templates
    ) -> None:
        self._network = network
        self._accounts = accounts
        self._webhooks = webhooks
        self._templates = templates
        self._buckets: dict[tuple[str, ...], tuple[float, float]] = {}
        self._typing: dict[tuple[str, str], asyncio.TimerHandle] = {}

    async def send(self, cloud: CloudNumber, data: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Do what a body asks; return the answer and whether it sends. Raise GraphError."""
        if data.get("messaging_product") != "whatsapp":
            raise GraphError(100, "messaging_product must be whatsapp")
        if data.get("status") is not None:
            return self._mark_read(cloud, data), False
        if not cloud.registered:
            raise GraphError(133010)
        kind = data.get("type", "text")
        address = self._address(data)
        given = str(data.get("to") or data.get("recipient"))
        if not self._take((cloud.number,), self._accounts.knobs.throughputPerSecond, None):
            raise GraphError(130429)
        forced = code_of_suffix(address or given)
        if forced and not self._reported_later(forced):
            raise GraphError(forced)
        callback_data = data.get("biz_opaque_callback_data")
        if callback_data is not None and (
            not isinstance(callback_data, str) or len(callback_data) > 512
        ):
            raise GraphError(131009, "biz_opaque_callback_data must be a text of at most 512")
        if kind == "reaction":
            return self._react(cloud, address, data, callback_data), True
        content, broken = await self._content(cloud, kind, data)
        if isinstance(context := data.get("context"), dict) and context.get("message_id"):
            content["quoted"] = str(context["message_id"])
        if address == cloud.number:
            raise GraphError(131021)
        pair = (cloud.number, address or given)
        knobs = self._accounts.knobs
        if not self._take(pair, 1 / max(knobs.pairSeconds, 1e-6), knobs.pairBurst):
            raise GraphError(131056)
        error = forced or broken or self._obstacle(cloud, address, kind, data)
        if error and not self._reported_later(error):
            raise GraphError(error)
        message = self._record(cloud, address, given, content, callback_data, error)
        contact: dict[str, Any] = {"input": given}
        if not knobs.omitWaId:
            contact["wa_id"] = message.recipient
        if phone := self._network.directory.phones.get(message.recipient):
            contact["user_id"] = phone.bsuid
        answer: dict[str, Any] = {"id": message.id}
        if kind == "template":
            answer["message_status"] = "accepted"
        return {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [answer],
        }, True

    def _record(
        self,
        cloud: CloudNumber,
        address: str | None,
        given: str,
        content: dict[str, Any],
        callback_data: str | None,
        error: int | None,
    ) -> Message:
        if address is None:
            # Nobody there: accepted all the same, and reported as undeliverable.
            message = self._network.deliveries.record_undeliverable(
                cloud.number, given, content, new_wamid(given), callback_data, error or 131026
            )
        else:
            message, _ = self._network.deliveries.send(
                cloud.number,
                address,
                content,
                message_id=new_wamid(address),
                origin="cloud",
                callback_data=callback_data,
                error=error,
            )
        if timer := self._typing.pop((cloud.number, address or given), None):
            timer.cancel()
        return message

    def _address(self, data: dict[str, Any]) -> str | None:
        given = data.get("recipient") or data.get("to")
        if not isinstance(given, str) or not given:
            raise GraphError(131008, "to or recipient is missing")
        if data.get("recipient_type") == "group" or given.endswith(GROUP_SERVER):
            raise GraphError(131051, "groups are not enabled for this number")
        found = self._network.directory.resolve(given)
        if found is None and not data.get("recipient") and not given.lstrip("+").isdigit():
            raise GraphError(131009, "to must be a phone number")
        return found

    def _reported_later(self, code: int) -> bool:
        how = self._accounts.knobs.failBy
        return how == "status" or (how == "auto" and code in REPORTED_LATER)

    def _obstacle(
        self, cloud: CloudNumber, address: str | None, kind: str, data: dict[str, Any]
    ) -> int | None:
        if address is None:
            return 131026
        if kind != "template" and data.get("category") != "utility":
            chat = chat_key(cloud.number, address)
            row = self._network.ledger.one(
                "SELECT max(at) FROM messages WHERE chat = ? AND sender = ?", chat, address
            )
            opened = row[0] if row and row[0] is not None else None
            knobs = self._accounts.knobs
            if knobs.windowHours and (
                opened is None or knobs.now() - opened > knobs.windowHours * 3600
            ):
                return 131047
        return None

    def _take(self, key: tuple[str, ...], per_second: float, burst: float | None) -> bool:
        """Take one token from a bucket that refills `per_second` up to `burst`."""
        if not per_second or burst == 0:
            return True
        size = per_second if burst is None else burst
        now = time.monotonic()
        tokens, then = self._buckets.get(key, (size, now))
        tokens = min(size, tokens + (now - then) * per_second)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        return allowed

    # Read, typing, reactions --------------------------------------------------------------

    def _mark_read(self, cloud: CloudNumber, data: dict[str, Any]) -> dict[str, Any]:
        if data["status"] != "read":
            raise GraphError(131009, "status must be read")
        try:
            message = self._network.messages.find_by_id(cloud.number, data.get("message_id"))
        except Refusal as refusal:
            raise GraphError(131009, "message_id names no message of this number") from refusal
        self._network.receipts.read(cloud.number, message)
        if data.get("typing_indicator"):
            key = (cloud.number, message.sender)
            self._network.signals.typing(*key, active=True)
            self._typing[key] = asyncio.get_running_loop().call_later(
                TYPING_SECONDS, lambda: self._network.signals.typing(*key, active=False)
            )
        return {"success": True}

    def _react(
        self,
        cloud: CloudNumber,
        address: str | None,
        data: dict[str, Any],
        callback_data: str | None,
    ) -> dict[str, Any]:
        reaction = _object(data, "reaction")
        emoji = reaction.get("emoji", "")
        if not isinstance(emoji, str):
            raise GraphError(131009, "reaction.emoji must be a text")
        try:
            target = self._network.messages.find_by_id(cloud.number, reaction.get("message_id"))
        except Refusal as refusal:
            raise GraphError(131009, "reaction.message_id names no message") from refusal
        wamid = new_wamid(address or "")
        self._network.changes.react(cloud.number, target, emoji, reaction_id=wamid)
        # A reaction is a message of its own with statuses of its own, but no bubble.
        shadow = Message(
            0, target.chat, wamid, cloud.number, address or "", "cloud", {"type": "reaction"},
            time.time(), 1, None, None, callback_data, None, None,
        )  # fmt: skip
        for word in ("sent", "delivered"):
            self._webhooks.queue_status(cloud, shadow, word)
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": str(data.get("to")), "wa_id": address}],
            "messages": [{"id": wamid}],
        }

    # Content ------------------------------------------------------------------------------

    async def _content(
        self, cloud: CloudNumber, kind: Any, data: dict[str, Any]
    ) -> tuple[dict[str, Any], int | None]:
        """Return what a phone will see, and an error to report if part of it was unreachable."""
        if kind == "text":
            body = _object(data, "text").get("body")
            return {"type": "text", "text": _text(body, "text.body", 4096)}, None
        if kind in MEDIA_TYPES:
            return await self._media(kind, _object(data, kind))
        if kind == "location":
            place = _object(data, "location")
            content = {"type": "location"}
            for key in ("latitude", "longitude"):
                try:
                    content[key] = float(place.get(key))  # type: ignore[arg-type, assignment]
                except (TypeError, ValueError) as error:
                    raise GraphError(131009, f"location.{key} must be a number") from error
            return content | {k: str(place[k]) for k in ("name", "address") if place.get(k)}, None
        if kind == "contacts":
            return {"type": "contacts", "contacts": _cards(data.get("contacts"))}, None
        if kind == "interactive":
            return _interactive(_object(data, "interactive")), None
        if kind == "template":
            return self._template(cloud, _object(data, "template")), None
        raise GraphError(131051, f"type {kind!r}")

    async def _media(self, kind: str, given: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
        content: dict[str, Any] = {"type": "voice" if given.get("voice") else kind}
        if given.get("caption"):
            content["caption"] = _text(given["caption"], f"{kind}.caption", 1024)
        link = given.get("link")
        try:
            if isinstance(link, str) and link:
                content["media"] = await self._fetch(link)
            else:
                content["media"] = self._network.media.get(str(given.get("id"))).as_wire()
        except Refusal as refusal:
            raise GraphError(100, f"{kind}.id names no uploaded media") from refusal
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return {"type": "text", "text": content.get("caption", "")}, 131053
        if given.get("filename"):
            content["media"]["file_name"] = _text(given["filename"], "filename", 240)
        return content, None

    async def _fetch(self, link: str) -> dict[str, Any]:
        async with self._webhooks.queue.session.get(link) as answer:
            answer.raise_for_status()
            data = await answer.content.read(MAX_BYTES + 1)
            while not answer.content.at_eof() and len(data) <= MAX_BYTES:
                data += await answer.content.read(65_536)
            name = link.split("?")[0].rsplit("/", 1)[-1]
            return self._network.media.put(data, answer.content_type, name or None).as_wire()

    def _template(self, cloud: CloudNumber, given: dict[str, Any]) -> dict[str, Any]:
        language = given.get("language")
        code = language.get("code") if isinstance(language, dict) else None
        template = self._templates.find(cloud.waba_id, given.get("name"), code)
        if template is None or template["status"] in ("PENDING", "REJECTED"):
            raise GraphError(132001, f"template {given.get('name')} does not exist in {code}")
        if template["status"] == "PAUSED":
            raise GraphError(132015)
        if template["status"] != "APPROVED":
            raise GraphError(132016)
        content = fill(template, given.get("components"))
        if media := content.pop("header_media", None):
            try:
                content["media"] = self._network.media.get(str(media.get("id"))).as_wire()
            except Refusal:
                content["header"] = str(media.get("link", media["kind"]))
        return content


def new_wamid(to: str) -> str:
    """Return a fresh message id of the Cloud API's look."""
    raw = to.encode() + secrets.token_bytes(14)
    return "wamid.HBg" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _object(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    if not isinstance(value, dict):
        raise GraphError(131008, f"{key} is missing")
    return value


def _text(value: Any, key: str, limit: int) -> str:
    if not isinstance(value, str) or not value:
        raise GraphError(131008, f"{key} is missing")
    if len(value) > limit:
        raise GraphError(100, f"{key} may have at most {limit} characters")
    return value


def _cards(given: Any) -> list[dict[str, str]]:
    if not isinstance(given, list) or not given:
        raise GraphError(131008, "contacts is missing")
    cards = []
    for card in given:
        name = card.get("name") if isinstance(card, dict) else None
        if not isinstance(name, dict):
            raise GraphError(131008, "contacts.name is missing")
        full = _text(name.get("formatted_name"), "contacts.name.formatted_name", 240)
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{full}"]
        for phone in card.get("phones") or []:
            waid = f";waid={phone['wa_id']}" if phone.get("wa_id") else ""
            lines.append(f"TEL;type={phone.get('type', 'CELL')}{waid}:{phone.get('phone', '')}")
        lines += [f"EMAIL:{email.get('email', '')}" for email in card.get("emails") or []]
        cards.append({"name": full, "vcard": "\n".join([*lines, "END:VCARD"])})
    return cards


def _interactive(given: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "type": "interactive",
        "text": _text(_object(given, "body").get("text"), "interactive.body.text", 1024),
    }
    header = given.get("header")
    if isinstance(header, dict) and header.get("type") == "text":
        content["header"] = _text(header.get("text"), "interactive.header.text", 60)
    if isinstance(given.get("footer"), dict):
        content["footer"] = _text(given["footer"].get("text"), "interactive.footer.text", 60)
    kind = given.get("type")
    action = _object(given, "action")
    if kind == "button":
        content["buttons"] = _buttons(action.get("buttons"))
    elif kind == "list":
        content["list"] = _list(action)
    elif kind == "cta_url":
        parameters = _object(action, "parameters")
        title = _text(parameters.get("display_text"), "display_text", 20)
        content["buttons"] = [{"title": title, "url": str(parameters.get("url", ""))}]
    elif kind == "location_request_message":
        content["buttons"] = [{"title": "Location", "request": "location"}]
    elif kind == "flow":
        title = _text(_object(action, "parameters").get("flow_cta"), "flow_cta", 30)
        content["buttons"] = [{"title": title, "request": "flow"}]
    else:
        raise GraphError(131009, f"interactive.type {kind!r}")
    return content


def _buttons(given: Any) -> list[dict[str, str]]:
    if not isinstance(given, list) or not 1 <= len(given) <= 3:
        raise GraphError(131009, "an interactive message has 1 to 3 buttons")
    buttons = []
    for button in given:
        reply = button.get("reply") if isinstance(button, dict) else None
        if not isinstance(reply, dict):
            raise GraphError(131008, "buttons.reply is missing")
        buttons.append(
            {
                "id": _text(reply.get("id"), "buttons.reply.id", 256),
                "title": _text(reply.get("title"), "buttons.reply.title", 20),
            }
        )
    if len({b["id"] for b in buttons}) < len(buttons) or len({b["title"] for b in buttons}) < len(
        buttons
    ):
        raise GraphError(131009, "button ids and titles must differ")
    return buttons


def _list(action: dict[str, Any]) -> dict[str, Any]:
    sections = []
    rows_left = 10
    given = action.get("sections")
    if not isinstance(given, list) or not given:
        raise GraphError(131008, "action.sections is missing")
    for section in given:
        rows = section.get("rows") if isinstance(section, dict) else None
        if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
            raise GraphError(131008, "sections.rows is missing")
        rows_left -= len(rows)
        kept = []
        for row in rows:
            item = {
                "id": _text(row.get("id"), "rows.id", 200),
                "title": _text(row.get("title"), "rows.title", 24),
            }
            if row.get("description"):
                item["description"] = _text(row["description"], "rows.description", 72)
            kept.append(item)
        if len(given) > 1:
            _text(section.get("title"), "sections.title", 24)
        sections.append({"title": str(section.get("title") or ""), "rows": kept})
    if rows_left < 0:
        raise GraphError(131009, "a list has at most 10 rows in all")
    return {"button": _text(action.get("button"), "action.button", 20), "sections": sections}
