"""From a committed change to every socket that may hear of it.

A frame goes into a capped stream per company (so that a client that comes back gets what it
missed) and through the channel layer to one channel per web process, whose hub hands it to its
sockets. Best effort by design: a client that missed too much is told to fetch again (`resync`),
and no state lives only in a frame.
"""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
import redis
import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from django.utils import timezone

from whaticket.marks import resolved
from whaticket.tenancy import current_schema

log = structlog.get_logger(__name__)

# Frames kept per company: minutes of a very busy one, days of a small one.
STREAM_LENGTH = 10_000

# The stream's ids are `<birth of the stream in ms>-<count>`: consecutive, so that a hub sees a
# gap, and never repeated, even after Valkey lost everything.
_APPEND = """
local birth = redis.call('HGET', KEYS[2], 'birth')
if not birth then
  birth = ARGV[1]
  redis.call('HSET', KEYS[2], 'birth', birth)
end
local ids = {}
for i = 3, #ARGV do
  local id = birth .. '-' .. redis.call('HINCRBY', KEYS[2], 'count', 1)
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], id, 'frame', ARGV[i])
  ids[#ids + 1] = id
end
return ids
"""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may hear a frame. Without any limit: everybody in the company."""

    # [status, queue_id, agent_id, is_group, connection_id] of a ticket; sight decides.
    ticket: tuple[str, int | None, int | None, bool, int | None] | None = None
    users: tuple[int, ...] | None = None
    admins: bool = False

    def as_wire(self) -> dict[str, Any]:
        """Write only the limits that are set."""
        wire: dict[str, Any] = {}
        if self.ticket is not None:
            wire["ticket"] = self.ticket
        if self.users is not None:
            wire["users"] = self.users
        if self.admins:
            wire["admins"] = True
        return wire


EVERYBODY = Audience()


@dataclass(frozen=True, slots=True)
class Frame:
    """One event for clients: its contract name, its payload as JSON text, and who may hear it."""

    event: str
    data: bytes
    audience: Audience = field(default=EVERYBODY)


def group_of(schema: str) -> str:
    """Name the channel-layer group of a company's web processes."""
    return f"{schema}.realtime"


def stream_of(schema: str) -> str:
    """Name the stream of a company's frames."""
    return f"{schema}:frames"


def clock_of(schema: str) -> str:
    """Name the counter behind the stream's ids."""
    return f"{schema}:frames:clock"


@lru_cache(maxsize=1)
def valkey() -> redis.Redis:
    """Give this process's connection pool to Valkey."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2)


def emit(frames: Sequence[Frame]) -> None:
    """Send frames of the current company, in order. A failure is logged, never raised."""
    if not frames:
        return
    schema = current_schema()
    bodies = [_encode(frame) for frame in frames]
    try:
        append = valkey().register_script(_APPEND)
        now = int(timezone.now().timestamp() * 1000)
        ids = append(keys=[stream_of(schema), clock_of(schema)], args=[now, STREAM_LENGTH, *bodies])
        pairs = [[id_.decode(), body] for id_, body in zip(ids, bodies, strict=True)]
        _send(group_of(schema), {"type": "frames", "schema": schema, "frames": pairs})
    except (redis.RedisError, OSError, TimeoutError) as error:
        log.warning("realtime.lost", frames=len(frames), error=type(error).__name__)


def signal_now(frames: Sequence[Frame]) -> None:
    """Send fleeting frames (typing, presence): no record, no id, no replay."""
    schema = current_schema()
    pairs = [[None, _encode(frame)] for frame in frames]
    try:
        _send(group_of(schema), {"type": "frames", "schema": schema, "frames": pairs})
    except (redis.RedisError, OSError, TimeoutError) as error:
        log.warning("realtime.lost", frames=len(frames), error=type(error).__name__)


def sight_changed(user_ids: Sequence[int]) -> None:
    """Tell the hubs that what these people may see has changed."""
    schema = current_schema()
    try:
        _send(group_of(schema), {"type": "sight", "schema": schema, "users": list(user_ids)})
    except (redis.RedisError, OSError, TimeoutError) as error:
        log.warning("realtime.lost", sight=len(user_ids), error=type(error).__name__)


def _encode(frame: Frame) -> bytes:
    # The audience stands first, apart from the text that sockets get, so that a hub serialises
    # nothing: `audience \n event \n data`.
    data = resolved(frame.data)
    return b"\n".join([orjson.dumps(frame.audience.as_wire()), frame.event.encode(), data])


class _Loop:
    """One event loop per process for the channel layer, whose connections belong to a loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, coroutine: Any, timeout: float = 5) -> Any:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=self._loop.run_forever, name="realtime", daemon=True
                ).start()
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)


_loop = _Loop()


def _send(group: str, message: dict[str, Any]) -> None:
    _loop.run(get_channel_layer().group_send(group, message))
