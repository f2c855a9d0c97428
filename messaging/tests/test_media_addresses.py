"""A file is served to whoever holds its address, for a while, and does nothing by itself."""

import io

import pytest
import time_machine
from django.test import Client

from messaging.media import media_url, store_file, store_upload
from messaging.media.addresses import WIRE_MARK, sign_marks, token_url


@pytest.fixture(autouse=True)
def media_root(companies, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def stored():
    return store_upload(io.BytesIO(b"0123456789"), name="números.txt")


def get(url, **headers):
    return Client().get(url.removeprefix("http://localhost:8080"), headers=headers)


def content(answer):
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("write", [media_url, token_url])
def test_a_signed_address_serves_the_file_inertly(stored, acme, settings, write):
    settings.BACKEND_URL = "http://localhost:8080"
    answer = get(write(acme.pk, stored.path, stored.name))
    assert (answer.status_code, content(answer)) == (200, b"0123456789")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''n%C3%BAmeros")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert get(write(acme.pk, stored.path), if_none_match=answer["ETag"]).status_code == 304


@pytest.mark.parametrize(
    "change",
    [
        lambda url, acme, globex: url.split("?")[0],
        lambda url, acme, globex: url.replace(f"company{acme}/", f"company{globex}/"),
        lambda url, acme, globex: url.replace("e=", "e=9"),
        lambda url, acme, globex: url.replace("s=", "s=x"),
        lambda url, acme, globex: url.replace("n=", "n=evil.html"),
        lambda url, acme, globex: url.replace("?", "%2F..%2F..%2Fetc%2Fpasswd?"),
    ],
)
def test_any_other_address_is_refused(stored, acme, globex, settings, change):
    settings.BACKEND_URL = "http://localhost:8080"
    url = change(media_url(acme.pk, stored.path, stored.name), acme.pk, globex.pk)
    answer = get(url)
    assert answer.status_code in {403, 404}
    assert "error" in answer.json()


def test_an_address_expires(stored, acme, settings):
    settings.BACKEND_URL = "http://localhost:8080"
    settings.MEDIA_URL_SECONDS = 600
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False) as clock:
        url = media_url(acme.pk, stored.path)
        clock.shift(299)
        assert media_url(acme.pk, stored.path) == url
        assert get(url).status_code == 200
        clock.shift(301)
        assert get(url).status_code == 403


def test_a_signed_file_that_is_gone_is_not_found(acme, settings):
    settings.BACKEND_URL = "http://localhost:8080"
    assert get(media_url(acme.pk, f"{'0' * 32}.png")).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "status", "body", "span"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=5-999", 206, b"56789", "bytes 5-9/10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("apples=1-2", 200, b"0123456789", None),
    ],
)
def test_ranges_let_players_seek(stored, acme, settings, wanted, status, body, span):
    settings.BACKEND_URL = "http://localhost:8080"
    answer = get(media_url(acme.pk, stored.path), range=wanted)
    assert (answer.status_code, content(answer)) == (status, body)
    assert answer.get("Content-Range") == span
    assert answer["Content-Length"] == str(len(body))


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=5-2", "bytes=-0"])
def test_a_range_that_is_not_there_is_told_so(stored, acme, settings, wanted):
    settings.BACKEND_URL = "http://localhost:8080"
    answer = get(media_url(acme.pk, stored.path), range=wanted)
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */10")


def test_a_page_from_a_customer_is_an_attachment(acme, settings, tmp_path):
    settings.BACKEND_URL = "http://localhost:8080"
    (tmp_path / "x").write_bytes(b"<html><script>alert(1)</script>")
    stored = store_file(tmp_path / "x", name="x.html", claimed_type="text/html")
    answer = get(media_url(acme.pk, stored.path, stored.name))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_only_marks_of_ours_become_addresses(acme):
    text = b'{"a":"' + WIRE_MARK.encode() + b"ab.png~" + "é".encode().hex().encode() + b'"}'
    assert f"/public/company{acme.pk}/ab.png?e=".encode() in sign_marks(text, acme.pk)
    forged = b'{"body":"media-0123:ab.png~00"}'
    assert sign_marks(forged, acme.pk) == forged
