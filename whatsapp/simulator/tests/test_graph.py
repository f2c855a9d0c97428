"""The Graph API, as a business meets it: webhooks, sending, templates, refusals."""

import asyncio
import hashlib
import hmac
import json

import httpx
import pytest

from whatsapp.simulator.tests.business import ANA, SHOP, code_of

# Webhooks -----------------------------------------------------------------------------------


async def test_a_phones_message_arrives_signed_after_the_handshake(simulator, receiver, shop):
    message_id = await simulator.write(ANA, SHOP, "Olá, çedilha 😀")
    await receiver.until(receiver.messages)
    assert receiver.handshakes == 1
    body = receiver.bodies[0]
    secret = shop.account["appSecret"].encode()
    assert receiver.signatures[0] == f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
    assert b"\\u00e7edilha \\ud83d\\ude00" in body
    envelope = json.loads(body)
    assert envelope["object"] == "whatsapp_business_account"
    assert envelope["entry"][0]["id"] == shop.account["wabaId"]
    value = receiver.changes()[0]
    assert value["metadata"]["phone_number_id"] == shop.account["phoneId"]
    assert value["contacts"][0]["wa_id"] == ANA
    assert value["contacts"][0]["user_id"].startswith("BR.")
    message = value["messages"][0]
    assert (message["id"], message["from"], message["type"]) == (message_id, ANA, "text")
    assert message["text"] == {"body": "Olá, çedilha 😀"}
    await asyncio.sleep(0.05)
    assert (await simulator.messages(ANA))[0]["status"] == "delivered"


async def test_nothing_is_posted_to_a_receiver_that_fails_the_handshake(simulator, receiver, shop):
    receiver.verify_token = "something else"
    await simulator.write(ANA, SHOP, "hi")
    await asyncio.sleep(0.3)
    assert receiver.bodies == []
    receiver.verify_token = "let me in"
    await receiver.until(receiver.messages)


async def test_a_webhook_is_retried_until_it_is_answered(simulator, receiver, shop):
    receiver.status = 500
    await simulator.write(ANA, SHOP, "hi")
    await asyncio.sleep(0.3)
    assert (await simulator.get("/api/cloud/knobs"))["waiting"] == 1
    receiver.status = 200
    await receiver.until(receiver.messages)
    await asyncio.sleep(0.05)
    assert (await simulator.get("/api/cloud/knobs"))["waiting"] == 0


async def test_the_knobs_bend_what_arrives(simulator, receiver, shop):
    knobs = {
        "batch": 10,
        "omitWaId": True,
        "millisecondTimestamps": True,
        "nullInText": True,
        "duplicateRate": 1.0,
        "paused": True,
    }
    await simulator.put("/api/cloud/knobs", knobs)
    for number in range(3):
        await simulator.write(ANA, SHOP, f"m{number}")
    await asyncio.sleep(0.1)
    assert receiver.bodies == []
    await simulator.put("/api/cloud/knobs", knobs | {"paused": False})
    await receiver.until(lambda: len(receiver.bodies) == 2)
    assert receiver.bodies[0] == receiver.bodies[1]
    messages = receiver.messages()[:3]
    assert [m["text"]["body"] for m in messages] == ["m0\0", "m1\0", "m2\0"]
    assert all("from" not in m and m["from_user_id"].startswith("BR.") for m in messages)
    assert all(len(m["timestamp"]) == 13 for m in messages)
    assert "wa_id" not in receiver.changes()[0]["contacts"][0]


async def test_one_post_may_mix_accounts_of_one_app(simulator, receiver, shop):
    other = {
        "number": "15550002222",
        "appId": shop.account["appId"],
        "appSecret": shop.account["appSecret"],
        "callbackUrl": receiver.url,
        "verifyToken": receiver.verify_token,
    }
    await simulator.post("/api/cloud/numbers", other)
    knobs = {"batch": 10, "mixedWabas": True, "paused": True}
    await simulator.put("/api/cloud/knobs", knobs)
    await simulator.write(ANA, SHOP, "one")
    await simulator.write(ANA, "15550002222", "two")
    await simulator.put("/api/cloud/knobs", knobs | {"paused": False})
    await receiver.until(lambda: len(receiver.messages()) == 2)
    assert len(json.loads(receiver.bodies[0])["entry"]) == 2


# Sending ------------------------------------------------------------------------------------


