"""People, sign-ins, second factors and lockouts, for operators."""

from typing import Any

from axes.admin import AccessAttemptAdmin, AccessFailureLogAdmin
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.admin import StaticDeviceAdmin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDeviceAdmin
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts import ports, services
from accounts.events import UserCreated, UserUpdated
from accounts.models import PasswordRecovery, Session, User, Visit
from events.bus import publish
from whaticket.exceptions import DomainError
from whaticket.operator_pages import LookOnly
from whaticket.tenancy import in_company


class NewUserForm(UserCreationForm):
    """Somebody new, with a password of at least five characters (hashed with Argon2)."""

    class Meta:
        model = User
        fields = ("email", "name", "company", "profile", "is_super")
        field_classes: dict[str, Any] = {}

    def clean(self) -> dict[str, Any]:
        """Refuse somebody for whom the company's plan has no seat."""
        fields = super().clean() or {}
        company = fields.get("company")
        if company is None:
            return fields
        limit = ports.seat_limit(company.pk)
        if limit is not None and User.objects.of_company(company.pk).count() >= limit:
            raise ValidationError({"company": _("The plan of this company allows no more people.")})
        return fields


class ChangedUserForm(UserChangeForm):
    """Somebody who is there already."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, Any] = {}


@admin.register(User)
class UserAdmin(BaseUserAdmin, ModelAdmin):
    """People of all companies. Nobody is deleted: removing keeps their name in old tickets."""

    form = ChangedUserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("name", "email", "company", "profile", "is_super", "is_active", "is_online")
    list_filter = ("profile", "is_super", "is_active", "is_online")
    list_select_related = ("company",)
    search_fields = ("name", "email", "company__name")
    autocomplete_fields = ("company",)
    ordering = ("name", "id")
    filter_horizontal = ()
    readonly_fields = ("last_login", "last_seen_at", "created_at", "updated_at", "token_version")
    actions = ("remove_people", "end_sign_ins")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "company", "profile", "language")}),
        (_("Access"), {"fields": ("is_active", "is_super", "work_starts", "work_ends")}),
        (
            _("Sight"),
            {
                "fields": (
                    "sees_unqueued",
                    "sees_groups",
                    "sees_all_history",
                    "sees_all_users",
                    "sees_dashboard",
                    "sees_realtime",
                    "closes_pending",
                    "manages_connections",
                )
            },
        ),
        (
            _("Dates"),
            {"fields": ("last_login", "last_seen_at", "created_at", "updated_at", "token_version")},
        ),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "email", "name", "company", "profile", "is_super", "password1", "password2",
                )
            },
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.present().select_related("company")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # A person's tickets and queues lie in their company's schema; they cannot move.
        return (*self.readonly_fields, "company") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and let the company hear of it as of any other change."""
        by_id = request.user.pk
        fields = tuple(sorted(form.changed_data))
        obj.email = obj.email.lower()
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            with in_company(obj.company_id):
                if not change:
                    publish(UserCreated(user_id=obj.pk, by_id=by_id))
                    return
                publish(UserUpdated(user_id=obj.pk, fields=fields, sight_changed=True, by_id=by_id))
            if not obj.is_active or "password" in fields or "password1" in fields:
                services.end_sessions(obj)

    @admin.action(description=_("Remove from their companies"))
    def remove_people(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            try:
                services.remove_user(user, by=None)
            except DomainError as error:
                messages.error(request, f"{user}: {error.code}")

    @admin.action(description=_("End all sign-ins"))
    def end_sign_ins(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            with transaction.atomic():
                services.end_sessions(user)


@admin.register(Session)
class SessionAdmin(LookOnly):
    """Sign-ins of wire clients."""

    list_display = ("user", "company", "user_agent", "created_at", "refreshed_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__email", "user__name")
    list_select_related = ("user__company",)
    ordering = ("-refreshed_at",)
    actions = ("end",)

    @admin.display(description=_("Company"))
    def company(self, obj: Session) -> str:
        return str(obj.user.company)

    @admin.action(description=_("End at once"))
    def end(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        self.each(
            request,
            queryset.filter(ended_at=None).select_related("user"),
            _("Ended."),
            services.sign_out,
        )


@admin.register(Visit)
class VisitAdmin(LookOnly):
    """Which operator was in which company, when and why."""

    list_display = (
        "operator_email", "company_name", "reason", "entered_at", "left_at", "expires_at",
    )  # fmt: skip
    list_filter = (("left_at", admin.EmptyFieldListFilter),)
    search_fields = ("operator_email", "company_name", "reason")
    actions = ("end",)

    @admin.action(description=_("End"))
    def end(self, request: HttpRequest, queryset: QuerySet[Visit]) -> None:
        self.each(request, queryset, _("Ended."), lambda visit: services.end_visit(visit.pk))


@admin.register(LogEntry)
class OperatorLogAdmin(LookOnly):
    """What operators did on these pages. A row of a company is named `<company>:<row>`."""

    list_display = ("action_time", "user", "content_type", "object_id", "object_repr", "did")
    list_filter = ("action_flag", "content_type")
    search_fields = ("=object_id", "object_repr", "user__email")
    list_select_related = ("user", "content_type")
    date_hierarchy = "action_time"

    @admin.display(description=_("Deed"))
    def did(self, obj: LogEntry) -> str:
        return obj.get_change_message() or obj.get_action_flag_display()


@admin.register(PasswordRecovery)
class PasswordRecoveryAdmin(LookOnly):
    """Who asked for a new password, and whether it was mailed; never the secret."""

    list_display = ("user", "created_at", "mailed_at", "used_at", "expires_at")
    list_select_related = ("user",)
    exclude = ("token_hash",)


# Groups give no rights here; a log of sign-ins is kept by the companies' event logs.
for model in (Group, AccessAttempt, AccessFailureLog, AccessLog, TOTPDevice, StaticDevice):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(AccessAttempt)
class LockoutAdmin(AccessAttemptAdmin, ModelAdmin):
    """Names locked for an address; deleting the row lets them try again."""


@admin.register(AccessFailureLog)
class FailureAdmin(AccessFailureLogAdmin, ModelAdmin):
    """Failed sign-ins."""


@admin.register(TOTPDevice)
class AuthenticatorAdmin(TOTPDeviceAdmin, ModelAdmin):
    """Authenticator apps; the address of its QR code stands on each."""

    autocomplete_fields = ("user",)
    raw_id_fields = ()


@admin.register(StaticDevice)
class BackupCodesAdmin(StaticDeviceAdmin, ModelAdmin):
    """Backup codes for a lost authenticator."""

    autocomplete_fields = ("user",)
    raw_id_fields = ()
