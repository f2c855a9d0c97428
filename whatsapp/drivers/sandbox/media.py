"""The device protocol's two HTTP calls: a file up, a file down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from whatsapp.drivers import files
from whatsapp.drivers.base import (
    DriverFailure,
    ErrorClass,
    FetchedMedia,
    MediaRef,
    SendError,
    Upload,
    send_error,
)
from whatsapp.drivers.raw import clean, dict_of, read_json, text_of

from . import wire

CHUNK = 64 * 1024
MAX_ANSWER = 64 * 1024
# What may stand in a header: a type and its parameters.
_MIMETYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; *[\w-]+=[\w.+-]+)*", re.ASCII)


async def upload(http: aiohttp.ClientSession, url: str, token: str, file: Upload) -> str:
    """Upload a file and return its id; raise DriverFailure (nothing was sent then)."""
    known = _MIMETYPE.fullmatch(file.mimetype)
    headers = _authorization(token) | {
        "Content-Type": file.mimetype if known else "application/octet-stream",
        "X-File-Name": quote(clean(file.file_name)),
    }
    try:
        with file.path.open("rb") as body:
            async with http.post(f"{url}/media", data=body, headers=headers) as response:
                answer = await _json(response)
                if response.status >= 400:
                    raise DriverFailure(_refusal(response.status, answer))
    except FileNotFoundError as error:
        raise DriverFailure(wire.missing_file()) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DriverFailure(wire.away(error)) from error
    return text_of(answer.get("id"))


async def download(
    http: aiohttp.ClientSession, url: str, token: str, ref: MediaRef, target: Path, limit: int
) -> FetchedMedia:
    """Download a file to `target`; raise MediaUnavailable."""
    if ref.size is not None and ref.size > limit:
        raise files.too_large(ref.size, limit)
    address = f"{url}/media/{quote(ref.id, safe='')}"
    try:
        async with http.get(address, headers=_authorization(token)) as response:
            if response.status >= 400:
                gone = response.status in {400, 404, 410}
                raise files.unavailable(str(response.status), "The file is not there", gone)
            chunks = response.content.iter_chunked(CHUNK)
            return await files.save(chunks, target, limit=limit, ref=ref)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise files.unavailable("away", "The simulator cannot be reached") from error


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _json(response: aiohttp.ClientResponse) -> Mapping[str, Any]:
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > MAX_ANSWER:
            return {}
    try:
        return dict_of(read_json(bytes(body)))
    except ValueError:
        return {}


def _refusal(status: int, answer: Mapping[str, Any]) -> SendError:
    # HTTP answers name their code `error`, frames `code`.
    if code := answer.get("code") or answer.get("error"):
        return wire.error_of({"permanent": status not in {401, 429, 503}, **answer, "code": code})
    if status in {401, 403}:
        return send_error(ErrorClass.AUTH, status, "The credentials are void", permanent=False)
    if status >= 500 or status == 429:
        return send_error(ErrorClass.TRANSIENT, status, "The upload failed", permanent=False)
    return send_error(ErrorClass.CONTENT, status, "The file was refused", permanent=True)
