"""The sandbox driver loses nothing and does nothing twice."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from whatsapp.drivers.base import (
    Accepted,
    Inbound,
    Paired,
    QrCode,
    Rejected,
    State,
    StateChanged,
    Unknown,
)
from whatsapp.drivers.sandbox.confirmations import Confirmations
from whatsapp.drivers.tests.sandbox_shop import ANA, SHOP, running, text


async def test_a_lost_answer_is_unknown_and_the_same_id_again_shows_one_copy(
    simulator, credentials
):
    async with running(simulator.url, credentials=credentials, request_seconds=0.5) as shop:
        await shop.wait(StateChanged, state=State.CONNECTED)
        await simulator.put("/api/faults", {"dropAckRate": 1})
        result = await shop.driver.send(text("once"))
        assert isinstance(result, Unknown)
        await simulator.put("/api/faults", {})
        assert isinstance(await shop.driver.send(text("once")), Accepted)
        [shown] = [m for m in await simulator.messages(ANA) if m["text"] == "once"]
        assert shown["copies"] == 1


async def test_a_socket_that_breaks_ends_the_events_and_leaves_sends_unknown(
    simulator, credentials
):
    async with running(simulator.url, credentials=credentials) as shop:
        await shop.wait(StateChanged, state=State.CONNECTED)
        await simulator.put("/api/faults", {"dropAckRate": 1})
        sending = asyncio.create_task(shop.driver.send(text("x")))
        while not await simulator.messages(ANA):
            await asyncio.sleep(0.02)
        await simulator.post("/api/devices/dev-1/disconnect")
        assert isinstance(await asyncio.wait_for(sending, 5), Unknown)
        await shop.wait(StateChanged, state=State.DISCONNECTED)
        await asyncio.wait_for(shop.ended.wait(), 5)
        late = await shop.driver.send(text("y"))
        assert isinstance(late, Rejected)


async def test_what_was_not_confirmed_comes_again_and_what_was_does_not(simulator, credentials):
    async with running(simulator.url, credentials=credentials, acknowledge=False) as shop:
        await shop.wait(StateChanged, state=State.CONNECTED)
        for number in range(4):
            await simulator.write(ANA, SHOP, f"m{number}")
        await shop.wait(Inbound, count=4)
        tokens = [event.token for event in shop.events if isinstance(event, Inbound)]
        # The third is not stored, so the fourth cannot be confirmed yet.
        await shop.driver.acknowledge([tokens[3], tokens[1]])
        await shop.driver.acknowledge([tokens[0]])
        await asyncio.sleep(0.2)
    async with running(simulator.url, credentials=credentials) as again:
        await again.wait(Inbound, count=2)
        await asyncio.sleep(0.2)
        texts = [e.message.content.text for e in again.events if isinstance(e, Inbound)]
        assert texts == ["m2", "m3"]


async def test_an_event_repeated_on_one_socket_is_told_once(simulator, credentials):
    await simulator.put("/api/faults", {"duplicateRate": 1})
    async with running(simulator.url, credentials=credentials) as shop:
        for number in range(5):
            await simulator.write(ANA, SHOP, f"m{number}")
        await shop.wait(Inbound, count=5)
        await asyncio.sleep(0.7)
        texts = [e.message.content.text for e in shop.events if isinstance(e, Inbound)]
        assert texts == [f"m{number}" for number in range(5)]


async def test_a_killed_network_brings_everything_back(simulator_process, tmp_path):
    network = simulator_process
    for number, name in ((SHOP, "Shop"), (ANA, "Ana")):
        network.call("POST", "/api/phones", {"number": number, "name": name})
    async with running(network.url, acknowledge=False) as shop:
        code = await shop.wait(QrCode)
        network.call("POST", f"/api/phones/{SHOP}/scan", {"code": code.code})
        credentials = dict((await shop.wait(Paired)).credentials)
        await shop.wait(StateChanged, state=State.CONNECTED)
        body = {"to": SHOP, "kind": "text", "text": "kept"}
        sent = network.call("POST", f"/api/phones/{ANA}/messages", body)["id"]
        await shop.wait(Inbound)
        assert isinstance(await shop.driver.send(text("out")), Accepted)
        await asyncio.to_thread(network.kill)
        await shop.wait(StateChanged, state=State.DISCONNECTED)
    await asyncio.to_thread(network.start)
    async with running(network.url, credentials=credentials) as again:
        assert (await again.wait(Inbound)).wire_id == sent
        assert isinstance(await again.driver.send(text("out")), Accepted)
    shown = network.call("GET", f"/api/phones/{ANA}/messages?after=0")
    assert [m["copies"] for m in shown if m["id"] == "OUT1"] == [1]


@given(st.permutations(range(1, 8)), st.integers(1, 7))
def test_nothing_is_confirmed_before_all_before_it_is_stored(order, cut):
    confirmations = Confirmations()
    assert all(confirmations.take(seq) for seq in range(1, 8))
    assert not confirmations.take(3)
    first, rest = order[:cut], order[cut:]
    confirmed = confirmations.stored([None, *first])
    assert set(range(1, confirmed + 1)) <= set(first)
    assert confirmed + 1 not in first
    assert (confirmations.stored(rest) or confirmed) == 7
