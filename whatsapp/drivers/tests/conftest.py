"""The simulator and shops on it for these tests; none of them needs the database."""

import pytest
from aiohttp import web

from whatsapp.drivers.base import (
    State,
    StateChanged,
)
from whatsapp.drivers.cloud.gateway import CloudDriver
from whatsapp.drivers.tests.cloud_shop import ANA, SHOP, Receiver, config, serving
from whatsapp.drivers.tests.sandbox_shop import pair, running
from whatsapp.simulator.testing import simulator, simulator_process

__all__ = ["simulator", "simulator_process"]


@pytest.fixture
async def hook(simulator):
    """The shop's cloud number with our webhook edge behind it; Ana is a customer."""
    receiver = Receiver()
    async with serving(
        web.get("/hook", receiver.handshake), web.post("/hook", receiver.take)
    ) as url:
        await simulator.phone(ANA, "Ana")
        receiver.number = await simulator.post(
            "/api/cloud/numbers",
            {
                "number": SHOP,
                "name": "Shop",
                "callbackUrl": f"{url}/hook",
                "verifyToken": "ours",
            },
        )
        token = {"Authorization": f"Bearer {receiver.number['token']}"}
        subscribed = await simulator.client.post(
            f"/graph/v23.0/{receiver.number['wabaId']}/subscribed_apps", headers=token
        )
        subscribed.raise_for_status()
        yield receiver


@pytest.fixture
async def driver(simulator, hook):
    """The shop on the Cloud API, connected."""
    found = CloudDriver(config(f"{simulator.url}/graph", hook.number))
    await found.connect()
    yield found
    await found.close()


@pytest.fixture
async def credentials(simulator):
    """What links the shop to the simulated network."""
    return await pair(simulator)


@pytest.fixture
async def shop(simulator, credentials):
    """The shop on the simulated network, connected, and what it hears."""
    async with running(simulator.url, credentials=credentials) as heard:
        await heard.wait(StateChanged, state=State.CONNECTED)
        yield heard
