"""A thousand sockets of one company: how long until an event has reached all of them."""

import asyncio
import statistics
import time
from typing import Any

import aiohttp
import orjson


async def _one(
    session: aiohttp.ClientSession, url: str, arrivals: dict[str, list[float]], ready: asyncio.Event
) -> None:
    async with session.ws_connect(url, max_msg_size=0, compress=0) as socket:
        async for message in socket:
            now = time.time()
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            # Reading the whole frame a thousand times would measure this loop, not the server.
            text = message.data
            if '"mark":"' in text[:400]:
                start = text.index('"mark":"') + 8
                arrivals.setdefault(text[start : text.index('"', start)], []).append(now)
            elif '"event":"ready"' in text[:80]:
                ready.set()


async def measure(
    url: str, *, emit: Any, sockets: int = 1000, per_second: int = 20, seconds: int = 10
) -> dict[str, Any]:
    """Open sockets, emit events at a steady rate, and tell the time until the last one heard it.

    `emit(mark)` sends one event whose payload carries the mark; it runs in a thread.
    """
    arrivals: dict[str, list[float]] = {}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, json_serialize=_dumps) as session:
        tasks = []
        for place in range(0, sockets, 50):
            batch = [asyncio.Event() for _ in range(min(50, sockets - place))]
            tasks += [asyncio.create_task(_one(session, url, arrivals, ready)) for ready in batch]
            await asyncio.gather(*[asyncio.wait_for(ready.wait(), 60) for ready in batch])
        sent: dict[str, float] = {}
        for n in range(per_second * seconds):
            due = time.perf_counter() + 1 / per_second
            mark = f"m{n}"
            sent[mark] = time.time()
            await asyncio.to_thread(emit, mark)
            await asyncio.sleep(max(0, due - time.perf_counter()))
        await asyncio.sleep(3)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
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


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


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
            row = asyncio.run(measure(url, emit=emit, seconds=seconds))
            # On a busy machine this says more than the times do.
            row["web_cpu_seconds"] = round(sum(web.cpu_times()[:2]) - before, 1)
            return row
        finally:
            emitter.stdin.close()
            emitter.wait(10)
