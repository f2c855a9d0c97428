"""The body of `POST /whatsapp` and `PUT /whatsapp/:id`, in the contract's loose types."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework import serializers

from companies.hours import clean_schedules
from whaticket.params import LARGEST_ID
from whatsapp import wire
from whatsapp.services.connections import Wanted

_LARGEST = 2**31 - 1


class Number(serializers.IntegerField):
    """A number that clients write as number or text; nothing means 0."""

    def __init__(self, **kwargs: Any):
        super().__init__(required=False, min_value=0, max_value=_LARGEST, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return 0 if data is None or data == "" else super().run_validation(data)


class Reference(serializers.IntegerField):
    """The id of something; nothing, 0 and an empty text mean none."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            required=False, allow_null=True, min_value=0, max_value=LARGEST_ID, **kwargs
        )

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return (None if data == "" else super().run_validation(data)) or None


class Text(serializers.CharField):
    """A text that may be missing."""

    def __init__(self, **kwargs: Any):
        options: dict[str, Any] = {"max_length": 10_000, "trim_whitespace": False} | kwargs
        super().__init__(required=False, allow_blank=True, allow_null=True, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return "" if data is None else super().run_validation(data)


class YesNo(serializers.BooleanField):
    """A flag; nothing means no. Some clients write `enabled`."""

    TRUE_VALUES = {*serializers.BooleanField.TRUE_VALUES, "enabled"}
    FALSE_VALUES = {*serializers.BooleanField.FALSE_VALUES, "disabled", ""}
    NULL_VALUES: set[Any] = set()

    def __init__(self, **kwargs: Any):
        super().__init__(required=False, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return False if data is None else super().run_validation(data)


class _Dated(Text):
    """A text that means a time: what it is read as has no length to be checked."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=None, **kwargs)


class Day(_Dated):
    """A date, with or without a time of day; nothing means none."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data).strip()
        if not text:
            return None
        try:
            day = parse_date(text[:10])
        except ValueError:
            day = None
        if day is None:
            raise serializers.ValidationError("A date such as 2026-01-31 is needed.")
        return day

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(data) or None


class Moment(_Dated):
    """A date and time where the companies are, unless it names its zone; nothing means none."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data).strip()
        if not text:
            return None
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise serializers.ValidationError("A moment such as 2026-01-31T08:00 is needed.")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(settings.COMPANY_TIME_ZONE))
        try:
            return moment.astimezone(datetime.UTC)
        except OverflowError as error:
            raise serializers.ValidationError("That is too long ago or too far away.") from error

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(data) or None


class DriverSettingsInput(serializers.Serializer):
    """How the Cloud API knows the number."""

    phoneNumberId = Text(source="phone_number_id", max_length=64)
    wabaId = Text(source="waba_id", max_length=64)
    version = Text(max_length=16)


class CredentialsInput(serializers.Serializer):
    """Secrets of the Cloud API; written, never read. Empty ones keep what is stored."""

    accessToken = Text(source="access_token", max_length=2000)
    appSecret = Text(source="app_secret", max_length=255)
    verifyToken = Text(source="verify_token", max_length=255)


class ConnectionInput(serializers.Serializer):
    """What a client wants a connection to be."""

    name = Text(max_length=255, trim_whitespace=True)
    greetingMessage = Text(source="greeting_message")
    complationMessage = Text(source="completion_message")
    outOfHoursMessage = Text(source="out_of_hours_message")
    ratingMessage = Text(source="rating_message")
    farewellMessage = Text(source="farewell_message")
    expiresInactiveMessage = Text(source="expires_message")
    inactiveMessage = Text(source="inactive_message")
    collectiveVacationMessage = Text(source="vacation_message")
    collectiveVacationStart = Day(source="vacation_starts")
    collectiveVacationEnd = Day(source="vacation_ends")
    importOldMessages = Moment(source="import_from")
    importRecentMessages = Moment(source="import_until")
    importOldMessagesGroups = YesNo(source="import_groups")
    closedTicketsPostImported = YesNo(source="import_closes_tickets")
    queueIdImportMessages = Reference(source="import_queue_id")
    allowGroup = YesNo(source="allows_groups")
    groupAsTicket = YesNo(source="groups_as_tickets")
    maxUseBotQueues = Number(source="max_bot_menus")
    timeUseBotQueues = Number(source="bot_silence_minutes")
    expiresTicket = Number(source="expires_minutes")
    whenExpiresTicket = Number(source="expires_only_after_us")
    timeInactiveMessage = Number(source="inactive_minutes")
    expiresTicketNPS = Number(source="rating_expires_minutes")
    maxUseBotQueuesNPS = Number(source="max_rating_retries")
    timeCreateNewTicket = Number(source="reopen_minutes")
    timeSendQueue = Number(source="move_after_minutes")
    sendIdQueue = Reference(source="move_to_queue_id")
    schedules = serializers.JSONField(required=False, allow_null=True)
    queueIds = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        max_length=1000,
    )
    token = Text(max_length=512, trim_whitespace=True)
    isDefault = YesNo()
    requestQR = YesNo()
    driver = Text(max_length=16)
    driverSettings = DriverSettingsInput(required=False)
    credentials = CredentialsInput(required=False)

    def validate_schedules(self, value: Any) -> Any:
        return clean_schedules(value) if value else []


# Numbers that a client leaves out of a PUT are off from then on (rest.md §9).
_RESET = (
    "max_bot_menus",
    "bot_silence_minutes",
    "expires_minutes",
    "inactive_minutes",
    "rating_expires_minutes",
    "max_rating_retries",
    "reopen_minutes",
    "move_after_minutes",
)
_NOT_COLUMNS = {
    "queueIds", "token", "isDefault", "requestQR", "driver", "driverSettings", "credentials",
}  # fmt: skip


def read_wanted(data: Any, *, is_new: bool) -> Wanted:
    """Read a body; raise ValidationError or SchedulesInvalid.

    A masked token is what a client was shown and gives back: it keeps the stored one.
    """
    serializer = ConnectionInput(data=data)
    serializer.is_valid(raise_exception=True)
    given = dict(serializer.validated_data)
    columns = {key: value for key, value in given.items() if key not in _NOT_COLUMNS}
    if "expires_only_after_us" in columns:
        columns["expires_only_after_us"] = columns["expires_only_after_us"] == 1
    if not is_new:
        columns = dict.fromkeys(_RESET, 0) | {"move_to_queue_id": None} | columns
    token = given.get("token", "")
    return Wanted(
        columns=columns,
        queue_ids=None if given.get("requestQR") else given.get("queueIds", []),
        token="" if token.startswith(wire.MASK) else token,
        is_default=given.get("isDefault"),
        driver=given.get("driver") or None,
        driver_settings=given.get("driverSettings", {}),
        credentials=given.get("credentials", {}),
    )
