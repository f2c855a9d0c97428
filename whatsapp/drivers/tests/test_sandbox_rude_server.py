"""The sandbox driver where the network answers nonsense, late or not at all."""

import asyncio
import contextlib
import time

import pytest
from aiohttp import web

from whatsapp.drivers.base import (
    Accepted,
    Content,
    DriverConfig,
    DriverFailure,
    ErrorClass,
    Inbound,
    Kind,
    MediaRef,
    MediaUnavailable,
    Outgoing,
    Rejected,
    State,
    StateChanged,
    Unknown,
    Unreadable,
    Upload,
)
from whatsapp.drivers.sandbox.gateway import SandboxDriver
from whatsapp.drivers.tests.sandbox_shop import ANA, ANA_CHAT, running, text


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