async def test_an_answer_inside_the_window_is_shown_and_its_statuses_come(
    simulator, receiver, shop
):
    inbound = await simulator.write(ANA, SHOP, "hi")
    context = {"message_id": inbound}
    answer = await shop.send(context=context, biz_opaque_callback_data="ob:1")
    assert answer.status_code == 200
    sent = answer.json()
    assert sent["contacts"][0]["wa_id"] == ANA
    wamid = sent["messages"][0]["id"]
    assert wamid.startswith("wamid.")
    await simulator.post(f"/api/phones/{ANA}/read", {"chat": SHOP})
    shown = (await simulator.messages(ANA))[-1]
    assert (shown["text"], shown["quotedId"], shown["status"]) == ("hi", inbound, "read")
    await receiver.until(lambda: len(receiver.statuses()) == 3)
    statuses = receiver.statuses()
    assert [s["status"] for s in statuses] == ["sent", "delivered", "read"]
    assert all(s["id"] == wamid for s in statuses)
    assert all(s["biz_opaque_callback_data"] == "ob:1" for s in statuses)
    assert statuses[0]["pricing"]["pricing_model"] == "PMP"


async def test_outside_the_window_only_templates_arrive(simulator, receiver, shop):
    answer = await shop.send(biz_opaque_callback_data="late")
    assert answer.status_code == 200
    await receiver.until(receiver.statuses)
    status = receiver.statuses()[0]
    assert (status["status"], status["errors"][0]["code"]) == ("failed", 131047)
    assert status["biz_opaque_callback_data"] == "late"
    assert await simulator.messages(ANA) == []
    await simulator.write(ANA, SHOP, "hi")
    await simulator.put("/api/cloud/knobs", {"clockOffsetSeconds": 25 * 3600.0})
    await shop.send()
    assert [m["from"] for m in await simulator.messages(ANA)] == [ANA]
    assert (await shop.call("POST", f"{shop.waba}/message_templates", json=GREETING)).is_success
    template = {
        "name": "greeting",
        "language": {"code": "pt_BR"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": 0,
                "parameters": [{"type": "payload", "payload": "stop-1"}],
            },
        ],
    }
    assert (await shop.send(kind="template", body=template)).is_success
    shown = (await simulator.messages(ANA))[-1]
    assert (shown["kind"], shown["text"]) == ("template", "Oi Ana!")
    tap = {
        "to": SHOP,
        "kind": "button_reply",
        "text": "Parar",
        "replyId": shown["buttons"][0]["id"],
        "quotedId": shown["id"],
    }
    await simulator.post(f"/api/phones/{ANA}/messages", tap)
    await receiver.until(lambda: len(receiver.messages()) == 2)
    assert receiver.messages()[1]["button"] == {"payload": "stop-1", "text": "Parar"}
    template["components"] = []
    assert code_of(await shop.send(kind="template", body=template)) == 132000
    template["name"] = "unheard_of"
    assert code_of(await shop.send(kind="template", body=template)) == 132001


GREETING = {
    "name": "greeting",
    "language": "pt_BR",
    "category": "UTILITY",
    "components": [
        {"type": "BODY", "text": "Oi {{1}}!", "example": {"body_text": [["Ana"]]}},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Parar"}]},
    ],
}


async def test_templates_are_listed_paged_reviewed_and_deleted(simulator, receiver, shop):
    templates = f"{shop.waba}/message_templates"
    for name in ("a", "b", "c"):
        assert (await shop.call("POST", templates, json=GREETING | {"name": name})).is_success
    assert code_of(await shop.call("POST", templates, json=GREETING | {"name": "a"})) == 100
    assert code_of(await shop.call("POST", templates, json={"name": "X"})) == 100
    page = (await shop.call("GET", f"{templates}?limit=2&fields=name,status")).json()
    assert [t["name"] for t in page["data"]] == ["a", "b"]
    assert set(page["data"][0]) == {"id", "name", "status"}
    rest = (await shop.call("GET", page["paging"]["next"])).json()
    assert [t["name"] for t in rest["data"]] == ["c"]
    assert "next" not in rest["paging"]
    paused = page["data"][0]["id"]
    await simulator.post(f"/api/cloud/templates/{paused}/status", {"status": "PAUSED"})
    await receiver.until(receiver.changes)
    assert receiver.changes()[0]["message_template_id"] == int(paused)
    body = {"name": "a", "language": {"code": "pt_BR"}}
    assert code_of(await shop.send(kind="template", body=body)) == 132015
    assert (await shop.call("POST", f"/graph/v22.0/{paused}/unpause")).is_success
    assert (await shop.call("DELETE", f"{templates}?name=a")).is_success
    assert (await shop.call("DELETE", f"{templates}?name=a")).status_code == 400


async def test_a_lost_answer_leaves_a_message_only_the_webhook_tells_of(simulator, receiver, shop):
    await simulator.write(ANA, SHOP, "hi")
    await simulator.put("/api/cloud/knobs", {"dropResponseRate": 1.0})
    with pytest.raises(httpx.RemoteProtocolError):
        await shop.send(biz_opaque_callback_data="ob:7")
    await receiver.until(receiver.statuses)
    assert receiver.statuses()[0]["biz_opaque_callback_data"] == "ob:7"
    await simulator.put("/api/cloud/knobs", {})
    assert (await simulator.get("/api/ledger"))["duplicates"] == 0
    # Sending it again is the mistake the ledger exists to catch.
    await shop.send(biz_opaque_callback_data="ob:7")
    ledger = await simulator.get("/api/ledger")
    assert ledger["duplicates"] == 1
    assert ledger["perPhone"][ANA]["duplicates"] == 1
    assert {m["copies"] for m in await simulator.messages(ANA) if m["from"] == SHOP} == {2}


