"""The cloud driver against the simulator's Graph face, and against networks that misbehave."""

import hashlib

import pytest
from aiohttp import web

from whatsapp.drivers.base import (
    Accepted,
    Choice,
    Choices,
    Content,
    DriverFailure,
    Edited,
    ErrorClass,
    Identity,
    IdentityKind,
    Inbound,
    Kind,
    MediaRef,
    MediaUnavailable,
    MessageKey,
    NotConnected,
    Reacted,
    Receipt,
    Rejected,
    Revoked,
    State,
    Status,
    Template,
    Upload,
)
from whatsapp.drivers.cloud.gateway import CloudDriver
from whatsapp.drivers.tests.cloud_shop import ANA, ANA_CHAT, SHOP, config, out, serving, text

# The session ------------------------------------------------------------------------------------


async def test_a_good_token_connects_and_names_the_number(driver):
    events = driver.events()
    [state] = await anext(events)
    assert (state.state, state.number, state.name) == (State.CONNECTED, SHOP, "Shop")
    await driver.close()
    assert [batch async for batch in events] == []


async def test_a_bad_token_asks_for_a_new_one(simulator, hook):
    bad = CloudDriver(config(f"{simulator.url}/graph", hook.number | {"token": "expired"}))
    await bad.connect()
    batches = [batch async for batch in bad.events()]
    assert [state.state for batch in batches for state in batch] == [State.NEEDS_REAUTH]
    await bad.close()


async def test_a_token_that_expires_is_noticed_by_the_next_send(simulator, hook, driver):
    events = driver.events()
    await anext(events)
    await simulator.post("/api/cloud/numbers", {"number": SHOP, "token": "renewed"})
    result = await driver.send(out(text()))
    assert isinstance(result, Rejected)
    assert result.error.cls is ErrorClass.AUTH
    assert [state.state for state in await anext(events)] == [State.NEEDS_REAUTH]


async def test_a_network_that_goes_away_degrades_and_recovers():
    up = True

    async def node(request):
        return web.json_response(
            {"id": "1", "display_phone_number": "+1"}, status=200 if up else 502
        )

    async with serving(web.get("/v23.0/1", node)) as url:
        number = {"token": "t", "phoneId": "1", "wabaId": "2"}
        driver = CloudDriver(config(url, number, health_seconds=0.05))
        await driver.connect()
        events = driver.events()
        states = []
        for reachable in (True, False, True):
            up = reachable
            states += [state.state for state in await anext(events)]
        assert states == [State.CONNECTED, State.DEGRADED, State.CONNECTED]
        await driver.logout()
        assert [state.state for state in await anext(events)] == [State.LOGGED_OUT]
        assert [batch async for batch in events] == []
        await driver.close()


async def test_a_network_that_is_away_is_a_passing_failure():
    number = {"token": "t", "phoneId": "1", "wabaId": "2"}
    driver = CloudDriver(config("http://127.0.0.1:9", number))
    with pytest.raises(DriverFailure) as caught:
        await driver.connect()
    assert not caught.value.permanent
    result = await driver.send(out(text()))
    assert isinstance(result, Rejected)
    with pytest.raises(NotConnected):
        await driver.mark_read(ANA_CHAT, ["w"])


@pytest.mark.parametrize(
    "number",
    [
        {"token": "", "phoneId": "1", "wabaId": ""},
        {"token": "t", "phoneId": "", "wabaId": ""},
        {"token": "t", "phoneId": "../x", "wabaId": ""},
        {"token": "té", "phoneId": "1", "wabaId": ""},
    ],
)
async def test_settings_that_cannot_work_are_refused(number):
    with pytest.raises(DriverFailure) as caught:
        await CloudDriver(config("http://127.0.0.1:9", number)).connect()
    assert caught.value.permanent


# A conversation ---------------------------------------------------------------------------------


