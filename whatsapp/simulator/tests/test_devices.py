"""The device protocol, as a linked device lives it."""

import asyncio

import aiohttp
import httpx
import pytest

from whatsapp.simulator.testing import FakeDevice, running_simulator

SHOP = "5511911110000"
ANA = "5511922220000"


@pytest.fixture
async def shop(simulator):
    """The shop's paired device; Ana is a customer."""
    await simulator.phone(SHOP, "Shop")
    await simulator.phone(ANA, "Ana")
    async with FakeDevice(simulator.device_url) as device:
        yield await device.pair(simulator, SHOP)


# Pairing ------------------------------------------------------------------------------------


async def test_a_phone_that_scans_the_code_lends_the_device_its_number(simulator):
    await simulator.phone(SHOP, "Shop")
    async with FakeDevice(simulator.device_url) as device:
        qr = await device.wait_for("qr")
        assert qr["expires_in"] == 60
        assert qr["attempt"] == 1
        await simulator.post(f"/api/phones/{SHOP}/scan", {"code": qr["code"]})
        paired = await device.wait_for("paired")
        assert paired["number"] == SHOP
        assert paired["lid"].endswith("@lid")
        assert await device.wait_for("open") == {"type": "open", "number": SHOP, "name": "Shop"}
    async with FakeDevice(simulator.device_url, credentials=paired["credentials"]) as again:
        assert (await again.next_frame())["type"] == "open"


async def test_a_used_code_and_an_invented_one_pair_nothing(simulator):
    await simulator.phone(SHOP)
    async with FakeDevice(simulator.device_url) as device:
        code = (await device.wait_for("qr"))["code"]
        await simulator.post(f"/api/phones/{SHOP}/scan", {"code": code})
        refused = await simulator.post(f"/api/phones/{SHOP}/scan", {"code": code}, status=410)
        assert refused["error"] == "code_expired"
        await simulator.post(f"/api/phones/{SHOP}/scan", {"code": "2@nonsense"}, status=410)
        await simulator.post(f"/api/phones/{SHOP}/scan", {}, status=400)


async def test_codes_follow_one_another_and_then_the_socket_closes(tmp_path):
    async with running_simulator(tmp_path / "s.sqlite3", qr_seconds=(0.2, 0.1, 0.1)) as simulator:
        await simulator.phone(SHOP)
        async with FakeDevice(simulator.device_url) as device:
            frames = [await device.next_frame() for _ in range(3)]
            assert [frame["attempt"] for frame in frames] == [1, 2, 3]
            assert len({frame["code"] for frame in frames}) == 3
            first = {"code": frames[0]["code"]}
            await simulator.post(f"/api/phones/{SHOP}/scan", first, status=410)
            with pytest.raises(ConnectionError, match="4008"):
                await device.next_frame()


async def test_a_pairing_code_typed_on_its_own_phone_pairs(simulator):
    await simulator.phone(SHOP)
    await simulator.phone(ANA)
    async with FakeDevice(simulator.device_url) as device:
        assert (await device.command("request_pair_code", number=SHOP))["ok"]
        code = (await device.wait_for("pair_code"))["code"]
        assert len(code) == 9
        assert code[4] == "-"
        await simulator.post(f"/api/phones/{ANA}/scan", {"code": code}, status=409)
        typed = code.replace("-", "").lower()
        await simulator.post(f"/api/phones/{SHOP}/scan", {"code": typed})
        assert (await device.wait_for("paired"))["number"] == SHOP


async def test_a_waiting_device_can_be_paired_by_its_id(simulator):
    await simulator.phone(SHOP)
    async with FakeDevice(simulator.device_url, device="demo") as device:
        await device.wait_for("qr")
        await simulator.post("/api/devices/demo/pair", {"number": SHOP})
        assert (await device.wait_for("paired"))["number"] == SHOP
    await simulator.post("/api/devices/nobody/pair", {"number": SHOP}, status=404)


async def test_commands_before_pairing_are_refused(simulator):
    async with FakeDevice(simulator.device_url) as device:
        result = await device.send_text(ANA, "hi", "m1")
        assert result["ok"] is False
        assert result["code"] == "not_paired"
        assert result["permanent"] is True


@pytest.mark.parametrize("hello", ["{}", "nonsense", "[1]", '{"type":"hello","device":7}'])
async def test_a_socket_without_a_proper_hello_is_closed(simulator, hello):
    async with aiohttp.ClientSession() as session, session.ws_connect(simulator.device_url) as ws:
        await ws.send_str(hello)
        await ws.receive(5)
        assert ws.close_code == 4000


