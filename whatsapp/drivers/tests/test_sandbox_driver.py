"""The sandbox driver against the simulator: a device's life, and its troubles."""

import asyncio
import contextlib
import time
from datetime import timedelta

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from whatsapp.drivers.base import (
    Accepted,
    CardPhone,
    ContactCard,
    Content,
    DriverConfig,
    DriverFailure,
    Echo,
    Edited,
    ErrorClass,
    Identity,
    IdentityKind,
    Inbound,
    Kind,
    Location,
    MediaRef,
    MediaUnavailable,
    MessageKey,
    NotConnected,
    Outgoing,
    PairCode,
    Paired,
    QrCode,
    Reacted,
    Receipt,
    Rejected,
    Revoked,
    State,
    StateChanged,
    Status,
    Template,
    Typing,
    Unknown,
    Unreadable,
    Upload,
)
from whatsapp.drivers.sandbox.confirmations import Confirmations
from whatsapp.drivers.sandbox.gateway import SandboxDriver
from whatsapp.simulator.testing import running_simulator

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


@pytest.fixture
async def credentials(simulator):
    return await pair(simulator)


@pytest.fixture
async def shop(simulator, credentials):
    async with running(simulator.url, credentials=credentials) as heard:
        await heard.wait(StateChanged, state=State.CONNECTED)
        yield heard


def text(body, id="OUT1", chat=ANA_CHAT):
    content = Content(kind=Kind.TEXT, text=body)
    return Outgoing(outbox_id="1", client_message_id=id, chat=chat, content=content)


# Pairing ------------------------------------------------------------------------------------


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


# Messages -----------------------------------------------------------------------------------


async def test_a_customer_and_the_shop_talk(simulator, shop):
    sent = await simulator.write(ANA, SHOP, "oi")
    inbound = await shop.wait(Inbound)
    assert inbound.wire_id == sent
    assert inbound.message.content.text == "oi"
    assert inbound.message.sender.push_name == "Ana"
    assert Identity(IdentityKind.PHONE, ANA) in inbound.message.peer

    answer = Content(kind=Kind.TEXT, text="olá", quoted=sent)
    result = await shop.driver.send(
        Outgoing(outbox_id="1", client_message_id="OUT1", chat=inbound.chat, content=answer)
    )
    assert isinstance(result, Accepted)
    assert result.wire_id == "OUT1"
    shown = (await simulator.messages(ANA))[-1]
    assert (shown["text"], shown["quotedId"], shown["copies"]) == ("olá", sent, 1)
    assert (await shop.wait(Receipt, status=Status.DELIVERED)).wire_id == "OUT1"
    await simulator.post(f"/api/phones/{ANA}/read", {"chat": SHOP})
    assert (await shop.wait(Receipt, status=Status.READ)).wire_id == "OUT1"


async def test_files_go_both_ways(simulator, shop, tmp_path):
    photo = tmp_path / "foto ção.png"
    photo.write_bytes(b"\x89PNG" + bytes(200_000))
    result = await shop.driver.send(
        Outgoing(
            outbox_id="1",
            client_message_id="PIC",
            chat=ANA_CHAT,
            content=Content(kind=Kind.IMAGE, text="look"),
            upload=Upload(path=photo, mimetype="image/png", file_name=photo.name),
        )
    )
    assert isinstance(result, Accepted)
    shown = (await simulator.messages(ANA))[-1]
    assert (shown["kind"], shown["caption"], shown["fileName"]) == ("image", "look", photo.name)

    await simulator.post(
        f"/api/phones/{ANA}/messages",
        {"to": SHOP, "kind": "document", "mediaId": shown["mediaId"], "fileName": "back.png"},
    )
    ref = (await shop.wait(Inbound)).message.content.media
    fetched = await shop.driver.fetch_media(ref, tmp_path / "got", limit=1_000_000)
    assert (tmp_path / "got").read_bytes() == photo.read_bytes()
    assert (fetched.size, fetched.sha256) == (200_004, ref.sha256)

    with pytest.raises(MediaUnavailable) as caught:
        await shop.driver.fetch_media(ref, tmp_path / "big", limit=1000)
    assert caught.value.permanent
    unsized = MediaRef(id=ref.id)
    with pytest.raises(MediaUnavailable) as caught:
        await shop.driver.fetch_media(unsized, tmp_path / "big", limit=1000)
    assert caught.value.error.code == "too_large"
    with pytest.raises(MediaUnavailable) as caught:
        await shop.driver.fetch_media(MediaRef(id="../etc"), tmp_path / "none", limit=1000)
    assert caught.value.permanent
    assert not (tmp_path / "big").exists()


