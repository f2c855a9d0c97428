"""One connection's life in a worker: open, listen, send, close, and open again.

A session is a handful of loops over one driver. Every step that touches the database runs in a
thread, is short, and may be the last thing this process ever does.
"""

import asyncio
import contextlib
import random
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from dispatch.models import Outbox
from messaging.services.fetch import attach_fetched, fetch_target, give_up_fetch
from messaging.services.typing import contact_typing
from whatsapp.drivers.base import (
    Driver,
    DriverFailure,
    ErrorClass,
    Event,
    Outgoing,
    PairCode,
    Paired,
    QrCode,
    Rejected,
    SendResult,
    State,
    StateChanged,
    StoredEvent,
    Typing,
    Unknown,
    send_error,
)
from whatsapp.drivers.registry import DriverUnavailable, UnknownDriver, driver_for
from whatsapp.models import Connection
from whatsapp.services import outbound, sessions
from whatsapp.services.inbound import project_events, store_events
from whatsapp.services.leases import Lease

log = structlog.get_logger(__name__)

InDatabase = Callable[..., Awaitable[Any]]

# Sends under way at once on one connection; the order within a chat is kept all the same.
PARALLEL_SENDS = 24
# Waits before a lost session is opened again, then the last one for ever.
RECONNECT_SECONDS = (0.2, 1, 2, 5, 10, 30)
# A logged-out device shows a new code after this (behaviour 10).
RELINK_SECONDS = 2

# A command waits this long for a session that is being opened.
OPEN_SECONDS = 5

# Words of the driver for an end that no new attempt will change.
_FINAL = {State.RESTRICTED, State.OUTDATED, State.NEEDS_REAUTH, State.PASSKEY_REQUIRED}


