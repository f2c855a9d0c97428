"""Whom the platform talks to when some routes are called: a bank, a web site, a phone's session."""

import contextlib
import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
from PIL import Image

from events.realtime import valkey
from whatsapp.services.ask import ASK_CHANNEL, answer_key

PHONE = "5511944443333"
_KNOWN = {"name": "Nora", "identities": [["phone", PHONE]]}
# What a session says to what it is asked.
_SAYS = {
    "check_numbers": {
        "numbers": [{"number": PHONE, "exists": True, "identities": [["phone", PHONE]]}]
    },
    "address_book": {"people": [_KNOWN]},
    "chats": {"people": [_KNOWN]},
    "pair": {"pair_code": "ABCD1234"},
}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *details: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def web_site(folder: Path) -> Iterator[str]:
    """A site with one picture; gives the picture's address."""
    folder.mkdir()
    Image.new("RGB", (8, 8), "teal").save(folder / "a.png")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/a.png"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def session_of(company_id: int) -> Iterator[None]:
    """A session that answers what a company's connections are asked, where a worker would."""
    hears, done = threading.Event(), threading.Event()

    def listen() -> None:
        with valkey().pubsub() as channel:
            channel.subscribe(ASK_CHANNEL)
            while not done.is_set():
                heard = channel.get_message(timeout=0.05)
                if heard is None:
                    continue
                if heard["type"] == "subscribe":
                    hears.set()
                    continue
                question = orjson.loads(heard["data"])
                if question["company"] == company_id:
                    answer = orjson.dumps(_SAYS[question["ask"]])
                    valkey().rpush(answer_key(question["id"]), answer)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert hears.wait(5)
    try:
        yield
    finally:
        done.set()
        thread.join()
