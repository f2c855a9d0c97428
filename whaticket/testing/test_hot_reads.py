"""What the hot reads stand on: shapes of JSON, routes by their first word, quick negotiation."""

import json

import pytest
from django.urls import Resolver404, resolve

from whaticket.database import read_rows
from whaticket.shapes import Constant, Flag, Moment, Number, Rows, Shape, Text, Word

NASTY = "\"quoted\" \\ back / <b> % 'single'\n\t\x01 é 😀 {} %s"

SHAPE = Shape(
    {
        "id": Number("x.id"),
        "none": Number("x.nothing", nullable=True),
        "text": Text("x.text"),
        "noText": Text("x.no_text"),
        "word": Word("x.word"),
        "yes": Flag("x.yes"),
        "moment": Moment("x.moment"),
        "noMoment": Moment("x.no_moment"),
        "fixed": Constant("it's 100%"),
        "off": Constant(value=False),
        "null": Constant(None),
        "inner": Shape({"id": Number("x.id"), "text": Text("x.text")}),
        "absent": Shape({"id": Number("x.id")}, when="x.nothing IS NOT NULL"),
        "rows": Rows(Shape({"n": Number("r.n")}), "generate_series(1, x.id) r(n)", "r.n DESC"),
        "empty": Rows(Shape({"n": Number("r.n")}), "generate_series(1, 0) r(n)", "r.n"),
    }
)
SOURCE = """(SELECT 3 AS id, NULL::int AS nothing, %s::text AS text, NULL::text AS no_text,
    'open' AS word, true AS yes, '2026-01-02 03:04:05.678+00'::timestamptz AS moment,
    NULL::timestamptz AS no_moment) x"""


@pytest.mark.django_db
def test_both_renderings_of_a_shape_are_the_same_json():
    row = read_rows(f"SELECT {SHAPE.as_json()}::text, {SHAPE.as_text()} FROM {SOURCE}", [NASTY])[0]
    built, put_together = map(json.loads, row)
    assert put_together == built
    assert list(put_together) == list(built)
    assert built["text"] == NASTY
    assert built["moment"] == "2026-01-02T03:04:05.678Z"
    assert built["fixed"] == "it's 100%"
    assert built["rows"] == [{"n": 3}, {"n": 2}, {"n": 1}]
    assert (built["absent"], built["empty"], built["null"]) == (None, [], None)


@pytest.mark.django_db
def test_an_object_may_have_more_parts_than_a_function_takes_arguments():
    wide = Shape({f"key{n}": Number(f"x.id + {n}") for n in range(150)})
    text = read_rows(f"SELECT {wide.as_text()} FROM (SELECT 1 AS id) x")[0][0]
    assert json.loads(text) == {f"key{n}": 1 + n for n in range(150)}


@pytest.mark.django_db
def test_a_hot_read_follows_its_thread_from_company_to_company(cast):
    from whaticket.tenancy import in_company

    def where():
        return read_rows("SELECT current_schema()")[0][0]

    with in_company(cast.acme.pk):
        assert where() == f"company_{cast.acme.pk}"
        with in_company(cast.globex.pk):
            assert where() == f"company_{cast.globex.pk}"
        assert where() == f"company_{cast.acme.pk}"


@pytest.mark.django_db
def test_a_hot_read_notices_a_search_path_that_a_rollback_took_back(cast):
    from django.db import transaction

    from whaticket.tenancy import enter_company, in_company

    with in_company(cast.acme.pk):
        read_rows("SELECT 1")
        with transaction.atomic():
            enter_company(cast.globex.pk)
            assert read_rows("SELECT current_schema()")[0][0] == f"company_{cast.globex.pk}"
            transaction.set_rollback(True)
        enter_company(cast.acme.pk)
        enter_company(cast.globex.pk)
        assert read_rows("SELECT current_schema()")[0][0] == f"company_{cast.globex.pk}"


def test_routes_are_found_whatever_their_case_and_slash():
    for path in ("/tickets/12", "/Tickets/12/", "/TICKETS/12"):
        assert resolve(path).kwargs == {"ticket_id": 12}
    for path in ("/ticketsx", "/tickets//", "/", "/no-such-word/1"):
        with pytest.raises(Resolver404):
            resolve(path)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.django_db
def test_programs_get_json_and_browsers_a_page(api, cast, accept, kind):
    answer = api(cast.ana).get("/users", HTTP_ACCEPT=accept)
    assert answer.headers["Content-Type"] == kind
