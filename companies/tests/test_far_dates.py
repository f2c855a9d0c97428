"""Days at the ends of the calendar, which programs read and write badly."""

import pytest

TOKEN = {"Authorization": "Bearer token-of-the-platform"}


@pytest.fixture(autouse=True)
def _token(settings):
    settings.COMPANY_TOKEN = "token-of-the-platform"


def due(api, company, text):
    answer = api().put(f"/api/companies/{company.pk}", {"dueDate": text}, headers=TOKEN)
    return answer.status_code, answer.json().get("dueDate", answer.json().get("error"))


def test_a_year_is_told_with_four_digits(api, acme):
    assert due(api, acme, "0310-05-13T03:06:28Z") == (200, "0310-05-13T03:06:28.000Z")


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01T00:00:00Z"]
)
def test_a_moment_outside_of_the_calendar_is_refused(text, api, acme):
    assert due(api, acme, text) == (400, "ERR_VALIDATION")
