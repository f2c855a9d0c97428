"""Files, templates and calls of the Cloud driver, where the network behaves and where not."""

import pytest
from aiohttp import web

from whatsapp.drivers.base import (
    Accepted,
    Content,
    DriverFailure,
    ErrorClass,
    Kind,
    MediaRef,
    MediaUnavailable,
    NotSupported,
    Rejected,
    StateChanged,
    Upload,
)
from whatsapp.drivers.tests.cloud_shop import (
    ANA,
    ANA_CHAT,
    SHOP,
    answering,
    misbehaving,
    out,
    serving,
    text,
)

# Downloads --------------------------------------------------------------------------------------


def files_at(bodies, *, url=None, **facts):
    """Routes of a file whose address answers what `bodies` says, one after another."""
    answers = iter(bodies)
    asked = []

    async def node(request):
        asked.append(request.headers["Authorization"])
        address = f"http://{request.host}/file" if url is None else url
        return web.json_response({"url": address, "mime_type": "text/plain", **facts})

    async def file(request):
        asked.append(request.headers.get("Authorization"))
        status, body = next(answers)
        return web.Response(status=status, body=body)

    return asked, (web.get("/v23.0/m1", node), web.get("/file", file))


async def test_a_dead_address_is_asked_anew(tmp_path):
    asked, routes = files_at([(404, b""), (401, b""), (200, b"abc")])
    async with misbehaving(*routes) as driver:
        fetched = await driver.fetch_media(MediaRef(id="m1"), tmp_path / "f", limit=10)
    assert (tmp_path / "f").read_bytes() == b"abc"
    assert fetched.mimetype == "text/plain"
    assert asked == ["Bearer t"] * 6


@pytest.mark.parametrize(
    ("bodies", "facts", "code", "permanent"),
    [
        ([(404, b"")] * 3, {}, "http_404", True),
        ([(500, b"")], {}, "http_500", False),
        ([(200, b"x" * 99)], {}, "too_large", True),
        ([], {"file_size": 99}, "too_large", True),
        ([(200, b"abc")], {"sha256": "0" * 64}, "damaged", False),
        ([], {"url": "ftp://x.test/f"}, "bad_address", True),
        ([], {"url": ""}, "bad_address", True),
    ],
)
async def test_a_file_that_cannot_be_had_leaves_nothing(tmp_path, bodies, facts, code, permanent):
    _, routes = files_at(bodies, **facts)
    async with misbehaving(*routes) as driver:
        with pytest.raises(MediaUnavailable) as caught:
            await driver.fetch_media(MediaRef(id="m1"), tmp_path / "f", limit=10)
    assert (caught.value.error.code, caught.value.permanent) == (code, permanent)
    assert list(tmp_path.iterdir()) == []


async def test_the_token_does_not_follow_a_redirect_to_another_host(tmp_path):
    seen = []

    async def elsewhere(request):
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=b"abc")

    async with serving(web.get("/file", elsewhere)) as other:

        async def redirect(request):
            raise web.HTTPFound(f"{other}/file")

        async def node(request):
            return web.json_response({"url": f"http://{request.host}/redirect"})

        async with misbehaving(
            web.get("/v23.0/m1", node), web.get("/redirect", redirect)
        ) as driver:
            await driver.fetch_media(MediaRef(id="m1"), tmp_path / "f", limit=10)
    assert seen == [None]


async def test_no_log_line_holds_the_token_or_the_text(simulator, hook, driver, caplog):
    caplog.set_level("DEBUG")
    await driver.send(out(text("private words")))
    assert caplog.text
    assert hook.number["token"] not in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("whatsapp")]
    assert "private words" not in "".join(ours)


async def test_what_the_network_does_not_offer_is_refused(driver):
    for call in (driver.check_numbers([ANA]), driver.request_pair_code(SHOP)):
        with pytest.raises(NotSupported):
            await call
    with pytest.raises(NotSupported):
        driver.history(None)
    await driver.acknowledge([])


async def test_states_repeat_only_when_they_change(simulator, hook, driver):
    await simulator.post("/api/cloud/numbers", {"number": SHOP, "token": "renewed"})
    for _ in range(3):
        await driver.send(out(text()))
    states = [state async for batch in driver.events() for state in batch]
    assert [type(state) for state in states] == [StateChanged, StateChanged]


# Templates --------------------------------------------------------------------------------------


async def test_templates_are_listed_over_all_pages():
    async def page(request):
        after = int(request.query.get("after", "0"))
        paging = {"cursors": {"after": str(after + 1)}} | ({"next": "…"} if after < 2 else {})
        return web.json_response({"data": [{"name": f"t{after}"}], "paging": paging})

    async with misbehaving(web.get("/v23.0/2/message_templates", page)) as driver:
        assert [found["name"] for found in await driver.templates()] == ["t0", "t1", "t2"]


async def test_a_list_of_templates_that_cannot_be_had_says_why():
    async def refuse(request):
        return web.json_response({"error": {"code": 80007}}, status=429)

    async def cut(request):
        request.transport.abort()
        return web.Response()

    for handler, cls in ((refuse, ErrorClass.THROTTLE), (cut, ErrorClass.TRANSIENT)):
        async with misbehaving(web.get("/v23.0/2/message_templates", handler)) as driver:
            with pytest.raises(DriverFailure) as caught:
                await driver.templates()
            assert caught.value.error.cls is cls


async def test_calls_whose_answer_is_lost_are_passing_failures(tmp_path):
    async def cut(request):
        request.transport.abort()
        return web.Response()

    async with misbehaving(answering(cut=True), web.get("/v23.0/m1", cut)) as driver:
        with pytest.raises(DriverFailure) as caught:
            await driver.mark_read(ANA_CHAT, ["wamid.1"])
        assert not caught.value.permanent
        with pytest.raises(MediaUnavailable) as caught:
            await driver.fetch_media(MediaRef(id="m1"), tmp_path / "f", limit=10)
        assert not caught.value.permanent


async def test_a_download_that_breaks_is_tried_again_later(tmp_path):
    async def cut(request):
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"ab")
        request.transport.abort()
        return response

    async def node(request):
        return web.json_response({"url": f"http://{request.host}/file"})

    async with misbehaving(web.get("/v23.0/m1", node), web.get("/file", cut)) as driver:
        with pytest.raises(MediaUnavailable) as caught:
            await driver.fetch_media(MediaRef(id="m1"), tmp_path / "f", limit=1000)
    assert not caught.value.permanent
    assert list(tmp_path.iterdir()) == []


async def test_a_refused_upload_says_why(tmp_path):
    async def refuse(request):
        await request.read()
        return web.json_response({"error": {"code": 131053, "message": "type"}}, status=400)

    photo = tmp_path / "p.png"
    photo.write_bytes(b"x")
    async with misbehaving(web.post("/v23.0/1/media", refuse)) as driver:
        result = await driver.send(
            out(Content(kind=Kind.IMAGE), Upload(path=photo, mimetype="image/png"))
        )
    assert isinstance(result, Rejected)
    assert result.error.code == "131053"


async def test_a_text_that_is_no_unicode_is_mended_before_it_is_sent(simulator, hook, driver):
    await simulator.write(ANA, SHOP, "oi")
    assert isinstance(await driver.send(out(text("half \ud83d"))), Accepted)
    assert (await simulator.messages(ANA))[-1]["text"] == "half \ufffd"