# Messages in --------------------------------------------------------------------------------


async def test_a_customers_message_reaches_the_device_and_counts_when_confirmed(simulator, shop):
    message_id = await simulator.write(ANA, SHOP, "Olá")
    event = await shop.event("message", ack=False)
    assert event["id"] == message_id
    assert event["chat"] == event["sender"] == f"{ANA}@s.whatsapp.net"
    assert event["sender_alt"].endswith("@lid")
    assert event["push_name"] == "Ana"
    assert event["from_me"] is False
    assert event["message"] == {"type": "text", "text": "Olá"}
    assert (await simulator.messages(ANA))[0]["status"] == "sent"
    await shop.ack(event["seq"])
    await shop.command("read", to=ANA, ids=[message_id])
    assert (await simulator.messages(ANA))[0]["status"] == "read"


async def test_what_was_not_confirmed_comes_again_after_a_reconnect(simulator, shop):
    for number in range(3):
        await simulator.write(ANA, SHOP, f"m{number}")
    events = [await shop.event("message", ack=False) for _ in range(3)]
    await shop.ack(events[0]["seq"])
    await simulator.post("/api/devices/dev-1/disconnect")
    with pytest.raises(ConnectionError):
        await shop.next_frame()
    await simulator.write(ANA, SHOP, "m3")
    async with FakeDevice(simulator.device_url, credentials=shop.credentials) as again:
        texts = [(await again.event("message"))["message"]["text"] for _ in range(3)]
    assert texts == ["m1", "m2", "m3"]
    seqs = [event["seq"] for event in events]
    assert seqs == list(range(seqs[0], seqs[0] + 3))


async def test_lids_hide_the_number_of_those_who_have_one(simulator, shop):
    await simulator.phone("5511933330000", "Bia", addressing="lid")
    await simulator.phone("5511944440000", "Caio", addressing="lid_only")
    await simulator.write("5511933330000", SHOP, "a")
    await simulator.write("5511944440000", SHOP, "b")
    bia, caio = await shop.event("message"), await shop.event("message")
    assert bia["chat"].endswith("@lid")
    assert bia["chat_alt"] == "5511933330000@s.whatsapp.net"
    assert caio["chat"].endswith("@lid")
    assert "chat_alt" not in caio
    assert (await shop.send_text(caio["chat"], "hi", "x1"))["ok"]
    assert (await simulator.messages("5511944440000"))[-1]["text"] == "hi"


async def test_what_is_typed_on_the_shops_phone_reaches_its_device_as_its_own(simulator, shop):
    message_id = await simulator.write(SHOP, ANA, "from the phone")
    event = await shop.event("message")
    assert event["from_me"] is True
    assert event["id"] == message_id
    assert event["chat"] == f"{ANA}@s.whatsapp.net"


async def test_edits_deletes_and_reactions_reach_the_device(simulator, shop):
    message_id = await simulator.write(ANA, SHOP, "helo")
    await simulator.post(f"/api/phones/{ANA}/edits", {"id": message_id, "text": "hello"})
    edit = await shop.event("edit")
    assert (edit["id"], edit["text"], edit["from_me"]) == (message_id, "hello", False)
    await simulator.post(f"/api/phones/{ANA}/reactions", {"id": message_id, "emoji": "👍"})
    reaction = await shop.event("reaction")
    assert (reaction["target"], reaction["emoji"]) == (message_id, "👍")
    await simulator.post(f"/api/phones/{ANA}/deletes", {"id": message_id})
    assert (await shop.event("revoke"))["id"] == message_id
    await simulator.post(f"/api/phones/{SHOP}/edits", {"id": message_id, "text": "x"}, status=400)


async def test_typing_is_shown_but_not_kept(simulator, shop):
    await simulator.post(f"/api/phones/{ANA}/typing", {"to": SHOP})
    typing = await shop.event("typing")
    assert (typing["active"], typing["seq"]) == (True, None)


async def test_calls_and_unreadable_messages_are_told(simulator, shop):
    await simulator.post(f"/api/phones/{ANA}/calls", {"to": SHOP})
    assert (await shop.event("call"))["status"] == "missed"
    body = {"to": SHOP, "kind": "unknown", "raw": "pollCreationMessage"}
    await simulator.post(f"/api/phones/{ANA}/messages", body)
    assert (await shop.event("unknown"))["raw"] == "pollCreationMessage"


