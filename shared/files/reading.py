"""Rows of CSV and XLSX as text, one at a time: memory does not grow with the file."""

import csv
import io
import zipfile
from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

from shared.files.errors import FileUnreadable, WorkbookTooLarge

Row = tuple[int, dict[str, str]]
"""Row number (the headings are row 1) and the cells by column."""
Places = Callable[[Sequence[str]], dict[str, int]]
"""Where each column is, given the headings; raises what it refuses of them."""
MAX_CELL = 200
MAX_UNPACKED = 256 << 20
MAX_ENTRIES = 200
MAX_RATIO = 200
MAX_WORKBOOK_ROWS = 200_000


def read_csv(file: IO[bytes], places_of: Places) -> Generator[Row]:
    """The rows of a CSV file. The separator is that of the first row: comma, semicolon or tab.

    Raises FileUnreadable, and what `places_of` raises.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="strict", newline="")
    number = 1
    try:
        first = text.readline()
        separator = max(",;\t", key=first.count)
        places = places_of(next(csv.reader([first], delimiter=separator, strict=True), []))
        items = list(places.items())
        for number, row in enumerate(csv.reader(text, delimiter=separator, strict=True), start=2):
            if any(row):
                width = len(row)
                yield number, {name: row[place].strip() if place < width else "" for name, place in items}
    except (csv.Error, UnicodeDecodeError) as error:
        raise FileUnreadable(row_number=number) from error
    finally:
        text.detach()


def read_xlsx(file: IO[bytes], places_of: Places) -> Generator[Row]:
    """The same of the first sheet of a workbook; what unpacks to more than is read is refused before it is unpacked.

    A number is written as Python writes it, whatever the cell shows; a cell that holds a date or a time gives one, a formula itself.
    Raises also WorkbookTooLarge.
    """
    _require_harmless(file)
    from openpyxl import load_workbook  # costs a start of the service a moment

    number = 1
    try:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        rows: Iterable[Sequence[Any]] = book.worksheets[0].iter_rows(values_only=True)
        places: dict[str, int] | None = None
        for number, row in enumerate(rows, start=1):
            if number > MAX_WORKBOOK_ROWS:
                raise WorkbookTooLarge
            if places is None:
                places = places_of([as_text(cell) for cell in row])
                continue
            cells = {name: as_text(row[place]) if place < len(row) else "" for name, place in places.items()}
            if any(cells.values()):
                yield number, cells
        if places is None:
            places_of([])
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, EOFError) as error:
        raise FileUnreadable(row_number=number) from error


def _require_harmless(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise FileUnreadable(row_number=0) from error
    finally:
        file.seek(0)
    unpacked, size = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or (unpacked > 10 << 20 and unpacked > MAX_RATIO * max(size, 1)):
        raise WorkbookTooLarge


def as_text(cell: Any) -> str:
    """A cell as it is written."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell)
        case int():
            return str(cell)
        case float():
            return repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case Decimal():
            return f"{cell:f}"
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell).replace(" days, ", " ").replace(" day, ", " ") if cell.days else f"{cell!s:0>8}"
        case _:
            return str(getattr(cell, "text", cell)).strip()
