"""One open socket of a device: what it is sent, in which order."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from typing import Any

import orjson
from aiohttp import web

from whatsapp.simulator.devices import Device
from whatsapp.simulator.network import Network

EVENTS_AT_ONCE = 256
CONFIRMED_KEPT = 64


class Connection:
    """One open socket of one device."""

    def __init__(self, network: Network, ws: web.WebSocketResponse, device: Device) -> None:
        self._network = network
        self._ws = ws
        self.device = device
        self.open = False
        self._frames: deque[str] = deque()
        self._wake = asyncio.Event()
        self._sent_seq = 0
        self._closing: tuple[int, str] | None = None
        self._recent: deque[str] = deque(maxlen=CONFIRMED_KEPT)
        self._allowance = 0.0
        self._allowance_at = time.monotonic()

    @property
    def number(self) -> str:
        """The number of the device, empty before it is paired."""
        return self.device.number or ""

    # What the rest of the network asks of a line ------------------------------------------

    def wake(self) -> None:
        """Look for new events."""
        self._wake.set()

    def push(self, frame: dict[str, Any]) -> None:
        """Send one frame that is not in the queue."""
        self._frames.append(orjson.dumps(frame).decode())
        self._wake.set()

    def paired(self) -> None:
        """Tell the device its number and credentials, then open."""
        phone = self._network.directory.phones[self.number]
        self.push(
            {
                "type": "paired",
                "number": phone.number,
                "lid": phone.lid,
                "credentials": self.device.credentials,
            }
        )
        self.begin()

    def close(self, code: int, reason: str) -> None:
        """Send what waits and close the socket."""
        self._closing = self._closing or (code, reason)
        self._wake.set()

    # Frames and events --------------------------------------------------------------------

    def begin(self) -> None:
        """Open: events flow from the oldest unconfirmed one."""
        name = self._network.directory.name(self.number)
        self.push({"type": "open", "number": self.number, "name": name})
        self.open = True
        self._wake.set()

    async def write(self) -> None:
        """Send frames and events as they come, until closed."""
        while not self._ws.closed:
            await self._wake.wait()
            self._wake.clear()
            while self._frames:
                await self._ws.send_str(self._frames.popleft())
            if self._closing:
                code, reason = self._closing
                await self._ws.close(code=code, message=reason.encode()[:120])
                return
            await self._write_events()

    async def _write_events(self) -> None:
        while self.open and not self._closing and not self._frames:
            events = self._network.devices.events_after(self.device, self._sent_seq, EVENTS_AT_ONCE)
            if not events:
                return
            for seq, body in events:
                frame = f'{{"type":"event","seq":{seq},"event":{body}}}'
                await self._ws.send_str(frame)
                self._sent_seq = seq
                self._recent.append(frame)
                if self._network.faults.strikes(self._network.faults.duplicate_rate):
                    self._repeat_later()
        if self._frames or self._closing:
            self._wake.set()

    def _repeat_later(self) -> None:
        """Send some recent event again, confirmed meanwhile or not."""
        frame = random.choice(self._recent)  # noqa: S311 - dice, not secrets
        delay = random.uniform(0, 0.5)  # noqa: S311 - as above

        def repeat() -> None:
            self._frames.append(frame)
            self._wake.set()

        asyncio.get_running_loop().call_later(delay, repeat)

    def answer(self, ref: Any, result: dict[str, Any]) -> None:
        """Answer a command once its change is durable, after the network's latency."""
        frame = {"type": "result", "ref": ref, "ok": True} | result

        def send() -> None:
            if delay := self._network.faults.latency():
                asyncio.get_running_loop().call_later(delay, self.push, frame)
            else:
                self.push(frame)

        self._network.ledger.after_commit(send)

    def refuse(self, ref: Any, code: str, reason: str, *, permanent: bool) -> None:
        """Answer a command with no."""
        self.push(
            {
                "type": "result",
                "ref": ref,
                "ok": False,
                "code": code,
                "reason": reason,
                "permanent": permanent,
            }
        )

    def may_send(self) -> bool:
        """Take one send from the rate the network allows this device."""
        rate = self._network.faults.rate_limit_per_sec
        if not rate:
            return True
        now = time.monotonic()
        self._allowance = min(rate, self._allowance + (now - self._allowance_at) * rate)
        self._allowance_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True
