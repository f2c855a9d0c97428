"""Contacts as their page lists them: found, narrowed, page by page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum, Value
from django.http import HttpRequest

from console.access import whole_number
from console.asked import search_text
from console.reads.amounts import amount_text
from contacts.models import Contact, ContactCount
from contacts.report import ContactFilter
from whaticket.database import Folded

PAGE = 50
# Hits of a search are counted so far; all contacts have a count of their own.
COUNTED = 999
NUMBER_PART = 3


@dataclass(frozen=True, slots=True)
class ContactsView:
    """Which contacts a person is looking at, as the address bar says it."""

    text: str = ""
    tag: int | None = None
    only: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "ContactsView":
        form = request.GET
        only = form.get("only", "")
        return cls(
            text=search_text(request),
            tag=whole_number(form.get("tag")),
            only=only if only in {"people", "groups", "blocked"} else "",
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether an empty list says nothing about the company."""
        return bool(self.text or self.tag or self.only)

    @property
    def report(self) -> ContactFilter:
        """The same as a filter of the report, which knows people only."""
        return ContactFilter(text=self.text, tag_ids=(self.tag,) if self.tag else ())


@dataclass(frozen=True, slots=True)
class Page:
    """Some contacts by name, and the key of the next ones."""

    contacts: list[Contact]
    next: int | None


def contacts_of(view: ContactsView) -> QuerySet[Contact]:
    """Give the contacts of a view by name (rest.md, `GET /contacts`)."""
    found = Contact.objects.filter(merged_into=None)
    if view.text:
        named = Q(folded_name__contains=Folded(Value(view.text)))
        digits = "".join(letter for letter in view.text if letter.isdigit())
        if len(digits) >= NUMBER_PART:
            named |= Q(address__contains=digits)
        found = found.filter(named)
    if view.tag:
        found = found.filter(tags=view.tag)
    if view.only in {"people", "groups"}:
        found = found.filter(is_group=view.only == "groups")
    elif view.only == "blocked":
        found = found.filter(is_active=False)
    return found.order_by("folded_name", "pk")


def page_of(view: ContactsView, after: int | None = None) -> Page:
    """Read the page that follows a contact; it keeps its place while others come and go."""
    found = contacts_of(view)
    last = Contact.objects.filter(pk=after).first() if after else None
    if last is not None:
        name = last.folded_name
        found = found.filter(Q(folded_name__gt=name) | Q(folded_name=name, pk__gt=last.pk))
    rows = list(found.prefetch_related("tags")[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def rows_of(view: ContactsView, ids: Iterable[int]) -> list[Contact]:
    """Give those of these contacts that stand in the view."""
    return list(contacts_of(view).filter(pk__in=ids).prefetch_related("tags"))


def amount_of(view: ContactsView) -> str:
    """Say how many contacts a view has; one statement."""
    if not view.is_narrowed:
        return str(ContactCount.objects.aggregate(all=Sum("amount"))["all"] or 0)
    return amount_text(contacts_of(view).order_by()[: COUNTED + 1].count(), COUNTED)
