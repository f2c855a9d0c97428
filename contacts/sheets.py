"""Reading tables of contacts: CSV and XLSX from strangers, in bounded memory.

A workbook is a ZIP of XML, and both can be made to grow a thousandfold when they are unpacked. So
the sizes in the directory are added up before anything is unpacked (Python's reader stops at what
the directory says), documents that declare entities are refused, and reading ends with the first
row too many.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import IO, Any
from xml.parsers import expat

from contacts.exceptions import (
    SheetColumnsMissing,
    SheetFormula,
    SheetTooLarge,
    SheetTooManyRows,
    SheetUnreadable,
)

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 32 * 1024 * 1024
MAX_PARTS = 1000
MAX_ROWS = 20_000
MAX_CELL = 4096
# Empty ones are short, so that their bytes alone would allow millions.
MAX_CELLS = 400_000
# Columns after these are not read; a sheet may have sixteen thousand.
MAX_COLUMNS = 200
_CHUNK = 64 * 1024

_HEADINGS = {
    "name": {"nome", "name"},
    "number": {"numero", "número", "number"},
    "email": {"email", "e-mail"},
}
# What a spreadsheet runs when it is opened; a number may begin with a plus all the same.
_RUNS = ("=", "@", "\t", "\r")
_SIGNS = ("+", "-")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One contact as somebody wrote it down; `line` is where it stands in the sheet."""

    line: int
    name: str
    number: str
    email: str


def read_sheet(file: IO[bytes]) -> list[SheetRow]:
    """Read the contacts of an uploaded table, CSV or XLSX, told by its bytes.

    The first row names the columns (nome, numero, email; letter case does not matter). Empty rows
    are left out. Raises SheetTooLarge, SheetTooManyRows, SheetUnreadable, SheetColumnsMissing and
    SheetFormula; nothing of such a file is used.
    """
    body = file.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise SheetTooLarge(limit=MAX_BYTES)
    rows = _workbook_rows(body) if body[:2] == b"PK" else _csv_rows(body)
    return list(_contacts(rows))


def _contacts(rows: Iterator[tuple[int, list[str]]]) -> Iterator[SheetRow]:
    columns: dict[str, int] | None = None
    count = 0
    for line, cells in rows:
        if not any(cells):
            continue
        if columns is None:
            columns = _columns(cells)
            continue
        count += 1
        if count > MAX_ROWS:
            raise SheetTooManyRows(limit=MAX_ROWS)
        found = {
            what: cells[place].strip() if place < len(cells) else ""
            for what, place in columns.items()
        }
        _refuse_formulas(found, line)
        yield SheetRow(line, found.get("name", ""), found.get("number", ""), found.get("email", ""))
    if columns is None:
        raise SheetColumnsMissing


