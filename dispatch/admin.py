"""What happens later, where addresses lead, and the lives of this database, for operators.

The work that waits for connections is on the connections' pages (whatsapp/admin.py): what is
decided about it is theirs to carry out.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from dispatch.models import Agenda, Installation, Route
from dispatch.services import approve_agenda, discard_agenda, hasten
from whaticket.operator_pages import LookOnly
from whaticket.tenancy import in_company


class LateFilter(admin.SimpleListFilter):
    """What should have happened already."""

    title = _("time")
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("due", _("Due")), ("later", _("Later"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Agenda]) -> QuerySet[Agenda]:
        if self.value() == "due":
            return queryset.filter(due_at__lte=timezone.now())
        if self.value() == "later":
            return queryset.filter(due_at__gt=timezone.now())
        return queryset


@admin.register(Agenda)
class AgendaAdmin(LookOnly):
    """What happens later."""

    list_display = (
        "due_at", "kind", "company_id", "object_id", "is_held", "attempts", "claimed_at",
    )  # fmt: skip
    list_filter = (LateFilter, "is_held", "kind")
    search_fields = ("=company_id", "=object_id", "=kind")
    ordering = ("due_at",)
    actions = ("hasten", "approve", "give_up")

    @admin.action(description=_("Do it now"))
    def hasten(self, request: HttpRequest, queryset: QuerySet[Agenda]) -> None:
        number = 0
        for plan in queryset:
            with in_company(plan.company_id):
                number += hasten(plan.kind, [plan.object_id], timezone.now())
        messages.success(request, _("%(number)d brought forward.") % {"number": number})

    @admin.action(description=_("Do what is held since a restore"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Agenda]) -> None:
        self._settle(request, queryset, _("Will be done."), approve_agenda)

    @admin.action(description=_("Forget what is held since a restore"))
    def give_up(self, request: HttpRequest, queryset: QuerySet[Agenda]) -> None:
        self._settle(request, queryset, _("Forgotten."), discard_agenda)

    def _settle(
        self,
        request: HttpRequest,
        queryset: QuerySet[Agenda],
        done: Any,
        settle: Callable[[int, list[int]], int],
    ) -> None:
        number = 0
        for plan in queryset.filter(is_held=True):
            key = plan.pk
            number += settle(plan.company_id, [key])
            self.note(request, plan, key, str(plan), done)
        messages.success(request, f"{number}: {done}")


@admin.register(Route)
class RouteAdmin(LookOnly):
    """Which company an address or a key leads to; the keys themselves are not shown."""

    list_display = ("id", "kind", "company_id", "connection_id", "shown_key", "created_at")
    list_filter = ("kind",)
    search_fields = ("=company_id", "=connection_id")
    exclude = ("key",)
    readonly_fields = ("shown_key",)

    @display(description=_("Address"))
    def shown_key(self, obj: Route) -> str:
        # A number's id is no secret; the other kinds are, or stand for one.
        return obj.key if obj.kind == Route.Kind.PHONE_NUMBER_ID else "••••••"


@admin.register(Installation)
class InstallationAdmin(LookOnly):
    """Each life of this database, from one restore to the next."""

    list_display = ("epoch", "began_at")
    ordering = ("-began_at",)
