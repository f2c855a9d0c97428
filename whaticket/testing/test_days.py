"""How days and moments in an address are read: the same in every list and report."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from whaticket.days import bound_param, day_param
from whaticket.exceptions import Invalid

HERE = ZoneInfo("America/Sao_Paulo")
NOTHING = ["", " ", "undefined", "null"]
NO_DAY = [
    "yesterday", "2026-02-30", "2026-13-01", "10/03/2026", "0001-01-01", "9999-12-31", "2026-03",
    "2026-03-10T25:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "\0",
    "1" * 99,
]  # fmt: skip


def asked(text, name="day"):
    return Request(APIRequestFactory().get("/", {name: text}))


@pytest.fixture(autouse=True)
def zone(settings):
    settings.COMPANY_TIME_ZONE = "America/Sao_Paulo"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-10", 10),
        (" 2026-03-10 ", 10),
        ("2026-03-10T12:00:00.000Z", 10),
        # Still the evening before, where the companies are.
        ("2026-03-10T02:59:59.000Z", 9),
        ("2026-03-10T03:00:00.000Z", 10),
        ("2026-03-10T23:30:00-03:00", 10),
        ("2026-03-10T00:30", 10),
    ],
)
def test_a_day_is_the_companies_day(text, day):
    assert day_param(asked(text), "day") == datetime.date(2026, 3, day)


def test_a_bound_is_a_moment_or_a_whole_day():
    def at(day, hour=0):
        return datetime.datetime(2026, 3, day, hour, tzinfo=HERE)

    for text, first, last in (
        ("2026-03-10", at(10), at(11)),
        ("2026-03-10T15:00:00.000Z", at(10, 12), at(10, 12)),
        ("2026-03-10T12:00", at(10, 12), at(10, 12)),
    ):
        assert bound_param(asked(text), "day") == first
        assert bound_param(asked(text), "day", is_end=True) == last


@pytest.mark.parametrize("text", NOTHING)
def test_what_was_never_chosen_is_nothing(text):
    assert day_param(asked(text), "day") is None
    assert bound_param(asked(text), "day") is None
    assert day_param(asked("x", "another"), "day") is None


@pytest.mark.parametrize("text", NO_DAY)
def test_what_is_no_day_is_refused_under_its_name(text):
    for read in (day_param, bound_param):
        with pytest.raises(Invalid) as refusal:
            read(asked(text), "day")
        assert list(refusal.value.details["details"]) == ["day"]


ROUTES = {
    "/ticket/kanban": ("dateStart", "dateEnd", "updatedAt"),
    "/ticketreport/reports": ("dateFrom", "dateTo"),
    "/dashboard": ("date_from", "date_to"),
    "/dashboard/ticketsUsers": ("initialDate", "finalDate"),
    "/dashboard/ticketsDay": ("initialDate", "finalDate"),
    "/dashboard/moments": ("dateStart", "dateEnd"),
    "/usersMoments": ("dateStart", "dateEnd"),
    "/contacts-report": ("startDate", "endDate"),
    "/messages-allMe": ("dateStart", "dateEnd"),
}


@pytest.mark.parametrize("path", ROUTES)
def test_every_list_and_report_reads_days_alike(api, cast, path):
    http = api(cast.rui)
    for name in ROUTES[path]:
        for text in ("2026-03-10", "2026-03-10T02:00:00.000Z", "undefined", "null", ""):
            assert http.get(path, {name: text}).status_code == 200, (name, text)
        for text in ("yesterday", "2026-02-30", "0001-01-01", "9999-12-31"):
            answer = http.get(path, {name: text})
            assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
            assert list(answer.json()["details"]) == [name]
