"""Files by their signed addresses: with ranges, cacheable, and inert whatever is inside."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from messaging.media import full_path
from messaging.media.addresses import read_address, read_token
from whaticket.tenancy import schema_of

# A whole answer, or one that is read from the disk as it goes out.
Answer = HttpResponse | StreamingHttpResponse

_CHUNK = 256 * 1024
# What browsers may show. The extension was chosen by us, from the bytes; anything else is octets.
_SHOWN = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "3gp": "video/3gpp",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "pdf": "application/pdf",
}
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; img-src 'self'"


def public_file(request: HttpRequest, company_id: int, path: str) -> Answer:
    """Serve `/public/company<id>/<file>?e=…&s=…&n=…`."""
    query = request.GET
    name = query.get("n", "")
    if not read_address(company_id, path, query.get("e", ""), query.get("s", ""), name):
        return _refusal()
    return _serve(request, company_id, path, name)


def token_file(request: HttpRequest, token: str) -> Answer:
    """Serve `/media/<token>`."""
    found = read_token(token)
    if found is None:
        return _refusal()
    return _serve(request, *found)


def _refusal() -> Answer:
    return JsonResponse({"error": "ERR_MEDIA_LINK"}, status=403)


def _serve(request: HttpRequest, company_id: int, path: str, name: str) -> Answer:
    if request.method not in {"GET", "HEAD"}:
        return JsonResponse({"error": "ERR_METHOD_NOT_ALLOWED"}, status=405)
    place = full_path(path, schema_of(company_id))
    try:
        file = place.open("rb")
    except OSError:
        return JsonResponse({"error": "ERR_NO_FILE_FOUND"}, status=404)
    size = place.stat().st_size
    # A stored file never changes, so its name is its version.
    etag = f'"{path}"'
    if request.headers.get("If-None-Match") == etag:
        file.close()
        return _with_headers(HttpResponse(status=304), path, name, etag)
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""
    span = _span(wanted, size)
    if span is None:
        file.close()
        response = JsonResponse({"error": "ERR_RANGE"}, status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    first, last = span
    answer: Answer
    if request.method == "HEAD":
        file.close()
        answer = HttpResponse()
    else:
        file.seek(first)
        answer = StreamingHttpResponse(_content(request, file, last - first + 1))
    if wanted and _RANGE.fullmatch(wanted):
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    answer["Content-Length"] = str(last - first + 1)
    return _with_headers(answer, path, name, etag)


def _with_headers(response: Answer, path: str, name: str, etag: str) -> Answer:
    shown = _SHOWN.get(Path(path).suffix[1:])
    response["Content-Type"] = shown or "application/octet-stream"
    disposition = content_disposition_header(shown is None, name or path)
    response["Content-Disposition"] = disposition or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    # A PDF is shown by the browser's own viewer, which a sandbox would switch off.
    sandbox = "" if shown == "application/pdf" else "; sandbox"
    response["Content-Security-Policy"] = _POLICY + sandbox
    # Clients of the contract are pages of another origin.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "private, max-age=3600, immutable"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    return response


def _span(wanted: str, size: int) -> tuple[int, int] | None:
    """Give the first and last byte to send; None where there are none such.

    Several ranges at once are answered with the whole file, as HTTP allows.
    """
    found = _RANGE.fullmatch(wanted)
    if found is None or found.groups() == ("", ""):
        return 0, size - 1
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size - 1) if length else None
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) <= end else None


def _content(
    request: HttpRequest, file: BinaryIO, length: int
) -> Iterator[bytes] | AsyncIterator[bytes]:
    # Under ASGI Django would read a plain iterator to its end before it sends the first byte.
    return _read_async(file, length) if isinstance(request, ASGIRequest) else _read(file, length)


def _read(file: BinaryIO, length: int) -> Iterator[bytes]:
    with file:
        while length and (chunk := file.read(min(_CHUNK, length))):
            length -= len(chunk)
            yield chunk


async def _read_async(file: BinaryIO, length: int) -> AsyncIterator[bytes]:
    with file:
        while length and (chunk := await asyncio.to_thread(file.read, min(_CHUNK, length))):
            length -= len(chunk)
            yield chunk
