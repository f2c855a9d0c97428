"""A session's life against the simulated network: linked, lost, logged out, banned, replaced."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings
from django.db import connection as database

from dispatch.models import SessionLease
from messaging.models import Message
from messaging.services.send import Draft, send_message
from whatsapp.exceptions import SessionNotRunning
from whatsapp.models import Connection
from whatsapp.services import session_control
from whatsapp.services.connections import Wanted, create_connection, delete_connection
from whatsapp.simulator.testing import (  # noqa: F401 (fixtures)
    FakeDevice,
    running_simulator,
    simulator,
    simulator_process,
)
from whatsapp.worker import Worker

NUMBER = "5511955550001"
CUSTOMER = "5511988887777"


class Desk:
    """A company with one connection, worked on by a worker in this loop."""

    def __init__(self, worker, company, network):
        self.worker, self.company, self.network = worker, company, network
        self.connection = None

    async def db(self, function, *args, **kwargs):
        return await self.worker.in_company(self.company.pk, function, *args, **kwargs)

    async def row(self):
        return await self.db(Connection.objects.get, pk=self.connection.pk)

    async def until(self, *, seconds=20, **facts):
        """Wait until the connection's columns are these."""
        deadline = time.monotonic() + seconds
        while True:
            row = await self.row()
            if all(getattr(row, name) == value for name, value in facts.items()):
                return row
            assert time.monotonic() < deadline, (facts, row.status, row.status_reason)
            await asyncio.sleep(0.05)

    async def code(self):
        """Wait for a QR code and give it."""
        deadline = time.monotonic() + 20
        while not (row := await self.row()).qrcode:
            assert time.monotonic() < deadline, row.status
            await asyncio.sleep(0.05)
        return row.qrcode

    async def link(self):
        """Scan the code with the company's phone."""
        await self.network.phone(NUMBER)
        await self.network.post(f"/api/phones/{NUMBER}/scan", {"code": await self.code()})
        return await self.until(status="CONNECTED", number=NUMBER)

    async def control(self, function, *args, **kwargs):
        return await self.db(function, self.connection, *args, by=None, **kwargs)

    @property
    def device(self):
        return f"{self.company.pk}-{self.connection.pk}"


@contextlib.asynccontextmanager
async def working(company, network):
    worker = Worker()
    running = asyncio.create_task(worker.run())
    desk = Desk(worker, company, network)
    desk.connection = await desk.db(create_connection, Wanted(columns={"name": "Desk"}), by=None)
    try:
        yield desk
    finally:
        worker._stopping.set()
        await asyncio.wait_for(running, 20)


@pytest.fixture
async def desk(scratch_company, simulator, settings):  # noqa: F811
    settings.SIMULATOR_URL = simulator.url
    async with working(scratch_company, simulator) as desk:
        yield desk


def test_only_a_running_session_can_be_ended(cast):
    with pytest.raises(SessionNotRunning):
        session_control.end_session(cast.number, by=cast.rui)


async def test_a_scanned_code_links_the_phone(desk):
    code = await desk.code()
    assert (await desk.row()).status == Connection.Status.QRCODE
    row = await desk.link()

    assert code
    assert (row.qrcode, row.pair_code, row.retries) == ("", "", 0)
    assert row.credentials
    assert row.last_seen_at is not None


async def test_a_code_typed_on_the_phone_links_it_too(desk):
    await desk.network.phone(NUMBER)
    await desk.code()
    code = await desk.control(session_control.request_pairing_code, NUMBER)

    assert (await desk.row()).status == Connection.Status.PAIRING
    assert not await desk.db(session_control.verify_pairing, desk.connection, code)
    await desk.network.post(f"/api/phones/{NUMBER}/scan", {"code": code})
    await desk.until(status="CONNECTED", number=NUMBER)
    assert await desk.db(session_control.verify_pairing, desk.connection, code)


async def test_a_lost_socket_is_opened_again_with_the_same_link(desk):
    linked = await desk.link()
    await desk.network.post(f"/api/devices/{desk.device}/disconnect", {})
    await asyncio.sleep(0.3)
    row = await desk.until(status="CONNECTED")

    assert row.credentials == linked.credentials


async def test_a_logout_on_the_phone_wipes_the_link_and_shows_a_new_code(desk):
    await desk.link()
    await desk.network.post(f"/api/devices/{desk.device}/logout", {})
    assert await desk.code()

    row = await desk.row()
    assert (row.credentials, row.number) == ({}, "")


