"""The operators' pages: only people who run the platform, with every factor they have."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import sites
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
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

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Give the addresses, without the one that finds any row of any table by its number."""
        found = super().get_urls()
        return [one for one in found if getattr(one, "name", "") != "view_on_site"]

    def extra_urls(self) -> list[URLPattern]:
        """Give the ways into a company and out of it."""
        # Imported late: this module is read before there are models.
        from accounts import operator_visits

        return [
            path("enter/", self.admin_view(operator_visits.enter), name="enter"),
            path("leave/", self.admin_view(operator_visits.leave), name="leave"),
        ]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Offer rows to choose from; those of a company only to whoever has entered it."""
        from whaticket.operator_pages import enter_visited

        if request.GET.get("app_label") in _tenant_apps() and not enter_visited(request):
            raise PermissionDenied
        return super().autocomplete_view(request)


def _tenant_apps() -> set[str]:
    return {apps.get_app_config(name).label for name in settings.TENANT_APPS}


class OperatorPages(BasicAppConfig):
    """unfold, with the site above as the one that every app registers with."""

    def ready(self) -> None:
        admin.site = sites.site = OperatorSite()  # type: ignore[assignment]
