"""The control API, and the browser page where a person plays the phones."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from . import content as contents
from .device_face import DeviceFace
from .directory import ADDRESSINGS, GROUP_SERVER, clean_number
from .errors import Refusal
from .faults import Faults
from .http import file_response, json_response, read_json, read_object
from .network import DELIVERED, Network

PAGE = Path(__file__).parent / "page"
STREAM_QUEUE = 2000
MAX_LIMIT = 100_000


class PhonesFace:
    """Routes by which people, tests and benchmarks act as phones."""

    def __init__(self, network: Network, device_face: DeviceFace) -> None:
        self._network = network
        self._device_face = device_face

    def routes(self) -> list[web.RouteDef | web.StaticDef]:
        """The routes of this face."""
        phone = "/api/phones/{number}"
        return [
            web.get("/", self.page),
            web.get("/healthz", self.health),
            web.static("/page", PAGE),
            web.get("/api/state", self.state),
            web.get("/api/stream", self.stream),
            web.post("/api/phones", self.add_phone),
            web.get(phone + "/messages", self.list_messages),
            web.post(phone + "/messages", self.send),
            web.post(phone + "/read", self.read),
            web.post(phone + "/typing", self.typing),
            web.post(phone + "/calls", self.call),
            web.post(phone + "/reactions", self.react),
            web.post(phone + "/edits", self.edit),
            web.post(phone + "/deletes", self.delete),
            web.post(phone + "/scan", self.scan),
            web.post("/api/messages", self.send_many),
            web.post("/api/groups", self.add_group),
            web.post("/api/media", self.upload),
            web.get("/api/media/{id}", self.download),
            web.post("/api/devices/{id}/pair", self.pair),
            web.post("/api/devices/{id}/disconnect", self.disconnect),
            web.post("/api/devices/{id}/logout", self.logout),
            web.post("/api/devices/{id}/ban", self.ban),
            web.get("/api/faults", self.get_faults),
            web.put("/api/faults", self.put_faults),
            web.get("/api/ledger", self.get_ledger),
            web.delete("/api/ledger", self.clear_ledger),
        ]

    # Looking ------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.FileResponse:
        """The phones, to play with."""
        return web.FileResponse(PAGE / "index.html")

    async def health(self, request: web.Request) -> web.Response:
        """Say that the program answers."""
        return json_response({"ok": True})

    async def state(self, request: web.Request) -> web.Response:
        """Everything that is on the network, without messages."""
        network = self._network
        devices = network.devices
        return json_response(
            {
                "phones": [phone.as_json() for phone in network.directory.phones.values()],
                "groups": [group.as_json() for group in network.directory.groups.values()],
                "devices": [
                    device.as_json(online=device.id in devices.lines)
                    for device in devices.all.values()
                ],
                "codes": devices.codes(),
                "cloudNumbers": [
                    {"number": number, "name": network.directory.name(number)}
                    for number in sorted(network.directory.cloud)
                ],
                "unconfirmedEvents": devices.waiting_events(),
                "faults": network.faults.as_json(),
            }
        )

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: what phones are shown, as it happens (`?phones=a,b` for some)."""
        wanted = set(filter(None, request.query.get("phones", "").split(",")))
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        queue: asyncio.Queue[bytes] = asyncio.Queue(STREAM_QUEUE)

        def watch(phone: str, kind: str, data: dict[str, Any]) -> None:
            if wanted and phone and phone not in wanted:
                return
            body = orjson.dumps({"phone": phone, "type": kind, "data": data})
            if queue.full():
                # A page too slow to follow is told to read everything again.
                while not queue.empty():
                    queue.get_nowait()
                body = b'{"type":"resync"}'
            queue.put_nowait(b"data: " + body + b"\n\n")

        self._network.screens.watchers.add(watch)
        try:
            await response.write(b": hello\n\n")
            while True:
                try:
                    chunk = await asyncio.wait_for(queue.get(), 15)
                    while not queue.empty() and len(chunk) < 65_536:
                        chunk += queue.get_nowait()
                except TimeoutError:
                    chunk = b": still here\n\n"
                await response.write(chunk)
        except (ConnectionResetError, asyncio.CancelledError):
            return response
        finally:
            self._network.screens.watchers.discard(watch)

    async def list_messages(self, request: web.Request) -> web.Response:
        """What a phone was shown, after a `seq`; with `last`, only the newest so many."""
        number = self._number(request)
        after = _whole(request.query.get("after", "0"), "after")
        limit = _whole(request.query.get("limit", str(MAX_LIMIT)), "limit")
        last = _whole(request.query.get("last", "0"), "last")
        limit = max(1, min(last or limit, MAX_LIMIT))
        return json_response(self._network.screens.shown_to(number, after, limit, newest=last > 0))

    # Acting -------------------------------------------------------------------------------

    async def add_phone(self, request: web.Request) -> web.Response:
        """Add a phone, or a list of them; a known number only takes the new name."""
        body = await read_json(request)
        many = body if isinstance(body, list) else [body]
        wishes = []
        for item in many:
            if not isinstance(item, dict):
                raise Refusal("bad_request", "a phone must be an object")
            addressing = item.get("addressing")
            if addressing is not None and addressing not in ADDRESSINGS:
                raise Refusal("bad_request", f"addressing must be one of {ADDRESSINGS}")
            number = clean_number(item.get("number"))
            if number in self._network.directory.cloud:
                raise Refusal("conflict", "this number is on the Cloud API")
            wishes.append(
                (number, _text(item, "name"), _text(item, "username") or None, addressing)
            )
        answers, any_new = [], False
        for number, name, username, addressing in wishes:
            phone, new = self._network.directory.add_phone(
                number, name, username=username, addressing=addressing
            )
            any_new |= new
            answers.append(phone.as_json())
            self._network.screens.tell(phone.number, "phone", phone.as_json())
        await self._network.ledger.durable()
        answer = answers if isinstance(body, list) else answers[0]
        return json_response(answer, 201 if any_new else 200)

    async def add_group(self, request: web.Request) -> web.Response:
        """Create a group of phones."""
        body = await read_object(request)
        members = body.get("members")
        if not isinstance(members, list) or not members:
            raise Refusal("bad_request", "members must be a list of numbers and not empty")
        numbers = [self._network.directory.phone(clean_number(member)).number for member in members]
        group_id = _text(body, "id") or None
        if group_id and not group_id.endswith(GROUP_SERVER):
            raise Refusal("bad_request", f"a group id ends with {GROUP_SERVER}")
        subject = _text(body, "subject") or "Group"
        group = self._network.directory.add_group(subject, list(dict.fromkeys(numbers)), group_id)
        await self._network.ledger.durable()
        return json_response(group.as_json(), 201)

    async def send(self, request: web.Request) -> web.Response:
        """Send a message from a phone; it is durable when the answer comes."""
        number = self._number(request)
        message = self._accept(number, await read_object(request))
        await self._network.ledger.durable()
        return json_response({"id": message}, 201)

    async def send_many(self, request: web.Request) -> web.Response:
        """Send many messages, `{from, …}` each, in order, with one commit."""
        body = await read_json(request)
        if not isinstance(body, list):
            raise Refusal("bad_request", "the body must be a list of messages")
        answers: list[dict[str, Any]] = []
        for item in body:
            try:
                if not isinstance(item, dict):
                    raise Refusal("bad_request", "a message must be an object")
                number = self._network.directory.phone(clean_number(item.get("from"))).number
                answers.append({"id": self._accept(number, item)})
            except Refusal as refusal:
                answers.append({"error": refusal.code, "reason": refusal.reason})
        await self._network.ledger.durable()
        return json_response(answers, 201)

    def _accept(self, number: str, body: dict[str, Any]) -> str:
        message_id = _text(body, "id") or None
        if message_id and len(message_id) > 128:
            raise Refusal("bad_request", "id may have at most 128 characters")
        to = body.get("to")
        self._network.messages.chat_with(number, to)
        content = contents.from_phone(body, self._network.media)
        message, _ = self._network.deliveries.send(number, to, content, message_id=message_id)
        return message.id

    async def read(self, request: web.Request) -> web.Response:
        """Read a chat on a phone; voice messages count as played, unless `played` is false."""
        number = self._number(request)
        body = await read_object(request)
        if "id" in body:
            message = self._network.messages.find_by_id(number, body["id"])
            self._network.receipts.read(number, message, played=bool(body.get("played")))
            count = 1
        else:
            played = body.get("played", True) is not False
            count = self._network.receipts.read_chat(number, body.get("chat"), played=played)
        await self._network.ledger.durable()
        return json_response({"read": count})

    async def typing(self, request: web.Request) -> web.Response:
        """Show that a phone's owner is typing."""
        number = self._number(request)
        body = await read_object(request)
        self._network.signals.typing(
            number, body.get("to"), active=body.get("active", True) is not False
        )
        return json_response({"ok": True})

    async def call(self, request: web.Request) -> web.Response:
        """Ring a number; `status` offered or missed."""
        number = self._number(request)
        body = await read_object(request)
        status = body.get("status", "missed")
        if status not in ("offered", "missed"):
            raise Refusal("bad_request", "status must be offered or missed")
        call_id = self._network.signals.call(number, body.get("to"), status)
        await self._network.ledger.durable()
        return json_response({"id": call_id}, 201)

    async def react(self, request: web.Request) -> web.Response:
        """React to a message; an empty emoji takes the reaction back."""
        number = self._number(request)
        body = await read_object(request)
        message = self._network.messages.find_by_id(number, body.get("id"))
        reaction_id, _ = self._network.changes.react(number, message, _text(body, "emoji"))
        await self._network.ledger.durable()
        return json_response({"id": reaction_id}, 201)

    async def edit(self, request: web.Request) -> web.Response:
        """Change the text of a message this phone sent."""
        number = self._number(request)
        body = await read_object(request)
        text = _text(body, "text")
        if not text:
            raise Refusal("bad_request", "text is missing")
        message = self._network.messages.find_by_id(number, body.get("id"))
        self._network.changes.edit(number, message, text)
        await self._network.ledger.durable()
        return json_response({"id": message.id})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message this phone sent, for everyone."""
        number = self._number(request)
        body = await read_object(request)
        message = self._network.messages.find_by_id(number, body.get("id"))
        self._network.changes.revoke(number, message)
        await self._network.ledger.durable()
        return json_response({"id": message.id})

    # Files --------------------------------------------------------------------------------

    async def upload(self, request: web.Request) -> web.Response:
        """Store a file the page will send by `mediaId`."""
        media = await self._network.media.receive(
            request.content.iter_chunked(65_536),
            request.headers.get("Content-Type", "application/octet-stream"),
            request.query.get("fileName"),
        )
        await self._network.ledger.durable()
        return json_response(media.as_wire(), 201)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file a phone was shown."""
        return file_response(self._network, request.match_info["id"])

    # Devices ------------------------------------------------------------------------------

    async def scan(self, request: web.Request) -> web.Response:
        """Link the device showing this QR (or pairing) code to the phone."""
        number = self._number(request)
        body = await read_object(request)
        code = _text(body, "code").strip()
        if not code:
            raise Refusal("bad_request", "code is missing")
        device = self._network.devices.device_of_code(code, number)
        return await self._pair(device.id, number)

    async def pair(self, request: web.Request) -> web.Response:
        """Link a waiting device to a phone without its code."""
        body = await read_object(request)
        number = self._network.directory.phone(clean_number(body.get("number"))).number
        return await self._pair(request.match_info["id"], number)

    async def _pair(self, device_id: str, number: str) -> web.Response:
        device = self._network.devices.get(device_id)
        self._network.devices.pair(device, number)
        await self._network.ledger.durable()
        self._network.screens.tell(number, "device", device.as_json(online=True))
        return json_response({"device": device.id, "number": number})

    async def disconnect(self, request: web.Request) -> web.Response:
        """Cut a device's socket; it may come back at once."""
        device = self._network.devices.get(request.match_info["id"])
        return json_response({"disconnected": self._device_face.disconnect(device.id)})

    async def logout(self, request: web.Request) -> web.Response:
        """Unlink a device, as a person does on the phone."""
        return await self._unpair(request, "logout")

    async def ban(self, request: web.Request) -> web.Response:
        """Unlink a device as WhatsApp does with a number it bans."""
        return await self._unpair(request, "banned")

    async def _unpair(self, request: web.Request, reason: str) -> web.Response:
        device = self._network.devices.get(request.match_info["id"])
        self._network.devices.unpair(device, reason)
        await self._network.ledger.durable()
        self._network.screens.tell(device.number or "", "device", device.as_json(online=False))
        return json_response({"device": device.id, "state": device.state})

    # Troubles and accounts ----------------------------------------------------------------

    async def get_faults(self, request: web.Request) -> web.Response:
        """The troubles in force."""
        return json_response(self._network.faults.as_json())

    async def put_faults(self, request: web.Request) -> web.Response:
        """Set the troubles; what is not named is at rest."""
        self._network.set_faults(Faults.from_json(await read_json(request)))
        await self._network.ledger.durable()
        return json_response(self._network.faults.as_json())

    async def get_ledger(self, request: web.Request) -> web.Response:
        """What the network accepted, delivered, and delivered more than once."""
        ledger = self._network.ledger
        totals = ledger.one(
            "SELECT count(*), coalesce(sum(status >= ?), 0), coalesce(sum(status = -1), 0) "
            "FROM messages",
            DELIVERED,
        )
        repeats = ledger.one(
            "SELECT coalesce(sum(CASE WHEN m.copy_of IS NULL THEN s.copies - 1 ELSE 0 END), 0) "
            "FROM shown s JOIN messages m ON m.seq = s.message"
        )
        per_phone: dict[str, dict[str, int]] = {
            number: {"sent": 0, "received": 0, "read": 0, "duplicates": 0}
            for number in (*self._network.directory.phones, *self._network.directory.cloud)
        }
        for row in ledger.all(
            "SELECT s.phone, m.sender = s.phone AS mine, count(*) AS messages, "
            "sum(m.status >= 3) AS seen, "
            "sum(CASE WHEN m.copy_of IS NULL THEN s.copies - 1 ELSE 0 END) AS copies "
            "FROM shown s JOIN messages m ON m.seq = s.message GROUP BY 1, 2"
        ):
            count = per_phone.setdefault(
                row["phone"], {"sent": 0, "received": 0, "read": 0, "duplicates": 0}
            )
            if row["mine"]:
                count["sent"] += row["messages"]
            else:
                count["received"] += row["messages"]
                count["read"] += row["seen"]
            count["duplicates"] += row["copies"]
        for number in self._network.directory.cloud:
            sums = ledger.one(
                "SELECT sum(sender = ?1), sum(recipient = ?1 AND status >= 2), "
                "sum(recipient = ?1 AND status >= 3) FROM messages "
                "WHERE sender = ?1 OR recipient = ?1",
                number,
            )
            if sums:
                per_phone[number] |= {
                    "sent": sums[0] or 0,
                    "received": sums[1] or 0,
                    "read": sums[2] or 0,
                }
        return json_response(
            {
                "accepted": totals[0] if totals else 0,
                "delivered": totals[1] if totals else 0,
                "failed": totals[2] if totals else 0,
                "duplicates": repeats[0] if repeats else 0,
                "perPhone": per_phone,
            }
        )

    async def clear_ledger(self, request: web.Request) -> web.Response:
        """Forget all messages; phones, devices and settings stay."""
        self._network.forget_history()
        await self._network.ledger.durable()
        self._network.screens.tell("", "resync", {})
        return json_response({"ok": True})

    # --------------------------------------------------------------------------------------

    def _number(self, request: web.Request) -> str:
        return self._network.directory.phone(request.match_info["number"]).number


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refusal("bad_request", f"{key} must be a text")
    return value


def _whole(value: str, key: str) -> int:
    try:
        number = float(value)
    except ValueError as error:
        raise Refusal("bad_request", f"{key} must be a number") from error
    if not math.isfinite(number) or abs(number) >= 2**62:
        raise Refusal("bad_request", f"{key} must be a number")
    return int(number)
