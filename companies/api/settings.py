"""Settings by name and by column (rest.md §21)."""

import hmac
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsAdmin, IsSuper, PersonRequest
from accounts.models import User
from companies import services, wire
from companies.api import serializers as take
from companies.api import shapes
from companies.exceptions import SettingInvalid
from companies.models import CompanySettings, Setting
from companies.registry import BY_FIELD, COLUMNS, Key, Place, find_key
from whaticket.api import Open, RawJSON, valid
from whaticket.exceptions import Invalid
from whaticket.openapi import FLAG, OBJECT, TEXT, null, of, query, rows
from whaticket.params import text_param
from whaticket.parsers import WireFormParser, WireMultiPartParser


class EnvTokenRefused(PermissionDenied):
    """403 for a wrong ENV_TOKEN, or where none is configured (errors.md §3)."""


class Settings(APIView):
    """What the company has switched on, each by its name."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: rows(shapes.NAMED_SETTING)})
    def get(self, request: PersonRequest) -> Response:
        caller = request.user
        row = services.settings_of(caller.company_id)
        listed = [wire.column_setting(row, key) for key in COLUMNS]
        named = Setting.objects.filter(company_id=caller.company_id)
        if caller.is_super:
            named = named | Setting.objects.of_platform()
        listed += [wire.named_setting(one) for one in named if may_read(one.key, caller)]
        return Response(listed)


class OneSetting(APIView):
    """One setting by its name."""

    debtors_may = ("GET",)

    def get_permissions(self) -> list[Any]:
        return [IsAdmin()] if self.request.method == "PUT" else list(super().get_permissions())

    @extend_schema(responses={200: null(shapes.NAMED_SETTING)})
    def get(self, request: PersonRequest, name: str) -> HttpResponse:
        key = find_key(name)
        if key is None or not may_read(name, request.user):
            return RawJSON(b"null")
        company_id = request.user.company_id
        if key.place is Place.COLUMN:
            return Response(wire.column_setting(services.settings_of(company_id), key))
        row = found(key, company_id)
        return Response(row) if row else RawJSON(b"null")

    @extend_schema(request=take.SettingInput, responses={200: shapes.NAMED_SETTING})
    def put(self, request: PersonRequest, name: str) -> Response:
        return Response(change(request, name))


class PlainSetting(APIView):
    """A value of the platform by its name; of the company's own, where it is not the platform's.

    The address older clients use. It never leads into another company.
    """

    debtors_may = ("GET",)

    def get_permissions(self) -> list[Any]:
        return [IsSuper()] if self.request.method == "PUT" else list(super().get_permissions())

    @extend_schema(responses={200: {"anyOf": [shapes.NAMED_SETTING, TEXT]}})
    def get(self, request: PersonRequest, name: str) -> Response:
        key = find_key(name)
        company_id = request.user.company_id
        row = None
        if key is not None and may_read(name, request.user):
            if key.place is Place.COLUMN:
                row = wire.column_setting(services.settings_of(company_id), key)
            else:
                row = found(key, company_id)
        return Response("enabled" if row is None else row)

    @extend_schema(request=take.SettingInput, responses={200: shapes.NAMED_SETTING})
    def put(self, request: PersonRequest, name: str) -> Response:
        return Response(change(request, name))


class PublicSetting(Open):
    """A value that sign-in pages of other programs need; with ENV_TOKEN."""

    @extend_schema(parameters=query("token"), responses={200: null(TEXT)})
    def get(self, request: Request, name: str) -> HttpResponse:
        shown = request.query_params.get("token") or form_text(request, "token")
        expected = settings.ENV_TOKEN
        if not expected or not hmac.compare_digest(
            shown.encode("utf-8", "surrogatepass"), expected.encode()
        ):
            raise EnvTokenRefused
        key = find_key(name)
        if key is None or not key.is_public:
            raise SettingInvalid(details={name[:64]: ["No such setting."]})
        if key.place is Place.PLATFORM:
            value = services.named_setting(name)
        else:
            brand = services.brand_of(services.company_of_host(request.get_host()))
            value = brand.by_key(name)
        return Response(value) if value else RawJSON(b"null")


class Logo(APIView):
    """A logo of the company; any picture is drawn again, drawings with scripts are refused."""

    permission_classes = [IsSuper]
    parser_classes = [WireMultiPartParser, WireFormParser]

    @extend_schema(request=take.LogoInput, responses={200: TEXT})
    def post(self, request: PersonRequest) -> Response:
        file = uploaded(request)
        name = services.set_logo(
            file,
            form_text(request, "mode"),
            company_id=request.user.company_id,
            by_id=request.user.pk,
        )
        return Response(name)


class PrivateFile(APIView):
    """A file that is kept and never served, with the setting that names it."""

    permission_classes = [IsSuper]
    parser_classes = [WireMultiPartParser, WireFormParser]

    @extend_schema(request=take.PrivateFileInput, responses={200: TEXT})
    def post(self, request: PersonRequest) -> Response:
        name = services.set_private_file(
            uploaded(request),
            form_text(request, "settingKey"),
            company_id=request.user.company_id,
            by_id=request.user.pk,
        )
        return Response(name)


class AllCompanySettings(APIView):
    """The columns of the caller's own company; the id in the address means nothing."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: shapes.SETTINGS})
    def get(self, request: PersonRequest, company_id: str) -> Response:
        return Response(wire.company_settings(services.settings_of(request.user.company_id)))


