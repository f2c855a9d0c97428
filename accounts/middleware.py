"""The browser's way into a company: people work in their own, operators where they were let in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts import services
from accounts.models import User, Visit
from accounts.privacy import hides_numbers
from whaticket import tenancy
from whaticket.exceptions import NO_PERMISSION
from whaticket.exports import Download
from whaticket.middleware import is_browser_path
from whaticket.privacy import hidden, masked_json, masked_page

# Names, in the session of an operator, the visit that opened a company to them.
VISIT = "visit"


class EnterCompany:
    """Enter the company of the person signed in, for the console's pages.

    The operators' pages begin outside of any company; those that show a company's rows enter the
    one of `request.visit` themselves (whaticket.operator_pages).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_browser_path(request.path) and request.user.is_authenticated:
            user = request.user
            visit = _visit(request)
            request.visit = visit  # type: ignore[attr-defined]
            if not request.path.startswith("/admin/"):
                if visit is not None and visit.company is not None:
                    # Asked now, while it is known where the operator's own picture lies.
                    _ = user.picture_url
                    # For this request only: pages then show that company as the operator's own.
                    user.company = visit.company
                tenancy.enter_company(user.company_id)
        return self.get_response(request)


def _visit(request: HttpRequest) -> Visit | None:
    user = request.user
    visit_id = request.session.get(VISIT)
    if visit_id is None or not (user.is_authenticated and user.is_super):
        return None
    visit = services.visit_in_force(visit_id, of=user)
    if visit is None:
        del request.session[VISIT]
    return visit


class HideNumbers:
    """Keep customers' numbers from agents where their company wants it so (lgpdHideNumber)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_page = is_browser_path(request.path)
        mark = hidden.set(is_page and _may_not_read(request))
        try:
            response = self.get_response(request)
            if hidden.get() or (not is_page and _may_not_read(request)):
                return _masked(response)
            return response
        finally:
            hidden.reset(mark)


def _may_not_read(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return isinstance(user, User) and hides_numbers(user)


def _masked(response: HttpResponse) -> HttpResponse:
    kind = response.headers.get("Content-Type", "")
    if isinstance(response, Download):
        return JsonResponse({"error": NO_PERMISSION}, status=403)
    if response.streaming:
        return response
    if kind.startswith("application/json"):
        response.content = masked_page(masked_json(response.content))
    elif kind.startswith("text/html"):
        response.content = masked_page(response.content)
    else:
        return response
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))
    return response
