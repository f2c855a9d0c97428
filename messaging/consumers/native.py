"""The native realtime edge, `/ws/<companyId>`: JSON frames `{"id", "event", "data"}` (design §8).

The first frame is `{"event":"ready","id":…}`. A client that comes back with `?after=<id>` gets what
it missed, or `{"event":"resync"}` when that is too long ago. Frames of clients are named as in
realtime.md §2; what is unknown is ignored.
"""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import orjson
import redis
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings
from django.db import Error as DatabaseError
from django.http import parse_cookie
from twisted.internet import tcp

from accounts import tokens
from accounts.authentication import person_of
from accounts.models import User
from events.hub import RESYNC, Ready, decode, hub
from messaging.consumers.seat import (
    MAX_WAITING,
    NOT_FOUND,
    NOT_SIGNED_IN,
    NOT_YOURS,
    TOO_SLOW,
    Seat,
    in_database,
    is_our_origin,
    person_of_cookie,
)
from whaticket.tenancy import PUBLIC, schema_of

# Bytes a client may leave unread before it is let go.
MAX_UNREAD = 4 * 1024 * 1024
MAX_INCOMING = 16_384
_HEAD = '{"id":"'


class NoSuchSocket(AsyncWebsocketConsumer):
    """Any other WebSocket address."""

    async def connect(self) -> None:
        await self.close(NOT_FOUND)


class Edge(Seat, AsyncWebsocketConsumer):
    """One socket of one person."""

    # The process's hub listens to the channel layer for all its sockets; a channel for each of
    # them would be a thousand blocking reads for nothing.
    channel_layer_alias = "none"

    # Coming ---------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Let in whoever is signed in and belongs to the company; tell others why not."""
        self.schema = schema_of(int(self.scope["url_route"]["kwargs"]["company_id"]))
        self._waiting: deque[Ready] = deque()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._replayed = ""
        self._is_joined = False
        self._is_writing = False
        self._protocol = _daphne_protocol(self.base_send)
        if not self._origin_is_ours():
            await self.close()
            return
        await self.accept()
        user = await in_database(PUBLIC, self._sign_in)
        if user is None:
            await self.close(NOT_SIGNED_IN)
            return
        if self.schema != schema_of(user.company_id) and not user.is_super:
            await self.close(NOT_YOURS)
            return
        try:
            await self.sit_down(user)
        except DatabaseError:
            # A platform operator asked for a company that does not exist.
            await self.close(NOT_FOUND)
            return
        await self._begin()

    def _query(self, name: str) -> str:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        return query.get(name, [""])[0]

    def _header(self, name: bytes) -> str:
        return str(dict(self.scope["headers"]).get(name, b"").decode("latin-1"))

    def _origin_is_ours(self) -> bool:
        """Refuse pages of strangers; programs send no origin and bring a token instead."""
        origin = self._header(b"origin")
        return not origin or is_our_origin(origin, self._header(b"host"))

    def _sign_in(self) -> User | None:
        """Find out who this is: a token counts before the browser's cookie."""
        scheme, _, text = self._header(b"authorization").partition(" ")
        token = text.strip() if scheme.lower() == "bearer" else self._query("token")
        if token:
            try:
                user = person_of(token)
            except tokens.InvalidToken:
                return None
            self.session_key = str(user.session.pk)
            return user
        key = parse_cookie(self._header(b"cookie")).get(settings.SESSION_COOKIE_NAME)
        if not key:
            return None
        self.session_key = key
        return person_of_cookie(key)

    async def _begin(self) -> None:
        """Join first and read what was missed second, so that nothing falls between."""
        after = self._query("after")
        self._is_joined = True
        try:
            await hub().join(self.schema, self)
            newest = await hub().newest_id(self.schema)
            missed = await hub().missed(self.schema, after) if _is_id(after) else None
        except (redis.RedisError, OSError):
            # Without Valkey there is no realtime; the client tries again.
            await self._leave()
            await self.close(1013)
            return
        live, self._waiting = self._waiting, deque()
        resumes = missed is not None
        self._waiting.append(_own("ready", after if resumes else newest, self._greeting()))
        if missed is not None:
            for id_, body in missed:
                audience, text = decode(id_, body)
                if self.may_hear(audience):
                    self._waiting.append(self.shown(text))
                self._replayed = id_
        elif after:
            self._waiting.append(RESYNC)
        for text in live:
            await self.push(text)
        self._tasks = [
            asyncio.create_task(self._write(), name="socket writing"),
            asyncio.create_task(self.watch(), name="socket watching"),
        ]
        self._wake.set()

    def _greeting(self) -> dict[str, Any]:
        return {"userId": self.user.pk, "name": self.user.name}

    # Hearing --------------------------------------------------------------------------------

    async def push(self, text: Ready) -> None:
        """Put a frame in the line of this socket; who is too slow is let go and resumes later."""
        if self._replayed and _was_replayed(text, self._replayed):
            return
        text = self.shown(text)
        if self._protocol is not None and self._may_write_now(self._protocol):
            _write_through(self._protocol, text.prepared.payloadHybi)
            return
        if len(self._waiting) >= MAX_WAITING or self._is_behind():
            self._waiting.clear()
            await self.end(TOO_SLOW)
            return
        self._waiting.append(text)
        self._wake.set()

    def _may_write_now(self, protocol: WebSocketProtocol) -> bool:
        """Whether a frame can pass by the line: nothing waits, and daphne carries the socket.

        A thousand sockets then cost a thousand writes, and not a thousand tasks, encodings and
        framings besides.
        """
        return (
            bool(self._tasks)
            and not self._waiting
            and not self._is_writing
            and not self._is_behind()
            and protocol.state == protocol.STATE_OPEN
        )

    def _is_behind(self) -> bool:
        """Whether the client reads so slowly that what it was sent piles up here."""
        transport = getattr(self._protocol, "transport", None)
        return len(getattr(transport, "dataBuffer", b"")) > MAX_UNREAD

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._is_writing = True
            while self._waiting:
                await self.send(text_data=self._waiting.popleft())
            self._is_writing = False

    # Speaking -------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take a client's frame; nothing it can say is an error."""
        if not text_data or len(text_data) > MAX_INCOMING or not self._tasks:
            return
        try:
            frame = orjson.loads(text_data)
        except orjson.JSONDecodeError:
            return
        if not isinstance(frame, dict):
            return
        if frame.get("event") == "ping":
            await self.push(_own("pong", None, None))
        else:
            await self.take(frame.get("event"), frame.get("data"))

    # Going ----------------------------------------------------------------------------------

    async def disconnect(self, code: int) -> None:
        """Leave the hub and everybody's view."""
        await self._leave()
        await self.close_boxes()
        raise StopConsumer

    async def _leave(self) -> None:
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        if self._is_joined:
            self._is_joined = False
            with contextlib.suppress(redis.RedisError, OSError):
                await hub().leave(self.schema, self)

    async def end(self, code: int) -> None:
        """Close the socket, and leave the hub first."""
        await self._leave()
        with contextlib.suppress(Exception):
            await self.close(code)


