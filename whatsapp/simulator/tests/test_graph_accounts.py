"""The Graph API, as a business on the Cloud API meets it: media, numbers, blocks."""

import asyncio
import hashlib

from whatsapp.simulator.tests.business import ANA, SHOP, Business, code_of


async def test_media_goes_up_and_down_through_short_lived_addresses(simulator, receiver, shop):
    await simulator.write(ANA, SHOP, "hi")
    files = {"file": ("a.pdf", b"%PDF-1.4", "application/pdf")}
    data = {"messaging_product": "whatsapp", "type": "application/pdf"}
    answer = await shop.call("POST", f"{shop.base}/media", files=files, data=data)
    media_id = answer.json()["id"]
    await shop.send(kind="document", body={"id": media_id, "filename": "b.pdf", "caption": "c"})
    shown = (await simulator.messages(ANA))[-1]
    assert (shown["kind"], shown["fileName"], shown["caption"]) == ("document", "b.pdf", "c")
    node = (await shop.call("GET", f"/graph/v22.0/{media_id}")).json()
    assert node["sha256"] == hashlib.sha256(b"%PDF-1.4").hexdigest()
    assert (await shop.call("GET", node["url"])).content == b"%PDF-1.4"
    assert (await simulator.client.get(node["url"])).status_code == 401
    await simulator.put("/api/cloud/knobs", {"mediaUrlSeconds": 0.0})
    expired = (await shop.call("GET", f"/graph/v22.0/{media_id}")).json()["url"]
    await asyncio.sleep(1.1)
    assert (await shop.call("GET", expired)).status_code == 404
    assert (await shop.call("DELETE", f"/graph/v22.0/{media_id}")).json() == {"success": True}
    assert (await shop.call("GET", f"/graph/v22.0/{media_id}")).status_code == 400


async def test_a_phones_picture_can_be_fetched_by_the_business(simulator, receiver, shop):
    picture = {"to": SHOP, "kind": "image", "dataBase64": "aGVsbG8=", "mimetype": "image/png"}
    await simulator.post(f"/api/phones/{ANA}/messages", picture)
    await receiver.until(receiver.messages)
    image = receiver.messages()[0]["image"]
    assert image["mime_type"] == "image/png"
    node = (await shop.call("GET", f"/graph/v22.0/{image['id']}")).json()
    assert (await shop.call("GET", node["url"])).content == b"hello"


async def test_the_set_up_calls_of_a_connection(simulator, receiver, shop):
    account = shop.account
    numbers = (await shop.call("GET", f"{shop.waba}/phone_numbers?fields=id,status")).json()
    assert numbers["data"] == [{"id": account["phoneId"], "status": "CONNECTED"}]
    assert code_of(await shop.call("POST", f"{shop.base}/register", json={"pin": "1"})) == 100
    assert (await shop.call("POST", f"{shop.base}/register", json={"pin": "123456"})).is_success
    query = {"input_token": account["token"]}
    query["access_token"] = f"{account['appId']}|{account['appSecret']}"
    token = (await simulator.client.get("/graph/v22.0/debug_token", params=query)).json()
    assert token["data"]["granular_scopes"][0]["target_ids"] == [account["wabaId"]]
    query = {
        "client_id": account["appId"],
        "client_secret": account["appSecret"],
        "code": account["signupCode"],
    }
    got = (await simulator.client.get("/graph/v22.0/oauth/access_token", params=query)).json()
    assert got["access_token"] == account["token"]
    path = f"{shop.base}/whatsapp_business_profile"
    assert (await shop.call("POST", path, json={"about": "We sell"})).is_success
    assert (await shop.call("GET", path)).json()["data"][0]["about"] == "We sell"


async def test_an_override_needs_a_subscription_and_a_handshake(simulator, receiver):
    body = {"number": SHOP, "verifyToken": "x"}
    shop = Business(simulator, await simulator.post("/api/cloud/numbers", body))
    await simulator.phone(ANA)
    apps = f"{shop.waba}/subscribed_apps"
    override = {"override_callback_uri": receiver.url, "verify_token": receiver.verify_token}
    assert code_of(await shop.call("POST", apps, json=override)) == 100
    assert (await shop.call("POST", apps)).json() == {"success": True}
    wrong = override | {"verify_token": "wrong"}
    assert code_of(await shop.call("POST", apps, json=wrong)) == 2200
    assert (await shop.call("POST", apps, json=override)).json() == {"success": True}
    await simulator.write(ANA, SHOP, "hi")
    await receiver.until(receiver.messages)


async def test_a_wrong_token_sees_nothing(simulator, shop):
    headers = {"Authorization": "Bearer nonsense"}
    answer = await simulator.client.get(shop.base, headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, 190)
    other = await simulator.post("/api/cloud/numbers", {"number": "15550003333"})
    answer = await shop.call("GET", f"/graph/v22.0/{other['phoneId']}")
    assert (answer.status_code, code_of(answer)) == (400, 100)


async def test_a_blocked_phone_is_not_heard(simulator, receiver, shop):
    body = {"messaging_product": "whatsapp", "block_users": [{"user": ANA}, {"user": "1"}]}
    answer = (await shop.call("POST", f"{shop.base}/block_users", json=body)).json()
    assert answer["block_users"]["added_users"] == [{"input": ANA, "wa_id": ANA}]
    assert len(answer["block_users"]["failed_users"]) == 1
    await simulator.write(ANA, SHOP, "hello?")
    await asyncio.sleep(0.1)
    assert receiver.bodies == []
    await shop.call("DELETE", f"{shop.base}/block_users", json=body)
    await simulator.write(ANA, SHOP, "now?")
    await receiver.until(receiver.messages)
    assert receiver.messages()[0]["text"]["body"] == "now?"


async def test_a_business_scoped_id_reaches_its_phone(simulator, shop):
    await simulator.write(ANA, SHOP, "hi")
    state = await simulator.get("/api/state")
    bsuid = state["phones"][0]["bsuid"]
    data = {
        "messaging_product": "whatsapp",
        "recipient": bsuid,
        "type": "text",
        "text": {"body": "hello"},
    }
    assert (await shop.call("POST", f"{shop.base}/messages", json=data)).is_success
    assert (await simulator.messages(ANA))[-1]["text"] == "hello"
