"""A light HTTP load: some keep-alive connections that ask as fast as they are answered.

Written on bare sockets because the generator shares the machine with what it measures; a real HTTP
client would take as much of the processor as the server.
"""

import re
import selectors
import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of load saw. Times are milliseconds."""

    name: str
    requests: int
    seconds: float
    median: float
    p99: float
    bytes_each: int
    errors: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def as_row(self) -> dict[str, object]:
        """Write the result as a row of the report."""
        return {
            "name": self.name,
            "per_second": round(self.rate, 1),
            "median_ms": round(self.median, 2),
            "p99_ms": round(self.p99, 2),
            "bytes": self.bytes_each,
            "errors": self.errors,
        }


def request_bytes(path: str, token: str, host: str = "127.0.0.1") -> bytes:
    """Write a GET request as it goes over the wire."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/json\r\nConnection: keep-alive\r\n\r\n"
    ).encode()


class _Client:
    """One connection with at most one request under way."""

    def __init__(self, port: int, requests: Sequence[bytes], place: int):
        self._port, self._requests, self._place = port, requests, place
        self.times: list[float] = []
        self.bytes = self.errors = 0
        self.connection = self._connect()

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self) -> None:
        """Send the next request."""
        self._request = self._requests[self._place % len(self._requests)]
        self._place += 1
        self._answer = bytearray()
        self._length: int | None = None
        self._started = time.perf_counter()
        self.connection.sendall(self._request)

    def read(self) -> bool:
        """Take what has come; say whether the answer is complete.

        Raises ConnectionError where the server hung up within an answer.
        """
        part = self.connection.recv(262_144)
        if not part:
            raise ConnectionError("the server hung up")
        self._answer += part
        if self._length is None:
            end = self._answer.find(b"\r\n\r\n")
            if end < 0:
                return False
            self._head = bytes(self._answer[:end]).lower()
            found = _LENGTH.search(self._head)
            self._length = end + 4 + int(found[1]) if found else -1
        if self._length < 0:
            # Chunks: the last one is empty.
            if not self._answer.endswith(b"\r\n0\r\n\r\n"):
                return False
        elif len(self._answer) < self._length:
            return False
        self.times.append(time.perf_counter() - self._started)
        self.bytes = len(self._answer) - len(self._head) - 4
        self.errors += not self._head.startswith(b"http/1.1 200")
        if b"connection: close" in self._head:
            self.reconnect()
        return True

    def reconnect(self) -> None:
        """Begin a connection anew."""
        self.connection.close()
        self.connection = self._connect()


_LENGTH = re.compile(rb"content-length: *(\d+)")


def run_load(
    name: str, port: int, requests: Sequence[bytes], *, seconds: float, clients: int = 8
) -> Result:
    """Ask for some seconds and give the rate and the times; a second of warm-up is not counted."""
    spread = max(1, len(requests) // clients)
    everybody = [_Client(port, requests, n * spread) for n in range(clients)]
    _ask_for(everybody, 1)
    for client in everybody:
        client.times.clear()
        client.errors = 0
    started = time.perf_counter()
    _ask_for(everybody, seconds)
    took = time.perf_counter() - started
    for client in everybody:
        client.connection.close()
    ordered = sorted(moment for client in everybody for moment in client.times) or [0.0]
    return Result(
        name=name,
        requests=sum(len(client.times) for client in everybody),
        seconds=took,
        median=statistics.median(ordered) * 1000,
        p99=ordered[int(len(ordered) * 0.99)] * 1000,
        bytes_each=everybody[0].bytes,
        errors=sum(client.errors for client in everybody),
    )


def _ask_for(everybody: list[_Client], seconds: float) -> None:
    until = time.perf_counter() + seconds
    waiting = len(everybody)
    with selectors.DefaultSelector() as selector:
        for client in everybody:
            client.ask()
            selector.register(client.connection, selectors.EVENT_READ, client)
        while waiting:
            for key, _events in selector.select():
                client = key.data
                try:
                    if not client.read():
                        continue
                except ConnectionError:
                    client.errors += 1
                    client.reconnect()
                if client.connection is not key.fileobj:
                    selector.unregister(key.fileobj)
                    selector.register(client.connection, selectors.EVENT_READ, client)
                if time.perf_counter() < until:
                    client.ask()
                else:
                    waiting -= 1
