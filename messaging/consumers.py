"""The native realtime edge, `/ws/<companyId>`: JSON frames `{"id", "event", "data"}` (design §8).

The first frame is `{"event":"ready","id":…}`. A client that comes back with `?after=<id>` gets what
it missed, or `{"event":"resync"}` when that is too long ago. Frames of clients are named as in
realtime.md §2; what is unknown is ignored.
"""

import asyncio
import contextlib
import itertools
import re
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeGuard
from urllib.parse import parse_qs, urlsplit

import orjson
import redis
import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import Error as DatabaseError
from django.db import connection as database
from django.http import HttpRequest, parse_cookie
from django.utils.module_loading import import_string
from twisted.internet import tcp

from accounts import tokens
from accounts.authentication import person_of
from accounts.models import Session, User
from events.hub import Ready, decode, hub
from messaging.services import viewing
from messaging.services.viewing import Box
from tickets.services import sight_of
from tickets.sight import Sight, TicketFacts
from whaticket.tenancy import PUBLIC, in_schema, schema_of

log = structlog.get_logger(__name__)

# Close codes, beside those of the protocol.
NOT_SIGNED_IN = 4401
NOT_YOURS = 4403
NOT_FOUND = 4404
TOO_SLOW = 4408

# Frames that wait for one socket; a client this far behind fetches again and resumes.
MAX_WAITING = 2000
# Bytes a client may leave unread before it is let go.
MAX_UNREAD = 4 * 1024 * 1024
MAX_INCOMING = 16_384
MAX_BOXES = 50
TYPING_SECONDS = 1.0
# A session's end is told to the hubs at once; where that was lost, the socket ends after this.
WATCH_SECONDS = 45

_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sockets")
_serial = itertools.count(1)
_HEAD = '{"id":"'


