"""The operators' pages: only people who run the platform, with every factor they have."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin import sites
from django.http import HttpRequest
from django_otp import user_has_device
from unfold.apps import BasicAppConfig
from unfold.sites import UnfoldAdminSite


class OperatorSite(UnfoldAdminSite):
    """The Django admin, closed to everybody but operators."""

    login_template = "accounts/operator_login.html"
    index_template = "accounts/operator_index.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Let operators in who have shown every factor that is asked of them."""
        user: Any = request.user
        if not (user.is_active and user.is_staff):
            return False
        if settings.OTP_REQUIRED or user_has_device(user):
            return bool(user.is_verified())
        return True


class OperatorPages(BasicAppConfig):
    """unfold, with the site above as the one that every app registers with."""

    def ready(self) -> None:
        admin.site = sites.site = OperatorSite()  # type: ignore[assignment]
