"""One hub per web process: takes the frames of its companies and hands them to its sockets."""

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, Protocol

import orjson
import redis.asyncio
import structlog
from autobahn.websocket.protocol import PreparedMessage
from channels.layers import get_channel_layer
from django.conf import settings

from events.realtime import group_of, stream_of
from whaticket import metrics
from whaticket.privacy import masked_json

log = structlog.get_logger(__name__)

# How often the hub makes sure that it still belongs to its groups and missed nothing.
TEND_SECONDS = 5


class Ready(str):
    """A frame's text that many sockets get: encoded and framed once, not once for each."""

    id: str | None
    event: str
    data: str  # JSON

    @classmethod
    def of(cls, id_: str | None, event: str, data: str) -> "Ready":
        """Write a frame; the id and the event's name are ours and need no escaping."""
        name = "null" if id_ is None else f'"{id_}"'
        text = cls(f'{{"id":{name},"event":"{event}","data":{data}}}')
        text.id, text.event, text.data = id_, event, data
        return text

    @cached_property
    def masked(self) -> "Ready":
        """The frame for people who may not read customers' numbers."""
        return Ready.of(self.id, self.event, masked_json(self.data.encode()).decode())

    @cached_property
    def prepared(self) -> PreparedMessage:
        """The frame as it goes over the wire; a server masks nothing."""
        return PreparedMessage(self.encode(), isBinary=False, applyMask=False, doNotCompress=True)


# A client that missed too much fetches again.
RESYNC = Ready.of(None, "resync", "null")


class Listener(Protocol):
    """A socket as the hub sees it."""

    @property
    def user_id(self) -> int:
        """Whose socket it is."""

    def may_hear(self, audience: dict[str, Any]) -> bool:
        """Apply the person's sight to a frame's audience."""

    async def push(self, text: Ready) -> None:
        """Write one frame to the socket."""

    async def refresh_sight(self) -> None:
        """Read again what the person may see."""


