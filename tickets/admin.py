"""Queues and tickets of a company, for an operator who has entered it."""

from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from accounts.models import User
from tickets import services
from tickets.models import (
    Assignment,
    Episode,
    Queue,
    QueueMember,
    Rating,
    Ticket,
    TicketNote,
    TicketTag,
)
from whaticket.operator_pages import CompanyPages, LookOnlyInline, short


class MemberInline(LookOnlyInline, TabularInline):
    """Who answers the queue."""

    model = QueueMember
    fields = ("user", "capacity", "last_assigned_at", "created_at")


@admin.register(Queue)
class QueueAdmin(CompanyPages):
    """Teams."""

    list_display = ("id", "name", "color", "position", "distribution", "agent_capacity")
    list_display_links = ("id", "name")
    list_filter = ("distribution", "closes_tickets")
    search_fields = ("name",)
    inlines = (MemberInline,)


class PlacementInline(LookOnlyInline, TabularInline):
    """The tags on the ticket."""

    model = TicketTag
    fields = ("tag", "created_at")


@admin.register(Ticket)
class TicketAdmin(CompanyPages):
    """Conversations. What an operator does to one is done, and told, as an agent's deed is."""

    list_display = (
        "id", "status", "contact", "connection", "queue", "agent", "unread_count", "is_bot",
        "updated_at",
    )  # fmt: skip
    list_filter = ("status", "is_group", "is_bot", "channel", "queue", "connection")
    list_select_related = ("contact", "connection", "queue", "agent")
    search_fields = ("=id", "contact__folded_name", "contact__address")
    exclude = ("tags",)
    inlines = (PlacementInline,)
    actions = ("put_back", "close")

    @admin.action(description=_("Put back to the waiting list"))
    def put_back(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        by = cast(User, request.user)
        self.each(
            request, queryset, _("Put back."), lambda ticket: services.return_ticket(ticket, by=by)
        )

    @admin.action(description=_("Close without a word to the customer"))
    def close(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        by = cast(User, request.user)
        self.each(
            request,
            queryset,
            _("Closed."),
            lambda ticket: services.close_ticket(ticket, by=by, says_farewell=False),
        )


@admin.register(TicketNote)
class NoteAdmin(CompanyPages):
    """What agents wrote down."""

    list_display = ("id", "shown_note", "contact", "ticket", "author", "created_at")
    list_select_related = ("contact", "ticket", "author")

    @display(description=_("Note"))
    def shown_note(self, obj: TicketNote) -> str:
        return short(obj.note)


@admin.register(Episode)
class EpisodeAdmin(CompanyPages):
    """Stretches of service, of which reports are made."""

    list_display = (
        "id", "ticket", "queue", "agent", "queued_at", "started_at", "closed_at", "finished_at",
        "rated_at",
    )  # fmt: skip
    list_filter = (("finished_at", admin.EmptyFieldListFilter),)
    list_select_related = ("ticket", "queue", "agent")
    search_fields = ("=ticket__id",)


@admin.register(Rating)
class RatingAdmin(CompanyPages):
    """What customers thought of it."""

    list_display = ("id", "ticket", "agent", "rate", "created_at")
    list_filter = ("rate",)
    list_select_related = ("ticket", "agent")
    search_fields = ("=ticket__id",)


@admin.register(Assignment)
class AssignmentAdmin(CompanyPages):
    """Who got a waiting ticket, and why."""

    list_display = (
        "id", "ticket", "queue", "agent", "mode", "trigger", "outcome", "attempts", "decided_at",
    )  # fmt: skip
    list_filter = ("outcome", "mode", "trigger")
    list_select_related = ("ticket", "queue", "agent")
    search_fields = ("=ticket__id",)
