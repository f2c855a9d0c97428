"""Tables that go out as files, CSV and XLSX, row by row and never whole in memory."""

import csv
import datetime
import io
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter
from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from whaticket.days import company_zone

CSV, XLSX = "csv", "xlsx"
_MEDIA_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What an operation that gives a file answers, for @extend_schema.
FILE = {(200, media_type): OpenApiTypes.BINARY for media_type in _MEDIA_TYPES.values()}

# What a spreadsheet may take for the beginning of a formula, full-width signs included.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_CHUNK = 64 * 1024
# Limits of the format: of a sheet, one row is the headings; of a cell.
_SHEET_ROWS = 1_048_575
_CELL = 32_767

Row = Sequence[Any]


def file_name(what: str) -> str:
    """Name a file of today, without its ending."""
    return f"{what}-{timezone.localdate(timezone=company_zone())}"


class TakesAnything(DefaultContentNegotiation):
    """For views that give files: whatever a client accepts, a refusal is JSON."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class Download(StreamingHttpResponse):
    """A file made while it is sent; `name` is without its ending.

    `rows` must stand on their own: they are drawn after the request's view has returned, when no
    company is entered any more.
    """

    def __init__(self, name: str, kind: str, headings: Row, rows: Iterable[Row]):
        content = csv_content if kind == CSV else xlsx_content
        self._pieces = content(headings, rows)
        super().__init__(self._pieces, content_type=_MEDIA_TYPES[kind])
        self.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{kind}")
        self.headers["Cache-Control"] = "no-store"
        self.headers["X-Content-Type-Options"] = "nosniff"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Draw piece by piece; Django itself would first draw all of it."""
        draw = sync_to_async(lambda: next(self._pieces, None))
        while (piece := await draw()) is not None:
            yield piece


def safe(value: Any) -> Any:
    """Give a cell that no spreadsheet runs: text that looks like a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def csv_content(headings: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """Write CSV in pieces; it begins with a BOM, or Excel would misread accents."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([safe(value) for value in headings])
    for row in rows:
        writer.writerow([safe(value) for value in row])
        if buffer.tell() >= _CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx_content(headings: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """Write a workbook to a temporary file, one row in memory at a time, and give its pieces."""
    with tempfile.TemporaryFile() as file:
        # Text stays text; moments are written by whoever makes the rows.
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        with xlsxwriter.Workbook(file, options) as book:
            sheet, place = None, 0
            for row in rows:
                if sheet is None or place > _SHEET_ROWS:
                    sheet, place = _sheet(book, headings), 1
                _write(sheet, place, row)
                place += 1
            if sheet is None:
                _sheet(book, headings)
        file.seek(0)
        while piece := file.read(_CHUNK):
            yield piece


def _sheet(book: Any, headings: Row) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    _write(sheet, 0, headings)
    return sheet


def _write(sheet: Any, place: int, row: Row) -> None:
    for column, value in enumerate(map(safe, row)):
        if isinstance(value, str):
            sheet.write_string(place, column, value[:_CELL])
        else:
            sheet.write_number(place, column, value)


def local_text(moment: datetime.datetime | None, zone: datetime.tzinfo) -> str:
    """Write a moment for a cell, in a zone."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
