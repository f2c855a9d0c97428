"""What a company says and keeps to say, for an operator who has entered it. Words are for reading.

Raw events and what waits to be sent are the connections' own (whatsapp/admin.py).
"""

from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from accounts.models import User
from messaging.models import (
    FileList,
    FileListItem,
    Message,
    QuickMessage,
    TeamChat,
    TeamChatMember,
    TeamChatMessage,
    Todo,
)
from messaging.services.resend import resend_message
from whaticket.operator_pages import CompanyPages, LookOnlyInline, atomically, short

# Names on the disk under which a file is served to whoever has them.
FILE_NAMES = ("media_path", "thumbnail_path")


@admin.register(Message)
class MessageAdmin(CompanyPages):
    """Bubbles of conversations."""

    list_display = ("id", "ticket", "shown_body", "kind", "origin", "status", "author", "sent_at")
    list_filter = ("status", "origin", "kind", "from_me", "media_state", "failure_class")
    list_select_related = ("ticket", "author")
    search_fields = ("=ticket__id", "=wire_id")
    ordering = ("-id",)
    exclude = (*FILE_NAMES, "idempotency_key")
    actions = ("send_again",)

    @display(description=_("Body"))
    def shown_body(self, obj: Message) -> str:
        return short(obj.body)

    @admin.action(description=_("Send again what failed"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        by = cast(User, request.user)
        self.each(
            request,
            queryset.select_related("ticket", "connection"),
            _("Will be sent again."),
            atomically(lambda message: resend_message(message, by=by)),
        )


@admin.register(QuickMessage)
class QuickMessageAdmin(CompanyPages):
    """Kept answers."""

    list_display = ("id", "shortcode", "shown_text", "owner", "is_shared", "media_name")
    list_display_links = ("id", "shortcode")
    list_filter = ("is_shared", "is_editable_by_all")
    list_select_related = ("owner",)
    search_fields = ("shortcode",)
    exclude = FILE_NAMES

    @display(description=_("Text"))
    def shown_text(self, obj: QuickMessage) -> str:
        return short(obj.text)


class FileInline(LookOnlyInline, TabularInline):
    """The files of the list."""

    model = FileListItem
    fields = ("name", "media_name", "media_type", "media_size")


@admin.register(FileList)
class FileListAdmin(CompanyPages):
    """Files that are sent together."""

    list_display = ("id", "name", "created_at", "updated_at")
    list_display_links = ("id", "name")
    search_fields = ("name",)
    inlines = (FileInline,)


class ChatMemberInline(LookOnlyInline, TabularInline):
    """Who is in the room."""

    model = TeamChatMember
    fields = ("user", "unread_count", "created_at")


@admin.register(TeamChat)
class TeamChatAdmin(CompanyPages):
    """Rooms of the team."""

    list_display = ("id", "title", "owner", "created_at", "updated_at")
    list_display_links = ("id", "title")
    list_select_related = ("owner",)
    search_fields = ("title",)
    inlines = (ChatMemberInline,)


@admin.register(TeamChatMessage)
class TeamChatMessageAdmin(CompanyPages):
    """What colleagues say to each other."""

    list_display = ("id", "chat", "sender", "shown_text", "media_name", "created_at")
    list_select_related = ("chat", "sender")
    search_fields = ("=chat__id",)
    ordering = ("-id",)
    exclude = (*FILE_NAMES, "idempotency_key")

    @display(description=_("Text"))
    def shown_text(self, obj: TeamChatMessage) -> str:
        return short(obj.text)


@admin.register(Todo)
class TodoAdmin(CompanyPages):
    """What people have to do."""

    list_display = ("id", "owner", "shown_text", "is_done", "due_at")
    list_filter = ("is_done",)
    list_select_related = ("owner",)

    @display(description=_("Text"))
    def shown_text(self, obj: Todo) -> str:
        return short(obj.text)
