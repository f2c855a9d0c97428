"""A light HTTP load: some keep-alive connections that ask as fast as they are answered.

Written on bare sockets because the generator shares the machine with what it measures; a real HTTP
client would take as much of the processor as the server.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of load saw. Times are milliseconds."""

    name: str
    requests: int
    seconds: float
    median: float
    p99: float
    bytes_each: int
    errors: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def as_row(self) -> dict[str, object]:
        """Write the result as a row of the report."""
        return {
            "name": self.name,
            "per_second": round(self.rate, 1),
            "median_ms": round(self.median, 2),
            "p99_ms": round(self.p99, 2),
            "bytes": self.bytes_each,
            "errors": self.errors,
        }


def request_bytes(path: str, token: str, host: str = "127.0.0.1") -> bytes:
    """Write a GET request as it goes over the wire."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/json\r\nConnection: keep-alive\r\n\r\n"
    ).encode()


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"transfer-encoding: chunked" in head:
        parts = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(parts)
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return await reader.readexactly(int(line[15:]))
    raise ConnectionError("an answer without a length")


async def _ask(
    port: int, requests: Sequence[bytes], until: float, times: list[float], seen: list[int]
) -> None:
    place = 0
    reader = writer = None
    while time.perf_counter() < until:
        if writer is None or reader is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = requests[place % len(requests)]
        place += 1
        started = time.perf_counter()
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            close = b"connection: close" in head.lower()
            body = await _body(reader, head.lower())
        except (asyncio.IncompleteReadError, ConnectionError):
            writer = None
            continue
        times.append(time.perf_counter() - started)
        seen[0] = len(body)
        seen[1] += status != 200
        if close:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


def run_load(
    name: str, port: int, requests: Sequence[bytes], *, seconds: float, clients: int = 8
) -> Result:
    """Ask for some seconds and give the rate and the times; a second of warm-up is not counted."""

    async def everybody() -> Result:
        await asyncio.gather(
            *[
                _ask(port, requests[n:] or requests, time.perf_counter() + 1, [], [0, 0])
                for n in range(clients)
            ]
        )
        times: list[float] = []
        seen = [0, 0]
        started = time.perf_counter()
        until = started + seconds
        spread = max(1, len(requests) // clients)
        await asyncio.gather(
            *[
                _ask(port, [*requests[n * spread :], *requests[: n * spread]], until, times, seen)
                for n in range(clients)
            ]
        )
        took = time.perf_counter() - started
        ordered = sorted(times) or [0.0]
        return Result(
            name=name,
            requests=len(times),
            seconds=took,
            median=statistics.median(ordered) * 1000,
            p99=ordered[int(len(ordered) * 0.99)] * 1000,
            bytes_each=seen[0],
            errors=seen[1],
        )

    return asyncio.run(everybody())
