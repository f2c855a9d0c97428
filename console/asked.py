"""What a page is asked for: words, ids and pages, as forms and addresses bring them."""

from django.http import HttpRequest, QueryDict

from console.access import whole_number

_LONGEST_SEARCH = 100
_IDS_AT_ONCE = 60


def search_text(request: HttpRequest) -> str:
    """Give what is searched for."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:_LONGEST_SEARCH]


def ids_asked(request: HttpRequest) -> list[int]:
    """Give the ids that are asked for again, as after events; what is no id is left out."""
    found = map(whole_number, request.GET.get("ids", "").split(","))
    return [pk for pk in found if pk is not None][:_IDS_AT_ONCE]


def text_of(form: QueryDict, name: str) -> str:
    """Give words of several lines, with the ends of lines that the network writes."""
    return str(form.get(name, "")).replace("\x00", "").replace("\r\n", "\n").strip()