class OneCompanySetting(APIView):
    """One column."""

    debtors_may = ("GET",)

    @extend_schema(parameters=query("column"), responses={200: OBJECT})
    def get(self, request: PersonRequest) -> Response:
        key = column_key(text_param(request, "column"))
        row = services.settings_of(request.user.company_id)
        return Response({key.name: key.write(getattr(row, key.field))})


class CompanySettingsChange(APIView):
    """A column, changed by an administrator."""

    permission_classes = [IsAdmin]

    @extend_schema(
        request=take.ColumnInput, responses={200: of(response=FLAG, result=shapes.SETTINGS)}
    )
    def put(self, request: PersonRequest) -> Response:
        fields = valid(take.ColumnInput, request)
        key = column_key(fields["column"])
        row = services.change_setting(
            key.name,
            fields["data"],
            company_id=request.user.company_id,
            by_id=request.user.pk,
            is_operator=request.user.is_super,
        )
        assert isinstance(row, CompanySettings)  # noqa: S101 (what a column is kept in)
        return Response({"response": True, "result": wire.company_settings(row)})


def change(request: PersonRequest, name: str) -> dict[str, Any]:
    """Write a setting by its name; give it as it is now."""
    row = services.change_setting(
        name,
        valid(take.SettingInput, request)["value"],
        company_id=request.user.company_id,
        by_id=request.user.pk,
        is_operator=request.user.is_super,
    )
    if isinstance(row, CompanySettings):
        return wire.column_setting(row, services.known_key(name))
    return wire.named_setting(row)


def found(key: Key, company_id: int) -> dict[str, Any] | None:
    """Give the row of a named value, the platform's or the company's own."""
    owner = None if key.place is Place.PLATFORM else company_id
    row = Setting.objects.filter(company_id=owner, key=key.name).first()  # type: ignore[misc]  # null: the platform's
    return wire.named_setting(row) if row else None


def may_read(name: str, caller: User) -> bool:
    """Tell whether a person may read a named value: secret ones only operators do."""
    key = find_key(name)
    return caller.is_super or (key is not None and not key.is_secret)


def column_key(name: str) -> Key:
    """Give a column by its name on the wire; raise SettingInvalid."""
    key = find_key(name)
    if key is None or key.field not in BY_FIELD:
        raise SettingInvalid(details={"column": ["No such setting."]})
    return key


def form_text(request: Request, name: str) -> str:
    """Give a text of the body; "" where there is none."""
    found = request.data.get(name, "") if isinstance(request.data, dict) else ""
    return found if isinstance(found, str) else ""


def uploaded(request: Request) -> UploadedFile:
    """Give the `file` of a form; raise Invalid where there is none."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Invalid(details={"file": ["A file is needed."]})
    return file
