"""Strangers' addresses: what is slow, absent or no address at all ends soon, with a word for it."""

import io
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from whaticket.outgoing import FetchRefused, fetch_public


@pytest.fixture
def slow(settings):
    """The address of a site that says a little every tenth of a second."""
    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            for _ in range(20):
                try:
                    self.wfile.write(b"x")
                except OSError:
                    return
                time.sleep(0.1)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def reason(url, **limits):
    with pytest.raises(FetchRefused) as refusal:
        fetch_public(url, io.BytesIO(), **({"limit": 1000} | limits))
    return refusal.value.reason


def test_an_answer_that_drips_is_cut_off_in_time(slow):
    began = time.monotonic()
    assert reason(slow, seconds=0.35) == "too_slow"
    assert time.monotonic() - began < 1.5


def test_without_any_time_nobody_is_asked(slow):
    assert reason(slow, seconds=0) == "too_slow"


def test_a_door_that_is_shut_is_unreachable(settings):
    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert reason(f"http://127.0.0.1:{port}/") == "unreachable"


@pytest.mark.parametrize("url", ["http://a\x00b/", "http://[::1", "http://x:port/", None])
def test_what_cannot_be_read_is_no_address(url):
    assert reason(url) == "no_url"


@pytest.mark.parametrize(
    "url",
    [
        # Spellings of 127.0.0.1: mapped, translated (NAT64), 6to4 and Teredo; and a unique local.
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
        "http://[fd00::1]/",
        "http://239.1.1.1/",
    ],
)
def test_no_spelling_of_a_private_address_is_asked(url):
    assert reason(url) == "private"
