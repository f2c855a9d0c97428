"""Bodies of requests: bounded, and refused with a code where they make no sense.

DRF reads a stream without any limit, so one request could take all memory.
"""

import io
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from rest_framework import exceptions, parsers, status

from whaticket.exceptions import BODY_TOO_LARGE


class BodyTooLarge(exceptions.APIException):
    """More than the contract's 5 MB outside of multipart."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    error_code = BODY_TOO_LARGE


class _Bounded(parsers.BaseParser):
    """Mixin: read at most the limit, and turn every complaint of a parser into a refusal."""

    _refused: ClassVar[tuple[type[Exception], ...]] = (
        RecursionError,
        SuspiciousOperation,
        LookupError,
        UnicodeError,
    )

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except self._refused as error:
            raise exceptions.ParseError from error


class _JSON(parsers.JSONParser):
    """JSON whose texts are texts: half of a surrogate pair can neither be stored nor sent back."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read()
        data = super().parse(io.BytesIO(body), media_type, parser_context)
        if b"\\ud" in body or b"\\uD" in body:
            json.dumps(data, ensure_ascii=False).encode()
        return data


class WireJSONParser(_Bounded, _JSON):
    """JSON up to the limit, of a depth that Python can follow."""


class WireFormParser(_Bounded, parsers.FormParser):
    """A urlencoded form up to the limit."""


class WireMultiPartParser(parsers.MultiPartParser):
    """A multipart form; files are bounded where they are taken."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except (SuspiciousOperation, LookupError, UnicodeError, RecursionError) as error:
            raise exceptions.ParseError from error
