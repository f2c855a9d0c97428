"""A business on the Cloud API, for tests: its webhook endpoint and its client of the Graph API."""

import asyncio
import contextlib
import json

from aiohttp import web

SHOP = "15550001111"
ANA = "5511922220000"


class Receiver:
    """A business's webhook endpoint."""

    def __init__(self):
        self.verify_token = "let me in"
        self.bodies = []
        self.signatures = []
        self.status = 200
        self.handshakes = 0
        self.arrived = asyncio.Event()

    async def verify(self, request):
        self.handshakes += 1
        if request.query["hub.verify_token"] != self.verify_token:
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def receive(self, request):
        if self.status == 200:
            self.bodies.append(await request.read())
            self.signatures.append(request.headers["X-Hub-Signature-256"])
            self.arrived.set()
        return web.Response(status=self.status)

    def changes(self):
        envelopes = [json.loads(body) for body in self.bodies]
        return [c["value"] for e in envelopes for entry in e["entry"] for c in entry["changes"]]

    def messages(self):
        return [m for value in self.changes() for m in value.get("messages", [])]

    def statuses(self):
        return [s for value in self.changes() for s in value.get("statuses", [])]

    async def until(self, condition, timeout=5):
        async with asyncio.timeout(timeout):
            while not condition():
                self.arrived.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.arrived.wait(), 0.05)


class Business:
    """A client of the Graph API with one number's token."""

    def __init__(self, simulator, account):
        self.simulator = simulator
        self.account = account
        self.base = f"/graph/v22.0/{account['phoneId']}"
        self.waba = f"/graph/v22.0/{account['wabaId']}"
        self.headers = {"Authorization": f"Bearer {account['token']}"}

    async def call(self, method, path, **more):
        return await self.simulator.client.request(method, path, headers=self.headers, **more)

    async def send(self, to=ANA, kind="text", body=None, **more):
        message = {
            "messaging_product": "whatsapp",
            "to": to,
            "type": kind,
            kind: body or {"body": "hi"},
            **more,
        }
        return await self.call("POST", f"{self.base}/messages", json=message)


def code_of(answer):
    return answer.json()["error"]["code"]
