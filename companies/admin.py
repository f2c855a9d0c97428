"""Companies and the clock, for operators."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_celery_beat.admin import CrontabScheduleAdmin as BaseCrontabAdmin
from django_celery_beat.admin import IntervalScheduleAdmin as BaseIntervalAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BasePeriodicTaskAdmin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action

from companies import services
from companies.exceptions import PlatformOwnerProtected
from companies.models import Company, CompanySettings, Domain, Setting


class DomainInline(TabularInline):
    model = Domain
    extra = 0


class SettingsInline(StackedInline):
    model = CompanySettings
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Company)
class CompanyAdmin(ModelAdmin):
    """The tenants. Creating one makes its schema, removing one takes everything it had."""

    list_display = ("id", "name", "email", "is_active", "due_on", "last_login_at")
    list_display_links = ("id", "name")
    list_filter = ("is_active",)
    search_fields = ("name", "email", "document")
    fields = ("name", "email", "phone", "document", "due_on", "schedules", "last_login_at")
    readonly_fields = ("last_login_at",)
    actions = ("suspend", "reactivate")
    actions_detail = ("enter_company",)

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [DomainInline, SettingsInline] if obj else []

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        # Companies go one by one, each confirmed on its own page.
        found.pop("delete_selected", None)
        return found

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.pk != Company.OWNER_ID

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        if change:
            values = {name: form.cleaned_data[name] for name in form.changed_data}
            services.update_company(Company.objects.get(pk=obj.pk), by_id=request.user.pk, **values)
            return
        created = services.create_company(
            name=obj.name,
            email=obj.email,
            phone=obj.phone,
            document=obj.document,
            due_on=obj.due_on,
        )
        obj.pk, obj.schema_name = created.pk, created.schema_name

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is CompanySettings:
            services.forget_settings(form.instance.pk)

    def delete_model(self, request: HttpRequest, obj: Company) -> None:
        services.drop_company(obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # The collector would look for rows in schemas that are not open here.
        return [str(obj) for obj in objs], {_("companies"): len(objs)}, set(), []

    @admin.action(description=_("Suspend"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        for company in queryset:
            try:
                services.suspend_company(company, by_id=request.user.pk)
            except PlatformOwnerProtected as error:
                messages.error(request, f"{company}: {error.code}")

    @admin.action(description=_("Reactivate"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        for company in queryset:
            services.reactivate_company(company, by_id=request.user.pk)

    @action(description=_("Enter this company"), url_path="enter", icon="login")
    def enter_company(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        """Lead to the page that asks why."""
        company = get_object_or_404(Company, pk=object_id)
        return HttpResponseRedirect(f"{reverse('admin:enter')}?company={company.pk}")


@admin.register(Setting)
class SettingAdmin(ModelAdmin):
    """Named values; those without a company hold for the platform."""

    list_display = ("key", "value", "company")
    list_select_related = ("company",)
    search_fields = ("key", "company__name")
    autocomplete_fields = ("company",)


for model in (PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BasePeriodicTaskAdmin, ModelAdmin):
    """What the clock does (whaticket/schedule.py), to switch off or to slow down."""


@admin.register(IntervalSchedule)
class IntervalAdmin(BaseIntervalAdmin, ModelAdmin):
    """Rhythms."""


@admin.register(CrontabSchedule)
class CrontabAdmin(BaseCrontabAdmin, ModelAdmin):
    """Times of day."""
