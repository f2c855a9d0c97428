"""Which Celery workers are alive: each leaves a mark that fades."""

import time
from typing import Any, cast

import redis
from celery.signals import heartbeat_sent, worker_ready

from events.realtime import valkey

KEY = "workers:seen"
SECONDS = 60
_EVERY = 10.0
_last = 0.0


def mark(name: str) -> None:
    """Note that a worker is alive. A cache that is away is no reason for it to stop."""
    global _last
    now = time.time()
    if now - _last < _EVERY:
        return
    _last = now
    try:
        valkey().zadd(KEY, {name: now})
        valkey().zremrangebyscore(KEY, 0, now - 10 * SECONDS)
    except (redis.RedisError, OSError):
        return


def workers_seen() -> int:
    """Count the workers that were alive within the last minute. Raises RedisError."""
    return int(valkey().zcount(KEY, time.time() - SECONDS, "+inf"))


def names_seen() -> list[str]:
    """Name the workers that were alive within the last minute. Raises RedisError."""
    names = cast(list[bytes], valkey().zrangebyscore(KEY, time.time() - SECONDS, "+inf"))
    return sorted(name.decode() for name in names)


@heartbeat_sent.connect
def _on_heartbeat(sender: Any = None, **kwargs: Any) -> None:
    mark(str(sender.eventer.hostname))


@worker_ready.connect
def _on_ready(sender: Any = None, **kwargs: Any) -> None:
    mark(str(sender.hostname))
