"""One person's place at an edge: who they are, what they may hear, and what they look at.

Both edges have it, the native one and that of Socket.IO; what is written to a socket, and how a
socket ends, is theirs.
"""

import asyncio
import contextlib
import itertools
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import Error as DatabaseError
from django.db import connection as database
from django.http import HttpRequest
from django.utils.module_loading import import_string

from accounts.models import Session, User
from accounts.privacy import hides_numbers
from events.hub import Ready
from messaging.services import viewing
from messaging.services.viewing import Box
from tickets.services import sight_of
from tickets.sight import Sight, TicketFacts
from whaticket.tenancy import PUBLIC, in_schema

# Close codes, beside those of the protocol.
NOT_SIGNED_IN = 4401
NOT_YOURS = 4403
NOT_FOUND = 4404
TOO_SLOW = 4408

# Frames that wait for one socket; a client this far behind fetches again and resumes.
MAX_WAITING = 2000
MAX_BOXES = 50
TYPING_SECONDS = 1.0
# A session's end is told to the hubs at once; where that was lost, the socket ends after this.
WATCH_SECONDS = 45

_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sockets")
_serial = itertools.count(1)


async def in_database(schema: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a function in a thread, inside a schema, and give its database connection back."""

    def call() -> Any:
        try:
            with in_schema(schema):
                return function(*args, **kwargs)
        finally:
            database.close()

    return await asyncio.get_running_loop().run_in_executor(_threads, call)


def is_our_origin(origin: str, host: str) -> bool:
    """Tell whether a page that opens a socket is one of ours."""
    ours = {*settings.CORS_ALLOWED_ORIGINS, *settings.CSRF_TRUSTED_ORIGINS}
    return origin in ours or urlsplit(origin).netloc == host


class Seat:
    """What a socket knows of the person behind it."""

    user: User
    sight: Sight
    schema: str
    session_key: str
    hides_numbers: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seat_name = f"{uuid.uuid4().hex[:8]}{next(_serial)}"
        self._boxes: dict[str, Box] = {}
        self._typed: dict[str, tuple[bool, float]] = {}

    # What an edge adds ----------------------------------------------------------------------

    async def push(self, text: Ready) -> None:
        """Give the person a frame."""
        raise NotImplementedError

    async def end(self, code: int) -> None:
        """Show the person out."""
        raise NotImplementedError

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

    async def sit_down(self, user: User) -> None:
        """Read what a person may see here; raise DatabaseError where there is no such company."""
        self.user = user
        self.hides_numbers = await in_database(PUBLIC, hides_numbers, user)
        self.sight = await in_database(self.schema, sight_of, user)

    def shown(self, text: Ready) -> Ready:
        """Give a frame as the person may read it."""
        return text.masked if self.hides_numbers else text

    async def refresh_sight(self) -> None:
        """Read again what the person may see, and whether they still may be here."""
        with contextlib.suppress(DatabaseError):
            user = await in_database(PUBLIC, _living, self.user, self.session_key)
            if user is None:
                await self.end(NOT_SIGNED_IN)
                return
            await self.sit_down(user)

    async def watch(self) -> None:
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
                    self.seat_name,
                )

    # Speaking -------------------------------------------------------------------------------

    async def take(self, event: Any, data: Any) -> None:
        """Take what a client says; nothing it can say is an error (realtime.md §2).

        joinTickets, joinNotification and their counterparts choose rooms in the original; here
        everybody hears what they may see (realtime.md §3).
        """
        with contextlib.suppress(DatabaseError):
            if event == "joinChatBox":
                await self._open_box(_uuid_of(data))
            elif event == "joinChatBoxLeave":
                await self._close_box(_uuid_of(data))
            elif event == "typing" and isinstance(data, dict):
                await self._type(_uuid_of(data.get("uuid")), bool(data.get("active", True)))

    async def _box(self, key: str) -> Box | None:
        return await in_database(self.schema, viewing.open_box, key, self.sight) if key else None

    async def _open_box(self, key: str) -> None:
        box = await self._box(key)
        if box is None or (len(self._boxes) >= MAX_BOXES and key not in self._boxes):
            return
        self._boxes[key] = box
        data = await in_database(self.schema, viewing.begin_viewing, box, self.user, self.seat_name)
        name = f"company-{self.schema.rpartition('_')[2]}-presence"
        await self.push(Ready.of(None, name, data.decode()))

    async def _close_box(self, key: str) -> None:
        box = self._boxes.pop(key, None)
        if box is not None:
            await in_database(self.schema, viewing.end_viewing, box, self.user, self.seat_name)

    async def close_boxes(self) -> None:
        """Leave everybody's view."""
        boxes, self._boxes = self._boxes, {}
        for box in boxes.values():
            with contextlib.suppress(DatabaseError):
                await in_database(self.schema, viewing.end_viewing, box, self.user, self.seat_name)

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


def person_of_cookie(key: str) -> User | None:
    """Give whom a browser's session belongs to."""
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    request = HttpRequest()
    request.session = store(key)
    person = get_user(request)
    # Who may enter only to pay hears nothing of the company.
    return person if isinstance(person, User) and not person.is_shut_out else None


def _living(user: User, key: str) -> User | None:
    """Give a person again as they are now, or None when their sign-in has ended."""
    if hasattr(user, "session"):
        found = Session.objects.select_related("user__company").in_force().filter(pk=key).first()
        if found is None or not (found.user.company.is_active or found.user.is_super):
            return None
        found.user.session = found
        return found.user
    return person_of_cookie(key)


def _uuid_of(value: Any) -> str:
    """Give the uuid a client named, in its one spelling; empty for anything else."""
    if not isinstance(value, str):
        return ""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return ""