async def test_a_customer_and_the_shop_talk(simulator, hook, driver):
    sent = await simulator.write(ANA, SHOP, "oi ção 😀")
    inbound = await hook.wait(Inbound)
    assert inbound.wire_id == sent
    assert inbound.message.content.text == "oi ção 😀"
    assert inbound.message.sender.push_name == "Ana"
    assert inbound.message.sender.identities[0] == Identity(IdentityKind.PHONE, ANA)
    assert hook.owners == {hook.number["phoneId"]}

    result = await driver.send(out(text(quoted=sent), chat=inbound.chat, to=inbound.message.peer))
    assert isinstance(result, Accepted)
    assert result.identities[0] == Identity(IdentityKind.PHONE, ANA)
    shown = (await simulator.messages(ANA))[-1]
    assert (shown["text"], shown["quotedId"], shown["copies"]) == ("olá", sent, 1)
    delivered = await hook.wait(Receipt, status=Status.DELIVERED)
    assert (delivered.wire_id, delivered.opaque) == (result.wire_id, "ob:1")
    assert delivered.pricing["category"] == "service"
    await simulator.post(f"/api/phones/{ANA}/read", {"chat": SHOP})
    assert (await hook.wait(Receipt, status=Status.READ)).wire_id == result.wire_id


async def test_a_person_without_a_phone_is_answered_by_their_id(simulator, hook, driver):
    await simulator.put("/api/cloud/knobs", {"omitWaId": True, "millisecondTimestamps": True})
    await simulator.write(ANA, SHOP, "oi")
    inbound = await hook.wait(Inbound)
    assert inbound.chat.endswith("@bsuid")
    assert isinstance(await driver.send(out(text(), chat=inbound.chat)), Accepted)
    assert (await simulator.messages(ANA))[-1]["text"] == "olá"


async def test_batches_of_several_accounts_are_taken_apart(simulator, hook, driver):
    await simulator.put("/api/cloud/knobs", {"batch": 50, "mixedWabas": True, "paused": True})
    for number in range(20):
        await simulator.write(ANA, SHOP, f"m{number}")
    await simulator.put("/api/cloud/knobs", {"batch": 50, "mixedWabas": True, "nullInText": True})
    await hook.wait(Inbound, count=20)
    texts = [e.message.content.text for e in hook.events if isinstance(e, Inbound)]
    assert [text.rstrip("\ufffd") for text in texts] == [f"m{number}" for number in range(20)]
    assert len(hook.bodies) < 20


async def test_files_go_both_ways(simulator, hook, driver, tmp_path):
    await simulator.write(ANA, SHOP, "oi")
    voice = tmp_path / "v.ogg"
    voice.write_bytes(b"OggS" + bytes(100_000))
    result = await driver.send(
        out(Content(kind=Kind.VOICE), Upload(path=voice, mimetype="audio/ogg", file_name="v.ogg"))
    )
    assert isinstance(result, Accepted)
    shown = (await simulator.messages(ANA))[-1]
    assert (shown["kind"], shown["size"]) == ("voice", 100_004)

    await simulator.post(
        f"/api/phones/{ANA}/messages",
        {"to": SHOP, "kind": "document", "mediaId": shown["mediaId"]},
    )
    ref = (await hook.wait(Inbound, count=2)).message.content.media
    assert ref.file_name == "v.ogg"
    fetched = await driver.fetch_media(ref, tmp_path / "got", limit=200_000)
    assert (tmp_path / "got").read_bytes() == voice.read_bytes()
    assert fetched.sha256 == hashlib.sha256(voice.read_bytes()).hexdigest()
    with pytest.raises(MediaUnavailable) as caught:
        await driver.fetch_media(ref, tmp_path / "big", limit=1000)
    assert caught.value.permanent
    with pytest.raises(MediaUnavailable) as caught:
        await driver.fetch_media(MediaRef(id="gone"), tmp_path / "none", limit=1000)
    assert caught.value.permanent
    lost = await driver.send(
        out(Content(kind=Kind.IMAGE), Upload(path=tmp_path / "no", mimetype="image/png"))
    )
    assert isinstance(lost, Rejected)
    assert lost.error.code == "no_file"
    missing = await driver.send(out(Content(kind=Kind.IMAGE)))
    assert isinstance(missing, Rejected)


async def test_menus_are_sent_and_what_is_tapped_comes_back(simulator, hook, driver):
    await simulator.write(ANA, SHOP, "oi")
    buttons = Choices(buttons=(Choice(id="y", title="Yes"), Choice(id="n", title="No")))
    menu = Content(kind=Kind.BUTTONS, text="Sure?", choices=buttons)
    result = await driver.send(out(menu))
    assert isinstance(result, Accepted)
    await simulator.post(
        f"/api/phones/{ANA}/messages",
        {
            "to": SHOP,
            "kind": "button_reply",
            "text": "Yes",
            "replyId": "y",
            "quotedId": result.wire_id,
        },
    )
    reply = (await hook.wait(Inbound, count=2)).message.content
    assert (reply.kind, reply.reply_id, reply.text) == (Kind.BUTTON_REPLY, "y", "Yes")
    assert reply.quoted == result.wire_id


