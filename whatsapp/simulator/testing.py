"""The simulator for tests: in this process, or as a process of its own.

`simulator()` and the fixture of that name serve it inside the running loop; `SimulatorProcess` and
the fixture `simulator_process` start `python -m whatsapp.simulator`, which can be killed and
started again on the same ledger. Both come with small clients. Load the fixtures with
`from whatsapp.simulator.testing import simulator, simulator_process  # noqa: F401` or use the
classes directly.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from .server import NETWORK, create_app

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Simulator:
    """A simulator served in this loop, with an HTTP client bound to it."""

    def __init__(self, app: web.Application, url: str, client: httpx.AsyncClient) -> None:
        self.app = app
        self.url = url
        self.client = client
        self.network = app[NETWORK]

    @property
    def device_url(self) -> str:
        """The address of the device face."""
        return self.url.replace("http", "ws", 1) + "/device"

    async def post(self, path: str, body: Any = None, status: int | None = None) -> Any:
        """POST JSON; check the status (2xx unless given) and return the answer's JSON."""
        return await self._call("POST", path, body, status)

    async def get(self, path: str, status: int | None = None) -> Any:
        """GET JSON; check the status (2xx unless given)."""
        return await self._call("GET", path, None, status)

    async def put(self, path: str, body: Any, status: int | None = None) -> Any:
        """PUT JSON; check the status (2xx unless given)."""
        return await self._call("PUT", path, body, status)

    async def delete(self, path: str, status: int | None = None) -> Any:
        """DELETE; check the status (2xx unless given)."""
        return await self._call("DELETE", path, None, status)

    async def _call(self, method: str, path: str, body: Any, status: int | None) -> Any:
        answer = await self.client.request(method, path, json=body)
        expected = answer.is_success if status is None else answer.status_code == status
        if not expected:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    async def phone(self, number: str, name: str = "", **more: Any) -> str:
        """Add a phone and return its number."""
        body = {"number": number, "name": name or f"Phone {number[-4:]}", **more}
        return str((await self.post("/api/phones", body))["number"])

    async def write(self, number: str, to: str, text: str, **more: Any) -> str:
        """Send a text from a phone and return its id."""
        body = {"to": to, "kind": "text", "text": text, **more}
        return str((await self.post(f"/api/phones/{number}/messages", body))["id"])

    async def messages(self, number: str, after: int = 0) -> list[dict[str, Any]]:
        """Return what a phone was shown."""
        found: list[dict[str, Any]] = await self.get(f"/api/phones/{number}/messages?after={after}")
        return found


@contextlib.asynccontextmanager
async def running_simulator(data: Path | str, **options: Any) -> AsyncIterator[Simulator]:
    """Serve a simulator on a free port until the block ends."""
    app = create_app(data, **options)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=20) as client:
            yield Simulator(app, url, client)
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[Simulator]:
    """A fresh simulator in this loop."""
    async with running_simulator(tmp_path / "simulator.sqlite3") as running:
        yield running


