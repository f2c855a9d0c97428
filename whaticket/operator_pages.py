"""What the operators' pages are built from: rows to look at, and rows of the company entered.

Rows of a company are shown only to an operator who entered that company (accounts.services.visits)
and only through services changed: the pages themselves write nothing.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from whaticket import tenancy
from whaticket.exceptions import DomainError

SHORT = 80


def short(text: str) -> str:
    """Crop a text to what fits into a cell of a list."""
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # no generic at run time
    """Counts no further than anybody turns pages: the largest tables have millions of rows."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        return int(cast("QuerySet[Any]", self.object_list)[: self.MOST].count())


class LookOnly(ModelAdmin):
    """Programs own these rows: a change by hand would break their promises."""

    list_per_page = 50
    # Two counts for every list, where one says enough.
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def each(
        self,
        request: HttpRequest,
        rows: Iterable[Model],
        done: Any,
        act: Callable[[Any], object],
    ) -> None:
        """Have a service act on every chosen row, and say and log how each went."""
        for row in rows:
            # Some services remove the row, and its key with it.
            name, key = str(row), row.pk
            try:
                act(row)
            except DomainError as error:
                messages.error(request, f"{name}: {error.code}")
                continue
            self.note(request, row, key, name, done)
            messages.success(request, f"{name}: {done}")

    def note(self, request: HttpRequest, row: Model, key: Any, name: str, done: Any) -> None:
        """Write into the operators' log what was done to a row."""
        LogEntry.objects.create(
            user=cast(Any, request.user),
            content_type=ContentType.objects.get_for_model(row),
            object_id=self.log_key(key),
            object_repr=name[:200],
            action_flag=CHANGE,
            change_message=str(done),
        )

    def log_key(self, key: Any) -> str:
        """Name a row in the operators' log."""
        return str(key)


class LookOnlyInline:
    """Mixin: rows that belong to another row, to look at on its page."""

    extra = 0
    can_delete = False
    fields: tuple[str, ...] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Also what no form could take, such as the time a row was made.
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CompanyPages(LookOnly):
    """Rows of the company that the operator has entered; without one, the way to enter it."""

    paginator = BoundedPaginator
    ordering: Any = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        patterns = cast(list[URLPattern], super().get_urls())
        for pattern in patterns:
            pattern.callback = self._inside(pattern.callback)
        return patterns

    def _inside(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            # Whoever is no operator, or lacks a factor, is turned away by the view's own door.
            if self.admin_site.has_permission(request) and not enter_visited(request):
                return ask_to_enter(request)
            return view(request, *args, **kwargs)

        return entered

    def log_key(self, key: Any) -> str:
        # Two companies have rows of the same number.
        return f"{tenancy.current_company_id()}:{key}"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Lead to what operators did to this row of this company."""
        content_type = ContentType.objects.get_for_model(self.model)
        query: dict[str, Any] = {
            "object_id": self.log_key(unquote(object_id)),
            "content_type__id__exact": content_type.pk,
        }
        page = reverse(f"{self.admin_site.name}:admin_logentry_changelist")
        return HttpResponseRedirect(f"{page}?{urlencode(query)}")


def enter_visited(request: HttpRequest) -> bool:
    """Point this request's queries at the company its operator visits; tell whether there is one.

    The company stays entered until the answer is rendered (middleware StartInPublic leaves it).
    """
    visit = getattr(request, "visit", None)
    if visit is None:
        return False
    tenancy.enter_company(visit.company_id)
    return True


def ask_to_enter(request: HttpRequest) -> HttpResponse:
    """Lead to the page where an operator says which company to enter, and why."""
    messages.warning(request, _("Enter a company first: these pages show the rows of one."))
    query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse('admin:enter')}?{query}")


def atomically(act: Callable[[Any], object]) -> Callable[[Any], object]:
    """Run a service that needs its caller's transaction."""

    def run(row: Any) -> object:
        with transaction.atomic():
            return act(row)

    return run
