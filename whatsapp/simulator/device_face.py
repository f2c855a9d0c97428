"""The WebSocket a linked device speaks over (docs/device-protocol.md) and its media calls."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from typing import Any
from urllib.parse import quote, unquote

import orjson
from aiohttp import WSMsgType, web

from . import content as contents
from .devices import Device
from .directory import clean_number
from .errors import Refusal
from .network import Network

logger = logging.getLogger(__name__)

QR_SECONDS = (60.0, 20.0, 20.0, 20.0, 20.0, 20.0)
PAIR_CODE_SECONDS = 180.0
HELLO_SECONDS = 30.0
EVENTS_AT_ONCE = 256
MAX_FRAME = 1024 * 1024
CONFIRMED_KEPT = 64


class Connection:
    """One open socket of one device."""

    def __init__(self, network: Network, ws: web.WebSocketResponse, device: Device) -> None:
        self._network = network
        self._ws = ws
        self.device = device
        self.open = False
        self._frames: deque[str] = deque()
        self._wake = asyncio.Event()
        self._sent_seq = 0
        self._closing: tuple[int, str] | None = None
        self._recent: deque[str] = deque(maxlen=CONFIRMED_KEPT)
        self._allowance = 0.0
        self._allowance_at = time.monotonic()

    # What the rest of the network asks of a line ------------------------------------------

    def wake(self) -> None:
        """Look for new events."""
        self._wake.set()

    def push(self, frame: dict[str, Any]) -> None:
        """Send one frame that is not in the queue."""
        self._frames.append(orjson.dumps(frame).decode())
        self._wake.set()

    def paired(self) -> None:
        """Tell the device its number and credentials, then open."""
        phone = self._network.directory.phones[self.device.number or ""]
        self.push(
            {
                "type": "paired",
                "number": phone.number,
                "lid": phone.lid,
                "credentials": self.device.credentials,
            }
        )
        self.begin()

    def close(self, code: int, reason: str) -> None:
        """Send what waits and close the socket."""
        self._closing = self._closing or (code, reason)
        self._wake.set()

    # --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Open: events flow from the oldest unconfirmed one."""
        number = self.device.number or ""
        self.push({"type": "open", "number": number, "name": self._network.directory.name(number)})
        self.open = True
        self._wake.set()

    async def write(self) -> None:
        """Send frames and events as they come, until closed."""
        while not self._ws.closed:
            await self._wake.wait()
            self._wake.clear()
            while self._frames:
                await self._ws.send_str(self._frames.popleft())
            if self._closing:
                code, reason = self._closing
                await self._ws.close(code=code, message=reason.encode()[:120])
                return
            await self._write_events()

    async def _write_events(self) -> None:
        while self.open and not self._closing and not self._frames:
            events = self._network.devices.events_after(self.device, self._sent_seq, EVENTS_AT_ONCE)
            if not events:
                return
            for seq, body in events:
                frame = f'{{"type":"event","seq":{seq},"event":{body}}}'
                await self._ws.send_str(frame)
                self._sent_seq = seq
                self._recent.append(frame)
                if self._network.faults.strikes(self._network.faults.duplicate_rate):
                    self._repeat_later()
        if self._frames or self._closing:
            self._wake.set()

    def _repeat_later(self) -> None:
        """Send some recent event again, confirmed meanwhile or not."""
        frame = random.choice(self._recent)  # noqa: S311 - dice, not secrets
        delay = random.uniform(0, 0.5)  # noqa: S311 - as above

        def repeat() -> None:
            self._frames.append(frame)
            self._wake.set()

        asyncio.get_running_loop().call_later(delay, repeat)

    def answer(self, ref: Any, result: dict[str, Any]) -> None:
        """Answer a command once its change is durable, after the network's latency."""
        frame = {"type": "result", "ref": ref, "ok": True} | result

        def send() -> None:
            if delay := self._network.faults.latency():
                asyncio.get_running_loop().call_later(delay, self.push, frame)
            else:
                self.push(frame)

        self._network.ledger.after_commit(send)

    def may_send(self) -> bool:
        """Take one send from the rate the network allows this device."""
        rate = self._network.faults.rate_limit_per_sec
        if not rate:
            return True
        now = time.monotonic()
        self._allowance = min(rate, self._allowance + (now - self._allowance_at) * rate)
        self._allowance_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True


