"""The external API: what other programs ask for with a connection's token (rest.md §8)."""

import hashlib
import json
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging.media import StoredMedia, discard, store_upload
from whaticket.api import valid
from whaticket.exceptions import Invalid
from whaticket.params import LARGEST_ID
from whaticket.serializers import Anything, Lenient
from whatsapp.api import shapes
from whatsapp.api.input import Reference
from whatsapp.authentication import ConnectionToken, has_scope
from whatsapp.exceptions import TooManyCalls
from whatsapp.models import ApiToken
from whatsapp.services.external.once import recall
from whatsapp.services.external.rate import Allowance, take_call
from whatsapp.services.external.send import Order, check_external, fetch_image, send_external
from whatsapp.services.tokens import ApiCaller

MAX_FILES = 20
# Far more than any network carries; the connection's own limit is told apart.
MAX_TEXT = 65_536
MAX_KEY = 255
# An hour: whoever wants to wait longer has schedules.
MAX_DELAY_MS = 3_600_000

KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key with the same body within 24 hours is carried out once.",
)


class ProgramRequest(Request):
    """A request to a view behind ConnectionToken."""

    user: ApiCaller  # type: ignore[assignment]  # the base knows people only


class External(APIView):
    """A door for programs: they are counted, and told in headers how much they have left."""

    authentication_classes = [ConnectionToken]
    _allowance: Allowance | None = None

    def check_throttles(self, request: Request) -> None:
        """Count the call; raise TooManyCalls once the token's allowance is used up.

        The platform's own programs are not counted.
        """
        caller: Any = request.user
        if not isinstance(caller, ApiCaller):
            return
        token = caller.token
        key = f"{caller.company_id}:{token.pk}"
        limit = token.rate_per_minute or settings.API_RATE_PER_MINUTE
        self._allowance = take_call(key, limit)
        if self._allowance is not None and self._allowance.wait:
            raise TooManyCalls(retryAfter=self._allowance.wait)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if self._allowance is not None:
            for name, value in self._allowance.headers().items():
                response[name] = value
        return response


class QuotedField(Anything):
    """`quotedMsg`: an object with an id, the id alone, or JSON text of either."""

    def to_internal_value(self, data: Any) -> int | None:  # type: ignore[override]
        if isinstance(data, str):
            try:
                data = json.loads(data) if data.strip() else None
            except (ValueError, RecursionError):
                self.fail("invalid")
        if isinstance(data, dict):
            data = data.get("id")
        if data is None:
            return None
        if isinstance(data, bool) or not isinstance(data, int) or not 0 < data <= LARGEST_ID:
            self.fail("invalid")
        return data


class _Common(Lenient):
    number = serializers.CharField(max_length=64)
    msdelay = serializers.IntegerField(min_value=0, max_value=MAX_DELAY_MS, required=False)
    whatsappId = Reference()

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and data.get("msdelay") == "":
            data = {key: data[key] for key in data if key != "msdelay"}
        return super().to_internal_value(data)


class SendBody(_Common):
    """A message to send; in a multipart form `medias` holds files, `body` their captions."""

    body = serializers.CharField(
        max_length=MAX_TEXT, allow_blank=True, trim_whitespace=False, required=False
    )
    userId = Reference()
    queueId = Reference()
    sendSignature = serializers.BooleanField(required=False)
    closeTicket = serializers.BooleanField(required=False)
    noRegister = serializers.BooleanField(required=False)
    quotedMsg = QuotedField(required=False, allow_null=True)


class LinkBody(_Common):
    """A picture to fetch and send."""

    url = serializers.CharField(max_length=4096)
    caption = serializers.CharField(
        max_length=MAX_TEXT, allow_blank=True, trim_whitespace=False, required=False
    )


class NumberBody(serializers.Serializer):
    number = serializers.CharField(max_length=64)