async def test_places_and_contacts_are_sent(simulator, shop):
    place = Content(
        kind=Kind.LOCATION, location=Location(latitude=-23.5, longitude=-46.6, name="SP")
    )
    card = ContactCard(name="Bia", phones=(CardPhone("+1", "WORK", "1"), CardPhone("+2")))
    for number, content in enumerate((place, Content(kind=Kind.CONTACTS, contacts=(card,)))):
        result = await shop.driver.send(
            Outgoing(outbox_id="1", client_message_id=f"C{number}", chat=ANA_CHAT, content=content)
        )
        assert isinstance(result, Accepted)
    shown = await simulator.messages(ANA)
    assert (shown[0]["latitude"], shown[0]["name"]) == (-23.5, "SP")
    assert "TEL;type=WORK;waid=1:+1" in shown[1]["contacts"][0]["vcard"]


async def test_messages_are_edited_deleted_and_reacted_to_from_both_sides(simulator, shop):
    sent = await simulator.write(ANA, SHOP, "oi")
    inbound = await shop.wait(Inbound)
    theirs = MessageKey(chat=inbound.chat, wire_id=sent)
    await shop.driver.send(text("olá"))
    ours = MessageKey(chat=ANA_CHAT, wire_id="OUT1", from_me=True)

    assert isinstance(await shop.driver.react(theirs, "👍", client_message_id="R1"), Accepted)
    assert isinstance(await shop.driver.edit(ours, "olá!"), Accepted)
    by_id = {message["id"]: message for message in await simulator.messages(ANA)}
    assert by_id["OUT1"]["text"] == "olá!"
    assert isinstance(await shop.driver.revoke(ours), Accepted)
    refused = await shop.driver.edit(theirs, "mine now")
    assert isinstance(refused, Rejected)
    assert refused.error.cls is ErrorClass.CONTENT

    await simulator.post(f"/api/phones/{ANA}/edits", {"id": sent, "text": "oi, tudo bem?"})
    edited = await shop.wait(Edited)
    assert (edited.target, edited.content.text, edited.from_me) == (sent, "oi, tudo bem?", False)
    await simulator.post(f"/api/phones/{ANA}/reactions", {"id": sent, "emoji": "❤️"})
    reacted = await shop.wait(Reacted)
    assert (reacted.target, reacted.emoji) == (sent, "❤️")
    await simulator.post(f"/api/phones/{ANA}/deletes", {"id": sent})
    assert (await shop.wait(Revoked)).target == sent


async def test_what_the_owner_types_on_the_phone_is_an_echo(simulator, shop):
    await simulator.write(SHOP, ANA, "from the phone")
    echo = await shop.wait(Echo)
    assert echo.message.content.text == "from the phone"
    assert Identity(IdentityKind.PHONE, ANA) in echo.message.peer


async def test_typing_and_reading_are_shown(simulator, shop):
    sent = await simulator.write(ANA, SHOP, "oi")
    inbound = await shop.wait(Inbound)
    await shop.driver.typing(inbound.chat, True)
    await shop.driver.mark_read(inbound.chat, [sent])
    view = await simulator.get(f"/api/phones/{ANA}/messages?after=0")
    assert [message["status"] for message in view if message["id"] == sent] == ["read"]


async def test_somebody_typing_is_heard(simulator, shop):
    await simulator.post(f"/api/phones/{ANA}/typing", {"to": SHOP, "active": True})
    assert (await shop.wait(Typing)).active


async def test_what_the_protocol_cannot_carry_is_kept(simulator, shop):
    await simulator.post(f"/api/phones/{ANA}/messages", {"to": SHOP, "kind": "unknown"})
    unreadable = await shop.wait(Unreadable)
    assert unreadable.sender.identities
    assert unreadable.raw["kind"] == "unknown"


