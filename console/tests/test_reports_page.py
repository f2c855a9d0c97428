"""The reports page: who sees whose numbers, what the address says, and what it costs."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.services import create_user
from console import charts
from console.reads.reports import duration
from console.tests.pages import FRAGMENT
from contacts.models import Contact, Tag
from tickets.models import Episode, Rating, Ticket
from tickets.services.reports import company_zone
from whaticket.tenancy import in_company

PARTS = ("now", "numbers", "hours", "ratings", "groups", "tickets")


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def ago(days=0, minutes=0):
    """Noon of a day in the companies' zone."""
    day = timezone.localdate(timezone=company_zone()) - datetime.timedelta(days=days)
    noon = datetime.datetime.combine(day, datetime.time(12), company_zone())
    return noon + datetime.timedelta(minutes=minutes)


@pytest.fixture
def served(cast):
    """`served("Iris", cast.ana, days=2, rate=9)`: waited five minutes, served for ninety."""

    def make(name, agent, *, days=0, rate=None, status="closed", **fields):
        contact = Contact.objects.create(name=name, address=f"55119{Contact.objects.count():08d}")
        ended = ago(days, 95) if status == "closed" else None
        ticket = Ticket.objects.create(
            contact=contact,
            connection=cast.number,
            agent=agent,
            status=status,
            created_at=ago(days),
            closed_at=ended,
            **{"queue": cast.sales, **fields},
        )
        episode = Episode.objects.create(
            ticket=ticket,
            connection=cast.number,
            queue=ticket.queue,
            agent=agent,
            created_at=ago(days),
            queued_at=ago(days),
            started_at=ago(days, 5),
            closed_at=ended,
            finished_at=ended,
        )
        if rate is not None:
            Rating.objects.create(
                ticket=ticket, episode=episode, agent=agent, rate=rate, created_at=ended
            )
        return ticket

    return make


@pytest.fixture
def look(browser):
    """`look(cast.rui, "numbers", "period=7d")`: the text of a part as somebody sees it."""

    def get(person, part, query=""):
        answer = browser(person).get(f"/app/reports/{part}/?{query}", **FRAGMENT)
        assert answer.status_code == 200, answer.content
        return answer.content.decode()

    return get


def test_the_way_to_it_is_for_those_who_see_everybodys_numbers(browser, cast):
    supervisor, trusted = (
        create_user(
            company_id=cast.acme.pk,
            email=f"{name}@acme.example",
            password="correct horse",
            name=name,
            **fields,
        )
        for name, fields in (
            ("sup", {"profile": "supervisor"}),
            ("tru", {"sees_dashboard": True}),
        )
    )
    for person, shown in ((cast.rui, True), (supervisor, True), (trusted, True), (cast.ana, False)):
        html = browser(person).get("/app/reports/").content.decode()
        assert ('href="/app/reports/" aria-current="page"' in html) is shown
    assert browser().get("/app/reports/").status_code == 302
    assert browser().get("/app/reports/numbers/", **FRAGMENT).status_code == 401


def test_others_see_their_own_numbers_and_tickets_as_in_the_api(browser, cast, look, served):
    served("Iris", cast.ana)
    served("Otto", cast.bia)
    page = browser(cast.ana).get("/app/reports/").content.decode()
    assert "Your own numbers." in page
    assert 'name="agent"' not in page
    assert ">1</strong>" in look(cast.ana, "numbers")
    tickets = look(cast.ana, "tickets")
    assert "Iris" in tickets
    assert "Otto" not in tickets
    assert "Otto" not in look(cast.ana, "tickets", f"agent={cast.bia.pk}")
    assert "Bia" not in look(cast.ana, "groups")
    assert ">2</strong>" in look(cast.rui, "numbers")


