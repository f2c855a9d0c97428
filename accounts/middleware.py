"""The browser's way into a company: people work in their own, operators where they were let in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import services
from accounts.models import Visit
from whaticket import tenancy
from whaticket.middleware import is_browser_path

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
