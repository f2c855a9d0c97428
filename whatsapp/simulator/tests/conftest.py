"""The simulator for these tests; none of them needs the database."""

import pytest
from aiohttp import web

from whatsapp.simulator.testing import simulator, simulator_process
from whatsapp.simulator.tests.business import ANA, SHOP, Business, Receiver

__all__ = ["simulator", "simulator_process"]


@pytest.fixture
async def receiver():
    hook = Receiver()
    app = web.Application()
    app.add_routes([web.get("/hook", hook.verify), web.post("/hook", hook.receive)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


@pytest.fixture
async def shop(simulator, receiver):
    body = {
        "number": SHOP,
        "callbackUrl": receiver.url,
        "verifyToken": receiver.verify_token,
        "name": "Shop",
    }
    account = await simulator.post("/api/cloud/numbers", body, status=201)
    await simulator.put("/api/cloud/knobs", {"retryBaseSeconds": 0.05})
    await simulator.phone(ANA, "Ana")
    return Business(simulator, account)
