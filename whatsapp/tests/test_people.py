"""Blocking, the address book and messages without a ticket, from the service to the phone."""

import asyncio
import time

import pytest

from contacts import services
from contacts.identity import Identity
from contacts.models import Contact
from contacts.services.identify import Profile
from contacts.services.imports import import_address_book
from dispatch.models import Outbox
from messaging.models import Message
from whatsapp.models import Connection, DirectMessage
from whatsapp.services.external.send import Order, check_external, send_external
from whatsapp.services.people import answer_address_book
from whatsapp.services.tokens import ApiCaller, issue_token
from whatsapp.simulator.testing import simulator  # noqa: F401 (fixture)
from whatsapp.tests.test_sessions import CUSTOMER, NUMBER, desk  # noqa: F401 (fixture)

PROFILE = Profile((Identity("phone", CUSTOMER),), name="Carla")


def blocks():
    return list(Outbox.objects.filter(kind="block").order_by("pk"))


def test_blocking_is_left_to_every_connection_that_can(cast, api, ticket):
    Connection.objects.create(name="gone", driver="no such driver")
    http, path = api(cast.ana), f"/contacts/block/{ticket.contact_id}"
    answer = http.put(path, {"active": False})
    assert (answer.status_code, answer.json()["active"]) == (200, False)
    (row,) = blocks()
    assert (row.connection_id, row.company_id) == (cast.number.pk, cast.acme.pk)
    assert row.payload == {"to": [["phone", "5511988887777"]], "blocked": True}
    # Once more is nothing new; the other form of the same wish lets in again.
    http.put(path, {"active": False})
    assert len(blocks()) == 1
    http.put(f"/contacts/{ticket.contact_id}", {"active": True})
    assert [row.payload["blocked"] for row in blocks()] == [True, False]


@pytest.mark.parametrize("body", [{}, {"active": "perhaps"}, [], {"active": None}])
def test_a_block_that_says_nothing_is_refused(cast, api, ticket, body):
    answer = api(cast.ana).put(f"/contacts/block/{ticket.contact_id}", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert not blocks()


def test_another_companys_contact_is_not_blocked(cast, api, ticket):
    answer = api(cast.eva).put(f"/contacts/block/{ticket.contact_id}", {"active": False})
    assert answer.status_code == 404
    assert not blocks()
    assert Contact.objects.get(pk=ticket.contact_id).is_active


def test_who_has_no_address_is_blocked_here_only(cast):
    group = Contact.objects.create(name="Staff", address="1@g.us", is_group=True)
    services.update_contact(group, by=cast.rui, is_active=False)
    assert not blocks()


async def until(probe, seconds=15):
    deadline = time.monotonic() + seconds
    while not (found := await probe()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return found


async def test_the_phone_knows_blocks_and_is_written_to_without_a_ticket(desk):  # noqa: F811
    await desk.link()
    await desk.network.phone(CUSTOMER, "Carla")
    await desk.network.write(CUSTOMER, NUMBER, "hello")
    (contact,) = await until(lambda: desk.db(lambda: list(Contact.objects.all())))

    # The address book and the chats, over the running session.
    await desk.network.phone("5511977770000", "Dora")
    taken = await desk.db(import_address_book, "contacts", by=None)
    assert len(taken.created) == 1
    names = await desk.db(lambda: set(Contact.objects.values_list("name", flat=True)))
    assert names == {"Carla", "Dora"}
    taken = await desk.db(import_address_book, "chats", by=None)
    assert (taken.created, taken.known) == ([], 1)

    # A number is looked up, and written to without contact and ticket.
    def program():
        token, _ = issue_token(desk.connection, name="p", scopes=["messages:send"], by=None)
        return ApiCaller(desk.company.pk, token, Connection.objects.get(pk=desk.connection.pk))

    caller = await desk.db(program)
    checked = await desk.db(check_external, caller, "5511966660000")
    assert checked.exists is False
    order = Order(number="5511977770000", texts=["only this"], is_registered=False)
    await desk.db(send_external, caller, order)
    shown = await until(lambda: desk.network.messages("5511977770000"))
    assert [(m["text"], m["copies"]) for m in shown] == [("only this", 1)]
    status = lambda: desk.db(DirectMessage.objects.filter(status="accepted").exists)  # noqa: E731
    await until(status)
    assert await desk.db(Message.objects.filter(from_me=True).count) == 0

    # Who is blocked is not heard any more.
    await desk.db(services.update_contact, contact, by=None, is_active=False)

    async def done():
        return not await desk.db(Outbox.objects.filter(kind="block").exists)

    await until(done)
    await desk.network.write(CUSTOMER, NUMBER, "nobody hears this")
    await desk.network.write("5511977770000", NUMBER, "but this")
    bodies = lambda: desk.db(  # noqa: E731
        lambda: list(Message.objects.filter(from_me=False).values_list("body", flat=True))
    )

    async def heard():
        return "but this" in await bodies()

    await until(heard)
    assert await bodies() == ["hello", "but this"]


@pytest.mark.parametrize("fields", [{"driver": "no such driver"}, {"driver": "cloud"}])
def test_a_connection_that_cannot_tell_has_no_address_book(cast, fields):
    Connection.objects.filter(pk=cast.number.pk).update(**fields)
    assert answer_address_book("contacts") is None
    assert answer_address_book("chats") is None