class Hub:
    """The sockets of one process by company, fed by one channel of the channel layer."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self._last: dict[str, str] = {}
        self._channel: str | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._lock = asyncio.Lock()
        self._layer = get_channel_layer()
        # Its answers are bytes; redis types them as a union over all its settings.
        self._valkey: Any = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_timeout=5)

    async def join(self, schema: str, listener: Listener) -> None:
        """Add a socket; from now on it hears its company's frames."""
        async with self._lock:
            if not self._tasks or any(task.done() for task in self._tasks):
                for task in self._tasks:
                    task.cancel()
                self._channel = await self._layer.new_channel("hub")
                self._tasks = [
                    asyncio.create_task(self._run(), name="hub"),
                    asyncio.create_task(self._tend(), name="hub tending"),
                ]
                for known in self._listeners:
                    await self._layer.group_add(group_of(known), self._channel)
            if schema not in self._listeners:
                self._listeners[schema] = set()
                await self._layer.group_add(group_of(schema), self._channel)
            self._listeners[schema].add(listener)
        metrics.SOCKETS.inc()

    async def leave(self, schema: str, listener: Listener) -> None:
        """Remove a socket."""
        async with self._lock:
            sockets = self._listeners.get(schema, set())
            if listener in sockets:
                sockets.discard(listener)
                metrics.SOCKETS.dec()
            if not sockets and schema in self._listeners:
                del self._listeners[schema]
                self._last.pop(schema, None)
                await self._layer.group_discard(group_of(schema), self._channel)

    async def close(self) -> None:
        """End the hub's tasks.

        A read of the layer that is cancelled in the instant it completes goes on with the next one;
        so they are asked until they are gone.
        """
        tasks, self._tasks = self._tasks, []
        while pending := [task for task in tasks if not task.done()]:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=0.2)

    async def missed(self, schema: str, after: str) -> list[tuple[str, bytes]] | None:
        """Give the frames after an id, or None where that id is too old to continue from."""
        stream = stream_of(schema)
        if not await self._valkey.xrange(stream, min=after, max=after, count=1):
            newest = await self._valkey.xrevrange(stream, count=1)
            if newest and newest[0][0].decode() == after:
                return []
            return None
        entries = await self._valkey.xrange(stream, min=f"({after}", count=1000)
        if len(entries) == 1000:
            return None
        return [(id_.decode(), body[b"frame"]) for id_, body in entries]

    async def newest_id(self, schema: str) -> str | None:
        """Give the id a client would continue from now."""
        newest = await self._valkey.xrevrange(stream_of(schema), count=1)
        return newest[0][0].decode() if newest else None

    async def _run(self) -> None:
        while True:
            try:
                message = await self._layer.receive(self._channel)
                await self._take(message)
            except asyncio.CancelledError:
                raise
            except (redis.RedisError, OSError):
                # Valkey is away: its groups are gone too. Wait, join again, and let every client
                # fetch what it may have missed.
                await self._recover()
            except Exception:
                log.exception("hub.frame_failed")

    async def _recover(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            try:
                for schema in self._listeners:
                    await self._layer.group_add(group_of(schema), self._channel)
            except (redis.RedisError, OSError):
                continue
            for schema in list(self._listeners):
                self._last.pop(schema, None)
                await self._each(schema, lambda socket: socket.push(RESYNC))
            return

    async def _tend(self) -> None:
        """Renew the groups, which the layer forgets after a day, and look for what was missed.

        A flushed Valkey breaks no connection, and a frame that was dropped by a full channel shows
        only when the next one comes; both are noticed here.
        """
        while True:
            await asyncio.sleep(TEND_SECONDS)
            for schema in list(self._listeners):
                try:
                    await self._layer.group_add(group_of(schema), self._channel)
                    await self._catch_up(schema)
                except (redis.RedisError, OSError):
                    break
                except Exception:
                    log.exception("hub.tending_failed")

    async def _catch_up(self, schema: str) -> None:
        last = self._last.get(schema)
        newest = await self.newest_id(schema)
        if last is None or newest == last:
            return
        if newest is None or _rank(newest) < _rank(last):
            # The stream is gone, and with it whatever stood in it.
            self._last.pop(schema, None)
            await self._each(schema, lambda socket: socket.push(RESYNC))
            return
        self._last[schema] = newest
        await self._fill(schema, f"({last}", newest)

    async def _fill(self, schema: str, after: str, until: str) -> None:
        """Deliver what the stream has between two ids, written as XRANGE wants them."""
        entries = await self._valkey.xrange(stream_of(schema), min=after, max=until)
        for missing, fields in entries:
            await self._deliver(schema, missing.decode(), fields[b"frame"])

    async def _take(self, message: dict[str, Any]) -> None:
        schema = message["schema"]
        if message["type"] == "sight":
            users = set(message["users"])
            for socket in list(self._listeners.get(schema, ())):
                if socket.user_id in users:
                    await socket.refresh_sight()
            return
        for id_, body in message["frames"]:
            if id_ is not None and not await self._in_order(schema, id_):
                continue
            await self._deliver(schema, id_, body)

    async def _in_order(self, schema: str, id_: str) -> bool:
        """Fill a gap before a frame; refuse a frame that was already delivered."""
        last = self._last.get(schema)
        self._last[schema] = max(id_, last or id_, key=_rank)
        if last is None or _rank(id_) == _successor(last):
            return True
        if _rank(id_) <= _rank(last):
            return False
        await self._fill(schema, f"({last}", f"({id_}")
        return True

    async def _deliver(self, schema: str, id_: str | None, body: bytes) -> None:
        audience, text = decode(id_, body)
        verdicts: dict[int, bool] = {}
        for socket in list(self._listeners.get(schema, ())):
            # One person's tabs share one verdict.
            verdict = verdicts.get(socket.user_id)
            if verdict is None:
                verdict = verdicts[socket.user_id] = socket.may_hear(audience)
            if verdict:
                metrics.FRAMES.inc()
                await socket.push(text)

    async def _each(self, schema: str, act: Callable[[Listener], Awaitable[None]]) -> None:
        for socket in list(self._listeners.get(schema, ())):
            await act(socket)


def decode(id_: str | None, body: bytes) -> tuple[dict[str, Any], Ready]:
    """Split a stored frame into its audience and the text that sockets get."""
    audience, event, data = body.split(b"\n", 2)
    return orjson.loads(audience), Ready.of(id_, event.decode(), data.decode())


def _rank(id_: str) -> tuple[int, int]:
    birth, count = id_.split("-")
    return int(birth), int(count)


def _successor(id_: str) -> tuple[int, int]:
    birth, count = _rank(id_)
    return birth, count + 1


_hubs: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """Give the hub of the running event loop (a web process has one)."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