def _daphne_protocol(send: Callable[..., Any]) -> WebSocketProtocol | None:
    """Give daphne's end of the socket, or None under another server (or in tests)."""
    carrier = send.args[0] if isinstance(send, partial) and send.args else None
    return carrier if isinstance(carrier, WebSocketProtocol) else None


def _write_through(protocol: WebSocketProtocol, frame: bytes) -> None:
    """Hand a frame to the kernel at once where nothing waits before it.

    Otherwise each socket costs a turn of the reactor: told that there is something to write, asked
    whether it may, and told that there is nothing more.
    """
    transport = protocol.transport
    sent = 0
    if isinstance(transport, tcp.Connection) and not (
        transport.TLS or transport.dataBuffer or transport._tempDataBuffer or protocol.send_queue
    ):
        taken = transport.writeSomeData(frame)
        # What is no number says that the other side is gone; the reactor finds that out as well.
        sent = taken if isinstance(taken, int) else 0
    if sent < len(frame):
        protocol.sendData(frame[sent:])


def _own(event: str, id_: str | None, data: Any) -> Ready:
    """Write a frame of the edge itself."""
    return Ready.of(id_, event, orjson.dumps(data).decode())


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,16}-[0-9]{1,16}", text) is not None


def _is_after(id_: str, other: str) -> bool:
    return tuple(map(int, id_.split("-"))) > tuple(map(int, other.split("-")))


def _was_replayed(text: str, until: str) -> bool:
    """Tell a frame that came live while the same was read from the stream."""
    if not text.startswith(_HEAD):
        return False
    return not _is_after(text[len(_HEAD) : text.index('"', len(_HEAD))], until)
