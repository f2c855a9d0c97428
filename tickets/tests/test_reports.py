"""What holds for every report: who may ask, whose data are in it, what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from whaticket.tenancy import in_company

PATHS = (
    "/ticketreport/reports",
    "/dashboard",
    "/dashboard/ticketsUsers",
    "/dashboard/ticketsDay",
    "/dashboard/moments",
    "/usersMoments",
    "/reports/summary",
    "/reports/nps",
    "/reports/tickets.csv",
    "/reports/tickets.xlsx",
    "/reports/summary.csv",
    "/reports/summary.xlsx",
)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_reports_without_signing_in(api, path):
    response = api().get(path)
    assert (response.status_code, response.json()["error"]) == (401, "ERR_SESSION_EXPIRED")


@pytest.mark.parametrize("path", [*PATHS[:8], "/reports/tickets.csv", "/reports/summary.csv"])
def test_nothing_of_another_company_is_in_any_report(api, cast, served, path):
    now = timezone.now()
    for status in ("open", "closed", "pending"):
        served(agent=cast.ana, opened=now, status=status, waited=1, handled=2, rate=9)
    with in_company(cast.globex.pk):
        empty = api(cast.eva).get(path)
    text = b"".join(empty.streaming_content) if empty.streaming else empty.content
    assert empty.status_code == 200
    assert b"Ana" not in text
    assert b"Customer" not in text
    assert b"Sales" not in text


def test_a_report_costs_the_same_for_one_ticket_and_for_forty(api, cast, served):
    http = api(cast.rui)

    def spent(path):
        with CaptureQueriesContext(connection) as found:
            response = http.get(path)
            assert response.status_code == 200
            if response.streaming:
                assert b"".join(response.streaming_content)
        # A statement that PostgreSQL has prepared comes without its text.
        return sum("SET search_path" not in (query["sql"] or "") for query in found)

    http.get("/dashboard")  # notes presence once
    paths = [*PATHS, "/reports/summary?groupBy=tag", "/reports/summary?groupBy=day"]
    # The session with its person, company and queues; the report.
    expected = dict.fromkeys(paths, 2)
    served(agent=cast.ana, opened=timezone.now(), waited=1, handled=2, rate=9)
    assert {path: spent(path) for path in paths} == expected
    for n in range(39):
        served(
            agent=(cast.ana, cast.bia)[n % 2],
            opened=timezone.now(),
            waited=n,
            handled=2,
            rate=n % 11,
            status=("closed", "open", "pending")[n % 3],
        )
    assert {path: spent(path) for path in paths} == expected