def test_nothing_of_another_company_is_shown_or_can_be_chosen(browser, cast, look, served):
    served("Iris", cast.ana, rate=10)
    for part in PARTS:
        html = look(cast.eva, part)
        assert "Iris" not in html
        assert "Ana" not in html
    with in_company(cast.globex.pk):
        foreign = Tag.objects.create(name="foreign", id=990)
    for query in (
        f"agent={cast.eva.pk}",
        f"queue={cast.foreign_queue.pk + 900}",
        f"tag={foreign.pk}",
    ):
        answer = browser(cast.rui).get(f"/app/reports/?{query}")
        assert answer.status_code == 400
        assert b"This choice does not exist." in answer.content


def test_numbers_times_and_the_change_are_said_in_words(cast, look, served):
    for days, agent in ((1, cast.ana), (2, cast.ana), (3, cast.bia), (9, cast.ana)):
        served(f"Contact {days}", agent, days=days)
    html = look(cast.rui, "numbers", "period=7d")
    assert "<strong>3</strong>" in html
    assert "200%" in html
    assert "before: 1" in html
    assert "5 min" in html
    assert "1 h 30 min" in html
    assert html.count("1 opened, 1 closed</title>") == 3
    groups = look(cast.rui, "groups", "period=7d")
    assert groups.index("Ana") < groups.index("Bia") < groups.index("All together")
    assert "Sales" in look(cast.rui, "groups", "by=queue")
    assert "acme number" in look(cast.rui, "groups", "by=connection")
    assert "No tag" in look(cast.rui, "groups", "by=tag")
    assert "12:00: 3 tickets" in look(cast.rui, "hours", "period=7d")


def test_filters_hold_for_numbers_tickets_and_files(browser, cast, look, served):
    vip = Tag.objects.create(name="vip")
    served("Iris", cast.ana).tags.add(vip)
    served("Otto", cast.bia, queue=cast.support)
    served("Nora", cast.ana, status="open", queue=None)
    for query, names in (
        (f"queue={cast.support.pk}", {"Otto"}),
        ("queue=0", {"Nora"}),
        (f"agent={cast.ana.pk}", {"Iris", "Nora"}),
        (f"tag={vip.pk}", {"Iris"}),
        ("status=open", {"Nora"}),
        (f"connection={cast.number.pk}&status=closed", {"Iris", "Otto"}),
    ):
        tickets = look(cast.rui, "tickets", query)
        assert {name for name in ("Iris", "Otto", "Nora") if name in tickets} == names, query
        assert f"<strong>{len(names)}</strong>" in look(cast.rui, "numbers", query), query
        file = browser(cast.rui).get(f"/app/reports/files/tickets.csv?{query}")
        rows = b"".join(file.streaming_content).decode().splitlines()
        assert {name for name in ("Iris", "Otto", "Nora") if name in "".join(rows)} == names
        assert len(rows) == len(names) + 1
    summary = browser(cast.rui).get("/app/reports/files/summary.csv?by=queue&status=closed")
    rows = b"".join(summary.streaming_content).decode().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["Sales", "Support", "Total"]
    book = browser(cast.rui).get("/app/reports/files/summary.xlsx")
    assert b"".join(book.streaming_content).startswith(b"PK")


def test_each_ticket_leads_to_its_conversation_page_by_page(cast, look, served):
    for number in range(27):
        served(f"Contact {number:02d}", cast.ana)
    first = look(cast.rui, "tickets")
    assert first.count("/app/t/") == 25
    assert "1–25 of 27" in first
    assert "page=2" in first
    second = look(cast.rui, "tickets", "page=2")
    assert second.count("/app/t/") == 2
    assert "26–27 of 27" in second
    assert "There is no such page." in look(cast.rui, "tickets", "page=9")


def test_ratings_are_told_as_score_shares_and_counts(cast, look, served):
    for rate in (10, 9, 8, 2):
        served(f"Rated {rate}", cast.ana, rate=rate)
    html = look(cast.rui, "ratings")
    assert "<strong>+25</strong>" in html
    assert "4 ratings, 7.3 on average" in html
    assert "Rate 8: 1 time<" in html
    assert "No customer has given a rate" in look(
        cast.rui, "ratings", "period=range&from=2020-01-01&to=2020-01-31"
    )