async def in_database(schema: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a function in a thread, inside a schema, and give its database connection back."""

    def call() -> Any:
        try:
            with in_schema(schema):
                return function(*args, **kwargs)
        finally:
            database.close()

    return await asyncio.get_running_loop().run_in_executor(_threads, call)


class NoSuchSocket(AsyncWebsocketConsumer):
    """Any other WebSocket address."""

    async def connect(self) -> None:
        await self.close(NOT_FOUND)


class Edge(AsyncWebsocketConsumer):
    """One socket of one person."""

    # The process's hub listens to the channel layer for all its sockets; a channel for each of
    # them would be a thousand blocking reads for nothing.
    channel_layer_alias = "none"

    user: User
    sight: Sight

    # Coming ---------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Let in whoever is signed in and belongs to the company; tell others why not."""
        self.name = f"{uuid.uuid4().hex[:8]}{next(_serial)}"
        self.schema = schema_of(int(self.scope["url_route"]["kwargs"]["company_id"]))
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self._boxes: dict[str, Box] = {}
        self._typed: dict[str, tuple[bool, float]] = {}
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
        self.user = user
        try:
            self.sight = await in_database(self.schema, sight_of, user)
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
        if not origin:
            return True
        ours = {*settings.CORS_ALLOWED_ORIGINS, *settings.CSRF_TRUSTED_ORIGINS}
        return origin in ours or urlsplit(origin).netloc == self._header(b"host")

    def _sign_in(self) -> User | None:
        """Find out who this is: a token counts before the browser's cookie."""
        scheme, _, text = self._header(b"authorization").partition(" ")
        token = text.strip() if scheme.lower() == "bearer" else self._query("token")
        if token:
            try:
                user = person_of(token)
            except tokens.InvalidToken:
                return None
            self._session_key = str(user.session.pk)
            return user
        key = parse_cookie(self._header(b"cookie")).get(settings.SESSION_COOKIE_NAME)
        if not key:
            return None
        self._session_key = key
        return _person_of_cookie(key)

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
                    self._waiting.append(text)
                self._replayed = id_
        elif after:
            self._waiting.append('{"event":"resync"}')
        for text in live:
            await self.push(text)
        self._tasks = [
            asyncio.create_task(self._write(), name="socket writing"),
            asyncio.create_task(self._watch(), name="socket watching"),
        ]
        self._wake.set()

    def _greeting(self) -> dict[str, Any]:
        return {"userId": self.user.pk, "name": self.user.name}

    # Hearing --------------------------------------------------------------------------------

    @property
    def user_id(self) -> int:
        """Whose socket it is."""
        return self.user.pk

    def may_hear(self, audience: dict[str, Any]) -> bool:
        """Apply the person's sight to a frame's audience; the same rule as in the lists."""
        users = audience.get("users")
        if users is not None and self.user.pk not in users:
            return False
        if audience.get("admins") and not self.user.is_admin:
            return False
        ticket = audience.get("ticket")
        return ticket is None or self.sight.allows(TicketFacts(*ticket))

    async def push(self, text: str) -> None:
        """Put a frame in the line of this socket; who is too slow is let go and resumes later."""
        if self._replayed and _was_replayed(text, self._replayed):
            return
        if self._protocol is not None and self._may_write_now(text):
            _write_through(self._protocol, text.prepared.payloadHybi)
            return
        if len(self._waiting) >= MAX_WAITING or self._is_behind():
            self._waiting.clear()
            await self._end(TOO_SLOW)
            return
        self._waiting.append(text)
        self._wake.set()

    def _may_write_now(self, text: str) -> TypeGuard[Ready]:
        """Whether a frame can pass by the line: nothing waits, and daphne carries the socket.

        A thousand sockets then cost a thousand writes, and not a thousand tasks, encodings and
        framings besides.
        """
        return (
            self._protocol is not None
            and isinstance(text, Ready)
            and bool(self._tasks)
            and not self._waiting
            and not self._is_writing
            and not self._is_behind()
            and self._protocol.state == self._protocol.STATE_OPEN
        )

    def _is_behind(self) -> bool:
        """Whether the client reads so slowly that what it was sent piles up here."""
        transport = getattr(self._protocol, "transport", None)
        return len(getattr(transport, "dataBuffer", b"")) > MAX_UNREAD

    async def refresh_sight(self) -> None:
        """Read again what the person may see, and whether they still may be here."""
        with contextlib.suppress(DatabaseError):
            user = await in_database(PUBLIC, _living, self.user, self._session_key)
            if user is None:
                await self._end(NOT_SIGNED_IN)
                return
            self.user = user
            self.sight = await in_database(self.schema, sight_of, user)

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._is_writing = True
            while self._waiting:
                await self.send(text_data=self._waiting.popleft())
            self._is_writing = False

    async def _watch(self) -> None:
        """End with the session, and keep telling that open conversations are looked at."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            await self.refresh_sight()
            if self._boxes:
                await in_database(
                    self.schema,
                    viewing.renew_viewing,
                    list(self._boxes.values()),
                    self.user,
                    self.name,
                )

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
        event, data = frame.get("event"), frame.get("data")
        with contextlib.suppress(DatabaseError):
            if event == "joinChatBox":
                await self._open_box(_uuid_of(data))
            elif event == "joinChatBoxLeave":
                await self._close_box(_uuid_of(data))
            elif event == "typing" and isinstance(data, dict):
                await self._type(_uuid_of(data.get("uuid")), bool(data.get("active", True)))
            elif event == "ping":
                await self.push(_own("pong", None, None))
            # joinTickets, joinNotification and their counterparts choose rooms in the original;
            # here everybody hears what they may see (realtime.md §3).

    async def _box(self, key: str) -> Box | None:
        return await in_database(self.schema, viewing.open_box, key, self.sight) if key else None

    async def _open_box(self, key: str) -> None:
        box = await self._box(key)
        if box is None or (len(self._boxes) >= MAX_BOXES and key not in self._boxes):
            return
        self._boxes[key] = box
        data = await in_database(self.schema, viewing.begin_viewing, box, self.user, self.name)
        name = f"company-{self.schema.rpartition('_')[2]}-presence"
        await self.push(f'{{"id":null,"event":"{name}","data":{data.decode()}}}')

    async def _close_box(self, key: str) -> None:
        box = self._boxes.pop(key, None)
        if box is not None:
            await in_database(self.schema, viewing.end_viewing, box, self.user, self.name)

    async def _type(self, key: str, active: bool) -> None:
        was, at = self._typed.get(key, (False, -TYPING_SECONDS))
        if was == active and time.monotonic() - at < TYPING_SECONDS:
            return
        if len(self._typed) > MAX_BOXES:
            self._typed.clear()
        self._typed[key] = (active, time.monotonic())
        # Sight is asked every time: the ticket may have gone to somebody else meanwhile.
        box = await self._box(key)
        if box is not None:
            await in_database(self.schema, viewing.agent_typing, box, self.user, active=active)

    # Going ----------------------------------------------------------------------------------

    async def disconnect(self, code: int) -> None:
        """Leave the hub and everybody's view."""
        await self._leave()
        boxes, self._boxes = self._boxes, {}
        for box in boxes.values():
            with contextlib.suppress(DatabaseError):
                await in_database(self.schema, viewing.end_viewing, box, self.user, self.name)
        raise StopConsumer

    async def _leave(self) -> None:
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        if self._is_joined:
            self._is_joined = False
            with contextlib.suppress(redis.RedisError, OSError):
                await hub().leave(self.schema, self)

    async def _end(self, code: int) -> None:
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


def _own(event: str, id_: str | None, data: Any) -> str:
    """Write a frame of the edge itself."""
    return orjson.dumps({"id": id_, "event": event, "data": data}).decode()


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,16}-[0-9]{1,16}", text) is not None


def _is_after(id_: str, other: str) -> bool:
    return tuple(map(int, id_.split("-"))) > tuple(map(int, other.split("-")))


def _was_replayed(text: str, until: str) -> bool:
    """Tell a frame that came live while the same was read from the stream."""
    if not text.startswith(_HEAD):
        return False
    return not _is_after(text[len(_HEAD) : text.index('"', len(_HEAD))], until)


def _living(user: User, key: str) -> User | None:
    """Give a person again as they are now, or None when their sign-in has ended."""
    if hasattr(user, "session"):
        found = (
            Session.objects.select_related("user__company")
            .filter(pk=key, ended_at=None, user__removed_at=None, user__is_active=True)
            .first()
        )
        if found is None or not (found.user.company.is_active or found.user.is_super):
            return None
        found.user.session = found
        return found.user
    return _person_of_cookie(key)


def _person_of_cookie(key: str) -> User | None:
    """Give whom a browser's session belongs to."""
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    request = HttpRequest()
    request.session = store(key)
    person = get_user(request)
    return person if isinstance(person, User) else None


def _uuid_of(value: Any) -> str:
    """Give the uuid a client named, in its one spelling; empty for anything else."""
    if not isinstance(value, str):
        return ""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return ""
