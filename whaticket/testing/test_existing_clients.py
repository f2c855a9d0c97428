"""Clients written for the old backend, over HTTP and Socket.IO only (rest.md, realtime.md)."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import socketio
from playwright.sync_api import sync_playwright

from whaticket.testing.chromium import launch_options
from whaticket.testing.platform import BUSINESS, EMAIL, PASSWORD, running_platform

pytestmark = pytest.mark.system

# The published client, unchanged, as a page of an existing installation loads it.
CLIENT = Path(__file__).parent / "vendor" / "socket.io.min.js"
COMPANY = 1


@pytest.fixture(scope="module")
def platform():
    with running_platform() as running:
        yield running


@pytest.fixture
def customer(platform):
    """`customer(number, text)`: somebody writes to the business."""
    simulator = platform.simulator()

    def says(number, text):
        simulator.post("/api/phones", json={"number": number, "name": f"C {number[-3:]}"})
        simulator.post(
            f"/api/phones/{number}/messages", json={"to": BUSINESS, "kind": "text", "text": text}
        ).raise_for_status()

    return says


class Heard(list):
    """Events as they came, with a way to wait for one."""

    async def until(self, event, action, seconds=20):
        """Wait for an event with an action; give its payload."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for name, data in self:
                if name == event and data.get("action") == action:
                    return data
            await asyncio.sleep(0.05)
        raise AssertionError(
            f"{event}/{action} never came: {[(n, d.get('action')) for n, d in self]}"
        )


@contextlib.asynccontextmanager
async def connected(platform, *, namespace=f"/{COMPANY}", **options) -> AsyncIterator[tuple]:
    client, heard = socketio.AsyncClient(reconnection=False), Heard()

    async def note(event, _namespace, data=None, *_more):
        heard.append((event, data or {}))

    client.on("*", note, namespace="*")
    await client.connect(platform.url, namespaces=[namespace], wait_timeout=10, **options)
    try:
        yield client, heard
    finally:
        # A client that polls waits for its last question, which the server keeps for its time.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(client.disconnect(), 2)


async def refusal(platform, *, namespace=f"/{COMPANY}", **options):
    """Try to connect; give the reason it was refused for."""
    client = socketio.AsyncClient(reconnection=False)
    answer = asyncio.get_running_loop().create_future()

    async def refused(data):
        answer.set_result(data)

    async def let_in():
        answer.set_result("let in")

    client.on("connect_error", refused, namespace=namespace)
    client.on("connect", let_in, namespace=namespace)
    await client.connect(platform.url, namespaces=[namespace], wait=False, **options)
    try:
        data = await asyncio.wait_for(answer, 15)
        return data["message"] if isinstance(data, dict) else data
    finally:
        await client.disconnect()


def signed_in(platform, email=EMAIL):
    """Sign in as a browser does; give a client with the refresh cookie and its access token."""
    client = httpx.Client(base_url=platform.url, timeout=30)
    answer = client.post("/auth/login", json={"email": email, "password": PASSWORD})
    answer.raise_for_status()
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return client


def cookie_of(client):
    return {"Cookie": f"jrt={client.cookies['jrt']}"}


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_a_message_is_heard_over_either_transport(platform, customer, transport):
    number = "5511977770001" if transport == "polling" else "5511977770002"
    headers = cookie_of(signed_in(platform))
    async with connected(platform, transports=[transport], headers=headers) as (_client, heard):
        await asyncio.to_thread(customer, number, "hello there")
        data = await heard.until(f"company-{COMPANY}-appMessage", "create")
        assert data["message"]["body"] == "hello there"
        assert data["ticket"]["uuid"]
        # Once, whatever the transport.
        await asyncio.sleep(1)
        created = [n for n, d in heard if n.endswith("appMessage") and d["action"] == "create"]
        assert len(created) == 1


async def test_a_token_opens_the_socket_in_three_ways(platform):
    token = signed_in(platform).headers["Authorization"].removeprefix("Bearer ")
    async with connected(platform, auth={"token": token}) as (client, _):
        assert client.connected
    refused = socketio.AsyncClient(reconnection=False)
    await refused.connect(f"{platform.url}?token={token}", namespaces=[f"/{COMPANY}"])
    assert refused.get_sid(f"/{COMPANY}")
    await refused.disconnect()


# `/admin` is where the Socket.IO admin interface would be; nobody is let in (docs/clients.md).
@pytest.mark.parametrize("namespace", ["/2", "/", "/0", "/abc", "/admin", "/99999999999999999999"])
async def test_another_namespace_is_refused(platform, namespace):
    # The platform's owner may look at every company; an agent may not.
    api = platform.api()
    email = f"agent{time.monotonic_ns()}@whaticket.local"
    fields = {"name": "Agent", "email": email, "password": PASSWORD, "profile": "user"}
    api.post("/users", json={**fields, "queueIds": []}).raise_for_status()
    headers = cookie_of(signed_in(platform, email))
    assert await refusal(platform, namespace=namespace, headers=headers) == "ERR_NO_PERMISSION"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"headers": {"Cookie": "jrt=nonsense"}},
        {"auth": {"token": "nonsense"}},
        {"auth": {"token": 7}},
        {"auth": "text"},
    ],
)
async def test_nobody_hears_a_company_without_a_sign_in(platform, options):
    assert await refusal(platform, **options) == "ERR_SESSION_EXPIRED"


async def test_a_sign_out_ends_the_socket(platform):
    browser = signed_in(platform)
    async with connected(platform, headers=cookie_of(browser)) as (client, _heard):
        browser.delete("/auth/logout").raise_for_status()
        for _ in range(100):
            if not client.connected:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("still there")


