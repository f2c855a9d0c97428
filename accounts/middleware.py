"""The browser's way into a company: whoever is signed in works inside their own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from companies.models import Company
from whaticket import tenancy
from whaticket.middleware import is_browser_path

# Names, in the session of an operator, the company whose console they opened in the admin.
ENTERED = "entered_company"


class EnterCompany:
    """Enter the company of the person signed in, for the console's pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_browser_path(request.path) and not request.path.startswith("/admin/"):
            user = request.user
            if user.is_authenticated:
                entered = request.session.get(ENTERED) if user.is_super else None
                if entered is not None:
                    # For this request only: pages then show that company as the operator's own.
                    user.company = Company.objects.filter(pk=entered).first() or user.company
                tenancy.enter_company(user.company_id)
        return self.get_response(request)
