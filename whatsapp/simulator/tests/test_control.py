"""The control API: phones, what they send and see, and how it says no."""

import asyncio
import base64
import json
import time

import httpx
import pytest

from whatsapp.simulator.testing import FakeDevice

SHOP = "5511911110000"
ANA = "5511922220000"


@pytest.fixture
async def phones(simulator):
    await simulator.phone(SHOP, "Shop")
    await simulator.phone(ANA, "Ana")


async def test_a_phone_is_created_once_and_renamed_after(simulator):
    body = {"number": "+55 (11) 92222-0000", "name": "Ana"}
    made = await simulator.post("/api/phones", body, status=201)
    assert (made["number"], made["name"]) == (ANA, "Ana")
    again = await simulator.post("/api/phones", body | {"name": "Ana Souza"}, status=200)
    assert (again["name"], again["lid"]) == ("Ana Souza", made["lid"])
    state = await simulator.get("/api/state")
    assert [phone["name"] for phone in state["phones"]] == ["Ana Souza"]


@pytest.mark.parametrize(
    "body", [{}, {"number": "12"}, {"number": 7}, {"number": "abc"}, [1], "x", {"number": None}]
)
async def test_a_bad_phone_is_refused(simulator, body):
    answer = await simulator.post("/api/phones", body, status=400)
    assert answer["error"] == "bad_request"
    assert answer["reason"]
    assert (await simulator.get("/api/state"))["phones"] == []


async def test_a_message_is_seen_by_both_phones_with_its_status(simulator, phones):
    message_id = await simulator.write(ANA, SHOP, "hi", id="my-own-id")
    assert message_id == "my-own-id"
    sent, got = (await simulator.messages(ANA))[0], (await simulator.messages(SHOP))[0]
    assert (sent["from"], sent["to"], sent["kind"], sent["text"]) == (ANA, SHOP, "text", "hi")
    assert (sent["status"], sent["copies"]) == ("delivered", 1)
    assert got["chat"] == ANA
    assert await simulator.messages(SHOP, after=got["seq"]) == []
    await simulator.post(f"/api/phones/{SHOP}/read", {"chat": ANA})
    assert (await simulator.messages(ANA))[0]["status"] == "read"


async def test_the_same_id_is_accepted_once(simulator, phones):
    for _ in range(2):
        await simulator.write(ANA, SHOP, "hi", id="x")
    assert len(await simulator.messages(SHOP)) == 1
    assert (await simulator.get("/api/ledger"))["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"to": "5511900000000", "kind": "text", "text": "x"}, 404),
        ({"to": SHOP, "kind": "text"}, 400),
        ({"to": SHOP, "kind": "text", "text": 5}, 400),
        ({"to": SHOP, "kind": "text", "text": "x", "id": "y" * 200}, 400),
        ({"to": SHOP, "kind": "nothing"}, 400),
        ({"to": SHOP, "kind": ["text"]}, 400),
        ({"to": SHOP, "kind": "image"}, 400),
        ({"to": SHOP, "kind": "image", "dataBase64": "%%%"}, 400),
        ({"to": SHOP, "kind": "location", "latitude": "here"}, 400),
        ({"to": SHOP, "kind": "contacts", "contacts": [5]}, 400),
        ({"to": None, "kind": "text", "text": "x"}, 404),
        ([], 400),
    ],
)
async def test_a_bad_message_is_refused_and_changes_nothing(simulator, phones, body, status):
    answer = await simulator.post(f"/api/phones/{ANA}/messages", body, status=status)
    assert set(answer) == {"error", "reason"}
    assert (await simulator.get("/api/ledger"))["accepted"] == 0


async def test_unknown_phones_messages_and_routes_are_404_in_json(simulator, phones):
    assert (await simulator.get("/api/phones/5511900000000/messages", 404))["error"] == "not_found"
    body = {"id": "nothing", "text": "x", "emoji": "x"}
    for action in ("edits", "deletes", "reactions", "read"):
        await simulator.post(f"/api/phones/{ANA}/{action}", body, status=404)
    assert (await simulator.get("/api/nothing", 404))["error"] == "not_found"
    assert (await simulator.delete("/api/faults", 405))["error"] == "method_not_allowed"
    answer = await simulator.client.post("/api/phones", content=b"{not json")
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


async def test_every_kind_can_be_sent(simulator, phones):
    data = base64.b64encode(b"bytes").decode()
    bodies = [
        {"kind": kind, "dataBase64": data, "fileName": f"a.{kind}", "caption": "c"}
        for kind in ("image", "video", "audio", "voice", "document", "sticker")
    ]
    bodies += [
        {"kind": "location", "latitude": -23.5, "longitude": -46.6, "name": "Here"},
        {"kind": "contacts", "contacts": [{"name": "Bia", "number": "5511933330000"}]},
    ]
    for body in bodies:
        await simulator.post(f"/api/phones/{ANA}/messages", {"to": SHOP, **body})
    shown = await simulator.messages(SHOP)
    assert [m["kind"] for m in shown] == [body["kind"] for body in bodies]
    assert shown[0]["mimetype"] == "image/jpeg"
    assert (await simulator.client.get(shown[4]["mediaUrl"])).content == b"bytes"
    assert "waid=5511933330000" in shown[-1]["contacts"][0]["vcard"]