async def test_a_ban_ends_the_session_for_good(desk):
    await desk.link()
    await desk.network.post(f"/api/devices/{desk.device}/ban", {})
    row = await desk.until(status="PENDING")

    assert (row.status_reason, row.credentials) == ("banned", {})
    await asyncio.sleep(3)
    assert (await desk.row()).status == "PENDING"
    mine = {"company_id": desk.company.pk, "connection_id": desk.connection.pk}
    lease = await desk.db(lambda: SessionLease.objects.get(**mine))
    assert not lease.is_wanted


async def test_a_session_whose_link_is_used_elsewhere_gives_way(desk):
    linked = await desk.link()
    thief = FakeDevice(desk.network.device_url, desk.device, linked.credentials["token"])
    async with thief:
        await thief.wait_for("open")
        row = await desk.until(status="DISCONNECTED")
        assert row.status_reason == "replaced"
        await asyncio.sleep(1)
        assert (await desk.row()).status == "DISCONNECTED"


async def test_an_admin_logs_out_and_links_anew(desk):
    await desk.link()
    await desk.control(session_control.end_session)
    await desk.code()
    await desk.link()
    await desk.control(session_control.relink_session)
    row = await desk.until(number="")
    assert row.credentials == {}
    assert await desk.code()


async def test_a_restart_keeps_the_link(desk):
    linked = await desk.link()
    await desk.control(session_control.restart_session)
    await desk.until(status="OPENING", seconds=5)
    row = await desk.until(status="CONNECTED")
    assert row.credentials == linked.credentials


async def test_a_removed_connection_is_unlinked_and_let_go(desk):
    await desk.link()
    await desk.control(delete_connection)

    state = await desk.network.get("/api/state")
    (device,) = [entry for entry in state["devices"] if entry["id"] == desk.device]
    assert device["state"] == "logged_out"
    deadline = time.monotonic() + 15
    while desk.worker._sessions:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def test_codes_nobody_scans_end_the_session(scratch_company, tmp_path, settings):
    async with running_simulator(tmp_path / "net.sqlite3", qr_seconds=(0.8, 0.6, 0.6)) as network:
        settings.SIMULATOR_URL = network.url
        async with working(scratch_company, network) as desk:
            row = await desk.until(status="DISCONNECTED")
            assert (row.status_reason, row.qrcode) == ("qr_expired", "")
            await desk.control(session_control.start_session)
            assert await desk.code()


@pytest.mark.system
def test_no_message_is_shown_twice_when_workers_are_killed(
    scratch_company,
    simulator_process,  # noqa: F811
):
    network = simulator_process
    environment = os.environ | {
        "SIMULATOR_URL": network.url,
        "DATABASE_URL": _with_name(os.environ["DATABASE_URL"], database.settings_dict["NAME"]),
    }

    def start():
        return subprocess.Popen(
            [sys.executable, "manage.py", "run_whatsapp"],
            cwd=django_settings.BASE_DIR,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    connection = create_connection(Wanted(columns={"name": "Desk"}), by=None)
    worker = start()
    try:
        network.call("POST", "/api/phones", {"number": NUMBER, "name": "Company"})
        network.call("POST", "/api/phones", {"number": CUSTOMER, "name": "Carla"})
        code = _wait(lambda: Connection.objects.get(pk=connection.pk).qrcode)
        network.call("POST", f"/api/phones/{NUMBER}/scan", {"code": code})
        _wait(lambda: Connection.objects.get(pk=connection.pk).status == "CONNECTED")
        hello = {"to": NUMBER, "kind": "text", "text": "hello"}
        network.call("POST", f"/api/phones/{CUSTOMER}/messages", hello)
        ticket = _wait(lambda: Message.objects.filter(connection=connection).first()).ticket
        network.call("PUT", "/api/faults", {"latencyMs": [20, 120], "dropAckRate": 0.2})
        texts = [f"answer {number}" for number in range(40)]
        for place, text in enumerate(texts):
            send_message(ticket, Draft(body=text), by=None, origin=Message.Origin.API)
            if place in {10, 25}:
                time.sleep(0.5)
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                worker = start()
        network.call("PUT", "/api/faults", {})

        def shown():
            seen = network.call("GET", f"/api/phones/{CUSTOMER}/messages?after=0")
            answers = [entry for entry in seen if str(entry.get("text")).startswith("answer")]
            return answers if len(answers) >= len(texts) else None

        answers = _wait(shown, seconds=90)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
    assert [entry["text"] for entry in answers] == texts
    assert {entry["copies"] for entry in answers} == {1}


def _wait(probe, seconds=40):
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def _with_name(url, name):
    head, _, query = url.partition("?")
    return head.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")
