"""The ASGI entry: HTTP is Django; sockets are the native edge or Socket.IO's (design §8)."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whaticket.settings")
# Loads the apps; the consumers below need them.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import re_path  # noqa: E402

from messaging.consumers import Edge, NoSuchSocket, is_socket_io, socket_io  # noqa: E402

django_and_sockets = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": URLRouter(
            [
                re_path(r"^ws/(?P<company_id>[0-9]{1,18})/?$", Edge.as_asgi()),
                re_path(r"", NoSuchSocket.as_asgi()),
            ]
        ),
    }
)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Serve Socket.IO, polling included, before Django."""
    app = socket_io if is_socket_io(scope) else django_and_sockets
    await app(scope, receive, send)
