"""The control API, and the browser page where a person plays the phones."""

from __future__ import annotations

from aiohttp import web

from whatsapp.simulator.device_face import DeviceFace
from whatsapp.simulator.network import Network

from .acting import Acting
from .linking import Linking
from .looking import Looking
from .running import Running


class PhonesFace:
    """Routes by which people, tests and benchmarks act as phones."""

    def __init__(self, network: Network, device_face: DeviceFace) -> None:
        self._looking = Looking(network)
        self._acting = Acting(network)
        self._linking = Linking(network, device_face)
        self._running = Running(network)

    def routes(self) -> list[web.RouteDef | web.StaticDef]:
        """The routes of this face."""
        return [
            *self._looking.routes(),
            *self._acting.routes(),
            *self._linking.routes(),
            *self._running.routes(),
        ]
