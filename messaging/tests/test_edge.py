"""The native edge: who hears what, what a returning client gets, and when a socket ends.

With real commits, the real channel layer and the real stream.
"""

import asyncio
import uuid
from types import SimpleNamespace

import orjson
import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection as database
from django.db import transaction
from django.utils.module_loading import import_string

from accounts import tokens
from accounts.models import Session, User
from accounts.services import create_user
from accounts.services.sessions import sign_out
from contacts.identity import Identity
from contacts.services import Profile, identify_contacts
from events.hub import hub
from events.realtime import Audience, Frame, clock_of, emit, stream_of, valkey
from messaging.consumers import in_database, native, seat
from messaging.models import Message
from messaging.services.notes import remove_note
from messaging.services.send import Draft, send_message
from messaging.services.viewing import TYPING_CHANNEL
from tickets.models import Queue, QueueMember, Ticket
from tickets.services import accept_ticket, sight_of, transfer_ticket
from tickets.services.find import Wanted, live_tickets
from tickets.services.queues import set_members_of
from whaticket.asgi import application
from whaticket.tenancy import PUBLIC, schema_of
from whatsapp.models import Connection


@pytest.fixture
def office(scratch_company):
    """Ana in sales, Bia in support, Rui the admin, and a ticket of sales; all committed."""

    def person(name, **fields):
        return create_user(
            company_id=scratch_company.pk,
            email=f"{name}-{uuid.uuid4().hex[:8]}@example.com",
            password="correct horse",
            name=name.capitalize(),
            **fields,
        )

    number = Connection.objects.create(name="n", driver="sandbox", status="CONNECTED")
    sales = Queue.objects.create(name="Sales", color="#112233")
    support = Queue.objects.create(name="Support", color="#445566")
    ana, bia, rui = person("ana"), person("bia"), person("rui", profile="admin")
    QueueMember.objects.create(queue=sales, user=ana)
    QueueMember.objects.create(queue=support, user=bia)
    (carla,) = identify_contacts([Profile((Identity("phone", "5511988887777"),), name="Carla")])
    with transaction.atomic():
        ticket = live_tickets([Wanted(carla, number)])[carla.pk]
    Ticket.objects.filter(pk=ticket.pk).update(queue=sales)
    ticket.refresh_from_db()
    yield SimpleNamespace(
        company=scratch_company,
        schema=schema_of(scratch_company.pk),
        ana=ana,
        bia=bia,
        rui=rui,
        sales=sales,
        support=support,
        ticket=ticket,
        number=number,
    )
    valkey().delete(
        stream_of(schema_of(scratch_company.pk)), clock_of(schema_of(scratch_company.pk))
    )


@pytest.fixture(autouse=True)
def _committed(django_db_blocker):
    with django_db_blocker.unblock():
        yield
        database.close()


@pytest.fixture(autouse=True)
async def _hub_ends():
    yield
    await hub().close()


def token_of(user):
    session = Session.objects.create(user=user, token_version=user.token_version)
    return tokens.access_token(user, session), session


class Socket:
    """A client of the edge."""

    def __init__(self, company_id, token="", query="", headers=()):
        address = f"/ws/{company_id}?token={token}{query}"
        self.company_id = company_id
        self.kept = []
        self._wire = WebsocketCommunicator(application, address, headers=list(headers))

    async def open(self):
        connected, _ = await self._wire.connect(timeout=5)
        return connected

    async def hear(self):
        # A frame may be more than a plain str, which orjson would refuse.
        return orjson.loads(str(await self._wire.receive_from(timeout=5)))

    async def say(self, event, data=None):
        await self._wire.send_to(text_data=orjson.dumps({"event": event, "data": data}).decode())

    async def does(self, event, data=None):
        """Say something and wait until it has been taken."""
        await self.say(event, data)
        self.kept += await self.settled()

    async def raw(self, text):
        await self._wire.send_to(text_data=text)

    async def settled(self):
        """Give all frames that came before an answer to a ping."""
        await self.say("ping")
        frames = []
        while (frame := await self.hear())["event"] != "pong":
            frames.append(frame)
        return frames

    async def code(self):
        while True:
            message = await self._wire.receive_output(timeout=5)
            if message["type"] == "websocket.close":
                return message["code"]

    async def close(self):
        await self._wire.disconnect(timeout=5)


