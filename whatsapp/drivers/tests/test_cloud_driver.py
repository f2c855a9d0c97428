"""The cloud driver against the simulator's Graph face, and against networks that misbehave."""

import asyncio
import contextlib
import hashlib

import pytest
from aiohttp import web

from whatsapp.drivers.base import (
    Accepted,
    Choice,
    Choices,
    Content,
    DriverConfig,
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
    NotSupported,
    Outgoing,
    Reacted,
    Receipt,
    Rejected,
    Revoked,
    State,
    StateChanged,
    Status,
    Template,
    Unknown,
    Upload,
)
from whatsapp.drivers.cloud.gateway import CloudDriver
from whatsapp.drivers.cloud.signature import HEADER, challenge_answer, is_signed
from whatsapp.drivers.cloud.webhook import parse, split

SHOP = "5511911110000"
ANA = "5511922220000"
ANA_CHAT = f"{ANA}@s.whatsapp.net"


def config(url, number, **settings):
    return DriverConfig(
        connection_key="c1",
        credentials={"access_token": number["token"]},
        settings={
            "base_url": url,
            "phone_number_id": number["phoneId"],
            "waba_id": number["wabaId"],
            **settings,
        },
        request_seconds=3,
    )


class Receiver:
    """A webhook edge: checks the handshake and the signature, splits, parses."""

    def __init__(self):
        self.number = {}
        self.events = []
        self.bodies = []
        self.owners = set()
        self._news = asyncio.Event()

    async def handshake(self, request):
        challenge = challenge_answer(request.query, self.number["verifyToken"])
        return web.Response(status=403) if challenge is None else web.Response(text=challenge)

    async def take(self, request):
        body = await request.read()
        if not is_signed(body, request.headers.get(HEADER), self.number["appSecret"]):
            return web.Response(status=403)
        self.bodies.append(body)
        for owner, items in split(body).items():
            self.owners.add(owner)
            self.events += [event for item in items for event in parse(item)]
        self._news.set()
        return web.Response()

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
async def serving(*routes):
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def hook(simulator):
    """The shop's cloud number with our webhook edge behind it; Ana is a customer."""
    receiver = Receiver()
    async with serving(
        web.get("/hook", receiver.handshake), web.post("/hook", receiver.take)
    ) as url:
        await simulator.phone(ANA, "Ana")
        receiver.number = await simulator.post(
            "/api/cloud/numbers",
            {
                "number": SHOP,
                "name": "Shop",
                "callbackUrl": f"{url}/hook",
                "verifyToken": "ours",
            },
        )
        token = {"Authorization": f"Bearer {receiver.number['token']}"}
        subscribed = await simulator.client.post(
            f"/graph/v23.0/{receiver.number['wabaId']}/subscribed_apps", headers=token
        )
        subscribed.raise_for_status()
        yield receiver


@pytest.fixture
async def driver(simulator, hook):
    found = CloudDriver(config(f"{simulator.url}/graph", hook.number))
    await found.connect()
    yield found
    await found.close()


def out(content, upload=None, chat=ANA_CHAT, to=()):
    return Outgoing(
        outbox_id="ob:1", client_message_id="c", chat=chat, to=to, content=content, upload=upload
    )


def text(body="olá", **fields):
    return Content(kind=Kind.TEXT, text=body, **fields)


# The session --------------------------------------------------------------------------------


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


# A conversation -----------------------------------------------------------------------------


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


# Refusals -----------------------------------------------------------------------------------


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


# Lost answers -------------------------------------------------------------------------------


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


def answering(status=200, body="{}", *, cut=False, sleep=0.0, headers=None):
    async def answer(request):
        await request.read()
        if sleep:
            await asyncio.sleep(sleep)
        if cut:
            request.transport.abort()
        return web.Response(
            status=status, text=body, content_type="application/json", headers=headers
        )

    return web.post("/v23.0/1/messages", answer)


@contextlib.asynccontextmanager
async def misbehaving(*routes):
    async def node(request):
        return web.json_response({"id": "1", "display_phone_number": "+1"})

    async with serving(web.get("/v23.0/1", node), *routes) as url:
        driver = CloudDriver(config(url, {"token": "t", "phoneId": "1", "wabaId": "2"}))
        await driver.connect()
        try:
            yield driver
        finally:
            await driver.close()


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


# Downloads ----------------------------------------------------------------------------------


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


# Templates ----------------------------------------------------------------------------------


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
