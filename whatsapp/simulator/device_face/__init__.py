"""The network as a linked device meets it: a WebSocket (docs/device-protocol.md) and its media."""

from .face import DeviceFace
from .pairing import QR_SECONDS

__all__ = ["QR_SECONDS", "DeviceFace"]
