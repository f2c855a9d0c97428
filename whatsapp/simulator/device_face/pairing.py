"""How a socket becomes a device with a number: hello, QR codes, pairing codes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from whatsapp.simulator.directory import clean_number
from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.network import Network

from .connection import Connection
from .frames import parse_frame

QR_SECONDS = (60.0, 20.0, 20.0, 20.0, 20.0, 20.0)
PAIR_CODE_SECONDS = 180.0
HELLO_SECONDS = 30.0


class Pairing:
    """Greets devices and shows them the codes by which a phone adopts them."""

    def __init__(self, network: Network, qr_seconds: tuple[float, ...] = QR_SECONDS) -> None:
        self._network = network
        self._qr_seconds = qr_seconds

    async def hello(self, ws: web.WebSocketResponse) -> Connection | None:
        """Take a device's first frame; return its line, or None if it was turned away.

        Raise Refusal(bad_request), or TimeoutError for a device that says nothing.
        """
        frame = await ws.receive(timeout=HELLO_SECONDS)
        if frame.type is not WSMsgType.TEXT:
            raise Refusal("bad_request", "the first frame must be hello")
        hello = parse_frame(frame.data)
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

    async def show_codes(self, connection: Connection) -> None:
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

    def request_code(self, connection: Connection, frame: dict[str, Any]) -> None:
        """Give a device a code to type on a phone; raise Refusal."""
        if connection.open:
            raise Refusal("bad_request", "this device is already paired")
        number = self._network.directory.resolve(clean_number(frame.get("number")))
        if number is None or number not in self._network.directory.phones:
            raise Refusal("not_on_whatsapp", "this number is not on WhatsApp")
        code = self._network.devices.new_pair_code(connection.device, number, PAIR_CODE_SECONDS)
        connection.push({"type": "pair_code", "code": code})
        connection.answer(frame.get("ref"), {"code": code})
