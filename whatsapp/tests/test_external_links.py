"""Pictures by link, and questions about numbers."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from messaging.models import Message
from tickets.models import Ticket
from whaticket import outgoing
from whatsapp.models import ApiUsage
from whatsapp.services.external import send
from whatsapp.services.numbers import CheckedNumber, other_spelling, whatsapp_spelling
from whatsapp.tests.external import NUMBER, key_of, program, sent
from whatsapp.tests.test_external_send import picture

LINK, CHECK = "/api/messages/send/linkImage", "/api/messages/checkNumber"


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def http(cast, api):
    return program(api, key_of(cast))


@pytest.fixture(scope="module")
def site():
    """A web site: `/photo.png`, `/text`, `/gone`, `/round`, `/away`, `/packed`, `/endless`."""

    class Site(BaseHTTPRequestHandler):
        seen = []

        def do_GET(self):
            self.seen.append(self.headers["Host"])
            self.path = self.path.partition("?")[0]
            if self.path == "/round":
                return self.away("/round")
            if self.path == "/away":
                return self.away("http://169.254.169.254/latest/meta-data")
            if self.path == "/there":
                return self.away("/photo.png")
            if self.path == "/gone":
                return self.send_error(404)
            body = b"plain words" if self.path == "/text" else picture().read()
            self.send_response(200)
            if self.path == "/packed":
                self.send_header("Content-Encoding", "gzip")
            if self.path == "/endless":
                body = b"\x89PNG\r\n\x1a\n" + b"x" * 200_000
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            return self.wfile.write(body)

        def away(self, where):
            self.send_response(302)
            self.send_header("Location", where)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.address = f"http://127.0.0.1:{server.server_port}"
    server.seen = Site.seen
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def reachable(settings):
    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]


def test_a_picture_is_fetched_sent_and_the_ticket_closed(http, site, reachable):
    body = {"number": NUMBER, "url": f"{site.address}/there?size=1", "caption": "See"}
    for _ in range(2):
        answer = http.post(LINK, body, HTTP_IDEMPOTENCY_KEY="p1")
        assert (answer.status_code, answer.json()) == (200, {"status": "SUCCESS"})
    (message,) = sent()
    assert (message.kind, message.body, message.media_name) == ("image", "See", "photo.png")
    assert Ticket.objects.get().status == "closed"
    assert ApiUsage.objects.get().images == 1


@pytest.mark.parametrize(
    ("path", "code", "reason"),
    [
        ("/text", "ERR_MEDIA_TYPE", None),
        ("/gone", "ERR_LINK_REFUSED", "unreachable"),
        ("/round", "ERR_LINK_REFUSED", "too_many_redirects"),
        ("/away", "ERR_LINK_REFUSED", "private"),
        ("/packed", "ERR_LINK_REFUSED", "encoded"),
        ("/endless", "ERR_LINK_REFUSED", "too_large"),
    ],
)
def test_what_is_no_picture_is_refused(http, site, reachable, settings, path, code, reason):
    settings.MEDIA_MAX_BYTES = 100_000
    answer = http.post(LINK, {"number": NUMBER, "url": site.address + path})
    assert (answer.status_code, answer.json()["error"]) == (400, code), answer.content
    assert answer.json().get("reason") == reason
    assert not Message.objects.exists()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://10.0.0.1/x.png",
        "http://192.168.1.1/", "http://169.254.169.254/latest/", "http://0.0.0.0/", "http://100.64.0.1/",
        "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[fd00::1]/",
        "http://2130706433/", "http://0x7f.1/", "http://224.0.0.1/", "http://[2002:7f00:1::]/",
    ],
)  # fmt: skip
def test_private_addresses_are_not_asked(http, site, url):
    before = len(site.seen)
    answer = http.post(LINK, {"number": NUMBER, "url": url})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_LINK_REFUSED")
    assert answer.json()["reason"] in {"private", "unreachable"}
    assert len(site.seen) == before
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.com/", "no url", "http://", "http://u:p@example.com/",
     "http://exa mple.com/", "gopher://x", "http://example.com:99999/", "//example.com/x"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(http, url):
    answer = http.post(LINK, {"number": NUMBER, "url": url})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_LINK_REFUSED")


def test_a_name_is_resolved_once_and_the_connection_goes_where_was_looked(
    http, site, settings, monkeypatch
):
    """A name that changes its mind after the check (DNS rebinding) gains nothing."""
    real, asked = outgoing.socket.getaddrinfo, []

    def resolver(host, *args, **kwargs):
        if host == "pictures.example":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "203.0.113.9"
        return real(host, *args, **kwargs)

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", resolver)
    settings.OUTGOING_PRIVATE_HOSTS = ["pictures.example"]
    url = f"http://pictures.example:{site.server_port}/photo.png"
    assert http.post(LINK, {"number": NUMBER, "url": url}).status_code == 200
    assert asked == ["pictures.example"]
    assert site.seen[-1] == f"pictures.example:{site.server_port}"


def test_a_name_with_one_private_address_among_public_ones_is_refused(http, monkeypatch):
    monkeypatch.setattr(
        outgoing.socket,
        "getaddrinfo",
        lambda *args, **kwargs: [(2, 1, 6, "", (ip, 80)) for ip in ("93.184.216.34", "10.1.2.3")],
    )
    answer = http.post(LINK, {"number": NUMBER, "url": "http://two-faced.example/"})
    assert answer.json()["reason"] == "private"


# --------------------------------------------------------------------------------- numbers


def test_a_number_on_whatsapp_is_told_in_its_own_spelling(http, monkeypatch):
    known = CheckedNumber("5531987654321", "553187654321", True)
    monkeypatch.setattr(send, "check_number", lambda asked, on: known)
    answer = http.post(CHECK, {"number": "+55 31 98765-4321"})
    assert answer.status_code == 200
    assert answer.json() == {
        "existsInWhatsapp": True,
        "number": "5531987654321",
        "numberFormatted": "553187654321",
    }
    assert ApiUsage.objects.get().checks == 1


@pytest.mark.parametrize(
    ("exists", "code"), [(False, "ERR_CHECK_NUMBER"), (None, "ERR_WAPP_NOT_INITIALIZED")]
)
def test_a_number_that_is_not_there_is_answered_and_not_kept_waiting(
    http, monkeypatch, exists, code
):
    answer = CheckedNumber(NUMBER, NUMBER, exists)
    monkeypatch.setattr(send, "check_number", lambda asked, on: answer)
    answer = http.post(CHECK, {"number": NUMBER})
    assert answer.status_code == 400
    assert answer.json() == {"existsInWhatsapp": False, "number": NUMBER, "error": code}


@pytest.mark.parametrize("body", [{}, {"number": "12"}, {"number": []}, {"number": "x" * 65}])
def test_what_is_no_number_is_not_asked_about(http, body):
    answer = http.post(CHECK, body)
    assert answer.status_code == 400
    assert not ApiUsage.objects.exists()


@pytest.mark.parametrize(
    ("number", "spelling"),
    [
        ("5511987654321", "5511987654321"),
        ("551187654321", "5511987654321"),
        ("5530987654321", "5530987654321"),
        ("5531987654321", "553187654321"),
        ("553187654321", "553187654321"),
        ("5599987654321", "559987654321"),
        ("551133334444", "551133334444"),
        ("5521733334444", "5521733334444"),
        ("14155550100", "14155550100"),
        ("55119876543210", "55119876543210"),
    ],
)
def test_brazilian_numbers_keep_the_ninth_digit_below_area_31(number, spelling):
    assert whatsapp_spelling(number) == spelling


def test_the_other_spelling_of_a_brazilian_number_is_asked_about_too():
    assert other_spelling("5531987654321") == "553187654321"
    assert other_spelling("553187654321") == "5531987654321"
    assert other_spelling("14155550100") == "14155550100"