async def signed_in(office, user, query=""):
    token, _ = await in_database(PUBLIC, token_of, user)
    socket = Socket(office.company.pk, token, query)
    assert await socket.open()
    return socket, await socket.hear()


async def during(office, function, *args, **kwargs):
    return await in_database(office.schema, function, *args, **kwargs)


def frames_of(frames, noun):
    return [f for f in frames if f["event"].endswith(f"-{noun}")]


async def heard_by(socket, noun):
    """Give what the socket has heard of all that was committed up to now."""
    last = uuid.uuid4().hex
    await in_database(schema_of(socket.company_id), emit, [Frame(last, b"null")])
    frames, socket.kept = socket.kept, []
    while (frame := await socket.hear())["event"] != last:
        frames.append(frame)
    return frames_of(frames, noun)


@pytest.mark.parametrize("who", ["ana", "bia", "rui"])
def test_a_socket_hears_of_exactly_the_tickets_that_lists_show(cast, ticket, who):
    socket = seat.Seat()
    socket.user = getattr(cast, who)
    socket.sight = sight_of(socket.user)
    place = [ticket.status, ticket.queue_id, ticket.agent_id, ticket.is_group, cast.number.pk]
    listed = Ticket.objects.visible_to(socket.sight).filter(pk=ticket.pk).exists()
    assert socket.may_hear({"ticket": place}) is listed is (who != "bia")


async def test_a_message_is_heard_once_by_those_who_see_its_ticket(office):
    ana, ready = await signed_in(office, office.ana)
    bia, _ = await signed_in(office, office.bia)
    rui, _ = await signed_in(office, office.rui)
    assert ready["event"] == "ready"
    await during(office, send_message, office.ticket, Draft(body="olá"), by=office.ana)
    for socket in (ana, rui):
        (frame,) = await heard_by(socket, "appMessage")
        assert frame["event"] == f"company-{office.company.pk}-appMessage"
        assert frame["data"]["action"] == "create"
        assert frame["data"]["ticket"]["uuid"] == str(office.ticket.uuid)
        assert frame["data"]["message"]["body"] == "olá"
        assert frame["data"]["message"]["ticket"]["contact"]["name"] == "Carla"
    assert await heard_by(bia, "appMessage") == []
    for socket in (ana, bia, rui):
        await socket.close()


async def test_a_removed_note_is_told_with_its_ticket(office):
    note = await during(
        office, send_message, office.ticket, Draft(body="x", is_private=True), by=office.ana
    )
    ana, _ = await signed_in(office, office.ana)
    await during(office, remove_note, note, by=office.ana)
    (frame,) = await heard_by(ana, "appMessage")
    assert (frame["data"]["action"], frame["data"]["messageId"]) == ("delete", note.pk)
    assert frame["data"]["message"]["ticket"]["uuid"] == str(office.ticket.uuid)
    await ana.close()


async def test_who_loses_a_ticket_hears_delete_and_nothing_after(office):
    ticket = await during(office, accept_ticket, office.ticket, by=office.ana)
    ana, _ = await signed_in(office, office.ana)
    bia, _ = await signed_in(office, office.bia)
    await during(
        office,
        transfer_ticket,
        ticket,
        by=office.ana,
        queue_id=office.support.pk,
        agent_id=office.bia.pk,
    )
    lost = await heard_by(ana, "ticket")
    assert [frame["data"]["action"] for frame in lost] == ["delete"]
    gained = await heard_by(bia, "ticket")
    assert "update" in [frame["data"]["action"] for frame in gained]
    await during(office, send_message, ticket, Draft(body="later"), by=office.bia)
    assert await heard_by(ana, "appMessage") == []
    assert len(await heard_by(bia, "appMessage")) == 1
    await ana.close()
    await bia.close()