@pytest.mark.parametrize(
    ("to", "code"), [("5511000131056", 131056), ("5511000130429", 130429), ("5511000368", None)]
)
async def test_a_recipients_last_digits_choose_the_refusal(simulator, shop, to, code):
    answer = await shop.send(to=to)
    if code is None:
        assert answer.is_success
    else:
        assert code_of(answer) == code
        assert answer.json()["error"]["type"] == "OAuthException"


@pytest.mark.parametrize(("to", "code"), [("5511000131049", 131049), ("5511000000000", 131026)])
async def test_or_the_failure_reported_later(simulator, receiver, shop, to, code):
    assert (await shop.send(to=to)).is_success
    await receiver.until(receiver.statuses)
    assert receiver.statuses()[0]["errors"][0]["code"] == code


async def test_a_suffix_can_be_told_to_fail_in_the_response(simulator, shop):
    await simulator.put("/api/cloud/knobs", {"failBy": "response"})
    assert code_of(await shop.send(to="5511000131047")) == 131047


async def test_rates_are_kept_per_number_and_per_pair(simulator, shop):
    await simulator.write(ANA, SHOP, "hi")
    await simulator.put("/api/cloud/knobs", {"pairBurst": 2.0, "pairSeconds": 60.0})
    answers = [await shop.send() for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 400]
    assert code_of(answers[2]) == 131056
    await simulator.put("/api/cloud/knobs", {"throughputPerSecond": 1.0, "pairBurst": 0.0})
    answers = [await shop.send() for _ in range(3)]
    assert {code_of(a) for a in answers if not a.is_success} == {130429}


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("text", {"body": "x" * 5000}, 100),
        ("text", {}, 131008),
        ("hologram", {"a": 1}, 131051),
        ("image", {"id": "404"}, 100),
        ("interactive", {"type": "button", "body": {"text": "?"}, "action": {}}, 131009),
        ("contacts", [], 131008),
        ("location", {"latitude": "north"}, 131009),
    ],
)
async def test_a_bad_message_is_refused_with_its_code(simulator, shop, kind, body, code):
    await simulator.write(ANA, SHOP, "hi")
    data = {"messaging_product": "whatsapp", "to": ANA, "type": kind, kind: body}
    answer = await shop.call("POST", f"{shop.base}/messages", json=data)
    assert (answer.status_code, code_of(answer)) == (400, code)
    assert len(await simulator.messages(ANA)) == 1


async def test_buttons_are_shown_and_the_tap_comes_back(simulator, receiver, shop):
    await simulator.write(ANA, SHOP, "hi")
    body = {
        "type": "button",
        "body": {"text": "Sure?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]},
    }
    wamid = (await shop.send(kind="interactive", body=body)).json()["messages"][0]["id"]
    shown = (await simulator.messages(ANA))[-1]
    assert shown["buttons"] == [{"id": "y", "title": "Yes"}]
    tap = {"to": SHOP, "kind": "button_reply", "text": "Yes", "replyId": "y", "quotedId": wamid}
    await simulator.post(f"/api/phones/{ANA}/messages", tap)
    await receiver.until(lambda: len(receiver.messages()) == 2)
    reply = receiver.messages()[1]
    assert reply["interactive"] == {
        "type": "button_reply",
        "button_reply": {"id": "y", "title": "Yes"},
    }
    assert reply["context"] == {"id": wamid, "from": SHOP}


async def test_read_typing_and_reactions(simulator, receiver, shop):
    inbound = await simulator.write(ANA, SHOP, "hi")
    read = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": inbound,
        "typing_indicator": {"type": "text"},
    }
    answer = await shop.call("POST", f"{shop.base}/messages", json=read)
    assert answer.json() == {"success": True}
    reaction = {"message_id": inbound, "emoji": "👍"}
    assert (await shop.send(kind="reaction", body=reaction)).is_success
    shown = (await simulator.messages(ANA))[0]
    assert shown["status"] == "read"
    assert shown["reactions"] == [{"from": SHOP, "emoji": "👍"}]
    await receiver.until(lambda: len(receiver.statuses()) == 2)
    await simulator.post(f"/api/phones/{ANA}/reactions", {"id": inbound, "emoji": "❤️"})
    await receiver.until(lambda: len(receiver.messages()) == 2)
    assert receiver.messages()[1]["reaction"] == {"message_id": inbound, "emoji": "❤️"}


# Media, set-up, identity --------------------------------------------------------------------
