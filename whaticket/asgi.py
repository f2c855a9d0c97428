"""The ASGI entry: HTTP is Django, WebSockets are the native edge (design §8)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whaticket.settings")
# Loads the apps; the consumers below need them.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import re_path  # noqa: E402

from messaging.consumers import Edge, NoSuchSocket  # noqa: E402

application = ProtocolTypeRouter(
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
