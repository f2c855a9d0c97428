"""The numbers a company answers on: their state, their link to a phone, coming and going."""

from typing import Any

import qrcode
import qrcode.image.svg
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.access import admins, person
from console.views import shell
from whatsapp.drivers.registry import (
    DriverUnavailable,
    UnknownDriver,
    capabilities_of,
    driver_names,
)
from whatsapp.models import Connection
from whatsapp.services import connections, session_control


def _find(connection_id: int) -> Connection:
    return connections.find_connection(connection_id)


def _rows() -> dict[str, Any]:
    return {"connections": Connection.objects.prefetch_related("queues")}


@require_GET
@admins
def page(request: HttpRequest) -> HttpResponse:
    """Show every connection of the company."""
    return shell.page(request, "console/connections.html", _rows(), section="connections")


@require_GET
@admins
def rows(request: HttpRequest) -> HttpResponse:
    """Show the list again, as after a change of state."""
    return render(request, "console/parts/connections.html", _rows())


@require_http_methods(["GET", "POST"])
@admins
def add(request: HttpRequest) -> HttpResponse:
    """Ask for name and driver (GET), and make the connection (POST)."""
    if request.method == "GET":
        return render(request, "console/dialogs/connection_add.html", {"drivers": _drivers()})
    keys = ("phone_number_id", "business_account_id")
    secrets = ("access_token", "app_secret", "verify_token")
    wanted = connections.Wanted(
        columns={
            "name": request.POST.get("name", "").replace("\x00", "")[:255],
            "driver": request.POST.get("driver", "")[:16],
        },
        driver_settings=_given(request, keys),
        credentials=_given(request, secrets),
    )
    made = connections.create_connection(wanted, by=person(request))
    return JsonResponse({"id": made.pk})


def _given(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    values = {name: request.POST.get(name, "").strip()[:512] for name in names}
    return {name: value for name, value in values.items() if value}


def _drivers() -> list[dict[str, Any]]:
    found = []
    for name in driver_names():
        try:
            found.append({"name": name, "can": capabilities_of(name)})
        except (UnknownDriver, DriverUnavailable):
            continue
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
    """Remove a connection; its conversations stay."""
    connections.delete_connection(_find(connection_id), by=person(request))
    return JsonResponse({"id": connection_id})