class SimulatorProcess:
    """A simulator in a process of its own, on a ledger that outlives it."""

    def __init__(self, data: Path | str, port: int | None = None) -> None:
        self.data = Path(data)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 20) -> SimulatorProcess:
        """Start and wait until it answers."""
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "whatsapp.simulator",
                "--port", str(self.port), "--data", str(self.data),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + timeout
        while True:
            if self._process.poll() is not None:
                raise RuntimeError(f"the simulator ended with {self._process.returncode}")
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/healthz", timeout=1).is_success:
                    return self
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError("the simulator did not answer")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API; raise for an error answer; return its JSON."""
        answer = httpx.request(method, f"{self.url}{path}", json=body, timeout=20)
        answer.raise_for_status()
        return answer.json()

    def __enter__(self) -> SimulatorProcess:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()


@pytest.fixture
def simulator_process(tmp_path: Path) -> Iterator[SimulatorProcess]:
    """A fresh simulator in a process of its own."""
    with SimulatorProcess(tmp_path / "simulator.sqlite3") as process:
        yield process


class FakeDevice:
    """A client of the device protocol that does exactly what a test tells it to."""

    def __init__(self, url: str, device: str = "dev-1", credentials: str | None = None) -> None:
        self.url = url
        self.device = device
        self.credentials = credentials
        self.number: str | None = None
        self._session: aiohttp.ClientSession | None = None
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._kept: list[dict[str, Any]] = []
        self._ref = 0

    async def __aenter__(self) -> FakeDevice:
        self._session = aiohttp.ClientSession()
        self._ws = await self._session.ws_connect(self.url)
        await self.send_frame(
            {
                "type": "hello",
                "device": self.device,
                "credentials": self.credentials,
                "name": "Test device",
            }
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._ws:
            await self._ws.close()
        if self._session:
            await self._session.close()

    @property
    def ws(self) -> aiohttp.ClientWebSocketResponse:
        """The open socket."""
        if self._ws is None:
            raise RuntimeError("not connected")
        return self._ws

    async def send_frame(self, frame: dict[str, Any]) -> None:
        """Send one frame."""
        await self.ws.send_json(frame)

    async def next_frame(self, timeout: float = 5) -> dict[str, Any]:
        """Return the next frame; raise ConnectionError with the close code when closed."""
        if self._kept:
            return self._kept.pop(0)
        return await self._receive(timeout)

    async def _receive(self, timeout: float) -> dict[str, Any]:
        message = await self.ws.receive(timeout)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(self.ws.close_code)
        frame: dict[str, Any] = message.json()
        return frame

    async def wait_for(self, type: str, timeout: float = 5, **fields: Any) -> dict[str, Any]:
        """Return the next frame of a type with these fields, keeping the others for later."""
        wanted = {"type": type, **fields}
        for index, frame in enumerate(self._kept):
            if all(frame.get(key) == value for key, value in wanted.items()):
                return self._kept.pop(index)
        deadline = time.monotonic() + timeout
        while True:
            frame = await self._receive(max(0.01, deadline - time.monotonic()))
            if all(frame.get(key) == value for key, value in wanted.items()):
                return frame
            self._kept.append(frame)

    async def event(self, kind: str, timeout: float = 5, *, ack: bool = True) -> dict[str, Any]:
        """Return the next event of a kind and confirm it; other kinds are kept for later."""
        for index, frame in enumerate(self._kept):
            if frame["type"] == "event" and frame["event"]["kind"] == kind:
                self._kept.pop(index)
                break
        else:
            deadline = time.monotonic() + timeout
            while True:
                frame = await self._receive(max(0.01, deadline - time.monotonic()))
                if frame["type"] == "event" and frame["event"]["kind"] == kind:
                    break
                self._kept.append(frame)
        if ack and frame["seq"] is not None:
            await self.ack(frame["seq"])
        return {**frame["event"], "seq": frame["seq"]}

    async def ack(self, seq: int) -> None:
        """Confirm everything up to `seq`."""
        await self.send_frame({"type": "ack", "seq": seq})

    async def command(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        ref = await self.ask(command, **arguments)
        return await self.wait_for("result", ref=ref)

    async def ask(self, command: str, **arguments: Any) -> str:
        """Send a command without waiting; return its ref."""
        self._ref += 1
        ref = str(self._ref)
        await self.send_frame({"type": "command", "ref": ref, "command": command, **arguments})
        return ref

    async def send_text(self, to: str, text: str, id: str) -> dict[str, Any]:
        """Send a text message."""
        return await self.command("send", id=id, to=to, message={"type": "text", "text": text})

    async def pair(self, simulator: Simulator, number: str) -> FakeDevice:
        """Scan the QR code on screen with a phone; keep the credentials."""
        code = (await self.wait_for("qr"))["code"]
        await simulator.post(f"/api/phones/{number}/scan", {"code": code})
        paired = await self.wait_for("paired")
        await self.wait_for("open")
        self.credentials, self.number = paired["credentials"], paired["number"]
        return self
