"""`/login-config*` and `/whitelabel-config*` (rest.md §21)."""

import re
from typing import Any

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.authentication import AccessToken, IsSuper, PersonRequest
from accounts.models import User
from companies import services, wire
from companies.api import serializers as take
from companies.api import shapes
from companies.api.settings import form_text, uploaded
from companies.exceptions import CompanyUnpaid
from companies.login_themes import THEMES
from companies.models import LoginConfig, WhitelabelConfig
from companies.registry import LOGO
from messaging.media.kinds import facts_of
from whaticket.api import Open, valid
from whaticket.openapi import TEXT, of
from whaticket.parsers import WireFormParser, WireMultiPartParser

_ATTACHMENT = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{1,8}")


class MaybeSomebody(AccessToken):
    """A page that is open to all, and shows more to some: a token that is over counts as none."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        try:
            return super().authenticate(request)
        except (APIException, CompanyUnpaid):
            return None


class ReadsAsAnybody(MaybeSomebody):
    """As above for reading; who changes something is told that a token is over (errors.md §3)."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        if request.method == "GET":
            return super().authenticate(request)
        return AccessToken.authenticate(self, request)


class Login(APIView):
    """The sign-in page of the platform; its mail server only for operators."""

    authentication_classes = [ReadsAsAnybody]

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method == "GET" else [IsSuper()]

    @extend_schema(responses={200: shapes.LOGIN_CONFIG})
    def get(self, request: Request) -> Response:
        caller = request.user
        with_mail = isinstance(caller, User) and caller.is_super
        return Response(wire.login_row(services.login_config(), with_mail=with_mail))

    @extend_schema(request=take.LoginConfigInput, responses={200: shapes.LOGIN_CONFIG})
    def put(self, request: PersonRequest) -> Response:
        serializer = take.LoginConfigInput(data=request.data)
        if not serializer.is_valid():
            raise services.invalid(first_words(serializer))
        row: LoginConfig = services.change_login_config(**serializer.validated_data)
        return Response(wire.login_row(row, with_mail=True))


class LoginThemes(APIView):
    """Looks to choose from."""

    permission_classes = [IsSuper]

    @extend_schema(responses={200: of(**dict.fromkeys(THEMES, shapes.THEME))})
    def get(self, request: PersonRequest) -> Response:
        return Response({key: theme.as_wire() for key, theme in THEMES.items()})


class LoginPicture(APIView):
    """A picture for the sign-in page."""

    permission_classes = [IsSuper]
    parser_classes = [WireMultiPartParser, WireFormParser]

    @extend_schema(
        request=take.LoginPictureInput, responses={200: of(url=TEXT, filename=TEXT, type=TEXT)}
    )
    def post(self, request: PersonRequest) -> Response:
        file = uploaded(request)
        kind = form_text(request, "type")
        kind = kind if kind in {"team", "background"} else "logo"
        url = services.add_login_picture(file, kind, company_id=request.user.company_id)
        return Response({"url": url, "filename": url.rpartition("/")[2], "type": kind})


class Whitelabel(APIView):
    """Colours, fonts, logos and name of the platform."""

    permission_classes = [IsSuper]

    @extend_schema(responses={200: shapes.WHITELABEL_CONFIG})
    def get(self, request: PersonRequest) -> Response:
        return Response(wire.whitelabel_row(services.whitelabel_config()))

    @extend_schema(request=take.WhitelabelInput, responses={200: shapes.WHITELABEL_CONFIG})
    def put(self, request: PersonRequest) -> Response:
        fields = valid(take.WhitelabelInput, request)
        row: WhitelabelConfig = services.change_whitelabel_config(**fields)
        return Response(wire.whitelabel_row(row))


class WhitelabelReset(APIView):
    """The product's own colours again."""

    permission_classes = [IsSuper]

    @extend_schema(request=None, responses={200: shapes.WHITELABEL_CONFIG})
    def post(self, request: PersonRequest) -> Response:
        return Response(wire.whitelabel_row(services.reset_whitelabel_config()))


class LogoFile(Open):
    """A logo, at the address clients build for it."""

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, name: str) -> FileResponse:
        return picture(services.public_folder(), name)


class LoginPictureFile(Open):
    """A picture of the sign-in page."""

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, company_id: int, name: str) -> FileResponse:
        return picture(services.login_folder(company_id), name)


class AnnouncementFile(Open):
    """The file of an announcement; only pictures and films open by themselves."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, name: str) -> FileResponse:
        if not _ATTACHMENT.fullmatch(name):
            raise Http404
        path = services.public_folder("announcements") / name
        if not path.is_file():
            raise Http404
        facts = facts_of(path)
        is_shown = facts.kind in {"image", "video", "audio"}
        return lasting(
            FileResponse(
                path.open("rb"),
                content_type=facts.mimetype if is_shown else "application/octet-stream",
                as_attachment=not is_shown,
                filename=name,
            )
        )


def picture(folder: Any, name: str) -> FileResponse:
    """Give a picture that was drawn here; raise Http404 for every other name."""
    if not LOGO.fullmatch(name) or not (folder / name).is_file():
        raise Http404
    return lasting(FileResponse((folder / name).open("rb"), content_type="image/png"))


def lasting(response: FileResponse) -> FileResponse:
    """Let browsers keep a file whose name never means another, and other origins show it."""
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def first_words(serializer: Serializer[Any]) -> dict[str, str]:
    """Give what is wrong with each field, in one sentence each."""
    return {name: words_of(problem) for name, problem in serializer.errors.items()}


def words_of(problem: Any) -> str:
    """Give the first sentence of a problem, however deep it lies."""
    while isinstance(problem, dict | list) and problem:
        problem = next(iter(problem.values())) if isinstance(problem, dict) else problem[0]
    return str(problem)
