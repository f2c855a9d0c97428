"""The `sandbox` driver: one device of the simulator, over its WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from whatsapp.drivers.base import (
    MEDIA_KINDS,
    Accepted,
    Capabilities,
    Driver,
    DriverConfig,
    DriverFailure,
    ErrorClass,
    Event,
    FetchedMedia,
    Identities,
    KnownPerson,
    MediaRef,
    MessageKey,
    NotConnected,
    NumberCheck,
    Outgoing,
    PairCode,
    Rejected,
    SendResult,
    State,
    StateChanged,
    Token,
    Unknown,
    identity_of,
    send_error,
    unsupported,
)
from whatsapp.drivers.raw import (
    dict_of,
    dicts_in,
    moment_of,
    number_of,
    read_json,
    storable,
    text_of,
)

from . import media, wire
from .confirmations import Confirmations

logger = logging.getLogger(__name__)

MAX_FRAME = 1024 * 1024
MEGABYTE = 1024 * 1024
HEARTBEAT_SECONDS = 20.0
HISTORY_PAGE = 500
HISTORY_OVERLAP_SECONDS = 0.001
# The server's close codes that have a meaning of their own.
_CLOSE_REASONS = {4008: "qr_expired", 4000: "refused", 1012: "server_restart", 1001: "server_stop"}


class SandboxDriver(Driver):
    """Settings: `url` of the simulator (http). Credentials: `token`, from the Paired event."""

    name = "sandbox"
    capabilities = Capabilities(
        pairing=frozenset({"qr", "code"}),
        edit=True,
        revoke=True,
        reactions=True,
        groups=True,
        history=True,
        client_message_id=True,
        typing=True,
        check_numbers=True,
        block=True,
        address_book=True,
        max_text=65_536,
        max_caption=65_536,
        caption_kinds=MEDIA_KINDS,
        max_bytes=dict.fromkeys(MEDIA_KINDS, 100 * MEGABYTE),
    )

    def __init__(self, config: DriverConfig) -> None:
        super().__init__(config)
        self._url = str(config.settings.get("url") or "").rstrip("/")
        self._token = text_of(config.credentials.get("token"))
        self._http: aiohttp.ClientSession | None = None
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(max(1, config.read_ahead))
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._refs = itertools.count(1)
        self._open = False
        self._confirmations = Confirmations()

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> list[Event]:
        """Read a stored event again."""
        return wire.parse_event(raw)

    # The session --------------------------------------------------------------------------

    async def connect(self) -> None:
        """Open the socket and say hello; raise DriverFailure."""
        if not self._url.startswith(("http://", "https://")):
            raise DriverFailure(
                send_error(
                    ErrorClass.OTHER,
                    "bad_settings",
                    "The simulator's url is missing",
                    permanent=True,
                )
            )
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                total=self.config.transfer_seconds, sock_connect=self.config.connect_seconds
            )
        )
        try:
            async with asyncio.timeout(self.config.connect_seconds):
                self._ws = await self._http.ws_connect(
                    f"{self._url}/device", heartbeat=HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME
                )
                await self._write(
                    wire.hello(self.config.connection_key, self._token or None, self.config.brand)
                )
        except (aiohttp.ClientError, OSError, TimeoutError, DriverFailure, _Lost) as error:
            await self.close()
            raise DriverFailure(wire.away(error)) from error
        self._reader = asyncio.create_task(self._read(self._ws))

    async def events(self) -> AsyncIterator[list[Event]]:
        """Give what came, as many at once as wait."""
        while (event := await self._events.get()) is not None:
            batch = [event]
            ended = False
            while len(batch) < self.config.batch_size and not self._events.empty():
                following = self._events.get_nowait()
                if following is None:
                    ended = True
                    break
                batch.append(following)
            yield batch
            if ended:
                return

    async def acknowledge(self, tokens: Iterable[Token]) -> None:
        """Confirm the longest run of events that are all stored.

        A confirmation counts for everything before it, so one that is not yet stored holds back
        those after it.
        """
        confirmed = self._confirmations.stored(tokens)
        if confirmed:
            # A socket that is gone brings them again.
            with contextlib.suppress(DriverFailure, _Lost):
                await self._write({"type": "ack", "seq": confirmed})

    async def close(self) -> None:
        """Close the socket; sends that wait become Unknown."""
        reader, self._reader = self._reader, None
        if self._ws is not None:
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with asyncio.timeout(2):
                    await self._ws.close()
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        self._forget_waiting()
        if self._http is not None:
            await self._http.close()
        self._end_events()

    def _end_events(self) -> None:
        """Let a consumer that waits see the end, whatever it has not read."""
        if self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(None)

    def _forget_waiting(self) -> None:
        self._open = False
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(_Lost())

    async def _read(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        ending: StateChanged | None = None
        try:
            await self._events.put(StateChanged(state=State.CONNECTING))
            async for frame in ws:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    continue
                if (end := await self._frame(frame.data)) is not None:
                    ending = end
        except (aiohttp.ClientError, OSError) as error:
            logger.info("The socket of %s broke: %s", self.config.connection_key, error)
        except Exception:
            logger.exception("Reading the socket of %s failed", self.config.connection_key)
        self._forget_waiting()
        if ending is None:
            reason = _CLOSE_REASONS.get(ws.close_code or 0, "socket_lost")
            ending = StateChanged(state=State.DISCONNECTED, reason=reason)
        await self._events.put(ending)
        await self._events.put(None)

    async def _frame(self, data: str) -> StateChanged | None:
        """Take one frame; return the state the session ends in, if this was its last word."""
        try:
            frame = dict_of(read_json(data))
        except ValueError:
            logger.warning("A frame for %s is no JSON", self.config.connection_key)
            return None
        match frame.get("type"):
            case "event":
                await self._take(frame)
            case "result":
                future = self._waiting.pop(text_of(frame.get("ref")), None)
                if future is not None and not future.done():
                    future.set_result(frame)
            case "qr":
                code = wire.qr_code(frame, wire.now())
                if code.attempt == 1:
                    await self._events.put(StateChanged(state=State.QR))
                await self._events.put(code)
            case "pair_code":
                await self._events.put(PairCode(code=text_of(frame.get("code"))))
            case "paired":
                event = wire.paired(frame)
                self._token = event.credentials["token"]
                await self._events.put(event)
            case "open":
                self._open = True
                await self._events.put(
                    StateChanged(
                        state=State.CONNECTED,
                        number=text_of(frame.get("number")),
                        name=text_of(frame.get("name")),
                    )
                )
            case "logged_out":
                self._open = False
                return wire.logged_out(frame)
            case _:
                logger.warning("A frame for %s has an unknown type", self.config.connection_key)
        return None

    async def _take(self, frame: Mapping[str, Any]) -> None:
        seq = frame.get("seq")
        if isinstance(seq, int) and not isinstance(seq, bool):
            if not self._confirmations.take(seq):
                return
        else:
            seq = None
        for event in wire.parse_event(dict_of(frame.get("event")), seq):
            await self._events.put(event)

    # Commands -----------------------------------------------------------------------------

    async def _write(self, frame: Mapping[str, Any]) -> None:
        """Write one frame; raise NotConnected where it certainly did not leave."""
        if self._ws is None or self._ws.closed:
            raise NotConnected(wire.away(None))
        try:
            await self._ws.send_str(orjson.dumps(storable(frame)).decode())
        except (aiohttp.ClientError, OSError) as error:
            raise _Lost from error

    async def _ask(self, command: str, **arguments: Any) -> Mapping[str, Any]:
        """Run a command; raise NotConnected, _Lost or TimeoutError where there is no answer."""
        if not self._open and command != "request_pair_code":
            raise NotConnected(wire.away(None))
        ref = str(next(self._refs))
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[ref] = future
        try:
            async with asyncio.timeout(self.config.request_seconds):
                await self._write({"type": "command", "ref": ref, "command": command} | arguments)
                return await future
        finally:
            self._waiting.pop(ref, None)

    async def _call(self, command: str, **arguments: Any) -> Mapping[str, Any]:
        """Run a command whose repetition is harmless; raise DriverFailure."""
        try:
            answer = await self._ask(command, **arguments)
        except (_Lost, TimeoutError) as error:
            raise DriverFailure(wire.away(error)) from error
        if answer.get("ok") is not True:
            raise DriverFailure(wire.error_of(answer))
        return answer

    async def _change(self, command: str, wire_id: str, **arguments: Any) -> SendResult:
        """Run a command that shows something to the other side."""
        try:
            answer = await self._ask(command, **arguments)
        except NotConnected as failure:
            return Rejected(error=failure.error)
        except TimeoutError:
            return Unknown(reason="timeout")
        except _Lost:
            return Unknown(reason="socket_lost")
        if answer.get("ok") is not True:
            return Rejected(error=wire.error_of(answer))
        return Accepted(
            wire_id=text_of(answer.get("id")) or wire_id,
            at=moment_of(answer.get("at")) or wire.now(),
        )

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Send under `client_message_id`, which the network shows once however often it comes."""
        content = outgoing.content
        media_id = ""
        if content.kind in MEDIA_KINDS:
            if outgoing.upload is None:
                return Rejected(error=wire.missing_file())
            try:
                media_id = await media.upload(
                    self._open_http(), self._url, self._token, outgoing.upload
                )
            except DriverFailure as failure:
                return Rejected(error=failure.error)
        message = wire.message_object(content, media_id)
        if message is None:
            return unsupported(content.kind)
        if outgoing.upload and outgoing.upload.file_name:
            message["media"]["file_name"] = outgoing.upload.file_name
        return await self._change(
            "send",
            outgoing.client_message_id,
            id=outgoing.client_message_id,
            to=wire.address(outgoing.chat, outgoing.to),
            message=message,
        )

    async def edit(self, target: MessageKey, text: str) -> SendResult:
        """Change the text or caption of a message of ours."""
        to = wire.address(target.chat, ())
        return await self._change("edit", target.wire_id, id=target.wire_id, to=to, text=text)

    async def revoke(self, target: MessageKey) -> SendResult:
        """Delete a message of ours for everyone."""
        to = wire.address(target.chat, ())
        return await self._change("revoke", target.wire_id, id=target.wire_id, to=to)

    async def react(
        self, target: MessageKey, emoji: str, *, client_message_id: str, outbox_id: str = ""
    ) -> SendResult:
        """Put an emoji on a message, or take ours away."""
        return await self._change(
            "react",
            client_message_id,
            id=client_message_id,
            to=wire.address(target.chat, ()),
            target=target.wire_id,
            emoji=emoji,
        )

    async def mark_read(self, chat: str, wire_ids: Sequence[str], *, sender: str = "") -> None:
        """Show the other side that these were read; in a group, whose they were."""
        whose = {"participant": sender} if sender else {}
        await self._call("read", to=wire.address(chat, ()), ids=list(wire_ids), **whose)

    async def typing(self, chat: str, active: bool, *, last_wire_id: str = "") -> None:
        """Show or hide that somebody types."""
        await self._call("typing", to=wire.address(chat, ()), active=active)

    async def history(self, since: datetime | None) -> AsyncIterator[list[Event]]:
        """Give old messages page by page."""
        after = since.timestamp() if since else 0.0
        seen: set[str] = set()
        while True:
            answer = await self._call("history", since=after, limit=HISTORY_PAGE)
            page = dicts_in(answer.get("messages"))
            fresh = [event for event in page if text_of(event.get("id")) not in seen]
            if fresh:
                yield wire.parse_history(fresh)
            if answer.get("more") is not True or not fresh:
                return
            # Messages of one instant may lie on both pages, so the next begins a little earlier.
            seen = {text_of(event.get("id")) for event in page}
            last = number_of(page[-1].get("at")) or after
            after = max(after, last - HISTORY_OVERLAP_SECONDS)

    async def check_numbers(self, numbers: Sequence[str]) -> list[NumberCheck]:
        """Ask which numbers are on WhatsApp, a thousand at a time."""
        found = []
        for start in range(0, len(numbers), 1000):
            answer = await self._call("check_numbers", numbers=list(numbers[start : start + 1000]))
            found += [_number_check(item) for item in dicts_in(answer.get("numbers"))]
        return found

    async def block(self, to: Identities, blocked: bool) -> None:
        """Shut a person out, or let him in again."""
        await self._call("block", to=wire.address("", to), blocked=blocked)

    async def address_book(self) -> list[KnownPerson]:
        """Tell whom the phone knows."""
        answer = await self._call("contacts")
        return [wire.known_person(item) for item in dicts_in(answer.get("contacts"))]

    async def request_pair_code(self, number: str) -> str:
        """Ask for the code to type on this number's phone."""
        return text_of((await self._call("request_pair_code", number=number)).get("code"))

    async def logout(self) -> None:
        """Unlink; `logged_out` follows as an event."""
        await self._call("logout")

    # Media --------------------------------------------------------------------------------

    async def fetch_media(self, ref: MediaRef, target: Path, *, limit: int) -> FetchedMedia:
        """Download a file; raise MediaUnavailable, NotConnected."""
        return await media.download(self._open_http(), self._url, self._token, ref, target, limit)

    def _open_http(self) -> aiohttp.ClientSession:
        if self._http is None or self._http.closed:
            raise NotConnected(wire.away(None))
        return self._http


class _Lost(Exception):
    """The socket went while an answer was waited for."""


def _number_check(item: Mapping[str, Any]) -> NumberCheck:
    jids = (text_of(item.get("jid")), text_of(item.get("lid")))
    names: Identities = tuple(name for jid in jids if (name := identity_of(jid)) is not None)
    return NumberCheck(
        number=text_of(item.get("number")), exists=item.get("exists") is True, identities=names
    )
