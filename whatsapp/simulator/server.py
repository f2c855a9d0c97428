"""Puts the faces together and serves them."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from .device_face import QR_SECONDS, DeviceFace
from .errors import Refusal
from .graph_face.routes import GraphFace
from .http import json_response
from .ledger import Ledger
from .network import Network
from .phones_face import PhonesFace

logger = logging.getLogger(__name__)

DEFAULT_PORT = 8090
# Base64 in JSON is a third larger than the file it carries.
MAX_BODY = 150 * 1024 * 1024


def default_port() -> int:
    """Return SIMULATOR_PORT or 8090."""
    return int(os.environ.get("SIMULATOR_PORT") or DEFAULT_PORT)


def default_data() -> Path:
    """Return the ledger's place when none is named."""
    return Path(os.environ.get("VAR_DIR") or "var") / "simulator.sqlite3"


def create_app(data: Path | str, *, qr_seconds: tuple[float, ...] = QR_SECONDS) -> web.Application:
    """Return the simulator as an aiohttp application over the ledger at `data`."""
    ledger = Ledger(data)
    network = Network(ledger)
    device_face = DeviceFace(network, qr_seconds)
    phones_face = PhonesFace(network, device_face)
    graph_face = GraphFace(network)
    app = web.Application(middlewares=[_answer_refusals], client_max_size=MAX_BODY)
    app.add_routes(device_face.routes())
    app.add_routes(phones_face.routes())
    app.add_routes(graph_face.routes())

    async def start(app: web.Application) -> None:
        if ledger.get_meta("media_secret") is None:
            ledger.set_meta("media_secret", secrets.token_hex(16))
        ledger.start()
        network.resume()
        graph_face.start()
        device_face.start()

    async def shut(app: web.Application) -> None:
        await device_face.stop()

    async def stop(app: web.Application) -> None:
        network.stop()
        await graph_face.stop()
        await ledger.stop()

    app.on_startup.append(start)
    app.on_shutdown.append(shut)
    app.on_cleanup.append(stop)
    app[NETWORK] = network
    return app


NETWORK: web.AppKey[Network] = web.AppKey("network", Network)


@web.middleware
async def _answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return _error(refusal.status, refusal.code, refusal.reason)
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
        return _error(answer.status, code.get(answer.status, "bad_request"), answer.reason)
    except Exception:
        logger.exception("%s %s failed", request.method, request.path)
        return _error(500, "internal", "the simulator failed; see its log")


def _error(status: int, code: str, reason: str) -> web.Response:
    return json_response({"error": code, "reason": reason}, status)


def serve(host: str, port: int, data: Path | str) -> None:
    """Serve until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logger.info("WhatsApp simulator on http://%s:%s (ledger %s)", host, port, data)
    web.run_app(
        create_app(data), host=host, port=port, print=None, access_log=None, shutdown_timeout=2
    )
