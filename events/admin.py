"""What happened in a company, for an operator who has entered it."""

from django.contrib import admin

from events.models import EventRecord
from whaticket.operator_pages import CompanyPages


@admin.register(EventRecord)
class EventRecordAdmin(CompanyPages):
    """The company's log: history and audit."""

    list_display = ("id", "name", "ticket_id", "actor_id", "created_at")
    list_display_links = ("id", "name")
    search_fields = ("=name", "=ticket_id", "=actor_id")
    ordering = ("-id",)