class DeviceFace:
    """Routes and connections of the device protocol."""

    def __init__(self, network: Network, qr_seconds: tuple[float, ...] = QR_SECONDS) -> None:
        self._network = network
        self._qr_seconds = qr_seconds
        self._connections: set[Connection] = set()
        self._disconnector: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        """The routes of this face."""
        return [
            web.get("/device", self.socket),
            web.post("/media", self.upload),
            web.get("/media/{id}", self.download),
        ]

    def start(self) -> None:
        """Begin the fault that cuts connections now and then."""
        self._disconnector = asyncio.create_task(self._disconnect_for_ever())

    async def stop(self) -> None:
        """Close every socket."""
        if self._disconnector:
            self._disconnector.cancel()
        for connection in list(self._connections):
            connection.close(1001, "the simulator stops")
        await asyncio.sleep(0)

    def disconnect(self, device_id: str | None = None) -> int:
        """Cut the sockets of one device, or of all; return how many."""
        cut = [c for c in self._connections if device_id in (None, c.device.id)]
        for connection in cut:
            connection.close(1012, "disconnected")
        return len(cut)

    async def _disconnect_for_ever(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.1)
            every = self._network.faults.disconnect_every_sec
            if not every:
                last = time.monotonic()
            elif time.monotonic() - last >= every:
                last = time.monotonic()
                self.disconnect()

    # The socket ---------------------------------------------------------------------------

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one device until either side closes."""
        ws = web.WebSocketResponse(heartbeat=30, max_msg_size=MAX_FRAME, compress=False)
        await ws.prepare(request)
        try:
            connection = await self._hello(ws)
        except Refusal as refusal:
            await ws.close(code=4000, message=refusal.reason.encode()[:120])
            return ws
        except TimeoutError:
            await ws.close(code=4000, message=b"no hello")
            return ws
        if connection is None:
            return ws
        self._connections.add(connection)
        tasks = [asyncio.create_task(connection.write())]
        if not connection.open:
            tasks.append(asyncio.create_task(self._show_codes(connection)))
        try:
            async for frame in ws:
                if frame.type is WSMsgType.TEXT:
                    self._frame(connection, frame.data)
                else:
                    break
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._connections.discard(connection)
            device = connection.device
            if self._network.devices.lines.get(device.id) is connection:
                del self._network.devices.lines[device.id]
                self._network.devices.withdraw_codes(device)
        return ws

    async def _hello(self, ws: web.WebSocketResponse) -> Connection | None:
        frame = await ws.receive(timeout=HELLO_SECONDS)
        if frame.type is not WSMsgType.TEXT:
            raise Refusal("bad_request", "the first frame must be hello")
        hello = _parse(frame.data)
        device_id, credentials = hello.get("device"), hello.get("credentials")
        name = hello.get("name") or "device"
        if hello.get("type") != "hello" or not isinstance(device_id, str) or not device_id:
            raise Refusal("bad_request", "the first frame must be hello with a device")
        if not isinstance(name, str) or not isinstance(credentials, str | None):
            raise Refusal("bad_request", "name and credentials must be texts")
        devices = self._network.devices
        if credentials:
            found = devices.recognise(device_id, credentials)
            if isinstance(found, str):
                await ws.send_str(orjson.dumps({"type": "logged_out", "reason": found}).decode())
                await ws.close(code=4003 if found == "banned" else 4001, message=found.encode())
                return None
            device = found
        else:
            device = devices.greet(device_id, name)
            await self._network.ledger.durable()
        connection = Connection(self._network, ws, device)
        if earlier := devices.lines.get(device.id):
            earlier.push({"type": "logged_out", "reason": "replaced"})
            earlier.close(4009, "replaced")
        devices.lines[device.id] = connection
        if credentials:
            connection.begin()
        return connection

    async def _show_codes(self, connection: Connection) -> None:
        """Show one QR code after another until a phone scans one or they run out."""
        for attempt, seconds in enumerate(self._qr_seconds, start=1):
            code = self._network.devices.new_qr(connection.device, seconds)
            connection.push(
                {"type": "qr", "code": code, "expires_in": round(seconds), "attempt": attempt}
            )
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0:
                if connection.open:
                    return
                await asyncio.sleep(min(left, 0.2))
        if not connection.open:
            connection.close(4008, "no phone scanned the code")

    def _frame(self, connection: Connection, text: str) -> None:
        ref = None
        try:
            frame = _parse(text)
            if frame.get("type") == "ack":
                seq = frame.get("seq")
                if isinstance(seq, int) and connection.open:
                    # Nobody can confirm what does not exist yet.
                    last = connection.device.last_seq
                    self._network.receipts.confirm(connection.device, min(seq, last))
                return
            ref = frame.get("ref")
            if frame.get("type") != "command":
                raise Refusal("bad_request", "unknown frame type")
            self._command(connection, frame)
        except Refusal as refusal:
            connection.push(
                {
                    "type": "result",
                    "ref": ref,
                    "ok": False,
                    "code": _WIRE_CODES.get(refusal.code, refusal.code),
                    "reason": refusal.reason,
                    "permanent": refusal.permanent,
                }
            )
        except Exception:
            logger.exception("A device command failed")
            connection.push(
                {
                    "type": "result",
                    "ref": ref,
                    "ok": False,
                    "code": "temporary",
                    "reason": "the network failed",
                    "permanent": False,
                }
            )

    # Commands -----------------------------------------------------------------------------

    def _command(self, connection: Connection, frame: dict[str, Any]) -> None:
        name = frame.get("command")
        if name == "request_pair_code":
            self._request_pair_code(connection, frame)
            return
        run = {
            "send": self._send,
            "edit": self._edit,
            "revoke": self._revoke,
            "react": self._react,
            "read": self._read,
            "typing": self._typing,
            "check_numbers": self._check_numbers,
            "history": self._history,
            "logout": self._logout,
        }.get(name if isinstance(name, str) else "")
        if run is None:
            raise Refusal("bad_request", "unknown command")
        if not connection.open:
            raise Refusal("not_paired", "this device is not paired")
        run(connection, frame)

    def _send(self, connection: Connection, frame: dict[str, Any]) -> None:
        network, device = self._network, connection.device
        message_id = _id(frame, "id")
        content = contents.from_device(frame.get("message"), network.media)
        _, chat = network.messages.chat_with(device.number or "", frame.get("to"))
        known = network.messages.find(chat, message_id)
        if known is None:
            if not connection.may_send():
                raise Refusal("rate_limited", "too many messages a second")
            if network.faults.strikes(network.faults.error_rate):
                raise Refusal("temporary", "the network failed, as it was told to")
            known, _ = network.deliveries.send(
                device.number or "",
                frame.get("to"),
                content,
                message_id=message_id,
                origin="device",
                device=device,
            )
        elif known.sender != device.number:
            raise Refusal("bad_request", "this id names a message of the other side")
        if network.faults.strikes(network.faults.drop_ack_rate):
            return
        connection.answer(frame.get("ref"), {"id": known.id, "at": known.at})

    def _target(self, connection: Connection, frame: dict[str, Any], key: str = "id") -> Any:
        me = connection.device.number or ""
        _, chat = self._network.messages.chat_with(me, frame.get("to"))
        message = self._network.messages.find(chat, _id(frame, key))
        if message is None:
            raise Refusal("bad_request", "no such message in this chat")
        return message

    def _edit(self, connection: Connection, frame: dict[str, Any]) -> None:
        text = frame.get("text")
        if not isinstance(text, str) or not text:
            raise Refusal("bad_request", "text is missing")
        device = connection.device
        self._network.changes.edit(
            device.number or "", self._target(connection, frame), text, device
        )
        connection.answer(frame.get("ref"), {})

    def _revoke(self, connection: Connection, frame: dict[str, Any]) -> None:
        device = connection.device
        self._network.changes.revoke(device.number or "", self._target(connection, frame), device)
        connection.answer(frame.get("ref"), {})

    def _react(self, connection: Connection, frame: dict[str, Any]) -> None:
        emoji = frame.get("emoji")
        if not isinstance(emoji, str) or len(emoji) > 40:
            raise Refusal("bad_request", "emoji must be a text")
        device = connection.device
        reaction_id, at = self._network.changes.react(
            device.number or "",
            self._target(connection, frame, "target"),
            emoji,
            reaction_id=_id(frame, "id"),
            device=device,
        )
        connection.answer(frame.get("ref"), {"id": reaction_id, "at": at})

    def _read(self, connection: Connection, frame: dict[str, Any]) -> None:
        me = connection.device.number or ""
        ids = frame.get("ids")
        if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
            raise Refusal("bad_request", "ids must be a list of texts")
        _, chat = self._network.messages.chat_with(me, frame.get("to"))
        for message_id in ids:
            if message := self._network.messages.find(chat, message_id):
                self._network.receipts.read(me, message)
        connection.answer(frame.get("ref"), {})

    def _typing(self, connection: Connection, frame: dict[str, Any]) -> None:
        me = connection.device.number or ""
        self._network.signals.typing(me, frame.get("to"), active=bool(frame.get("active")))
        connection.answer(frame.get("ref"), {})

    def _check_numbers(self, connection: Connection, frame: dict[str, Any]) -> None:
        numbers = frame.get("numbers")
        if not isinstance(numbers, list) or len(numbers) > 1000:
            raise Refusal("bad_request", "numbers must be a list of at most 1000")
        directory = self._network.directory
        answers = []
        for number in numbers:
            found = directory.resolve(number)
            answer: dict[str, Any] = {"number": number, "exists": False}
            if found and found not in directory.groups:
                answer |= {"exists": True, "jid": f"{found}@s.whatsapp.net"}
                if phone := directory.phones.get(found):
                    answer["lid"] = phone.lid
            answers.append(answer)
        connection.answer(frame.get("ref"), {"numbers": answers})

    def _history(self, connection: Connection, frame: dict[str, Any]) -> None:
        since, limit = frame.get("since", 0), frame.get("limit", 200)
        if not isinstance(since, int | float) or not isinstance(limit, int) or limit < 1:
            raise Refusal("bad_request", "since and limit must be numbers")
        limit = min(limit, 500)
        messages = self._network.device_events.history(connection.device, float(since), limit + 1)
        more = len(messages) > limit
        connection.answer(frame.get("ref"), {"messages": messages[:limit], "more": more})

    def _logout(self, connection: Connection, frame: dict[str, Any]) -> None:
        connection.push({"type": "result", "ref": frame.get("ref"), "ok": True})
        self._network.devices.unpair(connection.device, "logout")

    def _request_pair_code(self, connection: Connection, frame: dict[str, Any]) -> None:
        if connection.open:
            raise Refusal("bad_request", "this device is already paired")
        number = self._network.directory.resolve(clean_number(frame.get("number")))
        if number is None or number not in self._network.directory.phones:
            raise Refusal("not_on_whatsapp", "this number is not on WhatsApp")
        code = self._network.devices.new_pair_code(connection.device, number, PAIR_CODE_SECONDS)
        connection.push({"type": "pair_code", "code": code})
        connection.answer(frame.get("ref"), {"code": code})

    # Media --------------------------------------------------------------------------------

    def _authorise(self, request: web.Request) -> Device:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal("not_paired", "the Authorization header is missing")
        return self._network.devices.by_credentials(token.strip())

    async def upload(self, request: web.Request) -> web.Response:
        """Store a file a device will send."""
        device = self._authorise(request)
        file_name = unquote(request.headers.get("X-File-Name", "")) or None
        media = await self._network.media.receive(
            request.content.iter_chunked(65_536),
            request.headers.get("Content-Type", "application/octet-stream"),
            file_name,
            device.number,
        )
        await self._network.ledger.durable()
        return json_response(media.as_wire())

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Give a device the bytes of a file."""
        self._authorise(request)
        return file_response(self._network, request.match_info["id"])


_WIRE_CODES = {"not_found": "bad_request", "conflict": "bad_request", "code_expired": "bad_request"}


def json_response(data: Any, status: int = 200) -> web.Response:
    """Answer JSON."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def file_response(network: Network, media_id: str) -> web.FileResponse:
    """Answer the bytes of a stored file; raise Refusal(not_found)."""
    media = network.media.get(media_id)
    headers = {
        "Content-Type": media.mimetype,
        "X-Content-Type-Options": "nosniff",
        # A file is someone else's: it may be shown, never run in the page's origin.
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    }
    if media.file_name:
        headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(media.file_name)}"
    return web.FileResponse(network.media.path(media), headers=headers)


def _parse(text: str) -> dict[str, Any]:
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refusal("bad_request", "not JSON") from error
    if not isinstance(frame, dict):
        raise Refusal("bad_request", "a frame must be an object")
    return frame


def _id(frame: dict[str, Any], key: str) -> str:
    value = frame.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= 128:
        raise Refusal("bad_request", f"{key} must be a text of 1 to 128 characters")
    return value
