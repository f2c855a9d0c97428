"""The Socket.IO edge, for clients written for the old backend (realtime.md).

One namespace per company, `/<companyId>`. Who connects shows the refresh cookie or an access token
(`auth.token`, or `token` in the query); everybody else is refused, as is a namespace of another
company. Frames are those of the native edge, and the same sight decides who hears them.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import redis
import socketio
from django.db import Error as DatabaseError
from django.http import parse_cookie
from engineio.packet import MESSAGE
from engineio.packet import Packet as Envelope
from socketio.exceptions import ConnectionRefusedError as Refused

from accounts import tokens
from accounts.authentication import person_of, person_of_refresh
from accounts.models import User
from events.hub import RESYNC, Ready, hub
from messaging.consumers.seat import (
    MAX_WAITING,
    NOT_SIGNED_IN,
    TOO_SLOW,
    Seat,
    in_database,
    is_our_origin,
)
from whaticket.exceptions import NO_PERMISSION, SESSION_EXPIRED
from whaticket.tenancy import PUBLIC, schema_of

PATH = "/socket.io"
# What a client may post at once while it polls; its events are a few words.
MAX_INCOMING = 100_000
# What the packets of one event have in common begins so: an event, in a namespace.
_EVENT = "2"

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Client(Seat):
    """One client in the namespace of a company."""

    def __init__(self, sid: str, namespace: str, transport: str):
        super().__init__()
        self._sid, self._namespace, self._transport = sid, namespace, transport
        self._watching: asyncio.Task[None] | None = None
        self._is_joined = False

    async def enter(self, user: User, session_key: str) -> None:
        """Let somebody in; raise Refused for the company of others and where realtime is away."""
        self.session_key = session_key
        self.schema = schema_of(int(self._namespace[1:]))
        if self.schema != schema_of(user.company_id) and not user.is_super:
            raise Refused(NO_PERMISSION)
        try:
            await self.sit_down(user)
        except DatabaseError as error:
            # A platform operator asked for a company that does not exist.
            raise Refused(NO_PERMISSION) from error
        self._is_joined = True
        try:
            await hub().join(self.schema, self)
        except (redis.RedisError, OSError) as error:
            await self.leave()
            raise Refused("ERR_INTERNAL") from error
        self._watching = asyncio.create_task(self.watch(), name="client watching")

    async def push(self, text: Ready) -> None:
        """Put a frame in the client's line; who is too slow, or missed too much, comes back."""
        if text is RESYNC:
            await self._hang_up()
            return
        if self._is_behind():
            await self.end(TOO_SLOW)
            return
        packet = f'{_EVENT}{self._namespace},["{text.event}",{text.data}]'
        await server.eio.send_packet(self._transport, Envelope(MESSAGE, data=packet))

    def _is_behind(self) -> bool:
        line = server.eio.sockets.get(self._transport)
        return line is not None and line.queue.qsize() >= MAX_WAITING

    async def end(self, code: int) -> None:
        """Show the client out: for good without a sign-in, else it connects again and fetches."""
        await self.leave()
        if code == NOT_SIGNED_IN:
            await server.disconnect(self._sid, namespace=self._namespace)
        else:
            await self._hang_up()

    async def _hang_up(self) -> None:
        # A client returns from a broken line by itself, but not where it was told to go.
        await server.eio.disconnect(self._transport)

    async def leave(self) -> None:
        """Hear nothing any more."""
        if self._watching is not None and self._watching is not asyncio.current_task():
            self._watching.cancel()
        if self._is_joined:
            self._is_joined = False
            with contextlib.suppress(redis.RedisError, OSError):
                await hub().leave(self.schema, self)


_clients: dict[tuple[str, str], Client] = {}


def _is_ours(origin: str, request: dict[str, Any]) -> bool:
    """Refuse pages of strangers: a cookie would come along with them."""
    return is_our_origin(origin, request.get("HTTP_HOST", ""))


server = socketio.AsyncServer(
    async_mode="asgi",
    namespaces="*",
    cors_allowed_origins=_is_ours,
    max_http_buffer_size=MAX_INCOMING,
)


async def connect(namespace: str, sid: str, request: dict[str, Any], auth: Any) -> None:
    """Let a client in; what it raises reaches the client as `connect_error`."""
    if not re.fullmatch(r"/[0-9]{1,18}", namespace):
        raise Refused(NO_PERMISSION)
    found = await in_database(PUBLIC, _sign_in, request, auth)
    if found is None:
        raise Refused(SESSION_EXPIRED)
    transport = server.manager.eio_sid_from_sid(sid, namespace)
    client = Client(sid, namespace, transport)
    await client.enter(*found)
    _clients[namespace, sid] = client


async def take(event: str, namespace: str, sid: str, *data: Any) -> None:
    """Take a client's event; what is unknown is ignored in silence (realtime.md §2)."""
    client = _clients.get((namespace, sid))
    if client is not None:
        await client.take(event, data[0] if data else None)


async def disconnect(namespace: str, sid: str, _reason: str) -> None:
    """Leave the hub and everybody's view."""
    client = _clients.pop((namespace, sid), None)
    if client is not None:
        await client.leave()
        await client.close_boxes()


server.on("connect", connect, namespace="*")
server.on("*", take, namespace="*")
server.on("disconnect", disconnect, namespace="*")


def _sign_in(request: dict[str, Any], auth: Any) -> tuple[User, str] | None:
    """Find out who this is: a token counts before the refresh cookie."""
    given = auth.get("token") if isinstance(auth, dict) else None
    text = given or parse_qs(request.get("QUERY_STRING", "")).get("token", [""])[0]
    try:
        if isinstance(text, str) and text:
            user = person_of(text.removeprefix("Bearer "))
        else:
            cookie = parse_cookie(request.get("HTTP_COOKIE", "")).get(tokens.COOKIE, "")
            user = person_of_refresh(cookie)
    except tokens.InvalidToken:
        return None
    return user, str(user.session.pk)


_engine = socketio.ASGIApp(server, socketio_path=PATH)


def is_socket_io(scope: Scope) -> bool:
    """Tell whether a request or a socket is for this edge."""
    path = str(scope["path"])
    return path == PATH or path.startswith(f"{PATH}/")


async def socket_io(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve Engine.IO over polling and WebSocket."""
    if scope["type"] == "http" and _length(scope) > MAX_INCOMING:
        # The engine reads a body to its end before it looks at its size.
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await _engine(scope, receive, send)


def _length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