class Send(External):
    """A text or files to one number."""

    permission_classes = [has_scope(ApiToken.Scope.MESSAGES_SEND)]

    @extend_schema(parameters=[KEY], request=shapes.EXTERNAL_SEND, responses={200: shapes.DONE})
    def post(self, request: ProgramRequest) -> Response:
        body = valid(SendBody, request)
        key, fingerprint = _key(request), _fingerprint(request)
        if (answer := recall(request.user.token, key, fingerprint)) is not None:
            return Response(answer)
        order = Order(
            number=body["number"],
            texts=_texts(request, body),
            files=_stored(request),
            user_id=body.get("userId"),
            queue_id=body.get("queueId"),
            connection_id=body.get("whatsappId"),
            quoted_id=body.get("quotedMsg"),
            delay_ms=body.get("msdelay", 0),
            is_signed=body.get("sendSignature", False),
            closes_ticket=body.get("closeTicket", False),
            is_registered=not body.get("noRegister", False),
        )
        return Response(send_external(request.user, order, key=key, fingerprint=fingerprint))


class SendLinkedImage(External):
    """A picture from the open internet; the ticket is closed afterwards."""

    permission_classes = [has_scope(ApiToken.Scope.MESSAGES_SEND)]

    @extend_schema(parameters=[KEY], request=LinkBody, responses={200: shapes.DONE})
    def post(self, request: ProgramRequest) -> Response:
        body = valid(LinkBody, request)
        key, fingerprint = _key(request), _fingerprint(request)
        if (answer := recall(request.user.token, key, fingerprint)) is not None:
            return Response(answer)
        order = Order(
            number=body["number"],
            texts=[body.get("caption", "")],
            files=[fetch_image(body["url"])],
            connection_id=body.get("whatsappId"),
            delay_ms=body.get("msdelay", 0),
            closes_ticket=True,
        )
        return Response(send_external(request.user, order, key=key, fingerprint=fingerprint))


class CheckNumber(External):
    """Whether a number is on WhatsApp; 400 where it is not, or where nobody can tell."""

    permission_classes = [has_scope(ApiToken.Scope.NUMBERS_CHECK)]

    @extend_schema(request=NumberBody, responses={200: shapes.KNOWN_NUMBER})
    def post(self, request: ProgramRequest) -> Response:
        checked = check_external(request.user, valid(NumberBody, request)["number"])
        answer = {"existsInWhatsapp": bool(checked.exists), "number": checked.asked}
        if checked.exists:
            return Response(answer | {"numberFormatted": checked.number})
        code = "ERR_WAPP_NOT_INITIALIZED" if checked.exists is None else "ERR_CHECK_NUMBER"
        return Response(answer | {"error": code}, status=400)


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(details={"Idempotency-Key": [f"At most {MAX_KEY} printable characters."]})
    return key


def _fingerprint(request: Request) -> str:
    """Hash what is asked for: the path, the fields, and the bytes of the files."""
    data = request.data
    if hasattr(data, "lists"):
        fields: Any = {name: values for name, values in data.lists() if name not in request.FILES}
    else:
        fields = data
    digest = hashlib.sha256(request.path.lower().rstrip("/").encode())
    digest.update(json.dumps(fields, sort_keys=True, default=str).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(f"\n{name}\n{file.name}\n{file.size}\n".encode("utf-8", "replace"))
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _texts(request: Request, body: dict[str, Any]) -> list[str]:
    """Give the text, or the captions of files by their place."""
    if not request.FILES or not hasattr(request.data, "getlist"):
        return [body.get("body", "")]
    texts = [str(text) for text in request.data.getlist("body")]
    if any(len(text) > MAX_TEXT or "\x00" in text for text in texts):
        raise Invalid(details={"body": ["This text cannot be sent."]})
    return texts


def _stored(request: Request) -> list[StoredMedia]:
    """Store every file or none."""
    files = request.FILES.getlist("medias")
    if len(files) > MAX_FILES:
        raise Invalid(details={"medias": [f"At most {MAX_FILES} files at once."]})
    stored: list[StoredMedia] = []
    try:
        # What was stored before a refusal is in the list by then.
        stored.extend(store_upload(file, name=file.name or "") for file in files)
    except Exception:
        for media in stored:
            discard(media)
        raise
    return stored
