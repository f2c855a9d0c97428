"""Plans and who is on them, for operators."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from billing.models import Plan, Subscription


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """What is on offer."""

    list_display = ("name", "amount", "users", "connections", "queues", "is_public")
    list_filter = ("is_public",)
    search_fields = ("name",)


@admin.register(Subscription)
class SubscriptionAdmin(ModelAdmin):
    """Which company is on which plan."""

    list_display = ("company", "plan", "recurrence", "payment_method")
    list_select_related = ("company", "plan")
    search_fields = ("company__name",)
    autocomplete_fields = ("company", "plan")