async def test_reactions_edits_and_deletions_arrive_and_reactions_are_sent(simulator, hook, driver):
    sent = await simulator.write(ANA, SHOP, "oi")
    await hook.wait(Inbound)
    key = MessageKey(chat=ANA_CHAT, wire_id=sent)
    result = await driver.react(key, "👍", client_message_id="c", outbox_id="ob:2")
    assert isinstance(result, Accepted)
    await simulator.post(f"/api/phones/{ANA}/edits", {"id": sent, "text": "oi!"})
    edited = await hook.wait(Edited)
    assert (edited.target, edited.content.text) == (sent, "oi!")
    await simulator.post(f"/api/phones/{ANA}/reactions", {"id": sent, "emoji": "❤️"})
    assert (await hook.wait(Reacted)).target == sent
    await simulator.post(f"/api/phones/{ANA}/deletes", {"id": sent})
    assert (await hook.wait(Revoked)).target == sent
    for refused in (await driver.edit(key, "x"), await driver.revoke(key)):
        assert isinstance(refused, Rejected)
        assert refused.error.code == "unsupported"


async def test_reading_and_typing_are_shown(simulator, hook, driver):
    sent = await simulator.write(ANA, SHOP, "oi")
    await driver.typing(ANA_CHAT, True, last_wire_id=sent)
    await driver.typing(ANA_CHAT, False)
    await driver.mark_read(ANA_CHAT, ["older", sent])
    await driver.mark_read(ANA_CHAT, [])
    [shown] = [m for m in await simulator.messages(ANA) if m["id"] == sent]
    assert shown["status"] == "read"
    with pytest.raises(DriverFailure):
        await driver.mark_read(ANA_CHAT, ["wamid.nobody"])


# Refusals ---------------------------------------------------------------------------------------


async def test_outside_the_window_only_templates_are_taken(simulator, hook, driver):
    await simulator.put("/api/cloud/knobs", {"failBy": "response"})
    refused = await driver.send(out(text()))
    assert isinstance(refused, Rejected)
    assert (refused.error.cls, refused.error.code) == (ErrorClass.WINDOW, "131047")

    token = {"Authorization": f"Bearer {hook.number['token']}"}
    made = await simulator.client.post(
        f"/graph/v23.0/{hook.number['wabaId']}/message_templates",
        headers=token,
        json={
            "name": "order_update",
            "language": "pt_BR",
            "category": "UTILITY",
            "components": [
                {
                    "type": "BODY",
                    "text": "Pedido {{1}} pronto",
                    "example": {"body_text": [["42"]]},
                }
            ],
        },
    )
    made.raise_for_status()
    body = {"type": "body", "parameters": [{"type": "text", "text": "77"}]}
    template = Template(name="order_update", language="pt_BR", components=(body,))
    sent = await driver.send(out(Content(kind=Kind.TEMPLATE, template=template)))
    assert isinstance(sent, Accepted)
    assert (await simulator.messages(ANA))[-1]["text"] == "Pedido 77 pronto"
    assert [found["name"] for found in await driver.templates()] == ["order_update"]

    absent = Template(name="absent", language="pt_BR")
    refused = await driver.send(out(Content(kind=Kind.TEMPLATE, template=absent)))
    assert isinstance(refused, Rejected)
    assert refused.error.cls is ErrorClass.CONTENT


async def test_a_failure_on_the_way_is_reported_with_its_class(simulator, hook, driver):
    await simulator.put("/api/cloud/knobs", {"failBy": "status"})
    assert isinstance(await driver.send(out(text())), Accepted)
    failed = await hook.wait(Receipt, status=Status.FAILED)
    assert failed.error.cls is ErrorClass.WINDOW
    assert failed.opaque == "ob:1"


async def test_somebody_known_by_no_address_is_refused_before_anything_is_sent(driver):
    for result in (
        await driver.send(out(text(), chat="99@lid")),
        await driver.react(MessageKey(chat="99@lid", wire_id="w"), "👍", client_message_id="c"),
    ):
        assert isinstance(result, Rejected)
        assert (result.error.cls, result.error.code) == (ErrorClass.RECIPIENT, "no_address")
    refused = await driver.send(out(Content(kind=Kind.SYSTEM)))
    assert isinstance(refused, Rejected)
