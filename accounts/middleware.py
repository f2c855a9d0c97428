"""The browser's way into a company: whoever is signed in works inside their own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from whaticket import tenancy
from whaticket.middleware import is_browser_path


class EnterCompany:
    """Enter the company of the person signed in, for the console's pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_browser_path(request.path) and not request.path.startswith("/admin/"):
            user = request.user
            if user.is_authenticated:
                tenancy.enter_company(user.company_id)
        return self.get_response(request)
