"""The whole product as real processes, for tests that need nothing less.

`Platform` starts `python -m whaticket.up` in a VAR_DIR of its own, signs in, plays customers on the
simulator, listens on a WebSocket, and kills processes without mercy.
"""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import orjson
import psutil

from whaticket import embedded

ROOT = Path(__file__).parents[2]
PASSWORD = "a password for tests"
EMAIL = "demo@whaticket.local"
BUSINESS = "5511900000000"
START_SECONDS = 180

# How to recognise a process of the Procfile by its command line.
MARKS = {
    "web": "daphne",
    "worker": "celery -A whaticket worker",
    "beat": "celery -A whaticket beat",
    "whatsapp": "run_whatsapp",
    "simulator": "run_simulator",
}


class Platform:
    """Everything `make run` starts, on ports and in a folder of its own."""

    def __init__(self, folder: Path):
        self.var_dir = folder / "var"
        self.log = folder / "output.log"
        self.port, self.simulator_port = _free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self.simulator_url = f"http://127.0.0.1:{self.simulator_port}"
        self._process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """Give what a program needs to be part of this platform."""
        return {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "REDIS_URL", "DEMO_EMAIL", "DJANGO_SETTINGS_MODULE"}
        } | {
            "VAR_DIR": str(self.var_dir),
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(self.simulator_port),
            "DEMO_PASSWORD": PASSWORD,
            "DEMO_EMAIL": EMAIL,
        }

    def start(self) -> None:
        """Start and wait until a person could sign in and the demo connection is connected."""
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "whaticket.up"],
                cwd=ROOT,
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_for(self._is_connected, START_SECONDS)

    def stop(self) -> None:
        """End everything as Ctrl-C would, then make sure."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        embedded.discard(self.var_dir)

    def wait_for(self, condition: Any, seconds: float = 60) -> Any:
        """Ask again and again until something is true; show the log when it never is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError, KeyError, ValueError):
                answer = condition()
                if answer:
                    return answer
            time.sleep(0.25)
        tail = self.log.read_text(errors="replace")[-4000:]
        raise AssertionError(f"{getattr(condition, '__name__', condition)} never held:\n{tail}")

    def _is_connected(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(self.log.read_text(errors="replace")[-4000:])
        rows = self.api().get("/whatsapp/").json()
        return any(row["status"] == "CONNECTED" for row in rows)

    # As a client ------------------------------------------------------------------------------

    def api(self, email: str = EMAIL) -> httpx.Client:
        """Sign in and give a client of the REST API."""
        client = httpx.Client(base_url=self.url, timeout=30)
        answer = client.post("/auth/login", json={"email": email, "password": PASSWORD})
        answer.raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    def simulator(self) -> httpx.Client:
        """Give a client of the simulator's control API."""
        return httpx.Client(base_url=self.simulator_url, timeout=30)

    # As fate ----------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """`kill -9` a process of the Procfile with its children, or `valkey`; wait for nothing."""
        if name == "valkey":
            pid = int((self.var_dir / "embedded" / "valkey.pid").read_text())
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            return
        for process in self.processes(name):
            with contextlib.suppress(psutil.NoSuchProcess):
                for victim in [process, *process.children(recursive=True)]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        victim.kill()

    def processes(self, name: str) -> list[psutil.Process]:
        """Give the processes of one line of the Procfile."""
        assert self._process is not None
        found = []
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self._process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if MARKS[name] in " ".join(child.cmdline()):
                        found.append(child)
        return found


@contextlib.contextmanager
def running_platform() -> Iterator[Platform]:
    """Run the platform for a block."""
    with tempfile.TemporaryDirectory(prefix="whaticket-test-") as folder:
        # The database may run as another account, which must be able to pass.
        Path(folder).chmod(0o711)
        platform = Platform(Path(folder))
        try:
            platform.start()
            yield platform
        finally:
            platform.stop()


class Ear:
    """A socket that notes every message frame, and comes back with its last id when cut off."""

    def __init__(self, platform: Platform, company_id: int = 1):
        self._platform = platform
        self._company_id = company_id
        self._last_id: str | None = None
        self.created: list[int] = []
        self.was_told_to_fetch = 0

    async def listen(self, ready: asyncio.Event) -> None:
        """Listen until cancelled."""
        token = self._platform.api().headers["Authorization"].removeprefix("Bearer ")
        base = f"{self._platform.url}/ws/{self._company_id}"
        async with aiohttp.ClientSession() as session:
            while True:
                query = {"token": token} | ({"after": self._last_id} if self._last_id else {})
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with session.ws_connect(base, params=query, heartbeat=5) as socket_:
                        ready.set()
                        async for frame in socket_:
                            self._note(orjson.loads(frame.data))
                await asyncio.sleep(0.2)

    def _note(self, frame: dict[str, Any]) -> None:
        self._last_id = frame.get("id") or self._last_id
        if frame["event"] == "resync":
            self.was_told_to_fetch += 1
        is_message = frame["event"] == f"company-{self._company_id}-appMessage"
        if is_message and frame["data"]["action"] == "create":
            self.created.append(frame["data"]["message"]["id"])


async def chatter(
    platform: Platform, phones: list[str], count: int, *, text: str = "m{n}"
) -> list[str]:
    """Let every phone send `count` texts to the business, all phones at once; return the ids."""
    ids: list[str] = []

    async def one(session: aiohttp.ClientSession, number: str) -> None:
        for n in range(count):
            body = {
                "to": BUSINESS,
                "kind": "text",
                "text": text.format(n=n),
                "id": f"IN{number}{n:05}",
            }
            async with session.post(f"/api/phones/{number}/messages", json=body) as answer:
                assert answer.status < 300, await answer.text()
                ids.append((await answer.json())["id"])
            await asyncio.sleep(random.uniform(0, 0.01))

    async with aiohttp.ClientSession(platform.simulator_url) as session:
        await asyncio.gather(*[one(session, number) for number in phones])
    return ids


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