async def test_a_page_of_a_stranger_gets_no_socket(platform):
    headers = {"Origin": "https://evil.example", **cookie_of(signed_in(platform))}
    async with httpx.AsyncClient() as client:
        answer = await client.get(
            f"{platform.url}/socket.io/?EIO=4&transport=polling", headers=headers
        )
    assert answer.status_code == 400


def test_a_long_body_is_refused_before_it_is_read(platform):
    answer = httpx.post(
        f"{platform.url}/socket.io/?EIO=4&transport=polling", content=b"4" * 200_000
    )
    assert answer.status_code == 413


async def test_whatever_a_client_says_the_server_goes_on(platform, customer):
    headers = cookie_of(signed_in(platform))
    async with connected(platform, headers=headers) as (client, heard):
        for event, data in [
            ("joinChatBox", None),
            ("joinChatBox", {"a": 1}),
            ("joinChatBox", "not-a-uuid"),
            ("joinTickets", "open"),
            ("joinTicketsLeave", "open"),
            ("leaveTickets", "open"),
            ("userStatus", None),
            ("leaveNotification", None),
            ("typing", 5),
            ("unheard of", ["x", {"y": None}]),
        ]:
            await client.emit(event, data, namespace=f"/{COMPANY}")
        await asyncio.to_thread(customer, "5511977770009", "still there?")
        assert await heard.until(f"company-{COMPANY}-appMessage", "create")


async def test_a_web_clients_first_minute(platform, customer):
    """Refresh, settings, user, queues, tags, lists, a conversation, contacts, dashboard."""
    customer("5511977770020", "first")
    browser = signed_in(platform)
    del browser.headers["Authorization"]

    def get(path, **params):
        answer = browser.get(path, params=params)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    renewed = browser.post("/auth/refresh_token", json={"allowMultipleSessions": False})
    assert renewed.status_code == 200
    user = renewed.json()["user"]
    browser.headers["Authorization"] = f"Bearer {renewed.json()['token']}"
    company = user["companyId"]
    async with connected(platform, headers=cookie_of(browser), namespace=f"/{company}") as (
        client,
        heard,
    ):
        for event, data in [("joinNotification", None), ("joinTickets", "pending")]:
            await client.emit(event, data, namespace=f"/{company}")
        get("/settings")
        get(f"/companySettings/{company}")
        assert get(f"/users/{user['id']}")["companyId"] == company
        assert get("/users/list")
        queues = [queue["id"] for queue in get("/queue")]
        get("/tags/list")
        get("/tag/kanban")
        get("/whatsapp/", session="0")
        get("/announcements", pageNumber="1", searchParam="")
        get("/quick-messages/list", companyId=str(company), userId=str(user["id"]))
        get("/chats", pageNumber="1")
        get(f"/companies/listPlan/{company}")
        get("/version")
        lists = {
            status: get(
                "/tickets",
                status=status,
                showAll="true",
                pageNumber="1",
                queueIds=json.dumps(queues),
                searchParam="",
            )
            for status in ("open", "pending", "group", "closed")
        }
        ticket = lists["pending"]["tickets"][0]
        get(f"/tickets/u/{ticket['uuid']}")
        messages = get(f"/messages/{ticket['uuid']}", pageNumber="1")["messages"]
        assert messages[-1]["body"]
        await client.emit("joinChatBox", ticket["uuid"], namespace=f"/{company}")
        get("/contacts", pageNumber="1", searchParam="")
        get("/contacts/list")
        get(f"/contacts/{ticket['contactId']}")
        get("/ticket-notes/list", contactId=str(ticket["contactId"]), ticketId=str(ticket["id"]))
        counters = get("/dashboard", days="30")["counters"]
        assert counters["supportPending"] >= 1
        heard.clear()
        accepted = browser.put(
            f"/tickets/{ticket['id']}", json={"status": "open", "userId": user["id"]}
        )
        assert accepted.status_code == 200
        await heard.until(f"company-{company}-ticket", "update")
        actions = [d["action"] for n, d in heard if n == f"company-{company}-ticket"]
        # A card is taken out of all lists before it is put into one (realtime.md §4.1).
        assert actions.index("delete") < actions.index("update")
        browser.post(f"/messages/{ticket['id']}", json={"body": "Hi!"}).raise_for_status()
        await heard.until(f"company-{company}-appMessage", "create")


@pytest.mark.browser
def test_the_published_client_connects_with_its_cookie(platform, customer):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page()
        # Any page of the same origin: the cookie comes along by itself.
        page.goto(f"{platform.url}/health/live")
        login = f"""fetch('/auth/login', {{method: 'POST',
            headers: {{'Content-Type': 'application/json'}},
            body: JSON.stringify({json.dumps({"email": EMAIL, "password": PASSWORD})})}})
            .then((answer) => answer.status)"""
        assert page.evaluate(login) == 200
        page.add_script_tag(content=CLIENT.read_text())
        page.evaluate(
            """(namespace) => new Promise((done, fail) => {
                window.heard = [];
                window.socket = io(location.origin + namespace, {reconnectionDelay: 300});
                socket.on('connect_error', (error) => fail(error));
                socket.onAny((event, data) => heard.push([event, data.action]));
                socket.on('connect', () => { socket.emit('joinNotification'); done(); });
            })""",
            f"/{COMPANY}",
        )
        customer("5511977770030", "for the page")
        page.wait_for_function(
            "(event) => heard.some(([name, action]) => name === event && action === 'create')",
            arg=f"company-{COMPANY}-appMessage",
        )
        # By default it begins with polling and goes over to a WebSocket.
        page.wait_for_function("socket.io.engine.transport.name === 'websocket'")
        browser.close()
