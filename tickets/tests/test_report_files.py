"""Reports as files: CSV and XLSX, streamed, and safe to open."""

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tickets.services.reports import tickets as report
from whaticket import exports
from whaticket.exports import Download, csv_content, safe, xlsx_content

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def csv_rows(content):
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def xlsx_rows(content, sheet="sheet1"):
    """Read a sheet: text as text, numbers as numbers, formulas as None, which none may be."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        root = ElementTree.fromstring(book.read(f"xl/worksheets/{sheet}.xml"))

    def value(cell):
        if cell.find(f"{SHEET}f") is not None:
            return None
        if cell.get("t") == "inlineStr":
            return "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))
        return float(cell.find(f"{SHEET}v").text)

    return [
        {cell.get("r").rstrip("0123456789"): value(cell) for cell in row if len(cell)}
        for row in root.iter(f"{SHEET}row")
    ]


def content_of(response):
    assert response.status_code == 200
    assert response.streaming
    return b"".join(response.streaming_content)


def test_the_ticket_report_goes_out_as_csv(api, cast, served):
    ticket = served(agent=cast.ana, waited=5, handled=61, rate=9, last_message='a "b",\nc; é')
    served(queue=None, connection=None, status="pending")
    response = api(cast.rui).get("/reports/tickets.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="tickets-20')
    assert response.headers["Cache-Control"] == "no-store"
    content = content_of(response)
    headings, waiting, closed = csv_rows(content)
    assert len(headings) == len(waiting) == len(closed) == 14
    assert closed == [
        str(ticket.pk),
        "2026-03-10 12:00:00",
        "2026-03-10 13:06:00",
        "closed",
        ticket.contact.name,
        ticket.contact.address,
        "Sales",
        "Ana",
        "acme number",
        "",
        "5.0",
        "61.0",
        "9",
        'a "b",\nc; é',
    ]
    assert waiting[6:9] == ["", "", ""]
    assert content.startswith(b"\xef\xbb\xbf")


def test_the_ticket_report_goes_out_as_a_workbook(api, cast, served):
    ticket = served(agent=cast.ana, waited=5, handled=61, rate=9, last_message="obrigado é")
    response = api(cast.rui).get("/reports/tickets.xlsx")
    assert "spreadsheetml" in response.headers["Content-Type"]
    headings, row = xlsx_rows(content_of(response))
    assert len(headings) == 14
    assert (row["A"], row["H"], row["L"], row["M"], row["N"]) == (
        ticket.pk, "Ana", 61, 9, "obrigado é",
    )  # fmt: skip


def test_files_hold_what_the_filter_and_the_persons_sight_leave(api, cast, served):
    own = served(agent=cast.ana, status="open")
    served(agent=cast.bia, queue=cast.support)
    http = api(cast.ana)
    rows = csv_rows(content_of(http.get("/reports/tickets.csv")))
    assert [row[0] for row in rows[1:]] == [str(own.pk)]
    rows = csv_rows(content_of(http.get("/reports/tickets.csv?status=closed")))
    assert rows[1:] == []
    assert http.get("/reports/tickets.csv?status=gone").status_code == 400


def test_a_summary_goes_out_with_its_total(api, cast, served):
    served(agent=cast.ana, waited=10, handled=30, rate=10)
    served(status="pending")
    path = "/reports/summary.csv?groupBy=agent&dateFrom=2026-03-10&dateTo=2026-03-10"
    rows = csv_rows(content_of(api(cast.rui).get(path)))
    assert [row[1:3] for row in rows[1:]] == [["1", "1"], ["1", "0"], ["2", "1"]]
    assert rows[1] == ["Ana", "1", "1", "", "10.0", "30.0", "1", "10.0", "100.0"]
    rows = xlsx_rows(content_of(api(cast.rui).get(path.replace("csv", "xlsx"))))
    assert (rows[1]["A"], rows[1]["E"], rows[-1]["B"]) == ("Ana", 10, 2)


DANGEROUS = [
    "=HYPERLINK(1)",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_begins_like_a_formula(api, cast, served, text):
    assert safe(text) == f"'{text}"
    served(last_message=text)
    http = api(cast.rui)
    (row,) = csv_rows(content_of(http.get("/reports/tickets.csv")))[1:]
    assert row[-1].startswith("'")
    (row,) = xlsx_rows(content_of(http.get("/reports/tickets.xlsx")))[1:]
    assert row["N"].startswith("'")


def test_numbers_stay_numbers_and_harmless_text_is_left_alone():
    assert [safe(value) for value in (-1, 2.5, "a=b", "", None)] == [-1, 2.5, "a=b", "", ""]


def test_a_file_name_cannot_break_out_of_its_header():
    disposition = Download('a"b\r\nX: y', "csv", [], []).headers["Content-Disposition"]
    assert "\n" not in disposition
    assert 'filename="a"b' not in disposition


def test_rows_are_read_in_chunks_and_each_once(api, cast, served, monkeypatch):
    monkeypatch.setattr(report, "CHUNK", 2)
    # Equal moments, so that the page border falls among them.
    made = [served().pk for _ in range(5)]
    response = api(cast.rui).get("/reports/tickets.csv")
    with CaptureQueriesContext(connection) as spent:
        rows = csv_rows(content_of(response))
    assert [int(row[0]) for row in rows[1:]] == made[::-1]
    assert sum("SET search_path" not in (query["sql"] or "") for query in spent) == 3


def test_csv_is_written_while_rows_are_drawn():
    drawn = []

    def rows():
        for number in range(5_000):
            drawn.append(number)
            yield [number, "x" * 100]

    pieces = csv_content(["a", "b"], rows())
    first = next(pieces)
    assert len(first) < 2 * 64 * 1024
    assert len(drawn) < 1_000
    assert len(csv_rows(first + b"".join(pieces))) == 5_001


def test_a_workbook_begins_another_sheet_where_one_is_full(monkeypatch):
    monkeypatch.setattr(exports, "_SHEET_ROWS", 2)
    content = b"".join(xlsx_content(["n"], ([number] for number in range(5))))
    sheets = [xlsx_rows(content, f"sheet{n}") for n in (1, 2, 3)]
    assert [[row["A"] for row in rows] for rows in sheets] == [
        ["n", 0, 1],
        ["n", 2, 3],
        ["n", 4],
    ]


def test_an_empty_workbook_has_its_headings():
    assert xlsx_rows(b"".join(xlsx_content(["a", "b"], []))) == [{"A": "a", "B": "b"}]


def test_a_cell_too_long_for_a_workbook_is_cut():
    (_, row) = xlsx_rows(b"".join(xlsx_content(["a"], [["x" * 40_000]])))
    assert len(row["A"]) == 32_767


async def test_the_asynchronous_server_draws_piece_by_piece():
    drawn = []

    def rows():
        for number in range(5_000):
            drawn.append(number)
            yield [number, "x" * 100]

    pieces = aiter(Download("a", "csv", ["n", "x"], rows()))
    assert await anext(pieces)
    assert len(drawn) < 1_000
    assert b"4999" in b"".join([piece async for piece in pieces])


def test_a_client_may_ask_for_the_file_by_its_type(api, cast, served):
    served()
    http = api(cast.rui)
    assert http.get("/reports/tickets.csv", HTTP_ACCEPT="text/csv").status_code == 200
    refused = http.get("/reports/tickets.csv?page=1&dateFrom=x", HTTP_ACCEPT="text/csv")
    assert (refused.status_code, refused.json()["error"]) == (400, "ERR_VALIDATION")
