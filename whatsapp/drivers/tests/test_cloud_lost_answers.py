"""What the Cloud driver makes of answers that are lost, late or broken."""

import pytest
from aiohttp import web

from whatsapp.drivers.base import (
    Content,
    ErrorClass,
    Kind,
    Receipt,
    Rejected,
    Status,
    Unknown,
    Upload,
)
from whatsapp.drivers.tests.cloud_shop import (
    ANA,
    SHOP,
    answering,
    misbehaving,
    out,
    text,
)


async def test_a_lost_answer_is_unknown_and_the_status_tells_what_became_of_it(
    simulator, hook, driver
):
    await simulator.write(ANA, SHOP, "oi")
    await simulator.put("/api/cloud/knobs", {"dropResponseRate": 1})
    result = await driver.send(out(text("once")))
    assert isinstance(result, Unknown)
    receipt = await hook.wait(Receipt, status=Status.DELIVERED)
    assert receipt.opaque == "ob:1"
    [shown] = [m for m in await simulator.messages(ANA) if m["text"] == "once"]
    assert (shown["copies"], shown["id"]) == (1, receipt.wire_id)


@pytest.mark.parametrize(
    "route",
    [
        answering(cut=True),
        answering(sleep=4),
        answering(502, "<html>bad gateway</html>"),
        answering(504, ""),
        answering(500, '{"error": {"code": 1, "message": "unknown"}}'),
        answering(200, '{"success": true}'),
        answering(200, "<html>"),
        answering(302, "", headers={"Location": "/elsewhere"}),
        answering(200, "x" * (5 * 1024 * 1024)),
    ],
    ids=["cut", "slow", "502", "504", "code 1", "no id", "no JSON", "redirect", "endless"],
)
async def test_what_proves_nothing_is_unknown(route):
    async with misbehaving(route) as driver:
        assert isinstance(await driver.send(out(text())), Unknown)


@pytest.mark.parametrize(
    ("route", "cls", "wait"),
    [
        (answering(500, '{"error": {"code": 131000}}'), ErrorClass.TRANSIENT, None),
        (
            answering(429, '{"error": {"code": 130429}}', headers={"Retry-After": "9"}),
            ErrorClass.THROTTLE,
            9,
        ),
        (answering(413, ""), ErrorClass.CONTENT, None),
        (answering(200, '{"error": {"code": 131026}}'), ErrorClass.RECIPIENT, None),
    ],
)
async def test_what_proves_refusal_is_rejected(route, cls, wait):
    async with misbehaving(route) as driver:
        result = await driver.send(out(text()))
        assert isinstance(result, Rejected)
        assert (result.error.cls, result.error.retry_after) == (cls, wait)


async def test_an_upload_whose_answer_is_lost_sent_nothing(tmp_path):
    async def upload(request):
        await request.read()
        request.transport.abort()
        return web.Response()

    photo = tmp_path / "p.png"
    photo.write_bytes(b"x")
    async with misbehaving(web.post("/v23.0/1/media", upload)) as driver:
        result = await driver.send(
            out(Content(kind=Kind.IMAGE), Upload(path=photo, mimetype="image/png"))
        )
        assert isinstance(result, Rejected)
        assert (result.error.cls, result.error.permanent) == (ErrorClass.TRANSIENT, False)