async def test_numbers_are_looked_up(shop):
    ana, nobody = await shop.driver.check_numbers([ANA, "5511900000009"])
    assert ana.exists
    assert Identity(IdentityKind.PHONE, ANA) in ana.identities
    assert not nobody.exists


async def test_old_messages_of_both_sides_are_brought_page_by_page(
    simulator, credentials, monkeypatch
):
    monkeypatch.setattr("whatsapp.drivers.sandbox.gateway.HISTORY_PAGE", 3)
    for number in range(4):
        await simulator.write(ANA, SHOP, f"in{number}")
        await simulator.write(SHOP, ANA, f"out{number}")
    async with running(simulator.url, credentials=credentials) as shop:
        await shop.wait(Inbound, count=4)
        pages = [page async for page in shop.driver.history(None)]
        old = [event for page in pages for event in page]
        texts = [event.message.content.text for event in old]
        assert texts == [word for n in range(4) for word in (f"in{n}", f"out{n}")]
        assert len(pages) > 1
        assert {type(event) for event in old} == {Inbound, Echo}
        assert all(event.message.is_history and event.token is None for event in old)
        assert [SandboxDriver.parse(event.raw) for event in old] == [[event] for event in old]
        late = old[-1].at
        assert [page async for page in shop.driver.history(late + timedelta(seconds=1))] == []


async def test_refusals_are_told_with_their_class(shop, tmp_path):
    nobody = await shop.driver.send(text("x", chat="5511900000009@s.whatsapp.net"))
    assert isinstance(nobody, Rejected)
    assert nobody.error.cls is ErrorClass.RECIPIENT
    assert nobody.error.permanent
    template = Content(kind=Kind.TEMPLATE, template=Template(name="t", language="en"))
    refused = await shop.driver.send(
        Outgoing(outbox_id="1", client_message_id="T", chat=ANA_CHAT, content=template)
    )
    assert isinstance(refused, Rejected)
    assert refused.error.code == "unsupported"
    for upload in (None, Upload(path=tmp_path / "gone", mimetype="image/png")):
        lost = await shop.driver.send(
            Outgoing(
                outbox_id="1",
                client_message_id="F",
                chat=ANA_CHAT,
                content=Content(kind=Kind.IMAGE),
                upload=upload,
            )
        )
        assert isinstance(lost, Rejected)
        assert lost.error.code == "no_file"


async def test_a_network_in_trouble_is_retried_not_given_up(simulator, shop):
    await simulator.put("/api/faults", {"errorRate": 1})
    result = await shop.driver.send(text("x"))
    assert isinstance(result, Rejected)
    assert (result.error.cls, result.error.permanent) == (ErrorClass.TRANSIENT, False)


# Nothing lost, nothing twice ----------------------------------------------------------------


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


