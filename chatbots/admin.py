"""What the bot still has to do in a company, for an operator who has entered it."""

from django.contrib import admin

from chatbots.models import PendingText, Turn
from whaticket.operator_pages import CompanyPages


@admin.register(Turn)
class TurnAdmin(CompanyPages):
    """Messages that the bot has yet to look at, and those it gave up."""

    list_display = ("id", "message", "attempts", "failure", "created_at")
    list_filter = (("failure", admin.EmptyFieldListFilter),)
    list_select_related = ("message",)
    search_fields = ("=message__id",)


@admin.register(PendingText)
class PendingTextAdmin(CompanyPages):
    """What the bot is about to say."""

    list_display = ("id", "ticket", "kind", "message_id", "due_at")
    list_filter = ("kind",)
    list_select_related = ("ticket",)
    search_fields = ("=ticket__id",)