async def test_a_client_that_comes_back_gets_what_it_missed_once_and_in_order(office):
    first, ready = await signed_in(office, office.ana)
    await during(office, send_message, office.ticket, Draft(body="0"), by=office.ana)
    (frame,) = await heard_by(first, "appMessage")
    await first.close()
    for text in ("1", "2", "3"):
        await during(office, send_message, office.ticket, Draft(body=text), by=office.ana)
    again, ready = await signed_in(office, office.ana, f"&after={frame['id']}")
    assert ready["id"] == frame["id"]
    missed = await heard_by(again, "appMessage")
    assert [f["data"]["message"]["body"] for f in missed] == ["1", "2", "3"]
    await during(office, send_message, office.ticket, Draft(body="4"), by=office.ana)
    assert [f["data"]["message"]["body"] for f in await heard_by(again, "appMessage")] == ["4"]
    # Bia missed nothing that was hers to hear.
    bia, _ = await signed_in(office, office.bia, f"&after={frame['id']}")
    assert await heard_by(bia, "appMessage") == []
    await again.close()
    await bia.close()


@pytest.mark.parametrize("after", ["1-1", "nonsense", "99999999999999-1"])
async def test_who_was_away_too_long_is_told_to_fetch_again(office, after):
    await during(office, send_message, office.ticket, Draft(body="0"), by=office.ana)
    ana, ready = await signed_in(office, office.ana, f"&after={after}")
    assert ready["event"] == "ready"
    assert (await ana.hear())["event"] == "resync"
    await ana.close()


async def test_a_flushed_stream_is_noticed(office, monkeypatch):
    monkeypatch.setattr("events.hub.TEND_SECONDS", 0.2)
    ana, _ = await signed_in(office, office.ana)
    await during(office, send_message, office.ticket, Draft(body="0"), by=office.ana)
    assert len(await heard_by(ana, "appMessage")) == 1
    valkey().delete(stream_of(office.schema), clock_of(office.schema))
    assert (await ana.hear())["event"] == "resync"
    await ana.close()


async def test_frames_for_admins_and_for_persons_reach_only_them(office):
    ana, _ = await signed_in(office, office.ana)
    rui, _ = await signed_in(office, office.rui)
    await during(
        office,
        emit,
        [
            Frame("x-admins", b"1", Audience(admins=True)),
            Frame("x-ana", b"2", Audience(users=(office.ana.pk,))),
            Frame("x-all", b"3"),
        ],
    )
    await asyncio.sleep(0.3)
    assert [f["data"] for f in await ana.settled() if f["event"].startswith("x-")] == [2, 3]
    assert [f["data"] for f in await rui.settled() if f["event"].startswith("x-")] == [1, 3]
    await ana.close()
    await rui.close()


async def test_nobody_without_a_sign_in_is_let_in(office):
    for token in ("", "garbage"):
        socket = Socket(office.company.pk, token)
        assert await socket.open()
        assert await socket.code() == seat.NOT_SIGNED_IN
        await socket.close()


async def test_another_companys_door_is_closed_except_for_operators(office, request):
    others = request.getfixturevalue("_companies").globex.pk
    token, _ = await in_database(PUBLIC, token_of, office.ana)
    socket = Socket(others, token)
    assert await socket.open()
    assert await socket.code() == seat.NOT_YOURS
    await socket.close()
    await in_database(PUBLIC, User.objects.filter(pk=office.rui.pk).update, is_super=True)
    token, _ = await in_database(PUBLIC, token_of, office.rui)
    socket = Socket(others, token)
    assert await socket.open()
    assert (await socket.hear())["event"] == "ready"
    await socket.close()


async def test_a_page_of_strangers_cannot_use_the_browsers_cookie(office):
    def cookie():
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
        store[SESSION_KEY] = str(office.ana.pk)
        store[BACKEND_SESSION_KEY] = "accounts.backends.EmailBackend"
        store[HASH_SESSION_KEY] = office.ana.get_session_auth_hash()
        store.save()
        return store.session_key

    key = await in_database(PUBLIC, cookie)
    jar = (b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}".encode())
    ours = (b"origin", settings.FRONTEND_URL.encode())
    socket = Socket(office.company.pk, headers=[jar, ours])
    assert await socket.open()
    assert (await socket.hear())["data"]["userId"] == office.ana.pk
    await socket.close()
    socket = Socket(office.company.pk, headers=[jar, (b"origin", b"https://evil.example")])
    assert not await socket.open()


