"""WebSocket edges: the native one, and that of Socket.IO for clients of the old backend."""

from messaging.consumers.native import Edge, NoSuchSocket
from messaging.consumers.seat import in_database
from messaging.consumers.socket_io import is_socket_io, socket_io

__all__ = ["Edge", "NoSuchSocket", "in_database", "is_socket_io", "socket_io"]
