"""The time things take on their way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import Network


class Delays:
    """Everything that happens after the network's delay."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._last_due: dict[str, float] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def soon(self, lane: str | None, call: Callable[[], None]) -> None:
        """Run after the network's delay; within a lane in order, unless disorder is asked for."""
        delay = self._network.faults.delivery_delay()
        loop = asyncio.get_running_loop()
        due = loop.time() + delay
        if lane is not None and not self._network.faults.reorder:
            # The last one of this chat may still be on its way.
            due = max(due, self._last_due.get(lane, 0) + 1e-6)
        if due <= loop.time():
            call()
            return
        if lane is not None:
            self._last_due[lane] = due

        def arrive() -> None:
            self._timers.discard(timer)
            if lane is not None and self._last_due.get(lane) == due:
                del self._last_due[lane]
            call()

        timer = loop.call_at(due, arrive)
        self._timers.add(timer)

    def stop(self) -> None:
        """Cancel what is on its way."""
        for timer in self._timers:
            timer.cancel()

    def forget(self) -> None:
        """Cancel what is on its way, and begin anew."""
        self.stop()
        self._timers.clear()
        self._last_due.clear()
