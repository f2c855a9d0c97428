"""What the routes of companies take."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateparse import parse_datetime
from rest_framework import serializers

from companies.login_themes import THEMES
from companies.registry import LOGO
from companies.services import is_web_address
from companies.wire import WHITELABEL_FIELDS
from whaticket.params import LARGEST_ID
from whaticket.serializers import Anything, Lenient, OptionalId, Password


class DueDate(serializers.DateField):
    """A day. Clients send back what they read, which is a moment: the day it falls on here."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(None if data == "" else data)

    def to_internal_value(self, value: Any) -> datetime.date:
        if isinstance(value, str) and len(value) > 10:
            try:
                moment = parse_datetime(value)
                if moment is None:
                    self.fail("invalid", format="YYYY-MM-DD")
                if moment.tzinfo is not None:
                    moment = moment.astimezone(ZoneInfo(settings.COMPANY_TIME_ZONE))
            except (ValueError, OverflowError):
                self.fail("invalid", format="YYYY-MM-DD")
            return moment.date()
        return super().to_internal_value(value)


class CompanyFields(Lenient):
    """`PUT /companies/:id`; keys of the contract, fields of the models."""

    id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=255, required=False)
    password = Password(min_length=5, required=False, write_only=True)
    companyUserName = serializers.CharField(
        min_length=2, max_length=255, required=False, source="admin_name"
    )
    phone = serializers.CharField(max_length=255, required=False, allow_blank=True)
    document = serializers.CharField(max_length=255, required=False, allow_blank=True)
    planId = OptionalId(required=False, source="plan_id")
    status = serializers.BooleanField(required=False, source="is_active")
    dueDate = DueDate(required=False, allow_null=True, source="due_on")
    recurrence = serializers.CharField(max_length=255, required=False, allow_blank=True)
    paymentMethod = serializers.CharField(
        max_length=255, required=False, allow_blank=True, source="payment_method"
    )
    campaignsEnabled = serializers.BooleanField(required=False, source="campaigns_enabled")

    def to_internal_value(self, data: Any) -> Any:
        # Forms send an empty text for what stays as it is.
        if isinstance(data, dict):
            empty = {"password", "email", "companyUserName"}
            data = {key: value for key, value in data.items() if key not in empty or value != ""}
        return super().to_internal_value(data)


class NewCompany(CompanyFields):
    """`POST /companies`."""

    name = serializers.CharField(max_length=255, allow_blank=True)
    email = serializers.EmailField(max_length=255)


class NewPlatformCompany(NewCompany):
    """`POST /api/companies`."""

    document = serializers.CharField(max_length=255, allow_blank=True)
    planId = OptionalId(source="plan_id")
    password = Password(min_length=5, write_only=True)


class SchedulesInput(serializers.Serializer[Any]):
    """`PUT /companies/:id/schedules`."""

    schedules = serializers.JSONField()


class SettingInput(serializers.Serializer[Any]):
    """`PUT /settings/:settingKey`; the registry knows what each may be."""

    value = Anything(allow_null=True)


class ColumnInput(serializers.Serializer[Any]):
    """`PUT /companySettings/`."""

    column = serializers.CharField(max_length=64)
    data = Anything(allow_null=True)  # type: ignore[assignment]  # a field of the wire


class FileInput(serializers.Serializer[Any]):
    """A form with one file."""

    file = serializers.FileField()
    typeArch = serializers.CharField(required=False)


class LogoInput(FileInput):
    """`POST /settings-whitelabel/logo`."""

    mode = serializers.ChoiceField(choices=["Light", "Dark", "Favicon"])


class PrivateFileInput(FileInput):
    """`POST /settings/privateFile`."""

    settingKey = serializers.CharField(max_length=64)


class LoginPictureInput(FileInput):
    """`POST /login-config/upload-image`."""

    type = serializers.ChoiceField(choices=["team", "background", "logo"], required=False)


class Colour(serializers.RegexField):
    """`#` and three or six hexadecimal digits."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            r"\A#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z",
            error_messages={"invalid": "A colour such as #0a6e55 is needed."},
            **kwargs,
        )


class WebAddress(serializers.CharField):
    """Where a page loads a picture from; nothing that runs."""

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if value and not is_web_address(value):
            raise serializers.ValidationError("An address that begins with https:// is needed.")
        return value


class Blanks(serializers.Serializer[Any]):
    """Null is an empty text: forms of clients send what they read."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            data = {
                key: self._blank(key) if value is None else value for key, value in data.items()
            }
        return super().to_internal_value(data)

    def _blank(self, key: str) -> Any:
        field = self.fields.get(key)
        is_text = isinstance(field, serializers.CharField) and field.allow_blank
        return "" if is_text else None


