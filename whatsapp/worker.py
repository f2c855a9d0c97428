"""The process that owns WhatsApp sessions: takes leases, runs sessions, listens for wake-ups.

Any number of these run on any number of hosts. Killing one at any instant costs the seconds until
another takes its leases.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import redis.asyncio
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection as database

from dispatch.models import Inbox, Outbox
from messaging.services.outbox import WAKE_CHANNEL
from whaticket import metrics
from whaticket.tenancy import PUBLIC, in_company, in_schema
from whatsapp.drivers.base import Driver, DriverFailure, Echo, Inbound, KnownPerson
from whatsapp.services import leases, outbound
from whatsapp.services.ask import ASK_CHANNEL, answer_key
from whatsapp.services.leases import HEARTBEAT_SECONDS, Lease
from whatsapp.session import Session

log = structlog.get_logger(__name__)

TYPING_CHANNEL = "whatsapp:typing"
# Sessions one process runs; more of them need more processes.
MAX_SESSIONS = 200
# Reading a phone's history for an answer; less than whoever asked waits.
HISTORY_SECONDS = 3
# Finds work whose wake-up was lost.
SWEEP_SECONDS = 1


class Worker:
    """All sessions of one process."""

    def __init__(self) -> None:
        self.owner = leases.owner_name()
        self._sessions: dict[Lease, Session] = {}
        self._tasks: dict[Lease, asyncio.Task[None]] = {}
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="database")
        self._stopping = asyncio.Event()
        self._look_at_leases = asyncio.Event()

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, then hand the leases back."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stopping.set)
        log.info("worker.started", owner=self.owner)
        loops = [
            asyncio.create_task(
                self._forever(self._lead, HEARTBEAT_SECONDS, sooner=self._look_at_leases)
            ),
            asyncio.create_task(self._forever(self._sweep, SWEEP_SECONDS, sooner=asyncio.Event())),
            asyncio.create_task(self._hear()),
        ]
        await self._stopping.wait()
        for task in loops:
            task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await self._stop_all()
        log.info("worker.stopped", owner=self.owner)

    # Database ---------------------------------------------------------------------------------

    async def in_company(
        self, company_id: int, function: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Run a function in a thread, inside a company, and give its connection back."""

        def call() -> Any:
            try:
                with in_company(company_id):
                    return function(*args, **kwargs)
            finally:
                database.close()

        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def in_public(self, function: Callable[..., Any], *args: Any) -> Any:
        """Run a function over the cross-company tables."""

        def call() -> Any:
            try:
                with in_schema(PUBLIC):
                    return function(*args)
            finally:
                database.close()

        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    # Loops ------------------------------------------------------------------------------------

    async def _forever(
        self, step: Callable[[], Any], seconds: float, *, sooner: asyncio.Event
    ) -> None:
        while True:
            try:
                await step()
            except DatabaseError as error:
                log.warning("worker.database_lost", error=type(error).__name__)
            except Exception:
                log.exception("worker.step_failed", step=step.__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(sooner.wait(), seconds)
            sooner.clear()

    async def _lead(self) -> None:
        """Prove this worker alive, stop what it lost, take what is free, obey commands."""
        held = list(self._sessions)
        kept = await self.in_public(leases.beat, self.owner, held)
        for lease in held:
            if lease not in kept:
                await self._end(lease)
        room = MAX_SESSIONS - len(self._sessions)
        for lease in await self.in_public(leases.take_leases, self.owner, room):
            self._begin(lease)
        for lease, command in await self.in_public(leases.take_commands, list(self._sessions)):
            session = self._sessions.get(lease)
            if session is not None:
                asyncio.create_task(session.obey(command))  # noqa: RUF006 (ends by itself)

    async def _sweep(self) -> None:
        waiting = await self.in_public(outbound.waiting_connections, list(self._sessions))
        for session in self._sessions.values():
            if session.lease.key in waiting:
                session.wake()
        metrics.OUTBOX_DEPTH.set(await self.in_public(_count, Outbox))
        metrics.INBOX_DEPTH.set(await self.in_public(_count, Inbox))

    async def _hear(self) -> None:
        """Listen for wake-ups, questions and typing; the sweep covers what is lost here."""
        while True:
            try:
                client = redis.asyncio.Redis.from_url(settings.REDIS_URL)
                async with client, client.pubsub() as channel:
                    await channel.subscribe(WAKE_CHANNEL, TYPING_CHANNEL, ASK_CHANNEL)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            self._heard(message["channel"].decode(), message["data"], client)
            except (redis.RedisError, OSError):
                await asyncio.sleep(0.5)

    def _heard(self, channel: str, data: bytes, client: Any) -> None:
        try:
            content = orjson.loads(data)
        except orjson.JSONDecodeError:
            return
        if channel == WAKE_CHANNEL:
            company_id, connection_id = content
            if connection_id is None:
                self._look_at_leases.set()
            for session in self._of(company_id, connection_id):
                session.wake()
        elif channel == TYPING_CHANNEL:
            for session in self._of(content["company"], content["connection"]):
                asyncio.create_task(_type(session, content))  # noqa: RUF006 (ends by itself)
        else:
            for session in self._of(content["company"], content["connection"]):
                asyncio.create_task(_answer(session, content, client))  # noqa: RUF006 (as above)

    def _of(self, company_id: int, connection_id: int | None) -> list[Session]:
        return [s for s in self._sessions.values() if s.lease.key == (company_id, connection_id)]

    # Sessions ---------------------------------------------------------------------------------

    def _begin(self, lease: Lease) -> None:
        session = Session(lease, self.in_company)
        self._sessions[lease] = session
        self._tasks[lease] = asyncio.create_task(self._keep(session), name=f"session {lease.key}")
        metrics.SESSIONS.labels("held").set(len(self._sessions))
        log.info("session.taken", company=lease.company_id, connection=lease.connection_id)

    async def _keep(self, session: Session) -> None:
        lease = session.lease
        try:
            await session.run()
            # It shall not be opened again until somebody asks.
            await self.in_public(_unwant, lease)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception(
                "session.crashed", company=lease.company_id, connection=lease.connection_id
            )
            await asyncio.sleep(5)
        finally:
            self._sessions.pop(lease, None)
            self._tasks.pop(lease, None)
            metrics.SESSIONS.labels("held").set(len(self._sessions))
        with contextlib.suppress(DatabaseError):
            await self.in_public(leases.release, lease)

    async def _end(self, lease: Lease) -> None:
        session, task = self._sessions.pop(lease, None), self._tasks.pop(lease, None)
        if session is not None and task is not None:
            await session.stop()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            log.info("session.given_up", company=lease.company_id, connection=lease.connection_id)

    async def _stop_all(self) -> None:
        held = list(self._sessions)
        await asyncio.gather(*[self._end(lease) for lease in held], return_exceptions=True)
        for lease in held:
            with contextlib.suppress(DatabaseError):
                await self.in_public(leases.release, lease)
        self._threads.shutdown(wait=True)


def _count(model: Any) -> int:
    return model.objects.count()


def _unwant(lease: Lease) -> None:
    # A command that came meanwhile wants the session after all.
    leases.SessionLease.objects.filter(
        company_id=lease.company_id,
        connection_id=lease.connection_id,
        token=lease.token,
        # `command=None` would mean a JSON null.
        command__isnull=True,
    ).update(is_wanted=False)


async def _type(session: Session, content: dict[str, Any]) -> None:
    if session.driver is not None:
        with contextlib.suppress(DriverFailure, OSError):
            await session.driver.typing(content["chat"], bool(content["active"]))


async def _answer(session: Session, question: dict[str, Any], client: Any) -> None:
    """Answer a question of another process, such as whether a number is on WhatsApp."""
    reply: dict[str, Any]
    try:
        if session.driver is None:
            return
        if question["ask"] == "check_numbers":
            checks = await session.driver.check_numbers(question["numbers"])
            reply = {
                "numbers": [
                    {
                        "number": check.number,
                        "exists": check.exists,
                        "identities": [[str(i.kind), i.value] for i in check.identities],
                    }
                    for check in checks
                ]
            }
        elif question["ask"] == "address_book":
            reply = {"people": [_told(p) for p in await session.driver.address_book()]}
        elif question["ask"] == "chats":
            reply = {"people": await _talked_to(session.driver)}
        elif question["ask"] == "logout":
            await session.driver.logout()
            reply = {}
        else:
            reply = {"pair_code": await session.driver.request_pair_code(question["number"])}
    except DriverFailure as failure:
        reply = {"error": failure.error.code}
    with contextlib.suppress(redis.RedisError):
        key = answer_key(question["id"])
        await client.rpush(key, orjson.dumps(reply))
        await client.expire(key, 30)


def _told(person: KnownPerson) -> dict[str, Any]:
    identities = [[str(i.kind), i.value] for i in person.identities]
    return {"name": person.name, "identities": identities}


async def _talked_to(driver: Driver) -> list[dict[str, Any]]:
    """Name the people of the phone's private chats, as far as its history goes back in time."""
    people: dict[str, KnownPerson] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(HISTORY_SECONDS):
            async for batch in driver.history(None):
                for event in batch:
                    if isinstance(event, Inbound | Echo) and not event.message.is_group:
                        name = "" if isinstance(event, Echo) else event.message.sender.push_name
                        known = people.get(event.chat)
                        people[event.chat] = KnownPerson(
                            name=name or (known.name if known else ""),
                            identities=event.message.peer,
                        )
    return [_told(person) for person in people.values()]
