"""What everybody may change about themselves."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.models import User
from console.access import person, signed_in
from console.forms import entered
from console.forms.people import LONGEST_FAREWELL, ProfileForm
from console.views import shell
from console.views.people import end_sign_ins, set_picture, stay_signed_in
from console.views.preferences import set_language_cookie
from console.views.shell import THEME_COOKIE


def _own(request: HttpRequest) -> User:
    # An operator who visits a company has its name on them for this request; the row has theirs.
    return services.find_user(person(request).pk)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Show one's own profile (GET), and change it (POST)."""
    own = _own(request)
    if request.method == "GET":
        context = {"one": own, "shown": own, "longest_farewell": LONGEST_FAREWELL}
        return shell.page(request, "console/profile.html", context, section="profile")
    values = entered(ProfileForm, request)
    changed = services.update_user(own, by=own, **values)
    stay_signed_in(request, changed, values)
    response = JsonResponse({"id": own.pk, "said": _("Saved.")})
    if values["language"] and values["language"] != own.language:
        set_language_cookie(response, values["language"])
    if values["default_theme"] != own.default_theme:
        # What was chosen here counts more than what this browser remembers.
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@require_POST
@signed_in
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign oneself out of every other browser and program."""
    return end_sign_ins(request, _own(request))


@require_POST
@signed_in
def picture(request: HttpRequest) -> HttpResponse:
    """Give oneself a picture, or take it away."""
    return set_picture(request, _own(request))
