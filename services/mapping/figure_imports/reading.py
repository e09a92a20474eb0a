"""Rows of CSV, XLSX and Parquet as text, one at a time: memory does not grow with the file."""

import csv
import io
import re
import zipfile
from collections.abc import Generator, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

from services.mapping.figure_imports.errors import FigureColumnsMissing, FileUnreadable, TemplateOutdated, WorkbookTooLarge

Row = tuple[int, dict[str, str]]
HEADINGS = {
    "code": ("kode", "code", "kode_wilayah", "region_code"),
    "value": ("nilai", "value"),
    "margin": ("galat", "margin"),
    "latitude": ("lintang", "latitude", "lat"),
    "longitude": ("bujur", "longitude", "lon"),
    "reason": ("alasan", "missing_reason"),
    "indicator": ("indikator", "indicator", "indicator_code"),
    "period": ("periode", "period"),
}
TEMPLATE_VERSION = 1
_VERSION = re.compile(r"(?:templat|template)_([0-9]{1,4})")
MAX_CELL = 200
MAX_UNPACKED = 256 << 20
MAX_ENTRIES = 200
MAX_RATIO = 200
MAX_WORKBOOK_ROWS = 200_000
PARQUET_BATCH = 5_000


def read_csv(file: IO[bytes], needed: Sequence[str]) -> Generator[Row]:
    """Row number (the headings are row 1) and the cells by column. The separator is that of the first row: comma, semicolon or tab.

    Raises FigureColumnsMissing, TemplateOutdated or FileUnreadable.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="strict", newline="")
    number = 1
    try:
        first = text.readline()
        separator = max(",;\t", key=first.count)
        places = _places(next(csv.reader([first], delimiter=separator, strict=True), []), needed)
        items = list(places.items())
        for number, row in enumerate(csv.reader(text, delimiter=separator, strict=True), start=2):
            if any(row):
                width = len(row)
                yield number, {name: row[place].strip() if place < width else "" for name, place in items}
    except (csv.Error, UnicodeDecodeError) as error:
        raise FileUnreadable(row_number=number) from error
    finally:
        text.detach()


def read_xlsx(file: IO[bytes], needed: Sequence[str]) -> Generator[Row]:
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
                places = _places([_text(cell) for cell in row], needed)
                continue
            cells = {name: _text(row[place]) if place < len(row) else "" for name, place in places.items()}
            if any(cells.values()):
                yield number, cells
        if places is None:
            raise FigureColumnsMissing(missing_columns=list(needed))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, EOFError) as error:
        raise FileUnreadable(row_number=number) from error


def read_parquet(file: IO[bytes], needed: Sequence[str]) -> Generator[Row]:
    """The same of a Parquet file, for systems: the first data row is row 2, as in the other forms.

    Codes have to be texts: a column of numbers lost its leading and trailing zeros long ago and is refused row by row.
    """
    from pyarrow import ArrowException, parquet  # an extra, and it costs a start of the service a second

    number = 1
    try:
        stored = parquet.ParquetFile(file)
        names = stored.schema_arrow.names
        columns = {name: names[place] for name, place in _places(names, needed).items()}
        for batch in stored.iter_batches(batch_size=PARQUET_BATCH, columns=list(columns.values())):
            cells = [batch.column(name).to_pylist() for name in columns.values()]
            for row in zip(*cells, strict=True):
                number += 1
                yield number, {name: _text(cell) for name, cell in zip(columns, row, strict=True)}
    except (ArrowException, OSError, ValueError) as error:
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


def _places(headings: Sequence[str], needed: Sequence[str]) -> dict[str, int]:
    """Where each column is. A file without a version is nobody's template and is read as it is."""
    plain = [heading.strip().lower().replace(" ", "_") for heading in headings]
    for heading in plain:
        if (stated := _VERSION.fullmatch(heading)) and int(stated[1]) != TEMPLATE_VERSION:
            raise TemplateOutdated(template_version=stated[1], current_version=str(TEMPLATE_VERSION))
    places = {name: place for name, known in HEADINGS.items() for place, heading in enumerate(plain) if heading in known}
    if missing := [HEADINGS[name][0] for name in needed if name not in places]:
        raise FigureColumnsMissing(missing_columns=missing)
    return places


def _text(cell: Any) -> str:
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
