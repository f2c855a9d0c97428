"""Lists of files as their page shows them."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Prefetch

from console.reads.paging import Page, page_of
from messaging.exceptions import FileListNotFound
from messaging.media import media_url
from messaging.models import FileList, FileListItem
from tickets.models import Queue
from whaticket.tenancy import current_company_id


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a list, with its address."""

    row: FileListItem
    url: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list with its files, and the queues that send it."""

    row: FileList
    items: list[Item]
    queues: list[str]


def file_lists(page: int) -> Page[Listed]:
    """Give a page of lists by name; three statements."""
    items = Prefetch("items", FileListItem.objects.order_by("pk"))
    found = page_of(FileList.objects.order_by("name", "pk").prefetch_related(items), page)
    queues: dict[int, list[str]] = {}
    using = Queue.objects.filter(file_list_id__in=[row.pk for row in found.rows])
    for list_id, name in using.order_by("name").values_list("file_list_id", "name"):
        queues.setdefault(list_id or 0, []).append(name)
    rows = [Listed(row, _items(row), queues.get(row.pk, [])) for row in found.rows]
    return Page(rows, found.next)


def file_list_or_refuse(list_id: int) -> FileList:
    """Give a list with its files; raise FileListNotFound."""
    row = FileList.objects.prefetch_related("items").filter(pk=list_id).first()
    if row is None:
        raise FileListNotFound
    return row


def _items(row: FileList) -> list[Item]:
    company_id = current_company_id()
    return [
        Item(
            item,
            # Pages ask the host that they came from.
            media_url(company_id, item.media_path, item.media_name).removeprefix(
                settings.BACKEND_URL
            )
            if item.media_path
            else "",
        )
        for item in row.items.all()
    ]
