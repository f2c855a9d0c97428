"""The main job on the real processes: a message becomes a ticket, an agent answers, it is read."""

import asyncio
import collections

import pytest

from whaticket.testing.platform import BUSINESS, Ear, Platform, chatter, running_platform

pytestmark = pytest.mark.system

PHONES = 200
EACH = 50


@pytest.fixture(scope="module")
def platform():
    with running_platform() as running:
        yield running


def _numbers(count: int, area: str) -> list[str]:
    return [f"55{area}9{n:08}" for n in range(count)]


def _all_messages(api, ticket):
    """Give a conversation, oldest first, by paging back through it."""
    pages, page = [], 1
    while True:
        answer = api.get(f"/messages/{ticket['uuid']}", params={"pageNumber": page}).json()
        pages.append(answer["messages"])
        if not answer["hasMore"]:
            return [message for page_ in reversed(pages) for message in page_]
        page += 1


def _pending_tickets(api, numbers):
    wanted, found, page = set(numbers), {}, 1
    while True:
        answer = api.get(
            "/tickets", params={"status": "pending", "showAll": "true", "pageNumber": page}
        ).json()
        for ticket in answer["tickets"]:
            number = ticket["contact"]["number"]
            if number in wanted:
                assert number not in found, "two live tickets of one customer"
                found[number] = ticket
        if not answer["hasMore"]:
            return found
        page += 1


def test_a_conversation_from_both_sides(platform: Platform):
    customer = "5519955550001"
    simulator, api = platform.simulator(), platform.api()
    simulator.post("/api/phones", json={"number": customer, "name": "Dora"}).raise_for_status()
    simulator.post(
        f"/api/phones/{customer}/messages", json={"to": BUSINESS, "kind": "text", "text": "oi"}
    ).raise_for_status()
    ticket = platform.wait_for(lambda: _pending_tickets(api, [customer]).get(customer))
    accepted = api.post(f"/tickets/{ticket['id']}/accept")
    assert accepted.status_code == 200, accepted.text
    sent = api.post(f"/messages/{ticket['id']}", json={"body": "Bom dia, Dora!"})
    assert sent.status_code == 200, sent.text

    def shown():
        messages = simulator.get(f"/api/phones/{customer}/messages").json()
        return [m for m in messages if m["from"] == BUSINESS]

    (bubble,) = platform.wait_for(shown)
    assert (bubble["text"], bubble["copies"]) == ("Bom dia, Dora!", 1)
    simulator.post(f"/api/phones/{customer}/read", json={"chat": BUSINESS}).raise_for_status()
    platform.wait_for(lambda: _all_messages(api, ticket)[-1]["ack"] == 3)


def test_two_hundred_phones_at_once_lose_and_double_nothing(platform: Platform):
    numbers = _numbers(PHONES, "21")
    simulator, api = platform.simulator(), platform.api()
    for number in numbers:
        simulator.post("/api/phones", json={"number": number, "name": f"P {number[-4:]}"})
    simulator.put("/api/faults", json={"duplicateRate": 0.2, "reorder": True}).raise_for_status()
    ear = Ear(platform)

    async def run():
        ready = asyncio.Event()
        listening = asyncio.create_task(ear.listen(ready))
        await asyncio.wait_for(ready.wait(), 30)
        await chatter(platform, numbers, EACH)
        for _ in range(240):
            if len(ear.created) >= PHONES * EACH:
                break
            await asyncio.sleep(0.25)
        await asyncio.sleep(1)  # anything doubled would come now
        listening.cancel()

    asyncio.run(run())
    simulator.put("/api/faults", json={}).raise_for_status()
    tickets = _pending_tickets(api, numbers)
    assert len(tickets) == PHONES
    for ticket in tickets.values():
        bodies = [message["body"] for message in _all_messages(api, ticket)]
        assert bodies == [f"m{n}" for n in range(EACH)]
    heard = collections.Counter(ear.created)
    assert len(heard) == PHONES * EACH
    assert set(heard.values()) == {1}
    assert ear.was_told_to_fetch == 0