# A rude server ------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def server(handler, *routes):
    app = web.Application()
    app.router.add_get("/device", handler)
    app.add_routes(routes)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_frames_that_make_no_sense_are_passed_over():
    async def rude(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.receive()
        for frame in ("nope", "[1]", '{"type": "dance"}', '{"type": "result", "ref": "9"}', "{}"):
            await ws.send_str(frame)
        await ws.send_bytes(b"\x00")
        await ws.send_str('{"type": "event", "seq": true, "event": null}')
        await ws.send_str('{"type": "open"}')
        await ws.close(code=1012)
        return ws

    async with server(rude) as url, running(url) as heard:
        await heard.wait(StateChanged, state=State.CONNECTED)
        ending = await heard.wait(StateChanged, state=State.DISCONNECTED)
        assert ending.reason == "server_restart"
        assert len([e for e in heard.events if isinstance(e, Unreadable)]) == 1


async def test_events_are_read_ahead_only_so_far_and_come_in_batches():
    written = 0

    async def flood(request):
        nonlocal written
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.receive()
        pad = "x" * 1000
        for seq in range(1, 20_001):
            await ws.send_str(
                f'{{"type":"event","seq":{seq},"event":{{"kind":"message","id":"M{seq}","at":1,'
                f'"chat":"1@lid","sender":"1@lid","message":{{"type":"text","text":"{pad}"}}}}}}'
            )
            written = seq
        await ws.close()
        return ws

    async with server(flood) as url:
        driver = SandboxDriver(
            DriverConfig(connection_key="d", settings={"url": url}, batch_size=50, read_ahead=100)
        )
        await driver.connect()
        # Nobody reads: the server has to stop, held back by the sockets' own small buffers.
        for _ in range(100):
            before = written
            await asyncio.sleep(0.05)
            if before == written > 0:
                break
        assert 0 < written < 15_000
        began = time.monotonic()
        sizes, ids = [], []
        async for batch in driver.events():
            sizes.append(len(batch))
            ids += [event.wire_id for event in batch if isinstance(event, Inbound)]
        await driver.close()
        assert ids == [f"M{seq}" for seq in range(1, 20_001)]
        assert max(sizes) == 50
        # Far above the 500 a second that one installation has to take.
        assert 20_000 / (time.monotonic() - began) > 1500


async def silent(request):
    """Open the session, then never answer; break it when told to type."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.receive()
    await ws.send_str('{"type": "open"}')
    async for frame in ws:
        if '"typing"' in frame.data:
            request.transport.abort()
    return ws


async def test_without_an_answer_nothing_hangs():
    async with server(silent) as url, running(url, request_seconds=0.3) as heard:
        await heard.wait(StateChanged, state=State.CONNECTED)
        with pytest.raises(DriverFailure) as caught:
            await heard.driver.mark_read(ANA_CHAT, ["A"])
        assert not caught.value.permanent
        assert await heard.driver.send(text("x")) == Unknown(reason="timeout")
        with pytest.raises(DriverFailure):
            await heard.driver.typing(ANA_CHAT, True)
        assert (await heard.wait(StateChanged, state=State.DISCONNECTED)).reason == "socket_lost"


async def test_closing_leaves_waiting_sends_unknown():
    async with server(silent) as url, running(url) as heard:
        await heard.wait(StateChanged, state=State.CONNECTED)
        sending = asyncio.create_task(heard.driver.send(text("x")))
        await asyncio.sleep(0.1)
        await heard.driver.close()
        assert await asyncio.wait_for(sending, 5) == Unknown(reason="socket_lost")


async def test_a_text_that_is_no_unicode_is_mended_before_it_is_sent(simulator, shop):
    assert isinstance(await shop.driver.send(text("half \ud83d")), Accepted)
    assert (await simulator.messages(ANA))[-1]["text"] == "half \ufffd"


@pytest.mark.parametrize(
    ("status", "body", "cls", "permanent"),
    [
        (413, '{"error": "too_large", "reason": "r"}', ErrorClass.CONTENT, True),
        (429, '{"error": "rate_limited", "reason": "r"}', ErrorClass.THROTTLE, False),
        (401, "", ErrorClass.AUTH, False),
        (503, "<html>", ErrorClass.TRANSIENT, False),
        (418, "[]", ErrorClass.CONTENT, True),
        (500, "x" * 100_000, ErrorClass.TRANSIENT, False),
        (None, "", ErrorClass.TRANSIENT, False),
    ],
)
async def test_a_refused_upload_sends_nothing_and_says_why(tmp_path, status, body, cls, permanent):
    async def take(request):
        await request.read()
        if status is None:
            request.transport.abort()
        return web.Response(status=status or 200, text=body)

    photo = tmp_path / "p.png"
    photo.write_bytes(b"x")
    async with server(silent, web.post("/media", take)) as url, running(url) as heard:
        await heard.wait(StateChanged, state=State.CONNECTED)
        result = await heard.driver.send(
            Outgoing(
                outbox_id="1",
                client_message_id="F",
                chat=ANA_CHAT,
                content=Content(kind=Kind.IMAGE),
                upload=Upload(path=photo, mimetype="image/png\r\nX: y", file_name="p\ud83d.png"),
            )
        )
        assert isinstance(result, Rejected)
        assert (result.error.cls, result.error.permanent) == (cls, permanent)


async def test_a_download_that_breaks_is_tried_again_later(tmp_path):
    async def cut(request):
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"ab")
        request.transport.abort()
        return response

    async with server(silent, web.get("/media/m1", cut)) as url, running(url) as heard:
        with pytest.raises(MediaUnavailable) as caught:
            await heard.driver.fetch_media(MediaRef(id="m1"), tmp_path / "f", limit=1000)
        assert not caught.value.permanent
        assert list(tmp_path.iterdir()) == []
