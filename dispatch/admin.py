"""Leases and work that waits, for operators to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from dispatch.models import Agenda, Inbox, Outbox, SessionLease


class LookOnly(ModelAdmin):
    """Mixin: programs own these rows; a change by hand would break their promises."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SessionLease)
class SessionLeaseAdmin(LookOnly):
    """Who runs which connection."""

    list_display = ("company_id", "connection_id", "is_wanted", "owner", "token", "heartbeat_at")
    list_filter = ("is_wanted",)


@admin.register(Outbox)
class OutboxAdmin(LookOnly):
    """What still has to go out."""

    list_display = ("id", "company_id", "connection_id", "kind", "state", "attempts", "created_at")
    list_filter = ("state", "kind")


@admin.register(Inbox)
class InboxAdmin(LookOnly):
    """What came in and is not yet a message."""

    list_display = ("id", "company_id", "connection_id", "created_at")


@admin.register(Agenda)
class AgendaAdmin(LookOnly):
    """What happens later."""

    list_display = ("due_at", "kind", "company_id", "object_id", "claimed_at")
    list_filter = ("kind",)
