"""Which form an answer takes."""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

# What clients of APIs say that they accept: nothing in particular, or JSON before all else.
_PROGRAMS = frozenset({"*/*", "application/json", "application/json, text/plain, */*"})


class WireNegotiation(DefaultContentNegotiation):
    """DRF's choice of a renderer, at once for what programs send."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        renderer = renderers[0]
        accept = request.META.get("HTTP_ACCEPT", "*/*")
        if (
            accept in _PROGRAMS
            and renderer.media_type == "application/json"
            and format_suffix is None
            and self.settings.URL_FORMAT_OVERRIDE not in request.GET
        ):
            return renderer, renderer.media_type
        return super().select_renderer(request, renderers, format_suffix)
