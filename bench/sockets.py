"""A thousand sockets of one company: how long until an event has reached all of them."""

import re
import selectors
import socket
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit


class _Reader(threading.Thread):
    """Sockets that note when each event came.

    On bare sockets: the reader shares the machine with what it measures, and a WebSocket library
    would take as much of the processor as the server.
    """

    def __init__(self, url: str):
        super().__init__(name="reader", daemon=True)
        self._parts = urlsplit(url)
        self._selector = selectors.DefaultSelector()
        self._opened = 0
        self._is_over = False
        self.arrivals: dict[bytes, list[float]] = {}

    def open(self, amount: int) -> None:
        """Open sockets and wait until each has been greeted."""
        for _ in range(amount):
            self._open()

    def _open(self) -> None:
        parts = self._parts
        one = socket.create_connection((parts.hostname, parts.port), timeout=60)
        one.sendall(
            f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n".encode()
        )
        heard = b""
        while b'"event":"ready"' not in heard:
            part = one.recv(65536)
            if not part:
                raise ConnectionError(heard.decode(errors="replace"))
            heard += part
        one.setblocking(False)
        self._selector.register(one, selectors.EVENT_READ, bytearray())
        self._opened += 1

    def run(self) -> None:
        """Read until `end`; an event counts when all of its frame has come."""
        while not self._is_over:
            for key, _events in self._selector.select(0.2):
                part = key.fileobj.recv(262_144)  # type: ignore[union-attr]
                if not part:
                    self._selector.unregister(key.fileobj)
                    continue
                self._note(key.data, part)

    def _note(self, rest: bytearray, part: bytes) -> None:
        rest += part
        now = time.time()
        while (length := _frame_length(rest)) is not None and len(rest) >= length:
            if found := _MARK.search(rest, 0, 400):
                self.arrivals.setdefault(found[1], []).append(now)
            del rest[:length]

    def end(self) -> None:
        """Stop reading."""
        self._is_over = True
        self.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]


_MARK = re.compile(rb'"mark":"([^"]+)"')


def _frame_length(data: bytearray) -> int | None:
    """Give the length of the frame that begins here, header included; None while that is cut."""
    if len(data) < 10:
        return None
    length = data[1] & 0x7F
    if length == 126:
        return 4 + int.from_bytes(data[2:4])
    if length == 127:
        return 10 + int.from_bytes(data[2:10])
    return 2 + length


def measure(
    url: str,
    *,
    emit: Callable[[str], None],
    sockets: int = 1000,
    per_second: int = 20,
    seconds: int = 10,
) -> dict[str, Any]:
    """Open sockets, emit events at a steady rate, and tell the time until the last one heard it.

    `emit(mark)` sends one event whose payload carries the mark.
    """
    reader = _Reader(url)
    reader.open(sockets)
    reader.start()
    sent: dict[str, float] = {}
    for n in range(per_second * seconds):
        due = time.perf_counter() + 1 / per_second
        sent[f"m{n}"] = time.time()
        emit(f"m{n}")
        time.sleep(max(0, due - time.perf_counter()))
    time.sleep(3)
    reader.end()
    arrivals = {mark.decode(): times for mark, times in reader.arrivals.items()}
    complete = [mark for mark, times in arrivals.items() if len(times) == sockets]
    spans = sorted((max(arrivals[mark]) - sent[mark]) * 1000 for mark in complete)
    every = sorted((t - sent[mark]) * 1000 for mark, times in arrivals.items() for t in times)
    return {
        "name": f"{sockets} sockets, {per_second} events/s",
        "events": len(sent),
        "complete": len(complete),
        "median_ms": round(statistics.median(every), 1) if every else None,
        "p99_ms": round(every[int(len(every) * 0.99)], 1) if every else None,
        "all_reached_p99_ms": round(spans[int(len(spans) * 0.99)], 1) if spans else None,
    }


def measure_platform(*, seconds: int = 10) -> dict[str, Any]:
    """Start the platform and measure its web process, emitting from a process beside it."""
    import subprocess
    import sys

    from whaticket.testing.platform import running_platform

    with running_platform() as platform:
        token = platform.api().headers["Authorization"].removeprefix("Bearer ")
        url = f"{platform.url.replace('http', 'ws', 1)}/ws/1?token={token}"
        emitter = subprocess.Popen(
            [sys.executable, "-m", "bench.emitter"],
            env=platform.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert emitter.stdin is not None
        assert emitter.stdout is not None
        emitter.stdout.readline()

        def emit(mark: str) -> None:
            emitter.stdin.write(mark + "\n")
            emitter.stdin.flush()

        (web,) = platform.processes("web")
        before = sum(web.cpu_times()[:2])
        try:
            row = measure(url, emit=emit, seconds=seconds)
            # On a busy machine this says more than the times do.
            row["web_cpu_seconds"] = round(sum(web.cpu_times()[:2]) - before, 1)
            return row
        finally:
            emitter.stdin.close()
            emitter.wait(10)
