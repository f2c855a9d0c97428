"""The numbers a company answers on: their state, their link to a phone, coming and going."""

from typing import Any

import qrcode
import qrcode.image.svg
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.access import admins, person
from console.views import shell
from console.wording import driver_name
from whaticket.exceptions import NoPermission
from whatsapp.drivers.registry import (
    DriverUnavailable,
    UnknownDriver,
    capabilities_of,
    driver_names,
)
from whatsapp.models import Connection
from whatsapp.services import cloud, connections, session_control


def _find(connection_id: int) -> Connection:
    return connections.find_connection(connection_id)


def _rows(request: HttpRequest) -> dict[str, Any]:
    rows = [
        {"n": row, "kind": driver_name(row.driver), "webhook": _webhook(row)}
        for row in Connection.objects.order_by("pk")
    ]
    return {"rows": rows, "removes": person(request).is_admin}


def _webhook(connection: Connection) -> str:
    path = cloud.webhook_path(connection)
    return f"{settings.BACKEND_URL}{path}" if path else ""


@require_GET
@admins
def page(request: HttpRequest) -> HttpResponse:
    """Show every connection of the company."""
    return shell.page(request, "console/connections.html", _rows(request), section="connections")


@require_GET
@admins
def rows(request: HttpRequest) -> HttpResponse:
    """Show the list again, as after a change of state."""
    return render(request, "console/parts/connections.html", _rows(request))


@require_http_methods(["GET", "POST"])
@admins
def add(request: HttpRequest) -> HttpResponse:
    """Ask for name and driver (GET), and make the connection (POST)."""
    if request.method == "GET":
        return render(request, "console/dialogs/connection_add.html", {"drivers": _drivers()})
    wanted = connections.Wanted(
        columns={"name": _line(request, "name")},
        driver=_line(request, "driver")[:16],
        driver_settings=_given(request, cloud.SETTINGS),
        credentials=_given(request, cloud.CREDENTIALS),
    )
    made = connections.create_connection(wanted, by=person(request))
    return JsonResponse({"id": made.pk})


def _given(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    values = {name: _line(request, name) for name in names}
    return {name: value for name, value in values.items() if value}


def _line(request: HttpRequest, name: str) -> str:
    # As long as Meta's tokens may grow; names are cut by their own rule.
    return request.POST.get(name, "").replace("\x00", "").strip()[:4096]


def _drivers() -> list[dict[str, Any]]:
    found = []
    for name in driver_names():
        try:
            can = capabilities_of(name)
        except (UnknownDriver, DriverUnavailable):
            continue
        found.append({"name": name, "words": driver_name(name), "can": can})
    return found


@require_http_methods(["GET", "POST"])
@admins
def link(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Show the code to scan (GET, asked again while it changes), or ask for one to type (POST)."""
    connection = _find(connection_id)
    if request.method == "POST":
        code = session_control.request_pairing_code(
            connection, request.POST.get("number", ""), by=person(request)
        )
        return JsonResponse({"code": code})
    context = {
        "connection": connection,
        "qr": _drawing(connection.qrcode) if connection.qrcode else "",
        "can": connections.capabilities_of_driver(connection.driver),
    }
    return render(request, "console/dialogs/link.html", context)


def _drawing(code: str) -> str:
    image = qrcode.make(code, image_factory=qrcode.image.svg.SvgPathImage, border=0)
    # Safe: the library writes nothing but numbers into the path.
    return mark_safe(image.to_string(encoding="unicode"))  # noqa: S308


@require_POST
@admins
def begin(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Open a session, or close and open a running one."""
    connection = _find(connection_id)
    if connection.status in {Connection.Status.CONNECTED, Connection.Status.OPENING}:
        session_control.restart_session(connection, by=person(request))
    elif request.POST.get("fresh") == "1":
        session_control.relink_session(connection, by=person(request))
    else:
        session_control.start_session(connection, by=person(request))
    return JsonResponse({"id": connection_id})


@require_POST
@admins
def logout(request: HttpRequest, connection_id: int) -> HttpResponse:
    """End the link to the phone."""
    session_control.end_session(_find(connection_id), by=person(request))
    return JsonResponse({"id": connection_id})


@require_POST
@admins
def delete(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Remove a connection (administrators); its conversations stay."""
    if not person(request).is_admin:
        raise NoPermission
    connections.delete_connection(_find(connection_id), by=person(request))
    return JsonResponse({"id": connection_id})
