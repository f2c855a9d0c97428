"""The sandbox driver against the simulator: a device's life, and its troubles."""

from datetime import timedelta

import pytest

from whatsapp.drivers.base import (
    Accepted,
    CardPhone,
    ContactCard,
    Content,
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
    Outgoing,
    Reacted,
    Receipt,
    Rejected,
    Revoked,
    Status,
    Template,
    Typing,
    Unreadable,
    Upload,
)
from whatsapp.drivers.sandbox.gateway import SandboxDriver
from whatsapp.drivers.tests.sandbox_shop import ANA, ANA_CHAT, SHOP, running, text


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


async def test_reading_in_a_group_says_whose_message_it_was(simulator, shop):
    body = {"subject": "Team", "members": [SHOP, ANA]}
    group = (await simulator.post("/api/groups", body))["id"]
    sent = await simulator.write(ANA, group, "oi")
    inbound = await shop.wait(Inbound)
    with pytest.raises(DriverFailure):
        await shop.driver.mark_read(inbound.chat, [sent])
    await shop.driver.mark_read(inbound.chat, [sent], sender=ANA_CHAT)
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
