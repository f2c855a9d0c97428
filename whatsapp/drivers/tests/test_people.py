"""Whom a phone knows and whom it shuts out, on both simulated networks."""

import pytest
from aiohttp import web

from whatsapp.drivers.base import (
    DriverFailure,
    Identity,
    IdentityKind,
    Inbound,
    NotConnected,
    NotSupported,
)
from whatsapp.drivers.registry import capabilities_of
from whatsapp.drivers.sandbox.gateway import SandboxDriver
from whatsapp.drivers.tests import cloud_shop
from whatsapp.drivers.tests.cloud_shop import misbehaving
from whatsapp.drivers.tests.sandbox_shop import ANA, SHOP

BIA = "5511933330000"
TO_ANA = (Identity(IdentityKind.PHONE, ANA),)


async def test_who_is_shut_out_on_a_device_is_not_heard_until_let_in(simulator, shop):
    await simulator.phone(BIA, "Bia")
    await shop.driver.block(TO_ANA, True)
    await shop.driver.block(TO_ANA, True)
    await simulator.write(ANA, SHOP, "let me in")
    heard = await simulator.write(BIA, SHOP, "hello")
    assert (await shop.wait(Inbound)).wire_id == heard
    assert [m["status"] for m in await simulator.messages(ANA)] == ["sent"]
    await shop.driver.block(TO_ANA, False)
    again = await simulator.write(ANA, SHOP, "thanks")
    assert (await shop.wait(Inbound, count=2)).wire_id == again


async def test_nobody_cannot_be_shut_out(shop):
    with pytest.raises(DriverFailure):
        await shop.driver.block((Identity(IdentityKind.PHONE, "5511900000009"),), True)


async def test_a_device_tells_whom_its_phone_knows(simulator, shop):
    await simulator.phone(BIA, "Bia")
    people = {person.name: person.identities for person in await shop.driver.address_book()}
    assert set(people) == {"Ana", "Bia"}
    assert {identity.kind for identity in people["Ana"]} == {"phone", "lid"}
    assert Identity(IdentityKind.PHONE, ANA) in people["Ana"]


async def test_blocks_of_a_device_outlive_the_simulator(tmp_path):
    from whatsapp.simulator.directory import Directory
    from whatsapp.simulator.ledger import Ledger

    ledger = Ledger(tmp_path / "ledger.sqlite3")
    directory = Directory(ledger)
    directory.block("1", "2", blocked=True)
    directory.block("1", "3", blocked=True)
    directory.block("1", "3", blocked=False)
    after = Directory(ledger)
    assert (after.is_blocked("1", "2"), after.is_blocked("1", "3")) == (True, False)


async def test_who_is_shut_out_on_the_cloud_is_not_heard_until_let_in(simulator, hook, driver):
    ana = (Identity(IdentityKind.PHONE, cloud_shop.ANA),)
    await driver.block(ana, True)
    await simulator.write(cloud_shop.ANA, cloud_shop.SHOP, "let me in")
    await driver.block(ana, False)
    heard = await simulator.write(cloud_shop.ANA, cloud_shop.SHOP, "thanks")
    assert (await hook.wait(Inbound)).wire_id == heard


async def test_a_cloud_that_refuses_to_block_says_so():
    async def refuse(request):
        return web.json_response({"error": {"code": 139101, "message": "no"}}, status=400)

    path = "/v23.0/1/block_users"
    async with misbehaving(web.post(path, refuse), web.delete(path, refuse)) as driver:
        for blocked in (True, False):
            with pytest.raises(DriverFailure):
                await driver.block((), blocked)
        with pytest.raises(NotSupported):
            await driver.address_book()
        await driver.close()
        with pytest.raises(NotConnected):
            await driver.block((), True)


def test_capabilities_say_who_can():
    assert capabilities_of("sandbox").block
    assert capabilities_of("sandbox").address_book
    assert capabilities_of("cloud").block
    assert not capabilities_of("cloud").address_book
    assert SandboxDriver.capabilities.history
