"""HTTP calls to Meta's Graph API: bounded in time and size, errors read for what they prove."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from whatsapp.drivers.base import ErrorClass, SendError, send_error
from whatsapp.drivers.raw import dict_of, number_of, read_json, storable

from .errors import AMBIGUOUS, error_of, error_of_status

MAX_ANSWER = 4 * 1024 * 1024
# The server closes idle connections; a request written to one that is just closing is lost without
# telling whether it was taken, so ours are given up first.
KEEPALIVE_SECONDS = 5.0
CONNECTIONS = 20
# Raised before the first byte of a request left this machine.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class NotSent(Exception):
    """The request certainly did not reach the network."""


class AnswerLost(Exception):
    """The request left, and nobody knows what became of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Graph answered."""

    status: int
    data: Mapping[str, Any]
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        """Whether Graph did what it was asked."""
        return 200 <= self.status < 300 and "error" not in self.data

    @property
    def is_refusal(self) -> bool:
        """Whether this proves that nothing was done.

        A 5xx proves it only when Graph itself says what failed: a gateway in between may have lost
        the answer to a request that was taken.
        """
        if self.ok:
            return False
        error = dict_of(self.data.get("error"))
        if self.status >= 500:
            return bool(error) and error.get("code") not in AMBIGUOUS
        return bool(error) or (400 <= self.status < 500 and self.status != 408)

    @property
    def error(self) -> SendError:
        """Why not."""
        error = dict_of(self.data.get("error"))
        if error:
            return error_of(error, wait=self.retry_after)
        return error_of_status(self.status)


class Graph:
    """One access token's way to the API. Neither its repr nor its errors hold the token."""

    def __init__(
        self, base_url: str, version: str, token: str, *, connect_seconds: float, seconds: float
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._seconds = seconds
        self._root = f"{self.base_url}/{version}"
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}", "User-Agent": "whaticket"},
            timeout=httpx.Timeout(seconds, connect=connect_seconds, pool=seconds),
            limits=httpx.Limits(
                max_connections=CONNECTIONS,
                max_keepalive_connections=CONNECTIONS,
                keepalive_expiry=KEEPALIVE_SECONDS,
            ),
            follow_redirects=False,
        )

    @property
    def client(self) -> httpx.AsyncClient:
        """The client, for transfers that are streamed."""
        return self._client

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """GET a node; raise NotSent, AnswerLost."""
        return await self._call("GET", path, self._seconds, params=params)

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """POST JSON; raise NotSent, AnswerLost."""
        return await self._call("POST", path, self._seconds, json=storable(body))

    async def delete(self, path: str, body: Mapping[str, Any]) -> Answer:
        """DELETE with JSON; raise NotSent, AnswerLost."""
        return await self._call("DELETE", path, self._seconds, json=storable(body))

    async def upload(
        self, path: str, *, files: Any, data: Mapping[str, str], seconds: float
    ) -> Answer:
        """POST a form with a file; raise NotSent, AnswerLost."""
        return await self._call("POST", path, seconds, files=files, data=data)

    async def _call(self, method: str, path: str, seconds: float, **options: Any) -> Answer:
        try:
            async with (
                asyncio.timeout(seconds),
                self._client.stream(method, f"{self._root}/{path}", **options) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER:
                        raise AnswerLost("the answer is too large")
        except _NOT_SENT as error:
            raise NotSent(type(error).__name__) from error
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            raise AnswerLost(type(error).__name__) from error
        try:
            data = dict_of(read_json(bytes(body)))
        except ValueError:
            data = {}
        wait = number_of(response.headers.get("Retry-After"))
        return Answer(response.status_code, data, wait if wait and wait > 0 else None)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def away(error: BaseException) -> SendError:
    """Return the error of a network that cannot be reached."""
    return send_error(
        ErrorClass.TRANSIENT, "away", f"Meta cannot be reached ({error})", permanent=False
    )