async def test_a_web_page_sent_as_a_document_cannot_run_in_the_simulators_page(simulator, phones):
    data = base64.b64encode(b"<script>1</script>").decode()
    body = {"to": SHOP, "kind": "document", "dataBase64": data, "mimetype": "text/html"}
    await simulator.post(f"/api/phones/{ANA}/messages", body)
    answer = await simulator.client.get((await simulator.messages(SHOP))[0]["mediaUrl"])
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_many_messages_can_be_sent_at_once(simulator, phones):
    body = [{"from": ANA, "to": SHOP, "text": f"m{n}"} for n in range(50)]
    body.append({"from": ANA, "to": "5511900000000", "text": "x"})
    answers = await simulator.post("/api/messages", body)
    assert answers[-1]["error"] == "not_on_whatsapp"
    assert [m["text"] for m in await simulator.messages(SHOP)] == [f"m{n}" for n in range(50)]


async def test_the_ledger_counts_and_can_be_cleared(simulator, phones):
    await simulator.write(ANA, SHOP, "hi")
    ledger = await simulator.get("/api/ledger")
    assert (ledger["accepted"], ledger["delivered"], ledger["duplicates"]) == (1, 1, 0)
    assert ledger["perPhone"][ANA] == {"sent": 1, "received": 0, "read": 0, "duplicates": 0}
    assert ledger["perPhone"][SHOP]["received"] == 1
    await simulator.delete("/api/ledger")
    assert (await simulator.get("/api/ledger"))["accepted"] == 0
    assert await simulator.messages(SHOP) == []
    assert len((await simulator.get("/api/state"))["phones"]) == 2


async def test_the_stream_tells_pages_what_happens(simulator, phones):
    async with (
        httpx.AsyncClient(base_url=simulator.url) as client,
        client.stream("GET", f"/api/stream?phones={SHOP}") as stream,
    ):
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith(":")
        await simulator.post(f"/api/phones/{ANA}/typing", {"to": SHOP})
        await simulator.write(ANA, SHOP, "hi")
        events = []
        async with asyncio.timeout(5):
            async for line in lines:
                if line.startswith("data: "):
                    events.append(json.loads(line[6:]))
                if len(events) == 2:
                    break
    assert [event["type"] for event in events] == ["typing", "message"]
    assert events[0]["data"] == {"chat": ANA, "from": ANA, "active": True}
    assert events[1]["data"]["text"] == "hi"
    assert {event["phone"] for event in events} == {SHOP}


async def test_the_page_and_its_parts_are_served(simulator):
    page = await simulator.client.get("/?phone=1&chat=2")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    for name in ("app.js", "phone.js", "style.css", "icon.svg"):
        assert (await simulator.client.get(f"/page/{name}")).status_code == 200


# Faults -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults",
    [
        {"errorRate": 2},
        {"errorRate": "1"},
        {"latencyMs": [5, 1]},
        {"latencyMs": 5},
        {"reorder": 1},
        {"unheard": 1},
        {"disconnectEverySec": -1},
        [],
    ],
)
async def test_bad_faults_are_refused(simulator, faults):
    before = await simulator.get("/api/faults")
    await simulator.put("/api/faults", faults, status=400)
    assert await simulator.get("/api/faults") == before


@pytest.fixture
async def shop(simulator, phones):
    async with FakeDevice(simulator.device_url) as device:
        yield await device.pair(simulator, SHOP)


async def test_an_error_leaves_nothing_behind(simulator, shop):
    await simulator.put("/api/faults", {"errorRate": 1})
    result = await shop.send_text(ANA, "hi", "o1")
    assert (result["code"], result["permanent"]) == ("temporary", False)
    assert await simulator.messages(ANA) == []
    await simulator.put("/api/faults", {})
    assert (await shop.send_text(ANA, "hi", "o1"))["ok"]


async def test_a_lost_answer_is_a_message_all_the_same(simulator, shop):
    await simulator.put("/api/faults", {"dropAckRate": 1})
    await shop.ask("send", id="o1", to=ANA, message={"type": "text", "text": "hi"})
    assert (await shop.event("receipt"))["id"] == "o1"
    with pytest.raises(TimeoutError):
        await shop.wait_for("result", timeout=0.2)
    await simulator.put("/api/faults", {})
    assert (await shop.send_text(ANA, "hi", "o1"))["ok"]
    assert [m["copies"] for m in await simulator.messages(ANA)] == [1]


async def test_latency_delays_and_keeps_the_order(simulator, shop):
    await simulator.put("/api/faults", {"latencyMs": [50, 200]})
    for number in range(8):
        await simulator.write(ANA, SHOP, str(number))
    for number in range(8):
        event = await shop.event("message")
        assert event["message"]["text"] == str(number)
        assert time.time() - event["at"] >= 0.05


async def test_disorder_loses_nothing(simulator, shop):
    await simulator.put("/api/faults", {"reorder": True})
    for number in range(20):
        await simulator.write(ANA, SHOP, str(number))
    texts = [(await shop.event("message"))["message"]["text"] for _ in range(20)]
    assert sorted(texts, key=int) == [str(number) for number in range(20)]
    assert texts != sorted(texts, key=int)


async def test_duplicates_come_with_the_same_number_even_when_confirmed(simulator, shop):
    await simulator.put("/api/faults", {"duplicateRate": 1})
    message_id = await simulator.write(ANA, SHOP, "hi")
    first = await shop.event("message")
    second = await shop.event("message")
    assert (first["seq"], first["id"]) == (second["seq"], second["id"])
    assert first["id"] == message_id


async def test_sockets_are_cut_as_often_as_asked(simulator, shop):
    await simulator.put("/api/faults", {"disconnectEverySec": 0.2})
    with pytest.raises(ConnectionError, match="1012"):
        await shop.next_frame(timeout=3)


async def test_a_device_that_sends_too_fast_is_slowed_down(simulator, shop):
    await simulator.put("/api/faults", {"rateLimitPerSec": 2})
    codes = [(await shop.send_text(ANA, "hi", f"o{n}")).get("code") for n in range(5)]
    assert "rate_limited" in codes
