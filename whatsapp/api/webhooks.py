"""Meta's webhook for the Cloud API (whatsapp.md §8): plain Django, before any parser.

The signature is over the bytes of the wire, so nothing may read the body first. Anything but 200
makes Meta send the same again for a week; only what may yet succeed is answered that way.
"""

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError

from whaticket.exceptions import INTERNAL, NO_PERMISSION, NOT_FOUND, VALIDATION
from whatsapp.services import cloud

log = structlog.get_logger(__name__)


def cloud_webhook(request: HttpRequest, key: str | None = None) -> HttpResponse:
    """`GET`: the handshake. `POST`: events. Without a key: the app that companies share."""
    try:
        if request.method == "GET":
            return _handshake(request, key)
        if request.method == "POST":
            return _receive(request, key)
    except cloud.WebhookUnknown:
        return _no(404, NOT_FOUND)
    except DatabaseError as error:
        log.warning("cloud.not_stored", error=type(error).__name__)
        return _no(503, INTERNAL)
    refusal = _no(405, "ERR_METHOD_NOT_ALLOWED")
    refusal["Allow"] = "GET, POST"
    return refusal


def _handshake(request: HttpRequest, key: str | None) -> HttpResponse:
    answer = cloud.answer_handshake(key, request.GET)
    if answer is None:
        return _no(403, NO_PERMISSION)
    return HttpResponse(answer, content_type="text/plain; charset=utf-8")


def _receive(request: HttpRequest, key: str | None) -> HttpResponse:
    try:
        body = request.body
    except RequestDataTooBig:
        return _no(413, "ERR_BODY_TOO_LARGE")
    except UnreadablePostError:
        return _no(400, VALIDATION)
    try:
        cloud.receive_webhook(key, body, request.headers.get(cloud.SIGNATURE_HEADER))
    except cloud.SignatureWrong:
        log.warning("cloud.signature_wrong", shared=key is None, bytes=len(body))
        return _no(401, NO_PERMISSION)
    except cloud.NotJSON:
        return _no(400, VALIDATION)
    return HttpResponse("EVENT_RECEIVED", content_type="text/plain")


def _no(status: int, code: str) -> JsonResponse:
    return JsonResponse({"error": code}, status=status)