async def test_a_socket_ends_with_its_session(office):
    token, session = await in_database(PUBLIC, token_of, office.ana)
    socket = Socket(office.company.pk, token)
    assert await socket.open()
    await socket.hear()
    other, _ = await signed_in(office, office.ana)
    await in_database(PUBLIC, sign_out, session)
    assert await socket.code() == seat.NOT_SIGNED_IN
    await other.settled()
    await socket.close()
    await other.close()


async def test_new_queues_are_heard_at_once(office):
    bia, _ = await signed_in(office, office.bia)
    members = [office.ana.pk, office.bia.pk]
    await during(office, set_members_of, office.sales, members, by=office.rui)
    await asyncio.sleep(0.3)
    await during(office, send_message, office.ticket, Draft(body="olá"), by=office.ana)
    assert len(await heard_by(bia, "appMessage")) == 1
    await bia.close()


async def test_colleagues_see_who_looks_and_types_and_the_network_is_told(office):
    listener = valkey().pubsub()
    listener.subscribe(TYPING_CHANNEL)
    ana, _ = await signed_in(office, office.ana)
    rui, _ = await signed_in(office, office.rui)
    bia, _ = await signed_in(office, office.bia)
    key = str(office.ticket.uuid)
    await ana.does("joinChatBox", key)
    (looks,) = await heard_by(rui, "presence")
    assert (looks["data"]["action"], looks["data"]["user"]["name"]) == ("viewing", "Ana")
    await rui.does("joinChatBox", key)
    viewers = [f for f in await heard_by(rui, "presence") if f["data"]["action"] == "viewers"]
    assert [u["name"] for u in viewers[0]["data"]["users"]] == ["Ana", "Rui"]
    await ana.does("typing", {"uuid": key, "active": True})
    (types,) = await heard_by(rui, "presence")
    assert (types["data"]["action"], types["data"]["active"]) == ("typing", True)
    wishes = [m for _ in range(20) if (m := listener.get_message(timeout=0.1))]
    wish = orjson.loads(next(m["data"] for m in wishes if m["type"] == "message"))
    assert wish["chat"] == "5511988887777@s.whatsapp.net"
    # Who cannot see the ticket neither hears of it nor makes others hear.
    await bia.does("joinChatBox", key)
    await bia.does("typing", {"uuid": key})
    assert await heard_by(bia, "presence") == []
    await ana.close()
    gone = await heard_by(rui, "presence")
    assert [f["data"]["active"] for f in gone if f["data"]["action"] == "viewing"][-1] is False
    listener.close()
    await rui.close()
    await bia.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"event":1}',
        '{"event":"userStatus"}',
        '{"event":"typing"}',
        '{"event":"joinChatBox","data":{"a":1}}',
        '{"event":"joinTickets","data":"open"}',
        '{"event":"joinChatBox","data":"\\u0000"}',
        "x" * 20_000,
    ],
)
async def test_nothing_a_client_says_is_an_error(office, text):
    ana, _ = await signed_in(office, office.ana)
    if text:
        await ana.raw(text)
    assert await ana.settled() == []
    await ana.close()


async def test_a_slow_client_is_let_go(office, monkeypatch):
    monkeypatch.setattr(native, "MAX_WAITING", 5)
    ana, _ = await signed_in(office, office.ana)
    await during(office, emit, [Frame("x", b"1") for _ in range(50)])
    assert await ana.code() == seat.TOO_SLOW
    await ana.close()


async def test_two_requests_with_one_key_send_one_message(office):
    def send():
        return send_message(
            office.ticket, Draft(body="once"), by=office.ana, idempotency_key="same"
        ).pk

    sent = await asyncio.gather(*[during(office, send) for _ in range(6)])
    assert len(set(sent)) == 1
    assert await during(office, Message.objects.filter(body="once").count) == 1
