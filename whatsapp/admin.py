"""Connections of a company, and the work that waits for those of every company.

Rows of dispatch/ hold pointers and no content, so operators see them without entering a company;
what they decide about them is carried out inside of it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.models import Inbox, Outbox, SessionLease
from messaging.models import InboundEvent
from whaticket.operator_pages import CompanyPages, LookOnly
from whaticket.tenancy import in_company
from whatsapp.models import ApiRequest, ApiToken, ApiUsage, Connection, DirectMessage
from whatsapp.services import session_control, upkeep
from whatsapp.services.connections import find_connection
from whatsapp.services.tokens import revoke_token


@admin.register(Connection)
class ConnectionAdmin(CompanyPages):
    """Numbers and how the company answers on them; never what opens them."""

    list_display = (
        "id", "name", "number", "driver", "status", "status_reason", "is_default", "last_seen_at",
    )  # fmt: skip
    list_display_links = ("id", "name")
    list_filter = ("status", "driver", "channel")
    search_fields = ("name", "number")
    # Whoever has one of these speaks for the company.
    exclude = ("credentials", "qrcode", "pair_code", "greeting_media")
    actions = ("start", "restart", "end")

    @admin.action(description=_("Start the session"))
    def start(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self._control(request, queryset, _("Asked to start."), session_control.start_session)

    @admin.action(description=_("Restart the session"))
    def restart(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self._control(request, queryset, _("Asked to restart."), session_control.restart_session)

    @admin.action(description=_("Log the session out"))
    def end(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self._control(request, queryset, _("Asked to log out."), session_control.end_session)

    def _control(
        self,
        request: HttpRequest,
        queryset: QuerySet[Connection],
        done: Any,
        act: Callable[..., object],
    ) -> None:
        by = cast(User, request.user)
        self.each(request, queryset, done, lambda connection: act(connection, by=by))


@admin.register(ApiToken)
class ApiTokenAdmin(CompanyPages):
    """Keys of programs, by name and last letters."""

    list_display = ("id", "name", "connection", "hint", "is_main", "created_by", "last_used_at")
    list_display_links = ("id", "name")
    list_filter = ("is_main",)
    list_select_related = ("connection", "created_by")
    search_fields = ("name",)
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        by = cast(User, request.user)
        self.each(
            request,
            queryset.select_related("connection"),
            _("Revoked."),
            lambda token: revoke_token(token.connection, token.pk, by=by),
        )


@admin.register(ApiRequest)
class ApiRequestAdmin(CompanyPages):
    """Calls of programs that must not be carried out twice."""

    list_display = ("id", "token", "created_at")
    list_select_related = ("token",)
    exclude = ("key", "fingerprint")


@admin.register(ApiUsage)
class ApiUsageAdmin(CompanyPages):
    """What programs did, by day."""

    list_display = ("day", "total", "texts", "pdfs", "images", "videos", "others", "checks")
    ordering = ("-day",)


@admin.register(DirectMessage)
class DirectMessageAdmin(CompanyPages):
    """Messages of programs outside of any conversation."""

    list_display = ("id", "connection", "chat", "kind", "status", "failure_code", "created_at")
    list_filter = ("status", "kind")
    list_select_related = ("connection",)
    search_fields = ("=chat", "=wire_id")
    exclude = ("media_path", "thumbnail_path")


class FailedFilter(admin.SimpleListFilter):
    """Which events became messages, and which are dead."""

    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("dead", _("Failed")), ("waiting", _("Waiting")), ("done", _("Understood"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[InboundEvent]
    ) -> QuerySet[InboundEvent]:
        if self.value() == "dead":
            return queryset.exclude(failure="")
        if self.value() == "waiting":
            return queryset.filter(projected_at=None, failure="")
        if self.value() == "done":
            return queryset.filter(projected_at__isnull=False, failure="")
        return queryset


@admin.register(InboundEvent)
class InboundEventAdmin(CompanyPages):
    """What the network said and what became of it; not its very words."""

    list_display = (
        "id", "connection", "kind", "chat", "wire_id", "received_at", "projected_at", "failure",
    )  # fmt: skip
    list_filter = (FailedFilter, "kind", "connection")
    list_select_related = ("connection",)
    search_fields = ("=wire_id", "=chat")
    ordering = ("-id",)
    # Raw events hold keys of media.
    exclude = ("raw",)
    actions = ("understand",)

    @admin.action(description=_("Understand again"))
    def understand(self, request: HttpRequest, queryset: QuerySet[InboundEvent]) -> None:
        number = upkeep.understand_again(list(queryset.values_list("pk", flat=True)))
        messages.success(request, _("%(number)d events looked at again.") % {"number": number})


def by_company(rows: Iterable[Any]) -> dict[int, list[int]]:
    """Sort rows by the company they point into; gives their ids."""
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row.company_id].append(row.pk)
    return dict(sorted(found.items()))


@admin.register(Outbox)
class OutboxAdmin(LookOnly):
    """What still has to go out."""

    list_display = (
        "id", "company_id", "connection_id", "kind", "state", "attempts", "not_before",
        "created_at",
    )  # fmt: skip
    list_filter = ("state", "kind")
    search_fields = ("=company_id", "=connection_id", "=message_id")
    # Whom it goes to, and words of an edited message, belong to the company.
    exclude = ("chat", "payload")
    actions = ("approve", "give_up")

    @admin.action(description=_("Send what is held since a restore"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Outbox]) -> None:
        self._settle(request, queryset, _("Will be sent."), upkeep.release_sends)

    @admin.action(description=_("Give up what is held since a restore"))
    def give_up(self, request: HttpRequest, queryset: QuerySet[Outbox]) -> None:
        self._settle(request, queryset, _("Given up."), upkeep.discard_sends)

    def _settle(
        self,
        request: HttpRequest,
        queryset: QuerySet[Outbox],
        done: Any,
        settle: Callable[[int, list[int]], int],
    ) -> None:
        chosen = list(queryset.filter(state=Outbox.State.HELD))
        number = sum(settle(company, ids) for company, ids in by_company(chosen).items())
        for row in chosen:
            self.note(request, row, row.pk, str(row), done)
        messages.success(request, f"{number}: {done}")


@admin.register(Inbox)
class InboxAdmin(LookOnly):
    """What came in and is not yet a message."""

    list_display = ("id", "company_id", "connection_id", "event_id", "created_at")
    search_fields = ("=company_id", "=connection_id")
    actions = ("understand",)

    @admin.action(description=_("Understand now"))
    def understand(self, request: HttpRequest, queryset: QuerySet[Inbox]) -> None:
        number = 0
        pairs = queryset.order_by().values_list("company_id", "connection_id").distinct()
        for company_id, connection_id in list(pairs):
            with in_company(company_id):
                number += upkeep.project_all(connection_id)
        messages.success(request, _("%(number)d events understood.") % {"number": number})


@admin.register(SessionLease)
class SessionLeaseAdmin(LookOnly):
    """Who runs which connection."""

    list_display = ("company_id", "connection_id", "is_wanted", "owner", "token", "heartbeat_at")
    list_filter = ("is_wanted", ("owner", admin.EmptyFieldListFilter))
    search_fields = ("=company_id", "=connection_id", "owner")
    # A command may name the number that is to be linked.
    exclude = ("command",)
    actions = ("restart", "end")

    @admin.action(description=_("Restart the session"))
    def restart(self, request: HttpRequest, queryset: QuerySet[SessionLease]) -> None:
        self._control(request, queryset, _("Asked to restart."), session_control.restart_session)

    @admin.action(description=_("Log the session out"))
    def end(self, request: HttpRequest, queryset: QuerySet[SessionLease]) -> None:
        self._control(request, queryset, _("Asked to log out."), session_control.end_session)

    def _control(
        self,
        request: HttpRequest,
        queryset: QuerySet[SessionLease],
        done: Any,
        control: Callable[..., object],
    ) -> None:
        by = cast(User, request.user)

        def act(lease: Model) -> None:
            held = cast(SessionLease, lease)
            with in_company(held.company_id):
                control(find_connection(held.connection_id), by=by)

        self.each(request, queryset, done, act)