def test_a_period_without_tickets_says_so_and_offers_a_next_step(cast, look):
    html = look(cast.rui, "numbers", "period=today")
    assert "No tickets in this period" in html
    assert "period=30d" in html
    assert "Clear filters" not in html
    assert "Clear filters" in look(cast.rui, "numbers", f"agent={cast.ana.pk}")
    assert look(cast.rui, "hours") == ""


def test_now_tells_who_is_online_and_who_is_free(cast, look, served):
    type(cast.ana).objects.filter(pk__in=[cast.ana.pk, cast.bia.pk]).update(is_online=True)
    served("Iris", cast.ana, status="open")
    served("Otto", None, status="pending")
    html = look(cast.rui, "now")
    assert html.index("Bia") < html.index("Ana")
    assert "1 open" in html
    assert "<strong>2</strong> online, <strong>1</strong> free" in html
    assert "<strong>1</strong> waiting" in html


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("period=range&from=2026-02-01&to=2026-01-01", "ends before it begins"),
        ("period=range&from=2026-02-30&to=2026-03-01", "Choose a day."),
        ("period=range", "Choose a day."),
        ("period=range&from=1999-01-01&to=2026-01-01", "At most three years"),
        ("queue=x", "This choice does not exist."),
        ("agent=-1", "This choice does not exist."),
        ("status=asleep", "This choice does not exist."),
    ],
)
def test_what_cannot_be_read_is_said_and_never_shown_as_numbers(browser, cast, query, words):
    client = browser(cast.rui)
    page = client.get(f"/app/reports/?{query}")
    assert page.status_code == 400
    assert words in page.content.decode()
    assert b"hx-trigger" not in page.content
    for path in (*(f"{part}/" for part in PARTS), "files/tickets.csv", "files/summary.xlsx"):
        refused = client.get(f"/app/reports/{path}?{query}", **FRAGMENT)
        assert (refused.status_code, refused.json()["error"]) == (400, "ERR_VALIDATION"), path


def test_there_are_no_other_parts_and_files(browser, cast):
    client = browser(cast.rui)
    for path in ("everything/", "files/tickets.pdf", "files/people.csv"):
        assert client.get(f"/app/reports/{path}").status_code == 404


def test_a_part_costs_the_same_for_one_ticket_and_for_thirty(browser, cast, served):
    client = browser(cast.rui)

    def spent():
        found = {}
        for part in PARTS:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/app/reports/{part}/", **FRAGMENT).status_code == 200
            found[part] = len(queries)
        return found

    served("First", cast.ana, rate=9)
    spent()
    one = spent()
    for number in range(29):
        served(f"Contact {number}", cast.bia if number % 2 else cast.ana, days=number % 5, rate=7)
    assert spent() == one
    # Two for the person and the company at most, and what the part itself reads.
    assert max(one.values()) <= 9


def test_durations_are_said_as_people_say_them():
    said = {0.5: "30 s", 7: "7 min", 59.6: "1 h 0 min", 125: "2 h 5 min", 3000: "2 d 2 h"}
    assert {minutes: duration(minutes) for minutes in said} == said
    assert duration(None) == duration(0) == "–"


@pytest.mark.parametrize(
    ("days", "columns", "first"),
    [(31, 31, "1 opened"), (90, 13, "Week from"), (800, 27, "Jan 2024")],
)
def test_long_periods_are_drawn_by_week_and_by_month(days, columns, first):
    start = datetime.date(2024, 1, 1)
    every = {(start + datetime.timedelta(days=n)).isoformat(): (1, 2) for n in range(days)}
    drawn = charts.per_day(every, start, start + datetime.timedelta(days=days - 1))
    assert len(drawn.columns) == columns
    assert first in drawn.columns[0].title
    assert sum(column.values[0] for column in drawn.columns) == days
    assert sum(column.is_named for column in drawn.columns) <= 7


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 2), (1, 2), (9, 10), (17, 20), (161, 200), (12_300, 14_000)]
)
def test_a_scale_ends_at_a_round_number_above_its_bars(highest, top):
    drawn = charts.chart([("a", "a", (highest,))])
    assert drawn.top == top
    assert drawn.half * 2 == top
