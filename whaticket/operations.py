"""What operators and their programs look at: health, metrics, the API document."""

import hmac
import os
import time
from datetime import timedelta
from typing import Any

import psutil
import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.models import Inbox, Outbox, SessionLease
from events.realtime import valkey
from whaticket import metrics
from whaticket.api import Open
from whaticket.net import is_loopback
from whaticket.openapi import INT, NUMBER, OBJECT, TEXT, TIME, of
from whaticket.renderers import wire_time
from whaticket.workers import workers_seen

_started = time.monotonic()
# A session worker that wrote no heartbeat for this long is gone.
LEASE_SILENCE = timedelta(minutes=1)

_CLOCK = {"timestamp": TIME, "uptime": NUMBER, "environment": TEXT}
_READY = of(status=TEXT, **_CLOCK, services=OBJECT, memory=of(used=INT, total=INT, unit=TEXT))
_NOT_READY = of(status=TEXT, timestamp=TIME, error=TEXT, services=OBJECT)


class Health(Open):
    """The process answers."""

    throttle_classes = []

    @extend_schema(responses={200: of(status=TEXT, **_CLOCK)})
    def get(self, request: Request) -> Response:
        return Response({"status": "ok", **_clock()})


class Live(Open):
    """The process answers; it needs no restart."""

    @extend_schema(responses={200: of(status=TEXT, timestamp=TIME)})
    def get(self, request: Request) -> Response:
        return Response({"status": "alive", "timestamp": wire_time(timezone.now())})


class Ready(Open):
    """The process can do its work: everything that it depends on answers.

    Workers are told but do not decide: a web process without them still takes requests.
    """

    @extend_schema(responses={200: _READY, 503: _NOT_READY})
    def get(self, request: Request) -> Response:
        services, failed = _dependencies()
        if failed:
            body = {
                "status": "not_ready",
                "timestamp": wire_time(timezone.now()),
                "error": ", ".join(f"{name}: {why}" for name, why in failed.items()),
                "services": services,
            }
            return Response(body, status=503)
        memory = {
            "used": round(psutil.Process().memory_info().rss / 2**20),
            "total": round(psutil.virtual_memory().total / 2**20),
            "unit": "MB",
        }
        return Response({"status": "ready", **_clock(), "services": services, "memory": memory})


def prometheus(request: HttpRequest) -> HttpResponse:
    """Give this process's metrics: to this machine, or to whoever has METRICS_TOKEN."""
    expected = settings.METRICS_TOKEN
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if expected:
        allowed = hmac.compare_digest(shown.encode(), expected.encode())
    else:
        allowed = is_loopback(request)
    if not allowed:
        return JsonResponse({"error": "ERR_NO_PERMISSION"}, status=403)
    metrics.OUTBOX_DEPTH.set(Outbox.objects.count())
    metrics.INBOX_DEPTH.set(Inbox.objects.count())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


schema = SpectacularAPIView.as_view()
docs = SpectacularSwaggerView.as_view(url_name="schema")


def _clock() -> dict[str, Any]:
    return {
        "timestamp": wire_time(timezone.now()),
        "uptime": round(time.monotonic() - _started, 3),
        "environment": os.environ.get("ENVIRONMENT")
        or ("production" if settings.SECURE else "development"),
    }


def _dependencies() -> tuple[dict[str, Any], dict[str, str]]:
    services: dict[str, Any] = {}
    failed: dict[str, str] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        since = timezone.now() - LEASE_SILENCE
        sessions = SessionLease.objects.filter(heartbeat_at__gt=since)
        services["whatsapp"] = sessions.exclude(owner="").values("owner").distinct().count()
        services["database"] = "connected"
    except (Error, OSError) as error:
        # The class tells an operator enough; the text may name hosts and accounts.
        services["database"] = "disconnected"
        failed["database"] = type(error).__name__
    try:
        valkey().ping()
        services["redis"] = "configured"
        services["workers"] = workers_seen()
    except (redis.RedisError, OSError) as error:
        services["redis"] = "disconnected"
        failed["redis"] = type(error).__name__
    return services, failed