# Messages out -------------------------------------------------------------------------------


async def test_the_same_id_is_answered_again_and_shown_once(simulator, shop):
    first = await shop.send_text(ANA, "hi", "out-1")
    second = await shop.send_text(ANA, "hi", "out-1")
    assert first["ok"]
    assert (first["id"], first["at"]) == (second["id"], second["at"])
    shown = await simulator.messages(ANA)
    assert [(m["text"], m["copies"], m["status"]) for m in shown] == [("hi", 1, "delivered")]
    assert (await shop.event("receipt"))["status"] == "delivered"
    ledger = await simulator.get("/api/ledger")
    assert (ledger["accepted"], ledger["delivered"], ledger["duplicates"]) == (1, 1, 0)
    assert ledger["perPhone"][ANA]["received"] == 1


async def test_a_number_nobody_has_is_not_on_whatsapp(simulator, shop):
    result = await shop.send_text("5511900000000", "hi", "out-1")
    assert (result["code"], result["permanent"]) == ("not_on_whatsapp", True)
    asked = [ANA, "551122220000", "1", 7]
    answer = await shop.command("check_numbers", numbers=asked)
    assert [number["exists"] for number in answer["numbers"]] == [True, False, False, False]


async def test_brazils_ninth_digit_may_be_left_out(simulator, shop):
    await simulator.phone("5511987650000", "Caio")
    answer = await shop.command("check_numbers", numbers=["551187650000"])
    assert answer["numbers"][0]["jid"] == "5511987650000@s.whatsapp.net"
    assert (await shop.send_text("551187650000@s.whatsapp.net", "hi", "o1"))["ok"]
    assert (await simulator.messages("5511987650000"))[0]["text"] == "hi"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "text", "text": ""}, "bad_request"),
        ({"type": "hologram"}, "bad_request"),
        ("text", "bad_request"),
        ({"type": "text", "text": "x" * 70_000}, "too_large"),
        ({"type": "image", "media": {"id": "none"}}, "bad_request"),
        ({"type": "location", "latitude": 200, "longitude": 0}, "bad_request"),
        ({"type": "contacts", "contacts": []}, "bad_request"),
    ],
)
async def test_a_bad_message_is_refused_and_changes_nothing(simulator, shop, message, code):
    result = await shop.command("send", id="x", to=ANA, message=message)
    assert (result["ok"], result["code"]) == (False, code)
    assert await simulator.messages(ANA) == []


async def test_a_voice_message_is_uploaded_read_and_played(simulator, shop):
    headers = {
        "Authorization": f"Bearer {shop.credentials}",
        "Content-Type": "audio/ogg",
        "X-File-Name": "recado%20%C3%A7.ogg",
    }
    async with httpx.AsyncClient(base_url=simulator.url) as client:
        stored = (await client.post("/media", content=b"OggS" * 10, headers=headers)).json()
        assert stored["size"] == 40
        media = {key: stored[key] for key in ("id", "mimetype", "size", "sha256")}
        await shop.command("send", id="v1", to=ANA, message={"type": "voice", "media": media})
        shown = (await simulator.messages(ANA))[0]
        assert (shown["kind"], shown["fileName"]) == ("voice", "recado ç.ogg")
        assert (await client.get(shown["mediaUrl"])).content == b"OggS" * 10
        assert (await client.get(f"/media/{stored['id']}")).status_code == 401
        back = await client.get(f"/media/{stored['id']}", headers=headers)
        assert back.content == b"OggS" * 10
    await simulator.post(f"/api/phones/{ANA}/read", {"chat": SHOP})
    statuses = [(await shop.event("receipt"))["status"] for _ in range(3)]
    assert statuses == ["delivered", "read", "played"]


async def test_the_device_edits_deletes_and_reacts(simulator, shop):
    await shop.send_text(ANA, "helo", "o1")
    assert (await shop.command("edit", id="o1", to=ANA, text="hello"))["ok"]
    answer = await shop.command("react", id="r1", to=ANA, target="o1", emoji="❤️")
    assert answer["id"] == "r1"
    shown = (await simulator.messages(ANA))[0]
    assert (shown["text"], shown["edited"]) == ("hello", True)
    assert shown["reactions"] == [{"from": SHOP, "emoji": "❤️"}]
    assert (await shop.command("revoke", id="o1", to=ANA))["ok"]
    shown = (await simulator.messages(ANA))[0]
    assert shown["deleted"] is True
    assert "text" not in shown
    missing = await shop.command("edit", id="none", to=ANA, text="x")
    assert missing["code"] == "bad_request"


