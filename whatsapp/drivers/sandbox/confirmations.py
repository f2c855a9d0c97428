"""Which events of a socket may be confirmed: a confirmation counts for all before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class Confirmations:
    """The sequence numbers of one socket that are not yet confirmed, in order of arrival."""

    def __init__(self) -> None:
        self._open: deque[int] = deque()
        self._stored: set[int] = set()
        self._last = 0

    def take(self, seq: int) -> bool:
        """Note an event that arrived; False for one this socket brought before."""
        if seq <= self._last:
            return False
        self._last = seq
        self._open.append(seq)
        return True

    def stored(self, seqs: Iterable[int | None]) -> int:
        """Note what is stored; return the number up to which everything is, or 0 if none is new."""
        self._stored.update(seq for seq in seqs if seq is not None)
        confirmed = 0
        while self._open and self._open[0] in self._stored:
            confirmed = self._open.popleft()
            self._stored.discard(confirmed)
        if not self._open:
            self._stored.clear()
        return confirmed
