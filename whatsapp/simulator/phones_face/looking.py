"""The page, and everything that can be seen of the network."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from whatsapp.simulator.http import json_response
from whatsapp.simulator.network import Network

from .requests import number_of, whole_of

PAGE = Path(__file__).parents[1] / "page"
STREAM_QUEUE = 2000
MAX_LIMIT = 100_000


class Looking:
    """What people see, at once or as it happens."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef | web.StaticDef]:
        """The routes of this part."""
        return [
            web.get("/", self.page),
            web.get("/healthz", self.health),
            web.static("/page", PAGE),
            web.get("/api/state", self.state),
            web.get("/api/stream", self.stream),
            web.get("/api/phones/{number}/messages", self.list_messages),
        ]

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
        number = number_of(request, self._network)
        after = whole_of(request.query.get("after", "0"), "after")
        limit = whole_of(request.query.get("limit", str(MAX_LIMIT)), "limit")
        last = whole_of(request.query.get("last", "0"), "last")
        limit = max(1, min(last or limit, MAX_LIMIT))
        return json_response(self._network.screens.shown_to(number, after, limit, newest=last > 0))
