"""A shop on the simulated network: its session and what it heard."""

import asyncio
import contextlib

from whatsapp.drivers.base import (
    Content,
    DriverConfig,
    Kind,
    Outgoing,
    Paired,
    QrCode,
    State,
    StateChanged,
)
from whatsapp.drivers.sandbox.gateway import SandboxDriver

SHOP = "5511911110000"
ANA = "5511922220000"
ANA_CHAT = f"{ANA}@s.whatsapp.net"


class Heard:
    """A driver with a consumer of its events, as the session worker will have one."""

    def __init__(self, driver, *, acknowledge=True):
        self.driver = driver
        self.events = []
        self.batches = []
        self.ended = asyncio.Event()
        self._acknowledge = acknowledge
        self._news = asyncio.Event()

    async def listen(self):
        async for batch in self.driver.events():
            self.batches.append(len(batch))
            self.events += batch
            if self._acknowledge:
                tokens = [event.token for event in batch if getattr(event, "token", None)]
                await self.driver.acknowledge(tokens)
            self._news.set()
        self.ended.set()
        self._news.set()

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
async def running(url, *, credentials=None, acknowledge=True, **options):
    config = DriverConfig(
        connection_key="dev-1",
        credentials=credentials or {},
        settings={"url": url},
        brand="Acme",
        **options,
    )
    heard = Heard(SandboxDriver(config), acknowledge=acknowledge)
    await heard.driver.connect()
    listener = asyncio.create_task(heard.listen())
    try:
        yield heard
    finally:
        await heard.driver.close()
        await asyncio.wait_for(listener, 5)


async def pair(simulator):
    """Link the shop's number; return the credentials."""
    await simulator.phone(SHOP, "Shop")
    await simulator.phone(ANA, "Ana")
    async with running(simulator.url) as heard:
        code = await heard.wait(QrCode)
        await simulator.post(f"/api/phones/{SHOP}/scan", {"code": code.code})
        paired = await heard.wait(Paired)
        await heard.wait(StateChanged, state=State.CONNECTED)
        return dict(paired.credentials)


def text(body, id="OUT1", chat=ANA_CHAT):
    content = Content(kind=Kind.TEXT, text=body)
    return Outgoing(outbox_id="1", client_message_id=id, chat=chat, content=content)
