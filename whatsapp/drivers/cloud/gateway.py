"""The `cloud` driver: Meta's official API. Events arrive by webhook (`webhook`), not here."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from whatsapp.drivers import files
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
    Kind,
    MediaRef,
    MessageKey,
    NotConnected,
    Outgoing,
    Rejected,
    SendError,
    SendResult,
    State,
    StateChanged,
    Token,
    Unknown,
    Upload,
    send_error,
    unsupported,
)
from whatsapp.drivers.raw import clean, dict_of, dicts_in, int_of, text_of

from . import items, wire
from .graph import AnswerLost, Graph, NotSent, away
from .incoming import digest_of

BASE_URL = "https://graph.facebook.com"
VERSION = "v23.0"
MEGABYTE = 1024 * 1024
# How often the token and the number are looked at while nothing else tells of them.
HEALTH_SECONDS = 300.0
TEMPLATE_FIELDS = (
    "id,name,language,status,category,components,parameter_format,quality_score,rejected_reason"
)
MAX_TEMPLATE_PAGES = 100
_ENDED = {State.NEEDS_REAUTH, State.LOGGED_OUT}


class CloudDriver(Driver):
    """Settings: `phone_number_id`; optional `waba_id`, `base_url`, `version`, `health_seconds`.
    Credentials: `access_token`."""

    name = "cloud"
    capabilities = Capabilities(
        pairing=frozenset({"token"}),
        buttons=True,
        lists=True,
        templates=True,
        window_hours=24,
        reactions=True,
        groups=True,
        typing=True,
        block=True,
        max_text=4096,
        max_caption=1024,
        max_buttons=3,
        max_list_rows=10,
        max_bytes={
            Kind.IMAGE: 5 * MEGABYTE,
            Kind.VIDEO: 16 * MEGABYTE,
            Kind.AUDIO: 16 * MEGABYTE,
            Kind.VOICE: 16 * MEGABYTE,
            Kind.DOCUMENT: 100 * MEGABYTE,
            Kind.STICKER: 100 * 1024,
        },
        pushes_events=False,
    )

    def __init__(self, config: DriverConfig) -> None:
        super().__init__(config)
        settings = config.settings
        self._phone_id = text_of(settings.get("phone_number_id"))
        self._waba_id = text_of(settings.get("waba_id"))
        self._health_seconds = float(settings.get("health_seconds") or HEALTH_SECONDS)
        self._graph: Graph | None = None
        self._states: list[Event] = []
        self._state: State | None = None
        self._wake = asyncio.Event()
        self._closed = False

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> list[Event]:
        """Read a stored webhook item again."""
        return items.parse(raw)

    # The session --------------------------------------------------------------------------

    async def connect(self) -> None:
        """Look at the number with the token; a token that is not good is told as an event."""
        token = text_of(self.config.credentials.get("access_token"))
        if not re.fullmatch(r"[\w-]+", self._phone_id) or not token.isascii() or not token:
            raise DriverFailure(
                send_error(
                    ErrorClass.OTHER,
                    "bad_settings",
                    "The number's id or the access token is missing",
                    permanent=True,
                )
            )
        self._graph = Graph(
            str(self.config.settings.get("base_url") or BASE_URL),
            str(self.config.settings.get("version") or VERSION),
            token,
            connect_seconds=self.config.connect_seconds,
            seconds=self.config.request_seconds,
        )
        seen = await self._look()
        if isinstance(seen, SendError):
            if seen.cls not in {ErrorClass.AUTH, ErrorClass.ACCOUNT}:
                await self.close()
                raise DriverFailure(seen)
            self._tell(_state_of(seen))
        else:
            self._tell(seen)

    async def _look(self) -> StateChanged | SendError:
        """Ask for the number, which proves both the token and the way there."""
        try:
            answer = await self._open_graph().get(
                quote(self._phone_id), {"fields": "id,display_phone_number,verified_name"}
            )
        except (NotSent, AnswerLost) as error:
            return away(error)
        if not answer.ok:
            return answer.error
        number = re.sub(r"\D", "", text_of(answer.data.get("display_phone_number")))
        name = text_of(answer.data.get("verified_name"))
        return StateChanged(state=State.CONNECTED, number=number, name=name)

    def _tell(self, state: StateChanged) -> None:
        if state.state is not self._state:
            self._state = state.state
            self._states.append(state)
            self._wake.set()

    async def events(self) -> AsyncIterator[list[Event]]:
        """Give what becomes of the token and the number; messages come by webhook."""
        while True:
            self._wake.clear()
            while self._states:
                batch, self._states = self._states, []
                yield batch
            if self._closed or self._state in _ENDED:
                return
            try:
                async with asyncio.timeout(self._health_seconds):
                    await self._wake.wait()
            except TimeoutError:
                await self._check()

    async def _check(self) -> None:
        with contextlib.suppress(NotConnected):
            seen = await self._look()
            self._tell(_state_of(seen) if isinstance(seen, SendError) else seen)

    async def acknowledge(self, tokens: Iterable[Token]) -> None:
        """Nothing to do: answering the webhook with 200 was the acknowledgement."""

    async def close(self) -> None:
        """Close the connections."""
        self._closed = True
        self._wake.set()
        graph, self._graph = self._graph, None
        if graph is not None:
            await graph.close()

    async def logout(self) -> None:
        """End the session here; the number stays registered with Meta and the token good."""
        self._tell(StateChanged(state=State.LOGGED_OUT, reason="logout"))

    def _open_graph(self) -> Graph:
        if self._graph is None:
            raise NotConnected(
                send_error(ErrorClass.TRANSIENT, "not_connected", "No session", permanent=False)
            )
        return self._graph

    # Sending ------------------------------------------------------------------------------

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Send one message; with no idempotency key, a lost answer is Unknown for good."""
        content, upload = outgoing.content, outgoing.upload
        recipient = wire.address(outgoing.chat, outgoing.to)
        if recipient is None:
            return _nobody()
        media_id = ""
        if upload is not None:
            try:
                media_id = await self._upload(content.kind, upload)
            except DriverFailure as failure:
                return Rejected(error=failure.error)
        elif content.kind in MEDIA_KINDS:
            return Rejected(error=_content_error("no_file", "The file is missing"))
        fields = wire.content_fields(content, media_id, upload.file_name if upload else "")
        if fields is None:
            return unsupported(content.kind)
        return await self._post(
            wire.envelope(recipient, outgoing.outbox_id, content.quoted) | fields
        )

    async def react(
        self, target: MessageKey, emoji: str, *, client_message_id: str, outbox_id: str = ""
    ) -> SendResult:
        """Put an emoji on a message, or take ours away."""
        recipient = wire.address(target.chat, ())
        if recipient is None:
            return _nobody()
        fields = wire.reaction_fields(target.wire_id, emoji)
        return await self._post(wire.envelope(recipient, outbox_id) | fields)

    async def _post(self, body: Mapping[str, Any]) -> SendResult:
        try:
            answer = await self._open_graph().post(f"{quote(self._phone_id)}/messages", body)
        except NotConnected as failure:
            return Rejected(error=failure.error)
        except NotSent as failure:
            return Rejected(error=away(failure))
        except AnswerLost as failure:
            return Unknown(reason=f"answer lost: {failure}")
        if answer.ok:
            taken: Accepted | None = wire.accepted(answer.data, datetime.now(UTC))
            return taken or Unknown(reason="the answer names no message")
        if not answer.is_refusal:
            return Unknown(reason=f"the network answered {answer.status}")
        error = answer.error
        if error.cls is ErrorClass.AUTH:
            self._tell(_state_of(error))
        return Rejected(error=error)

    async def mark_read(self, chat: str, wire_ids: Sequence[str], *, sender: str = "") -> None:
        """Mark the newest as read, which marks those before it; raise DriverFailure."""
        if wire_ids:
            await self._status(wire_ids[-1])

    async def typing(self, chat: str, active: bool, *, last_wire_id: str = "") -> None:
        """Show dots for 25 seconds or until something is sent; the network cannot take them away.

        It shows them only as the answer to a message, which becomes read by it.
        """
        if active and last_wire_id:
            await self._status(last_wire_id, typing_indicator={"type": "text"})

    async def _status(self, wire_id: str, **more: Any) -> None:
        body = {"messaging_product": "whatsapp", "status": "read", "message_id": wire_id, **more}
        try:
            answer = await self._open_graph().post(f"{quote(self._phone_id)}/messages", body)
        except (NotSent, AnswerLost) as error:
            raise DriverFailure(away(error)) from error
        if not answer.ok:
            raise DriverFailure(answer.error)

    async def block(self, to: Identities, blocked: bool) -> None:
        """Shut a person out, or let him in again; only who has written lately can be shut out."""
        user = next((i.value for i in to if i.kind in {"phone", "bsuid"}), "")
        body = {"messaging_product": "whatsapp", "block_users": [{"user": user}]}
        graph, path = self._open_graph(), f"{quote(self._phone_id)}/block_users"
        try:
            answer = await (graph.post(path, body) if blocked else graph.delete(path, body))
        except (NotSent, AnswerLost) as error:
            raise DriverFailure(away(error)) from error
        if not answer.ok:
            raise DriverFailure(answer.error)

    # Templates ----------------------------------------------------------------------------

    async def templates(self) -> list[Mapping[str, Any]]:
        """Return every template of the account, in Graph's form; raise DriverFailure."""
        found: list[Mapping[str, Any]] = []
        after = ""
        for _ in range(MAX_TEMPLATE_PAGES):
            params = {"limit": "100", "fields": TEMPLATE_FIELDS} | (
                {"after": after} if after else {}
            )
            try:
                answer = await self._open_graph().get(
                    f"{quote(self._waba_id)}/message_templates", params
                )
            except (NotSent, AnswerLost) as error:
                raise DriverFailure(away(error)) from error
            if not answer.ok:
                raise DriverFailure(answer.error)
            found += dicts_in(answer.data.get("data"))
            paging = dict_of(answer.data.get("paging"))
            following = text_of(dict_of(paging.get("cursors")).get("after"))
            if not following or following == after or not paging.get("next"):
                break
            after = following
        return found

    # Media --------------------------------------------------------------------------------

    async def _upload(self, kind: Kind, upload: Upload) -> str:
        """Upload a file and return its id; raise DriverFailure (nothing was sent then)."""
        mimetype = wire.upload_mimetype(kind, upload.mimetype)
        try:
            with upload.path.open("rb") as file:
                answer = await self._open_graph().upload(
                    f"{quote(self._phone_id)}/media",
                    files={"file": (clean(upload.file_name) or "file", file, mimetype)},
                    data={"messaging_product": "whatsapp", "type": mimetype},
                    seconds=self.config.transfer_seconds,
                )
        except OSError as error:
            raise DriverFailure(_content_error("no_file", "The file is missing")) from error
        except (NotSent, AnswerLost) as error:
            raise DriverFailure(away(error)) from error
        media_id = text_of(answer.data.get("id"))
        if not answer.ok or not media_id:
            raise DriverFailure(answer.error)
        return media_id

    async def fetch_media(self, ref: MediaRef, target: Path, *, limit: int) -> FetchedMedia:
        """Ask where the file is, and download it from there; raise MediaUnavailable.

        The address lives five minutes: where it is dead by the time it is used, it is asked anew.
        """
        for attempt in (1, 2, 3):
            url, found = await self._media_address(ref, limit)
            try:
                async with (
                    asyncio.timeout(self.config.transfer_seconds),
                    self._open_graph().client.stream("GET", url, follow_redirects=True) as response,
                ):
                    if response.status_code in {401, 404} and attempt < 3:
                        continue
                    if response.status_code != 200:
                        gone = response.status_code in {401, 403, 404, 410}
                        raise files.unavailable(
                            f"http_{response.status_code}", "The file cannot be fetched", gone
                        )
                    return await files.save(response.aiter_bytes(), target, limit=limit, ref=found)
            except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
                raise files.unavailable(
                    "away", f"The transfer broke ({type(error).__name__})"
                ) from error
        raise files.unavailable("gone", "The file's address is dead", True)

    async def _media_address(self, ref: MediaRef, limit: int) -> tuple[str, MediaRef]:
        graph = self._open_graph()
        try:
            answer = await graph.get(quote(ref.id, safe=""), {"phone_number_id": self._phone_id})
        except (NotSent, AnswerLost) as failure:
            raise files.unavailable("away", f"Meta cannot be reached ({failure})") from failure
        if not answer.ok:
            error = answer.error
            gone = answer.status in {400, 404} and error.cls in {
                ErrorClass.CONTENT, ErrorClass.OTHER
            }  # fmt: skip
            raise files.unavailable(error.code, error.reason, gone)
        url = text_of(answer.data.get("url"))
        parts = urlsplit(url)
        # The token goes with the request: never in the clear, unless all of this network is.
        if not parts.hostname or parts.scheme not in {"https", urlsplit(graph.base_url).scheme}:
            raise files.unavailable("bad_address", "The file has no usable address", True)
        size = int_of(answer.data.get("file_size"))
        if size is not None and size > limit:
            raise files.too_large(size, limit)
        return url, MediaRef(
            id=ref.id,
            mimetype=text_of(answer.data.get("mime_type")) or ref.mimetype,
            size=size,
            file_name=ref.file_name,
            sha256=digest_of(text_of(answer.data.get("sha256"))) or ref.sha256,
        )


def _state_of(error: SendError) -> StateChanged:
    """Return what a refusal means for the session."""
    states = {ErrorClass.AUTH: State.NEEDS_REAUTH, ErrorClass.ACCOUNT: State.RESTRICTED}
    return StateChanged(state=states.get(error.cls, State.DEGRADED), reason=error.code)


def _content_error(code: str, reason: str) -> SendError:
    return send_error(ErrorClass.CONTENT, code, reason, permanent=True)


def _nobody() -> Rejected:
    return Rejected(
        error=send_error(
            ErrorClass.RECIPIENT,
            "no_address",
            "Neither a phone number nor a business-scoped id of this contact is known",
            permanent=True,
        )
    )
