"""A whole conversation over the simulated Cloud API: webhook, answer, ticks; over real HTTP."""

import asyncio
import contextlib
import time

import pytest
from aiohttp import web
from django.test import Client

from dispatch.models import Outbox
from messaging.exceptions import NotResendable
from messaging.models import Message
from messaging.services.resend import resend_message
from messaging.services.send import Draft, send_message
from tickets.models import Ticket
from whatsapp.drivers.cloud.signature import HEADER
from whatsapp.drivers.tests.cloud_shop import serving
from whatsapp.models import Connection
from whatsapp.services.connections import Wanted, create_connection
from whatsapp.services.upkeep import project_all
from whatsapp.simulator.testing import (  # noqa: F401 (fixtures)
    simulator,
    simulator_process,
)
from whatsapp.worker import Worker

SHOP = "5511911110000"
CUSTOMER = "5511988887777"


class Shop:
    """A company whose number is on the Cloud API, with a worker and a webhook edge."""

    def __init__(self, worker, company, network):
        self.worker, self.company, self.network = worker, company, network
        self.connection = None

    async def db(self, function, *args, **kwargs):
        return await self.worker.in_company(self.company.pk, function, *args, **kwargs)

    async def webhook(self, request):
        """Hand a call of the network to our own edge, as a web server does."""
        body = await request.read()
        path = f"/webhooks/cloud/{self.connection.driver_settings['webhook_key']}"

        def call():
            if request.method == "GET":
                return Client().get(path, dict(request.query))
            return Client().generic(
                "POST",
                path,
                body,
                content_type="application/json",
                headers={HEADER: request.headers.get(HEADER, "")},
            )

        answer = await self.db(call)
        return web.Response(status=answer.status_code, body=answer.content)

    async def until(self, look):
        """Wait until something is there and give it."""
        deadline = time.monotonic() + 15
        while True:
            await self.db(project_all, self.connection.pk)
            if found := await self.db(look):
                return found
            assert time.monotonic() < deadline, look
            await asyncio.sleep(0.02)

    async def status(self, message, *wanted):
        def look():
            row = Message.objects.get(pk=message.pk)
            return row if row.status in wanted else None

        return await self.until(look)

    async def answer(self, text):
        def write():
            ticket = Ticket.objects.get()
            return send_message(ticket, Draft(body=text), by=None, origin=Message.Origin.BOT)

        return await self.db(write)

    async def seen(self, text):
        """Give what the customer's phone shows of a text."""
        return [m for m in await self.network.messages(CUSTOMER) if m.get("text") == text]


@pytest.fixture
async def shop(scratch_company, simulator, settings):  # noqa: F811
    settings.GRAPH_URL = f"{simulator.url}/graph"
    worker = Worker()
    running = asyncio.create_task(worker.run())
    found = Shop(worker, scratch_company, simulator)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.wait_for, running, 20)
        stack.callback(worker._stopping.set)
        url = await stack.enter_async_context(
            serving(web.get("/hook", found.webhook), web.post("/hook", found.webhook))
        )
        await simulator.phone(CUSTOMER, "Carla")
        number = await simulator.post(
            "/api/cloud/numbers", {"number": SHOP, "name": "Shop", "verifyToken": "ours"}
        )
        wanted = Wanted(
            columns={"name": "Cloud"},
            driver="cloud",
            driver_settings={
                "phone_number_id": number["phoneId"],
                "waba_id": number["wabaId"],
            },
            credentials={
                "access_token": number["token"],
                "app_secret": number["appSecret"],
                "verify_token": "ours",
            },
        )
        found.connection = await found.db(create_connection, wanted, by=None)
        await simulator.post(
            "/api/cloud/numbers",
            {"number": SHOP, "name": "Shop", "callbackUrl": f"{url}/hook", "verifyToken": "ours"},
        )
        subscribed = await simulator.client.post(
            f"/graph/v23.0/{number['wabaId']}/subscribed_apps",
            headers={"Authorization": f"Bearer {number['token']}"},
        )
        subscribed.raise_for_status()
        await found.until(
            lambda: Connection.objects.filter(pk=found.connection.pk, status="CONNECTED").exists()
        )
        yield found


async def test_from_the_webhook_to_the_outbox_to_the_status(shop):
    await shop.network.write(CUSTOMER, SHOP, "Do you deliver?")
    ticket = await shop.until(Ticket.objects.first)
    assert (ticket.last_message, ticket.unread_count) == ("Do you deliver?", 1)

    message = await shop.answer("Yes, until noon.")
    delivered = await shop.status(message, "delivered")
    (shown,) = await shop.seen("Yes, until noon.")
    assert (shown["copies"], shown["id"]) == (1, delivered.wire_id)

    await shop.network.post(f"/api/phones/{CUSTOMER}/read", {"chat": SHOP})
    await shop.status(message, "read")
    assert not await shop.db(lambda: Outbox.objects.filter(kind="send").exists())


async def test_a_lost_answer_becomes_unknown_and_is_never_sent_twice(shop):
    await shop.network.write(CUSTOMER, SHOP, "Do you deliver?")
    await shop.until(Ticket.objects.first)
    # The network takes it, its answer is lost, and so are the webhooks of what became of it.
    await shop.network.put("/api/cloud/knobs", {"dropResponseRate": 1})
    shop.connection.driver_settings["webhook_key"] = "nobodys"
    message = await shop.answer("Yes, until noon.")
    await shop.status(message, "unknown")
    assert not await shop.db(lambda: Outbox.objects.filter(message_id=message.pk).exists())
    # A worker that looks again, or another in its place, finds nothing to send.
    await shop.network.put("/api/cloud/knobs", {"dropResponseRate": 0})
    later = await shop.answer("Anything else?")
    await shop.until(lambda: Message.objects.filter(pk=later.pk, wire_id__gt="").exists())
    assert [shown["copies"] for shown in await shop.seen("Yes, until noon.")] == [1]


def test_only_a_person_sends_an_unknown_message_again_and_only_once(cast, ticket):
    Connection.objects.filter(pk=cast.number.pk).update(driver="cloud")
    message = send_message(ticket, Draft(body="Yes, until noon."), by=cast.ana)
    Outbox.objects.all().delete()
    Message.objects.filter(pk=message.pk).update(status="unknown", wire_id="wamid.lost")
    message.refresh_from_db()
    again = resend_message(message, by=cast.ana)
    # The network will name the new attempt itself.
    assert (again.status, again.wire_id) == ("queued", None)
    with pytest.raises(NotResendable):
        resend_message(message, by=cast.rui)
    assert Outbox.objects.filter(message_id=message.pk).count() == 1