class LoginConfigInput(Blanks):
    """`PUT /login-config`."""

    theme = serializers.ChoiceField(choices=list(THEMES), required=False)
    logoUrl = WebAddress(max_length=2000, required=False, allow_blank=True, source="logo_url")
    backgroundImageUrl = WebAddress(
        max_length=2000, required=False, allow_blank=True, source="background_image_url"
    )
    title = serializers.CharField(max_length=100, required=False, allow_blank=True)
    subtitle = serializers.CharField(max_length=200, required=False, allow_blank=True)
    typingTexts = serializers.ListField(
        child=serializers.CharField(max_length=200),
        max_length=20,
        required=False,
        source="typing_texts",
    )
    primaryColor = Colour(required=False, allow_blank=True, source="primary_color")
    secondaryColor = Colour(required=False, allow_blank=True, source="secondary_color")
    enableTypingEffect = serializers.BooleanField(required=False, source="enables_typing")
    enableAnimations = serializers.BooleanField(required=False, source="enables_animations")
    enablePasswordRecovery = serializers.BooleanField(required=False, source="enables_recovery")
    customCss = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, source="custom_css"
    )
    welcomeMessage = serializers.CharField(
        max_length=500, required=False, allow_blank=True, source="welcome_message"
    )
    teamImages = serializers.ListField(
        child=WebAddress(max_length=2000), max_length=8, required=False, source="team_images"
    )
    mailHost = serializers.RegexField(
        r"\A[A-Za-z0-9.:_-]*\Z",
        max_length=255,
        required=False,
        allow_blank=True,
        source="mail_host",
    )
    mailPort = serializers.IntegerField(
        min_value=1, max_value=65535, required=False, allow_null=True, source="mail_port"
    )
    mailUser = serializers.EmailField(
        max_length=255, required=False, allow_blank=True, source="mail_user"
    )
    mailPass = serializers.CharField(
        max_length=1000,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        source="mail_pass",
    )
    mailFrom = serializers.EmailField(
        max_length=255, required=False, allow_blank=True, source="mail_from"
    )
    mailSecure = serializers.BooleanField(required=False, source="mail_secure")

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            # What nobody who reads it is shown comes back as null.
            hidden = {"mailPass", "mailSecure"}
            data = {k: v for k, v in data.items() if v is not None or k not in hidden}
            data = {k: None if k == "mailPort" and v == "" else v for k, v in data.items()}
        return super().to_internal_value(data)


class LogoAddress(serializers.CharField):
    """A logo: the name of an uploaded one, or an address."""

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if value and not (LOGO.fullmatch(value) or is_web_address(value)):
            raise serializers.ValidationError("Upload the picture, or give its address.")
        return value


def _whitelabel_field(key: str, column: str) -> serializers.Field[Any, Any, Any, Any]:
    common: dict[str, Any] = {"required": False, "source": column}
    if key.startswith("appLogo"):
        return LogoAddress(max_length=2000, allow_blank=True, **common)
    if key == "appName":
        return serializers.CharField(max_length=60, allow_blank=True, **common)
    if key == "fontFamily":
        # Names and commas only: it goes into a style sheet.
        return serializers.RegexField(r"\A[\w ,'\"-]+\Z", max_length=500, **common)
    if key == "fontSizeBase":
        return serializers.IntegerField(min_value=10, max_value=32, **common)
    if key.startswith("fontWeight"):
        return serializers.IntegerField(min_value=100, max_value=900, **common)
    return Colour(**common)


class WhitelabelInput(Blanks):
    """`PUT /whitelabel-config`: any column."""

    def get_fields(self) -> dict[str, Any]:
        return {key: _whitelabel_field(key, column) for key, column in WHITELABEL_FIELDS.items()}


class AnnouncementFields(Lenient):
    """`PUT /announcements/:id`."""

    title = serializers.CharField(max_length=255, required=False, allow_blank=True)
    text = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    priority = serializers.ChoiceField(choices=[1, 2, 3], required=False)
    status = serializers.BooleanField(required=False, source="is_shown")


class NewAnnouncement(AnnouncementFields):
    """`POST /announcements`."""


class HelpFields(Lenient):
    """A help page; the service says with which codes it is too short."""

    title = serializers.CharField(max_length=255, required=False, allow_blank=True)
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    video = serializers.CharField(max_length=255, required=False, allow_blank=True)
    link = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class PartnerFields(Lenient):
    """`POST /api/partners`."""

    name = serializers.CharField(max_length=255)
    phone = serializers.CharField(max_length=255)
    email = serializers.EmailField(max_length=255)
    document = serializers.CharField(max_length=255)
    commission = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0)
    typeCommission = serializers.CharField(max_length=255, source="commission_type")
    walletId = serializers.CharField(
        max_length=255, required=False, allow_blank=True, source="wallet_id"
    )


class VersionInput(serializers.Serializer[Any]):
    """`POST /version`."""

    version = serializers.CharField(max_length=64)