async def test_history_tells_what_the_number_saw(simulator, shop):
    await simulator.write(ANA, SHOP, "one")
    await shop.send_text(ANA, "two", "o1")
    answer = await shop.command("history", since=0, limit=1)
    assert [m["message"]["text"] for m in answer["messages"]] == ["one"]
    assert answer["more"] is True
    answer = await shop.command("history", since=answer["messages"][0]["at"])
    assert [(m["id"], m["from_me"]) for m in answer["messages"]] == [("o1", True)]


# Endings ------------------------------------------------------------------------------------


async def test_a_second_socket_replaces_the_first_and_keeps_the_credentials(simulator, shop):
    async with FakeDevice(simulator.device_url, credentials=shop.credentials) as second:
        await second.wait_for("open")
        assert (await shop.wait_for("logged_out"))["reason"] == "replaced"
        with pytest.raises(ConnectionError):
            await shop.next_frame()
        await simulator.write(ANA, SHOP, "hi")
        assert (await second.event("message"))["message"]["text"] == "hi"


@pytest.mark.parametrize(("action", "reason"), [("logout", "logout"), ("ban", "banned")])
async def test_after_logout_and_ban_the_credentials_are_void(simulator, shop, action, reason):
    await simulator.post(f"/api/devices/dev-1/{action}")
    assert (await shop.wait_for("logged_out"))["reason"] == reason
    async with FakeDevice(simulator.device_url, credentials=shop.credentials) as again:
        assert await again.next_frame() == {"type": "logged_out", "reason": reason}
        with pytest.raises(ConnectionError):
            await again.next_frame()
    async with FakeDevice(simulator.device_url) as fresh:
        await fresh.pair(simulator, SHOP)


async def test_the_device_can_log_itself_out(simulator, shop):
    assert (await shop.command("logout"))["ok"]
    assert (await shop.wait_for("logged_out"))["reason"] == "logout"
    state = await simulator.get("/api/state")
    assert [(d["state"], d["online"]) for d in state["devices"]] == [("logged_out", False)]


async def test_groups_reach_every_member(simulator, shop):
    body = {"subject": "Team", "members": [SHOP, ANA]}
    group = await simulator.post("/api/groups", body)
    await simulator.write(ANA, group["id"], "hello all")
    event = await shop.event("message")
    assert event["chat"] == group["id"]
    assert event["sender"] == f"{ANA}@s.whatsapp.net"
    assert (await shop.send_text(group["id"], "hi", "g1"))["ok"]
    assert (await simulator.messages(ANA))[-1]["chat"] == group["id"]


async def test_a_read_receipt_in_a_group_names_who_wrote(simulator, shop):
    bia = "5511933330000"
    await simulator.phone(bia, "Bia")
    group = await simulator.post("/api/groups", {"subject": "Team", "members": [SHOP, ANA, bia]})
    await simulator.write(ANA, group["id"], "hello all")
    event = await shop.event("message")

    async def read(**whose):
        return await shop.command("read", to=group["id"], ids=[event["id"]], **whose)

    async def status():
        (message,) = await simulator.messages(ANA)
        return message["status"]

    for whose in ({}, {"participant": f"{bia}@s.whatsapp.net"}, {"participant": 7}):
        assert (await read(**whose))["ok"] is False
        assert await status() == "delivered"
    assert (await read(participant=event["sender"]))["ok"]
    assert await status() == "read"


async def test_two_hundred_phones_write_at_once_and_nothing_is_lost(simulator, shop):
    phones = [f"55119700{number:05d}" for number in range(200)]
    await simulator.post("/api/phones", [{"number": number, "name": number} for number in phones])

    async def write(number):
        for index in range(5):
            await simulator.write(number, SHOP, f"{number}:{index}")

    writers = asyncio.gather(*(write(number) for number in phones))
    seen = {}
    for _ in range(1000):
        event = await shop.event("message", timeout=30)
        seen.setdefault(event["sender"], []).append(event["message"]["text"])
    await writers
    assert len(seen) == 200
    for sender, texts in seen.items():
        assert texts == [f"{sender.split('@')[0]}:{index}" for index in range(5)]
