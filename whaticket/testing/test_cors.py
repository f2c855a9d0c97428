"""Pages of other origins: the web client calls with its cookie, strangers read nothing."""

import pytest
from django.conf import settings
from django.test import Client

STRANGER = "https://evil.example"


@pytest.fixture
def browser(db):
    return Client()


def preflight(browser, origin, method="PUT", path="/tickets/1"):
    return browser.options(
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD=method,
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,content-type",
    )


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("origin", [settings.FRONTEND_URL, "http://localhost:3000"])
def test_the_web_client_may_call_with_its_cookie(browser, origin, method):
    answer = preflight(browser, origin, method)
    assert answer.status_code in {200, 204}
    assert answer["Access-Control-Allow-Origin"] == origin
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert method in answer["Access-Control-Allow-Methods"]
    allowed = answer["Access-Control-Allow-Headers"]
    assert {"authorization", "content-type", "x-requested-with"} <= set(allowed.split(", "))


def test_its_answers_are_readable_also_when_they_are_refusals(browser):
    answer = browser.get("/tickets", HTTP_ORIGIN=settings.FRONTEND_URL)
    assert answer.status_code == 401
    assert answer["Access-Control-Allow-Origin"] == settings.FRONTEND_URL
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert "authorization" in answer["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("origin", [STRANGER, "null", f"{settings.FRONTEND_URL}.evil.example"])
def test_strangers_read_nothing(browser, origin):
    assert "Access-Control-Allow-Origin" not in preflight(browser, origin)
    assert "Access-Control-Allow-Origin" not in browser.get("/version", HTTP_ORIGIN=origin)


def test_programs_without_an_origin_are_served(browser):
    assert browser.get("/health/live").status_code == 200
