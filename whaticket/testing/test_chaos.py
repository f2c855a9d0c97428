"""Processes die at random while thousands of messages are under way; nothing is lost or doubled."""

import asyncio
import contextlib
import random
import time

import aiohttp
import pytest

from whaticket.testing.platform import BUSINESS, Platform, chatter, running_platform

pytestmark = pytest.mark.system

PHONES = 40
EACH = 50  # 2,000 messages each way
KILLS = 30
VICTIMS = ["web", "worker", "whatsapp", "valkey"]


@pytest.fixture
def platform():
    with running_platform() as running:
        yield running


async def _answer(session, ticket_id: int, key: str, text: str) -> None:
    """Send one text as an impatient client: ask again until it is answered, with one key."""
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with session.post(
                f"/messages/{ticket_id}",
                json={"body": text},
                headers={"Idempotency-Key": key},
                timeout=aiohttp.ClientTimeout(total=10),
            ) as answer:
                if answer.status == 200:
                    return
                assert answer.status >= 500 or answer.status in {403, 429}, await answer.text()
        await asyncio.sleep(random.uniform(0.1, 0.4))


async def _answer_everybody(platform: Platform, tickets: dict[str, int], token: str) -> None:
    async def one(session, number: str, ticket_id: int) -> None:
        for n in range(EACH):
            await _answer(session, ticket_id, f"{number}-{n}", f"r{n}")

    headers = {"Authorization": token}
    connector = aiohttp.TCPConnector(limit=8)
    async with aiohttp.ClientSession(platform.url, headers=headers, connector=connector) as session:
        await asyncio.gather(*[one(session, *item) for item in tickets.items()])


async def _kill_at_random(platform: Platform, dice: random.Random) -> None:
    for n in range(KILLS):
        await asyncio.sleep(dice.uniform(0.5, 2.0))
        platform.kill(VICTIMS[n % len(VICTIMS)])


def test_thirty_kills_lose_nothing_and_double_nothing(platform: Platform):
    numbers = [f"55319{n:08}" for n in range(PHONES)]
    simulator, api = platform.simulator(), platform.api()
    for number in numbers:
        simulator.post("/api/phones", json={"number": number, "name": f"P {number[-4:]}"})
        simulator.post(
            f"/api/phones/{number}/messages",
            json={"to": BUSINESS, "kind": "text", "text": "first"},
        ).raise_for_status()
    tickets: dict[str, int] = {}

    def everybody_waits() -> bool:
        for page in (1, 2, 3):
            query = {"status": "pending", "showAll": "true", "pageNumber": page}
            for ticket in api.get("/tickets", params=query).json()["tickets"]:
                if ticket["contact"]["number"] in numbers:
                    tickets[ticket["contact"]["number"]] = ticket["id"]
        return len(tickets) == PHONES

    platform.wait_for(everybody_waits)
    for ticket_id in tickets.values():
        api.post(f"/tickets/{ticket_id}/accept").raise_for_status()

    seed = random.randrange(10**6)
    print(f"seed {seed}")

    async def storm():
        await asyncio.gather(
            chatter(platform, numbers, EACH),
            _answer_everybody(platform, tickets, api.headers["Authorization"]),
            _kill_at_random(platform, random.Random(seed)),
        )

    asyncio.run(storm())

    def everything_arrived() -> bool:
        ledger = simulator.get("/api/ledger").json()
        unread = simulator.get("/api/state").json()["unconfirmedEvents"]
        return ledger["delivered"] >= 2 * PHONES * EACH and unread == 0

    platform.wait_for(everything_arrived, 120)
    time.sleep(5)  # anything doubled would come now
    api = platform.api()
    for number, ticket_id in tickets.items():
        shown = [
            m
            for m in simulator.get(f"/api/phones/{number}/messages").json()
            if m["from"] == BUSINESS
        ]
        assert sorted(m["text"] for m in shown) == sorted(f"r{n}" for n in range(EACH))
        assert {m["copies"] for m in shown} == {1}
        bodies, page = [], 1
        while True:
            answer = api.get(f"/messages/{ticket_id}", params={"pageNumber": page}).json()
            bodies += [m["body"] for m in answer["messages"] if not m["fromMe"]]
            if not answer["hasMore"]:
                break
            page += 1
        assert sorted(bodies) == sorted(["first", *[f"m{n}" for n in range(EACH)]])
