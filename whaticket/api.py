"""What every API module stands on: the one error handler and a base for views."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from whaticket.exceptions import (
    NO_PERMISSION,
    NOT_FOUND,
    SESSION_EXPIRED,
    VALIDATION,
    DomainError,
)
from whaticket.marks import resolved


class RawJSON(HttpResponse):
    """An answer whose JSON PostgreSQL has built; it goes out as it is."""

    def __init__(self, body: bytes | str, status: int = 200):
        body = resolved(body.encode() if isinstance(body, str) else body)
        super().__init__(body, status=status, content_type="application/json")
        # Without it a server sends chunks, one system call each.
        self.headers["Content-Length"] = str(len(self.content))


class _Refusal(drf.APIException):
    """A DomainError in DRF's clothes, so that DRF's own handling (rollback flag) applies."""

    def __init__(self, error: DomainError):
        self.status_code = error.status
        super().__init__(detail=error.code)
        # DRF writes it as Retry-After.
        self.wait = error.details.get("retryAfter")
        self.body = {"error": error.code, **error.details}


def _code_of(exc: Exception) -> str:
    if isinstance(exc, drf.NotAuthenticated):
        return SESSION_EXPIRED
    if isinstance(exc, drf.PermissionDenied | PermissionDenied):
        return NO_PERMISSION
    if isinstance(exc, drf.NotFound | Http404):
        return NOT_FOUND
    if isinstance(exc, drf.ValidationError | drf.ParseError):
        return VALIDATION
    if isinstance(exc, drf.Throttled):
        return "ERR_TOO_MANY_REQUESTS"
    if isinstance(exc, drf.MethodNotAllowed):
        return "ERR_METHOD_NOT_ALLOWED"
    return VALIDATION


def handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn any refusal into `{"error": code}`; unexpected ones go to WireErrors."""
    if isinstance(exc, DomainError):
        exc = _Refusal(exc)
    response = exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, _Refusal):
        response.data = exc.body
    elif isinstance(exc, drf.ValidationError):
        response.data = {"error": VALIDATION, "details": exc.detail}
    else:
        response.data = {"error": getattr(exc, "error_code", None) or _code_of(exc)}
    return response


class Open(APIView):
    """A door that needs no sign-in."""

    authentication_classes = []
    permission_classes = []


def valid(serializer_class: type[Any], request: Request) -> dict[str, Any]:
    """Read a body through a serializer; raise ValidationError."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
