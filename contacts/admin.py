"""The people that a company talks to, for an operator who has entered it."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from accounts.models import User
from contacts import services
from contacts.models import (
    Contact,
    ContactField,
    ContactIdentity,
    ContactImport,
    ContactMerge,
    Tag,
    Wallet,
)
from whaticket.operator_pages import CompanyPages, LookOnlyInline


@admin.register(Tag)
class TagAdmin(CompanyPages):
    """Labels, and lanes of the board."""

    list_display = ("id", "name", "color", "is_lane", "lane_hours", "next_lane", "rollback_lane")
    list_display_links = ("id", "name")
    list_filter = ("is_lane",)
    list_select_related = ("next_lane", "rollback_lane")
    search_fields = ("name",)
    actions = ("remove",)

    @admin.action(description=_("Remove from everything and delete"))
    def remove(self, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
        by = cast(User, request.user)
        self.each(request, queryset, _("Removed."), lambda tag: services.delete_tag(tag, by=by))


class IdentityInline(LookOnlyInline, TabularInline):
    """The names under which the network knows the contact."""

    model = ContactIdentity
    fields = ("kind", "scope", "value", "first_seen_at", "last_seen_at")


class FieldInline(LookOnlyInline, TabularInline):
    """The contact's free fields."""

    model = ContactField
    fields = ("name", "value")


class WalletInline(LookOnlyInline, TabularInline):
    """In whose portfolio the contact is."""

    model = Wallet
    fields = ("agent", "created_at")


@admin.register(Contact)
class ContactAdmin(CompanyPages):
    """People and groups."""

    list_display = ("id", "name", "address", "email", "is_group", "is_active", "updated_at")
    list_display_links = ("id", "name")
    list_filter = ("is_group", "is_active", "bot_disabled", "channel")
    search_fields = ("folded_name", "address")
    exclude = ("folded_name", "picture_path")
    inlines = (IdentityInline, FieldInline, WalletInline)
    actions = ("block", "unblock")

    @admin.action(description=_("Block"))
    def block(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        self._turn(request, queryset.filter(is_active=True), _("Blocked."))

    @admin.action(description=_("Unblock"))
    def unblock(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        self._turn(request, queryset.filter(is_active=False), _("Unblocked."))

    def _turn(self, request: HttpRequest, contacts: QuerySet[Contact], done: Any) -> None:
        by = cast(User, request.user)
        self.each(
            request,
            contacts,
            done,
            lambda contact: services.toggle_contact(contact, "is_active", by=by),
        )


@admin.register(ContactIdentity)
class IdentityAdmin(CompanyPages):
    """Phones, LIDs, BSUIDs and groups, and whose they are."""

    list_display = ("kind", "value", "scope", "contact", "first_seen_at", "last_seen_at")
    list_filter = ("kind",)
    list_select_related = ("contact",)
    search_fields = ("=value", "=match_key")


@admin.register(ContactField)
class FieldAdmin(CompanyPages):
    """Free fields."""

    list_display = ("name", "value", "contact", "updated_at")
    list_select_related = ("contact",)
    search_fields = ("=name", "=value")


@admin.register(Wallet)
class WalletAdmin(CompanyPages):
    """Whose portfolio holds whom."""

    list_display = ("contact", "agent", "created_at")
    list_select_related = ("contact", "agent")


@admin.register(ContactMerge)
class MergeAdmin(CompanyPages):
    """Merged contacts, each merge with the journal by which it is undone."""

    list_display = ("id", "kept", "merged", "by", "created_at", "undone_at")
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    list_select_related = ("kept", "merged", "by")
    actions = ("undo",)

    @admin.action(description=_("Undo"))
    def undo(self, request: HttpRequest, queryset: QuerySet[ContactMerge]) -> None:
        by = cast(User, request.user)
        # A later merge stands on an earlier one.
        newest_first = queryset.order_by("-pk")
        self.each(
            request, newest_first, _("Undone."), lambda merge: services.undo_merge(merge, by=by)
        )


@admin.register(ContactImport)
class ImportAdmin(CompanyPages):
    """Tables of contacts, how far each is taken in, and what was wrong."""

    list_display = (
        "id", "file_name", "total", "done", "created_count", "known_count", "failed_count", "by",
        "created_at", "finished_at",
    )  # fmt: skip
    list_filter = (("finished_at", admin.EmptyFieldListFilter),)
    list_select_related = ("by",)
    exclude = ("rows",)
