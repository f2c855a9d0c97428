"""A first customer for a fresh installation: pairs the demo connection and says hello.

Speaks to the simulator's control API only, so it needs no database and can be run again at will.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

# Fictional numbers: nobody is ever called by a simulator.
BUSINESS = ("5511900000000", "Loja Demo")
CUSTOMERS = (
    ("5511988880001", "Carla Souza", "Olá! Vocês entregam em Campinas?"),
    ("5521977770002", "João Pereira", "Bom dia, queria saber o prazo do meu pedido."),
)
# The demo connection is the first one of the first company.
DEVICE = "1-1"
PATIENCE = 60.0


def prepare(simulator_url: str) -> bool:
    """Pair the demo device and let two customers write; False when the device does not show up.

    Changes nothing where the device is paired already.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            device = _device(simulator_url)
            if device and device["number"]:
                return True
            if device and device["state"] == "waiting":
                _pair(simulator_url)
                return True
        except (urllib.error.URLError, OSError):
            # The simulator is still starting.
            pass
        time.sleep(0.3)
    return False


def _device(url: str) -> dict[str, Any] | None:
    state = _call(url, "GET", "/api/state")
    return next((device for device in state["devices"] if device["id"] == DEVICE), None)


def _pair(url: str) -> None:
    number, name = BUSINESS
    _call(url, "POST", "/api/phones", {"number": number, "name": name})
    _call(url, "POST", f"/api/devices/{DEVICE}/pair", {"number": number})
    for customer, customer_name, text in CUSTOMERS:
        _call(url, "POST", "/api/phones", {"number": customer, "name": customer_name})
        body = {"to": number, "kind": "text", "text": text, "id": f"DEMO{customer}"}
        _call(url, "POST", f"/api/phones/{customer}/messages", body)


def _call(url: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 (an address of this machine)
        url + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 (as above)
        return json.load(answer)