def _columns(cells: list[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, cell in enumerate(cells):
        for what, names in _HEADINGS.items():
            if cell.strip().lower() in names:
                columns.setdefault(what, place)
    if "number" not in columns:
        raise SheetColumnsMissing
    return columns


def _refuse_formulas(found: dict[str, str], line: int) -> None:
    for what, text in found.items():
        signs = () if what == "number" else _SIGNS
        if text.startswith(_RUNS + signs):
            raise SheetFormula(row=line)


# ------------------------------------------------------------------------------------- CSV


def _csv_rows(body: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(body)
    if "\0" in text:
        raise SheetUnreadable
    first = text.split("\n", 1)[0]
    delimiter = max(";\t,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [cell[:MAX_CELL] for cell in cells[:MAX_COLUMNS]]
    except csv.Error as error:
        raise SheetUnreadable from error


def _decoded(body: bytes) -> str:
    try:
        if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return body.decode("utf-16")
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes in this part of the world.
        return body.decode("cp1252", "replace")


# ------------------------------------------------------------------------------------ XLSX


def _workbook_rows(body: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            parts = book.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise SheetTooLarge(limit=MAX_UNPACKED)
            names = {part.filename for part in parts}
            place = _first_sheet(book)
            shared: list[str] = []
            if "xl/sharedStrings.xml" in names:
                strings = _Strings()
                _parse(book, "xl/sharedStrings.xml", strings)
                shared = strings.found
            yield from _sheet_rows(book, place, shared)
    except (
        zipfile.BadZipFile, expat.ExpatError, KeyError, ValueError, OSError, EOFError,
        NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        # An encrypted part is a RuntimeError, an unknown compression a NotImplementedError.
        raise SheetUnreadable from error


class _Reader:
    """What the parts' readers have in common: names without their namespace."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See an element begin."""

    def end(self, name: str) -> None:
        """See an element end."""

    def text(self, data: str) -> None:
        """See text."""


def _parser(reader: _Reader) -> Any:
    def refuse(*_: Any) -> None:
        raise SheetUnreadable

    def local(name: str) -> str:
        return name.rpartition(":")[2]

    parser = expat.ParserCreate()
    parser.buffer_text = True
    # No workbook has one, and entities that expand into each other begin here.
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, given: reader.start(local(name), given)
    parser.EndElementHandler = lambda name: reader.end(local(name))
    parser.CharacterDataHandler = reader.text
    return parser


def _parse(book: zipfile.ZipFile, place: str, reader: _Reader) -> None:
    for _ in _steps(book, place, reader):
        pass


def _steps(book: zipfile.ZipFile, place: str, reader: _Reader) -> Iterator[None]:
    """Read a part piece by piece, so that its reader can be emptied in between."""
    parser = _parser(reader)
    with book.open(place) as part:
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)
            yield
    parser.Parse(b"", True)
    yield


class _Relations(_Reader):
    def __init__(self, element: str, key: str, value: str):
        self._element, self._key, self._value = element, key, value
        self.found: list[tuple[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._element:
            by_name = {key.rpartition(":")[2]: value for key, value in attributes.items()}
            self.found.append((by_name.get(self._key, ""), by_name.get(self._value, "")))


def _first_sheet(book: zipfile.ZipFile) -> str:
    sheets, links = _Relations("sheet", "id", "name"), _Relations("Relationship", "Id", "Target")
    _parse(book, "xl/workbook.xml", sheets)
    _parse(book, "xl/_rels/workbook.xml.rels", links)
    targets = dict(links.found)
    if not sheets.found or sheets.found[0][0] not in targets:
        raise SheetUnreadable
    target = targets[sheets.found[0][0]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


class _Strings(_Reader):
    """The texts that cells refer to by number."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] | None = None
        self._is_text = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._pieces = []
        # Phonetic readings are no part of the text.
        self._is_text = name == "t"

    def end(self, name: str) -> None:
        self._is_text = False
        if name == "si" and self._pieces is not None:
            self.found.append("".join(self._pieces)[:MAX_CELL])
            self._pieces = None

    def text(self, data: str) -> None:
        if self._is_text and self._pieces is not None:
            self._pieces.append(data)


_CELL = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")


class _Rows(_Reader):
    """The rows of a sheet; whoever drives it takes them out of `found`."""

    def __init__(self, shared: list[str]):
        self.found: list[tuple[int, list[str]]] = []
        self._shared = shared
        self._line = 0
        self._cells: list[str] = []
        self._column = 0
        self._count = 0
        self._kind = ""
        self._pieces: list[str] = []
        self._is_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._line = int(attributes.get("r") or self._line + 1)
            self._cells, self._column = [], 0
        elif name == "c":
            self._count += 1
            if self._count > MAX_CELLS:
                raise SheetTooLarge(limit=MAX_CELLS)
            named = _CELL.fullmatch(attributes.get("r", ""))
            self._column = _column(named[1]) if named else self._column + 1
            self._kind, self._pieces = attributes.get("t", "n"), []
        elif name == "f":
            raise SheetFormula(row=self._line)
        self._is_value = name in {"v", "t"}

    def text(self, data: str) -> None:
        if self._is_value:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        self._is_value = False
        if name == "c" and self._column <= MAX_COLUMNS:
            self._cells += [""] * (self._column - len(self._cells))
            self._cells[self._column - 1] = self._value()
        elif name == "row":
            self.found.append((self._line, self._cells))

    def _value(self) -> str:
        text = "".join(self._pieces)[:MAX_CELL]
        if self._kind == "s":
            place = int(text)
            return self._shared[place] if 0 <= place < len(self._shared) else ""
        return _plain_number(text) if self._kind == "n" else text


def _sheet_rows(
    book: zipfile.ZipFile, place: str, shared: list[str]
) -> Iterator[tuple[int, list[str]]]:
    reader = _Rows(shared)
    for _ in _steps(book, place, reader):
        found, reader.found = reader.found, []
        yield from found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _plain_number(text: str) -> str:
    """Write a number as people do: Excel keeps long ones as 5.511988887777E+12."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    # A huge exponent would become a text of as many digits.
    if not number.is_finite() or number.adjusted() > 20 or number != number.to_integral_value():
        return text
    return str(int(number))