class Session:
    """The loops of one connection. `run` returns when the session shall not be opened again."""

    def __init__(self, lease: Lease, in_database: InDatabase):
        self.lease = lease
        self._in_database = in_database
        self.outbox_wake = asyncio.Event()
        self.inbox_wake = asyncio.Event()
        self.driver: Driver | None = None
        self._connected = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._end: StateChanged | None = None
        self._stopping = False
        self._hurry = asyncio.Event()

    async def _db(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await self._in_database(self.lease.company_id, function, *args, **kwargs)

    def wake(self) -> None:
        """Look for work now."""
        self.outbox_wake.set()
        self.inbox_wake.set()

    async def run(self) -> None:
        """Keep the session open until it is stopped, logged out for good, or cannot be opened."""
        failures = 0
        while not self._stopping:
            self._end = None
            self._connected.clear()
            try:
                await self._live()
                failures = 0 if self._was_connected() else failures + 1
            except DriverFailure as failure:
                failures += 1
                await self._db(sessions.record_lost, self.lease.connection_id, failure.error.code)
                if failure.permanent:
                    # Wrong settings or a void token: trying again would change nothing.
                    await self._db(
                        sessions.record_stopped, self.lease.connection_id, failure.error.code
                    )
                    return
            except Connection.DoesNotExist:
                return
            except (UnknownDriver, DriverUnavailable) as error:
                await self._db(sessions.record_stopped, self.lease.connection_id, str(error))
                return
            except DatabaseError as error:
                failures += 1
                log.warning("session.database_lost", error=type(error).__name__, **self._ids())
            if self._stopping or await self._is_over():
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), self._pause(failures))
            self._hurry.clear()

    def _ids(self) -> dict[str, int]:
        return {"company": self.lease.company_id, "connection": self.lease.connection_id}

    def _was_connected(self) -> bool:
        return self._connected.is_set()

    def _pause(self, failures: int) -> float:
        if self._end is not None and self._end.state == State.LOGGED_OUT:
            return RELINK_SECONDS
        base = RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)]
        # Jitter: a restarted network must not meet all sessions in one instant.
        return base * random.uniform(0.7, 1.3)  # noqa: S311 (not a secret)

    async def _is_over(self) -> bool:
        """Judge the last end; record it, and say whether the session stays closed."""
        end = self._end
        if end is not None and end.reason == "replaced":
            # Another socket took the link; two that reconnect would throw each other out. Where
            # it was the next holder of the lease, the state is for that one to tell.
            if await self._db(outbound.still_holds, self.lease):
                await self._db(sessions.record_stopped, self.lease.connection_id, end.reason)
            return True
        if end is None or end.state == State.DISCONNECTED:
            if end is not None and end.reason == "qr_expired":
                await self._db(sessions.record_stopped, self.lease.connection_id, "qr_expired")
                return True
            if not self._stopping:
                reason = end.reason if end else "socket_lost"
                await self._db(sessions.record_lost, self.lease.connection_id, reason)
            return False
        if end.state == State.LOGGED_OUT:
            await self._db(sessions.record_logged_out, self.lease.connection_id, end.reason)
            # A banned number is not linked again by itself (behaviour 10).
            return end.reason == "banned"
        if end.state in _FINAL:
            await self._db(
                sessions.record_stopped, self.lease.connection_id, end.reason or end.state.value
            )
            return True
        return False

    async def _live(self) -> None:
        """Open the driver and run its loops until the first of them ends."""
        name, config = await self._db(
            sessions.config_of, self.lease.connection_id, self.lease.company_id
        )
        driver = driver_for(name)(config)
        self.driver = driver
        await self._db(outbound.recover_claims, self.lease, driver.capabilities)
        await self._db(sessions.record_opening, self.lease.connection_id)
        loops: list[asyncio.Task[None]] = []
        try:
            await driver.connect()
            self.wake()
            loops = [
                asyncio.create_task(self._listen(driver), name="listen"),
                asyncio.create_task(self._project(), name="project"),
                asyncio.create_task(self._send(driver), name="send"),
            ]
            done, _rest = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in [*loops, *self._busy.values()]:
                task.cancel()
            await asyncio.gather(*loops, *self._busy.values(), return_exceptions=True)
            self._busy.clear()
            self.driver = None
            with contextlib.suppress(DriverFailure, OSError, asyncio.TimeoutError):
                await driver.close()

    async def stop(self) -> None:
        """End the session, keeping the link to the phone."""
        self._stopping = True
        if self.driver is not None:
            with contextlib.suppress(DriverFailure, OSError):
                await self.driver.close()

    # What arrives ---------------------------------------------------------------------------

    async def _listen(self, driver: Driver) -> None:
        async for batch in driver.events():
            stored = [event for event in batch if isinstance(event, StoredEvent)]
            if stored:
                await self._db(store_events, self.lease.connection_id, stored)
                await driver.acknowledge([event.token for event in stored])
                self.inbox_wake.set()
            for event in batch:
                if not isinstance(event, StoredEvent):
                    await self._take(event)

    async def _take(self, event: Event) -> None:
        """Handle what is about the session and not about a chat."""
        connection_id = self.lease.connection_id
        if isinstance(event, QrCode):
            await self._db(sessions.record_qr, connection_id, event.code, event.attempt)
        elif isinstance(event, PairCode):
            await self._db(sessions.record_pair_code, connection_id, event.code)
        elif isinstance(event, Paired):
            await self._db(
                sessions.record_paired, connection_id, event.number, dict(event.credentials)
            )
        elif isinstance(event, Typing):
            await self._db(contact_typing, connection_id, event.chat, event.active)
        elif isinstance(event, StateChanged):
            if event.state in {State.CONNECTED, State.DEGRADED}:
                await self._db(sessions.record_connected, connection_id, event.number)
                self._connected.set()
                self.outbox_wake.set()
            elif event.state not in {State.CONNECTING, State.QR}:
                self._end = event

    async def _project(self) -> None:
        while True:
            await self.inbox_wake.wait()
            self.inbox_wake.clear()
            while await self._db(project_events, self.lease.connection_id):
                pass

    # What goes out --------------------------------------------------------------------------

    async def _send(self, driver: Driver) -> None:
        await self._connected.wait()
        while True:
            await self.outbox_wake.wait()
            self.outbox_wake.clear()
            room = PARALLEL_SENDS - len(self._busy)
            if room <= 0:
                continue
            work = await self._db(
                outbound.claim_work, self.lease, limit=room, busy=list(self._busy)
            )
            sends = [item for item in work if item.kind in outbound.SENDS]
            built = await self._db(outbound.outgoing_of, sends) if sends else {}
            for item in work:
                task = asyncio.create_task(self._do(driver, item, built.get(item.id)))
                self._busy[item.chat] = task

    async def _do(self, driver: Driver, work: outbound.Work, outgoing: Outgoing | None) -> None:
        try:
            if work.kind == Outbox.Kind.FETCH:
                await self._fetch(driver, work)
            else:
                await self._act(driver, work, outgoing)
        except DatabaseError as error:
            # The claim stays; it is settled when the session is opened the next time.
            log.warning("work.database_lost", work=work.id, error=type(error).__name__)
        except Exception:
            log.exception("work.failed", work=work.id, kind=work.kind, **self._ids())
        finally:
            if self._busy.get(work.chat) is asyncio.current_task():
                del self._busy[work.chat]
            self.outbox_wake.set()

    async def _act(self, driver: Driver, work: outbound.Work, outgoing: Outgoing | None) -> None:
        if work.kind in outbound.SENDS and outgoing is None:
            await self._db(outbound.drop_work, self.lease, work)
            return
        try:
            result = await self._perform(driver, work, outgoing)
        except DriverFailure as failure:
            result = Rejected(error=failure.error)
        except (OSError, TimeoutError) as error:
            result = Unknown(reason=type(error).__name__)
        await self._db(
            outbound.record_result, self.lease, work, result, driver.name, driver.capabilities
        )

    async def _perform(
        self, driver: Driver, work: outbound.Work, outgoing: Outgoing | None
    ) -> SendResult:
        if outgoing is not None:
            return await driver.send(outgoing)
        payload = work.payload
        if work.kind == Outbox.Kind.READ:
            await driver.mark_read(work.chat, payload["wire_ids"], sender=payload.get("sender", ""))
            return outbound.done(work)
        if work.kind == Outbox.Kind.BLOCK:
            await driver.block(outbound.person_of(work), bool(payload["blocked"]))
            return outbound.done(work)
        key = await self._db(outbound.key_of, work.message_id)
        if key is None:
            error = send_error(ErrorClass.CONTENT, "not_sent", "It was never sent", permanent=True)
            return Rejected(error=error)
        if work.kind == Outbox.Kind.EDIT:
            return await driver.edit(key, payload["text"])
        if work.kind == Outbox.Kind.REVOKE:
            return await driver.revoke(key)
        return await driver.react(
            # Not a bare number: receipts that give one back are about a message of that id.
            key,
            payload["emoji"],
            client_message_id=payload["id"],
            outbox_id=f"reaction:{work.id}",
        )

    async def _fetch(self, driver: Driver, work: outbound.Work) -> None:
        """Bring a file of the network into our own store; the message shows it then."""
        ref = await self._db(fetch_target, work.message_id)
        if ref is None:
            await self._db(outbound.drop_work, self.lease, work)
            return
        with tempfile.TemporaryDirectory(prefix="whaticket-fetch-") as folder:
            path = Path(folder) / "file"
            try:
                fetched = await driver.fetch_media(ref, path, limit=settings.FETCH_MAX_BYTES)
            except DriverFailure as failure:
                if not failure.permanent and work.attempts <= len(outbound.RETRY_SECONDS):
                    await self._db(outbound.postpone_work, self.lease, work)
                    return
                await self._db(give_up_fetch, work.message_id, failure.error.code)
            else:
                await self._db(attach_fetched, work.message_id, path, fetched)
        await self._db(outbound.drop_work, self.lease, work)

    # What people ask for --------------------------------------------------------------------

    async def obey(self, command: dict[str, Any]) -> None:
        """Carry out a command of an admin: restart, relink, logout, pair."""
        action = command.get("do")
        if self.driver is None:
            self._hurry.set()
        driver = await self._opened()
        if action == "pair" and driver is not None:
            try:
                code = await driver.request_pair_code(command["number"])
            except DriverFailure as failure:
                log.info("pairing.refused", code=failure.error.code, **self._ids())
            else:
                await self._db(sessions.record_pair_code, self.lease.connection_id, code)
        elif action in {"logout", "relink"} and driver is not None:
            try:
                await driver.logout()
            except DriverFailure:
                # Not linked, or out of reach: a new attempt shows a new code all the same.
                await driver.close()
        elif action == "restart" and driver is not None:
            await driver.close()

    async def _opened(self) -> Driver | None:
        """Wait a moment for the driver: a command may come just before the session is open."""
        for _ in range(OPEN_SECONDS * 10):
            if self.driver is not None:
                break
            await asyncio.sleep(0.1)
        return self.driver
