"""What would go to the sockets after a change; the edge itself has tests of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from events.realtime import Frame


class Heard:
    """The frames of some changes, as their receivers wrote them."""

    def __init__(self, capture: Callable[..., Any]):
        self._capture = capture
        self.frames: list[Frame] = []

    @contextmanager
    def during(self) -> Iterator[list[Frame]]:
        """Commit what happens inside; give the frames it made, in order."""
        self.frames.clear()
        with self._capture(execute=True):
            yield self.frames

    def told(self) -> list[tuple[str, dict[str, Any], tuple[int, ...] | None]]:
        """Give name, payload and audience of each frame."""
        return [(f.event, orjson.loads(f.data), f.audience.users) for f in self.frames]
