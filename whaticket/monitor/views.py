"""`/admin/queues`: a page for people and the same as JSON, behind a door of its own."""

import base64
import binascii
import hmac
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from kombu.exceptions import OperationalError
from unfold.settings import get_config
from unfold.utils import convert_color

from whaticket.exceptions import NO_PERMISSION, NOT_FOUND
from whaticket.monitor.failures import NotRetryable, retry
from whaticket.monitor.reading import read_state

PATH = "/admin/queues"
REFRESH_SECONDS = 5
SAID = {
    "retried": _("The task is queued again."),
    "gone": _("That task cannot be queued again from here."),
    "away": _("The broker did not answer; nothing was queued."),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
# Its own: browsers send the password along with a forged request, whatever the letter case.
@csrf_protect
def monitor(request: HttpRequest) -> HttpResponse:
    """Show what waits, runs and failed; a POST queues a failed task again.

    404 unless BULL_BOARD is on, 401 without BULL_USER and BULL_PASS (rest.md §1, auth B).
    """
    if not settings.BULL_BOARD:
        return JsonResponse({"error": NOT_FOUND}, status=404)
    if not _is_known(request):
        answer = JsonResponse({"error": NO_PERMISSION}, status=401)
        answer["WWW-Authenticate"] = 'Basic realm="Task monitor", charset="UTF-8"'
        return answer
    if request.method == "POST":
        return _retry(request)
    state = read_state()
    if _wants_json(request):
        return JsonResponse(state)
    context: dict[str, Any] = {
        "state": state,
        "said": SAID.get(request.GET.get("said", "")),
        "refresh": REFRESH_SECONDS,
        "colors": {
            name: {weight: convert_color(value) for weight, value in weights.items()}
            for name, weights in get_config()["COLORS"].items()
        },
        "path": PATH,
    }
    is_part = request.headers.get("X-Fragment") == "1"
    return TemplateResponse(request, f"monitor/{'state' if is_part else 'page'}.html", context)


def _retry(request: HttpRequest) -> HttpResponse:
    try:
        retry(request.POST.get("retry", ""))
        said = "retried"
    except NotRetryable:
        said = "gone"
    except (redis.RedisError, OperationalError, OSError):
        said = "away"
    if _wants_json(request):
        status = {"retried": 200, "gone": 404, "away": 503}[said]
        return JsonResponse({"result": said}, status=status)
    return HttpResponseRedirect(f"{PATH}?said={said}")


def _is_known(request: HttpRequest) -> bool:
    """Compare name and password in constant time; while one is unset, nobody is known."""
    if not (settings.BULL_USER and settings.BULL_PASS):
        return False
    scheme, _space, shown = request.headers.get("Authorization", "").partition(" ")
    try:
        told = base64.b64decode(shown, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        told = b""
    expected = f"{settings.BULL_USER}:{settings.BULL_PASS}".encode()
    return hmac.compare_digest(told, expected)


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
