"""Messages from the simulator's phones to committed rows and an agent's socket, everything on."""

import asyncio
import time
from typing import Any

from whaticket.testing.platform import Ear, chatter, running_platform


def measure(*, phones: int = 200, each: int = 50) -> dict[str, Any]:
    """Let all phones write at once; tell how many messages a second reached an agent's socket."""
    with running_platform() as platform:
        numbers = [f"55419{n:08}" for n in range(phones)]
        simulator = platform.simulator()
        for number in numbers:
            simulator.post("/api/phones", json={"number": number, "name": number[-4:]})
        ear = Ear(platform)

        async def run() -> float:
            ready = asyncio.Event()
            listening = asyncio.create_task(ear.listen(ready))
            await asyncio.wait_for(ready.wait(), 30)
            started = time.perf_counter()
            await chatter(platform, numbers, each)
            while len(ear.created) < phones * each and time.perf_counter() - started < 120:
                await asyncio.sleep(0.05)
            took = time.perf_counter() - started
            listening.cancel()
            return took

        took = asyncio.run(run())
    return {
        "name": f"inbound, {phones} phones × {each}",
        "messages": len(ear.created),
        "per_second": round(len(ear.created) / took, 1),
        "seconds": round(took, 1),
    }
