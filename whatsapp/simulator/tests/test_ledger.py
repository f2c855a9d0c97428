"""The simulator in a process of its own survives being killed at any instant."""

import asyncio
import contextlib

import aiohttp
import httpx
import pytest

from whatsapp.simulator.testing import FakeDevice

SHOP = "5511911110000"
ANA = "5511922220000"


def test_what_was_acknowledged_survives_a_kill(simulator_process):
    simulator_process.call("POST", "/api/phones", {"number": SHOP, "name": "Shop"})
    simulator_process.call("POST", "/api/phones", {"number": ANA, "name": "Ana"})
    simulator_process.call("PUT", "/api/faults", {"errorRate": 0.5})
    sent = [
        simulator_process.call(
            "POST", f"/api/phones/{ANA}/messages", {"to": SHOP, "kind": "text", "text": str(n)}
        )["id"]
        for n in range(20)
    ]
    simulator_process.kill()
    simulator_process.start()
    shown = simulator_process.call("GET", f"/api/phones/{SHOP}/messages")
    assert [m["id"] for m in shown] == sent
    assert simulator_process.call("GET", "/api/faults")["errorRate"] == 0.5
    assert simulator_process.call("GET", "/api/ledger")["delivered"] == 20


def test_what_was_on_its_way_arrives_after_a_kill(simulator_process):
    simulator_process.call("POST", "/api/phones", [{"number": SHOP}, {"number": ANA}])
    simulator_process.call("PUT", "/api/faults", {"latencyMs": [60_000, 60_000]})
    body = {"to": SHOP, "kind": "text", "text": "slow"}
    simulator_process.call("POST", f"/api/phones/{ANA}/messages", body)
    assert simulator_process.call("GET", f"/api/phones/{SHOP}/messages") == []
    simulator_process.kill()
    simulator_process.start()
    shown = simulator_process.call("GET", f"/api/phones/{SHOP}/messages")
    assert [(m["text"], m["copies"]) for m in shown] == [("slow", 1)]


async def test_a_device_misses_nothing_when_the_network_dies_under_load(simulator_process):
    process = simulator_process
    process.call("POST", "/api/phones", [{"number": SHOP}, {"number": ANA}])
    url = process.url.replace("http", "ws") + "/device"
    device = FakeDevice(url)
    async with device:
        code = (await device.wait_for("qr"))["code"]
        await asyncio.to_thread(process.call, "POST", f"/api/phones/{SHOP}/scan", {"code": code})
        credentials = (await device.wait_for("paired"))["credentials"]
        acknowledged = []

        async def write():
            async with httpx.AsyncClient(base_url=process.url, timeout=5) as client:
                with contextlib.suppress(httpx.HTTPError):
                    while True:
                        body = {"to": SHOP, "kind": "text", "text": "x"}
                        answer = await client.post(f"/api/phones/{ANA}/messages", json=body)
                        acknowledged.append(answer.json()["id"])

        writers = asyncio.gather(*(write() for _ in range(4)))
        seen = set()
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            while True:
                seen.add((await device.event("message"))["id"])
                if len(seen) == 60:
                    await asyncio.to_thread(process.kill)
        await writers
    await asyncio.to_thread(process.start)
    async with FakeDevice(url, credentials=credentials) as again:
        await again.wait_for("open")
        seqs = []
        with contextlib.suppress(TimeoutError):
            while True:
                event = await again.event("message", timeout=0.5)
                seen.add(event["id"])
                seqs.append(event["seq"])
        # Events written after the restart continue the numbers of those before it.
        answer = await asyncio.to_thread(
            process.call, "POST", f"/api/phones/{ANA}/messages", {"to": SHOP, "text": "last"}
        )
        last = await again.event("message")
        assert last["id"] == answer["id"]
        assert not seqs or last["seq"] > seqs[-1]
    assert set(acknowledged) <= seen
    assert len(acknowledged) >= 50


@pytest.mark.parametrize("signal", ["kill", "stop"])
def test_it_starts_again_after_any_end(simulator_process, signal):
    simulator_process.call("POST", "/api/phones", {"number": ANA, "name": "Ana"})
    getattr(simulator_process, signal)()
    simulator_process.start()
    phones = simulator_process.call("GET", "/api/state")["phones"]
    assert [phone["name"] for phone in phones] == ["Ana"]
