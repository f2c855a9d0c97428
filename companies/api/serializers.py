"""What the routes of companies take."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateparse import parse_datetime
from rest_framework import serializers

from whaticket.serializers import LARGEST_ID, Lenient, OptionalId, Password


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
