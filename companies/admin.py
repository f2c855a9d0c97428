"""Companies and the clock, for operators."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
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
from unfold.decorators import action, display

from accounts.models import User
from companies import services
from companies.exceptions import PlatformOwnerProtected, SettingInvalid
from companies.models import (
    Announcement,
    Company,
    CompanySettings,
    Domain,
    Help,
    LoginConfig,
    Partner,
    Setting,
    Version,
    WhitelabelConfig,
)
from companies.registry import find_key
from whaticket.operator_pages import LookOnly, short


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


class SettingForm(ModelForm):
    """A named value that the platform knows, and understands."""

    class Meta:
        model = Setting
        fields = ("company", "key", "value")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "company" in self.fields:
            # Without one it holds for the platform.
            self.fields["company"].required = False

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        name = fields.get("key", self.instance.key)
        try:
            services.known_key(name).read(fields.get("value", ""))
        except SettingInvalid as error:
            raise ValidationError({"key": _("There is no such setting.")}) from error
        except ValueError as error:
            raise ValidationError({"value": str(error)}) from error
        return fields


@admin.register(Setting)
class SettingAdmin(ModelAdmin):
    """Named values; those without a company hold for the platform. Secret ones are not shown."""

    form = SettingForm
    list_display = ("key", "shown_value", "company")
    list_select_related = ("company",)
    search_fields = ("key", "company__name")
    autocomplete_fields = ("company",)

    @display(description=_("Value"))
    def shown_value(self, obj: Setting) -> str:
        return "••••••" if _is_secret(obj) else short(obj.value)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or not _is_secret(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("value",) if obj is not None and _is_secret(obj) else None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Another key, or another company's, is another value.
        return ("company", "key") if obj else ()

    def save_model(self, request: HttpRequest, obj: Setting, form: Any, change: bool) -> None:
        kept = services.set_named_setting(
            obj.key, obj.value, company_id=obj.company_id, by_id=request.user.pk
        )
        obj.pk = kept.pk


def _is_secret(setting: Setting) -> bool:
    known = find_key(setting.key)
    # What nobody knows any more may have been a secret.
    return known is None or known.is_secret


class NoticePages(ModelAdmin):
    """Pages of the platform, written through the services that tell every company."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        # One by one: each is told.
        found.pop("delete_selected", None)
        return found


@admin.register(Announcement)
class AnnouncementAdmin(NoticePages):
    """Notices to every company."""

    list_display = ("title", "priority", "is_shown", "created_at")
    list_filter = ("is_shown", "priority")
    search_fields = ("title",)
    fields = ("title", "text", "priority", "is_shown", "media_name")
    readonly_fields = ("media_name",)

    def save_model(self, request: HttpRequest, obj: Announcement, form: Any, change: bool) -> None:
        operator = cast(User, request.user)
        services.save_announcement(obj, company_id=operator.company_id, by_id=operator.pk)

    def delete_model(self, request: HttpRequest, obj: Announcement) -> None:
        operator = cast(User, request.user)
        services.delete_announcement(obj, company_id=operator.company_id, by_id=operator.pk)


class HelpForm(ModelForm):
    """A help page with something on it."""

    class Meta:
        model = Help
        fields = ("title", "description", "video", "link")

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        for name in ("title", "description"):
            if len(fields.get(name, "").strip()) < 3:
                self.add_error(name, _("At least three letters."))
        return fields


@admin.register(Help)
class HelpAdmin(NoticePages):
    """Help pages."""

    form = HelpForm
    list_display = ("title", "video", "updated_at")
    search_fields = ("title",)

    def save_model(self, request: HttpRequest, obj: Help, form: Any, change: bool) -> None:
        operator = cast(User, request.user)
        services.save_help(obj, company_id=operator.company_id, by_id=operator.pk)

    def delete_model(self, request: HttpRequest, obj: Help) -> None:
        operator = cast(User, request.user)
        services.delete_help(obj, company_id=operator.company_id, by_id=operator.pk)


@admin.register(Partner)
class PartnerAdmin(ModelAdmin):
    """Who sells the platform."""

    list_display = ("name", "email", "commission", "commission_type")
    search_fields = ("name", "email", "document")


@admin.register(Version)
class VersionAdmin(LookOnly):
    """Which versions the clients and the platform have."""

    list_display = ("frontend", "backend", "updated_at")


@admin.register(LoginConfig)
class LoginConfigAdmin(LookOnly):
    """The sign-in page as its editor left it, without the mail server's password."""

    list_display = ("__str__", "theme", "mail_host", "mail_from", "updated_at")
    exclude = ("mail_credentials",)


@admin.register(WhitelabelConfig)
class WhitelabelConfigAdmin(LookOnly):
    """The platform's colours and name as their editor left them."""

    list_display = ("__str__", "app_name", "primary_color", "secondary_color", "updated_at")


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
