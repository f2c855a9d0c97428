"""The sockets and files of linked devices."""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import unquote

from aiohttp import WSMsgType, web

from whatsapp.simulator.devices import Device
from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.http import bearer_token, file_response, json_response
from whatsapp.simulator.network import Network

from .commands import Commands
from .connection import Connection
from .frames import parse_frame
from .pairing import QR_SECONDS, Pairing

logger = logging.getLogger(__name__)

MAX_FRAME = 1024 * 1024
_WIRE_CODES = {"not_found": "bad_request", "conflict": "bad_request", "code_expired": "bad_request"}


class DeviceFace:
    """Routes and connections of the device protocol."""

    def __init__(self, network: Network, qr_seconds: tuple[float, ...] = QR_SECONDS) -> None:
        self._network = network
        self._pairing = Pairing(network, qr_seconds)
        self._commands = Commands(network, self._pairing)
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
            connection = await self._pairing.hello(ws)
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
            tasks.append(asyncio.create_task(self._pairing.show_codes(connection)))
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

    def _frame(self, connection: Connection, text: str) -> None:
        ref = None
        try:
            frame = parse_frame(text)
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
            self._commands.run(connection, frame)
        except Refusal as refusal:
            code = _WIRE_CODES.get(refusal.code, refusal.code)
            connection.refuse(ref, code, refusal.reason, permanent=refusal.permanent)
        except Exception:
            logger.exception("A device command failed")
            connection.refuse(ref, "temporary", "the network failed", permanent=False)

    # Media --------------------------------------------------------------------------------

    def _authorise(self, request: web.Request) -> Device:
        token = bearer_token(request)
        if not token:
            raise Refusal("not_paired", "the Authorization header is missing")
        return self._network.devices.by_credentials(token)

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
