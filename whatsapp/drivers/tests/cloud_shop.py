"""A shop on the simulated Cloud API: its driver, its webhook and what it sends."""

import asyncio
import contextlib

from aiohttp import web

from whatsapp.drivers.base import (
    Content,
    DriverConfig,
    Kind,
    Outgoing,
)
from whatsapp.drivers.cloud.gateway import CloudDriver
from whatsapp.drivers.cloud.signature import HEADER, challenge_answer, is_signed
from whatsapp.drivers.cloud.webhook import parse, split

SHOP = "5511911110000"
ANA = "5511922220000"
ANA_CHAT = f"{ANA}@s.whatsapp.net"


def config(url, number, **settings):
    return DriverConfig(
        connection_key="c1",
        credentials={"access_token": number["token"]},
        settings={
            "base_url": url,
            "phone_number_id": number["phoneId"],
            "waba_id": number["wabaId"],
            **settings,
        },
        request_seconds=3,
    )


class Receiver:
    """A webhook edge: checks the handshake and the signature, splits, parses."""

    def __init__(self):
        self.number = {}
        self.events = []
        self.bodies = []
        self.owners = set()
        self._news = asyncio.Event()

    async def handshake(self, request):
        challenge = challenge_answer(request.query, self.number["verifyToken"])
        return web.Response(status=403) if challenge is None else web.Response(text=challenge)

    async def take(self, request):
        body = await request.read()
        if not is_signed(body, request.headers.get(HEADER), self.number["appSecret"]):
            return web.Response(status=403)
        self.bodies.append(body)
        for owner, items in split(body).items():
            self.owners.add(owner)
            self.events += [event for item in items for event in parse(item)]
        self._news.set()
        return web.Response()

    async def wait(self, cls, count=1, **fields):
        def matching():
            return [
                event
                for event in self.events
                if isinstance(event, cls)
                and all(getattr(event, key) == value for key, value in fields.items())
            ]

        async with asyncio.timeout(10):
            while len(matching()) < count:
                self._news.clear()
                await self._news.wait()
        return matching()[count - 1]


@contextlib.asynccontextmanager
async def serving(*routes):
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def out(content, upload=None, chat=ANA_CHAT, to=()):
    return Outgoing(
        outbox_id="ob:1", client_message_id="c", chat=chat, to=to, content=content, upload=upload
    )


def text(body="olá", **fields):
    return Content(kind=Kind.TEXT, text=body, **fields)


def answering(status=200, body="{}", *, cut=False, sleep=0.0, headers=None):
    async def answer(request):
        await request.read()
        if sleep:
            await asyncio.sleep(sleep)
        if cut:
            request.transport.abort()
        return web.Response(
            status=status, text=body, content_type="application/json", headers=headers
        )

    return web.post("/v23.0/1/messages", answer)


@contextlib.asynccontextmanager
async def misbehaving(*routes):
    async def node(request):
        return web.json_response({"id": "1", "display_phone_number": "+1"})

    async with serving(web.get("/v23.0/1", node), *routes) as url:
        driver = CloudDriver(config(url, {"token": "t", "phoneId": "1", "wabaId": "2"}))
        await driver.connect()
        try:
            yield driver
        finally:
            await driver.close()
