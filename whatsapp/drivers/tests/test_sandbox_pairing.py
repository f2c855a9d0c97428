"""How a sandbox connection is linked, and what ends the link."""

import asyncio

import pytest

from whatsapp.drivers.base import (
    DriverConfig,
    DriverFailure,
    ErrorClass,
    MediaRef,
    NotConnected,
    PairCode,
    Paired,
    QrCode,
    Rejected,
    State,
    StateChanged,
)
from whatsapp.drivers.sandbox.gateway import SandboxDriver
from whatsapp.drivers.tests.sandbox_shop import ANA_CHAT, SHOP, running, text
from whatsapp.simulator.testing import running_simulator


async def test_a_phone_that_scans_the_code_links_the_connection(simulator):
    await simulator.phone(SHOP, "Shop")
    async with running(simulator.url) as heard:
        code = await heard.wait(QrCode)
        states = [event.state for event in heard.events if isinstance(event, StateChanged)]
        assert states == [State.CONNECTING, State.QR]
        assert code.attempt == 1
        await simulator.post(f"/api/phones/{SHOP}/scan", {"code": code.code})
        paired = await heard.wait(Paired)
        assert paired.number == SHOP
        assert paired.credentials["token"]
        connected = await heard.wait(StateChanged, state=State.CONNECTED)
        assert (connected.number, connected.name) == (SHOP, "Shop")
    assert heard.ended.is_set()


async def test_a_code_typed_on_the_phone_links_too(simulator):
    await simulator.phone(SHOP, "Shop")
    async with running(simulator.url) as heard:
        await heard.wait(QrCode)
        code = await heard.driver.request_pair_code(SHOP)
        assert (await heard.wait(PairCode)).code == code
        await simulator.post(f"/api/phones/{SHOP}/scan", {"code": code})
        assert (await heard.wait(Paired)).number == SHOP
        with pytest.raises(DriverFailure) as caught:
            await heard.driver.request_pair_code("5511900000009")
        assert caught.value.permanent


async def test_credentials_open_the_session_without_a_code(shop):
    assert not [event for event in shop.events if isinstance(event, QrCode | Paired)]


async def test_logging_out_ends_the_session_and_voids_the_credentials(simulator, credentials):
    async with running(simulator.url, credentials=credentials) as heard:
        await heard.wait(StateChanged, state=State.CONNECTED)
        await heard.driver.logout()
        assert (await heard.wait(StateChanged, state=State.LOGGED_OUT)).reason == "logout"
        await asyncio.wait_for(heard.ended.wait(), 5)
    async with running(simulator.url, credentials=credentials) as again:
        await again.wait(StateChanged, state=State.LOGGED_OUT)
        await asyncio.wait_for(again.ended.wait(), 5)


async def test_a_banned_number_is_told_so_and_its_credentials_are_void(simulator, credentials):
    async with running(simulator.url, credentials=credentials) as heard:
        await heard.wait(StateChanged, state=State.CONNECTED)
        await simulator.post("/api/devices/dev-1/ban")
        assert (await heard.wait(StateChanged, state=State.LOGGED_OUT)).reason == "banned"
        await asyncio.wait_for(heard.ended.wait(), 5)


async def test_codes_that_nobody_scans_run_out(tmp_path):
    async with (
        running_simulator(tmp_path / "s.sqlite3", qr_seconds=(0.2, 0.2)) as simulator,
        running(simulator.url) as heard,
    ):
        assert [(await heard.wait(QrCode, count=n)).attempt for n in (1, 2)] == [1, 2]
        ending = await heard.wait(StateChanged, state=State.DISCONNECTED)
        assert ending.reason == "qr_expired"


async def test_a_second_session_replaces_the_first(simulator, credentials, shop):
    async with running(simulator.url, credentials=credentials) as second:
        await second.wait(StateChanged, state=State.CONNECTED)
        assert (await shop.wait(StateChanged, state=State.DISCONNECTED)).reason == "replaced"
        await asyncio.wait_for(shop.ended.wait(), 5)


async def test_a_network_that_is_away_is_a_passing_failure():
    driver = SandboxDriver(
        DriverConfig(connection_key="d", settings={"url": "http://127.0.0.1:9"}, connect_seconds=2)
    )
    with pytest.raises(DriverFailure) as caught:
        await driver.connect()
    assert (caught.value.permanent, caught.value.error.cls) == (False, ErrorClass.TRANSIENT)
    assert [batch async for batch in driver.events()] == []


async def test_a_connection_without_an_address_is_refused():
    with pytest.raises(DriverFailure) as caught:
        await SandboxDriver(DriverConfig(connection_key="d")).connect()
    assert caught.value.permanent


async def test_before_it_is_open_everything_is_refused_and_nothing_is_unknown(tmp_path):
    driver = SandboxDriver(DriverConfig(connection_key="d", settings={"url": "http://127.0.0.1:9"}))
    result = await driver.send(text("x"))
    assert isinstance(result, Rejected)
    assert not result.error.permanent
    with pytest.raises(NotConnected):
        await driver.typing(ANA_CHAT, True)
    with pytest.raises(NotConnected):
        await driver.fetch_media(MediaRef(id="m"), tmp_path / "f", limit=9)
    await driver.close()
    await driver.close()
