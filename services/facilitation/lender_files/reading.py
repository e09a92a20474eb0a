"""Rows of a CSV or XLSX file as text, by the names of its columns."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from shared.errors import Problem, Refused

FileKind = Literal["csv", "xlsx"]
Row = tuple[int, dict[str, str]]
MAX_ROWS = 5_000
MAX_CELL = 200
_MAX_UNPACKED = 64 << 20


class FileMediaType(Problem):
    """Not a kind of file that is read."""

    status = 415
    code = "file_media_type"
    message = ("Jenis berkas ini tidak dibaca.", "Files of this type are not read.")
    action = ("Kirim CSV (text/csv) atau XLSX.", "Send CSV (text/csv) or XLSX.")


class FileTooLarge(Problem):
    """More than is read at once."""

    status = 413
    code = "file_too_large"
    message = ("Berkas lebih dari {limit_bytes} byte.", "The file is larger than {limit_bytes} bytes.")
    action = ("Pecah menjadi beberapa berkas.", "Split it into several files.")


class FileUnreadable(Refused):
    """It is not what its type says."""

    code = "file_unreadable"
    message = ("Berkas tidak dapat dibaca pada baris {row_number}.", "The file cannot be read at row {row_number}.")
    action = ("Simpan ulang sebagai CSV UTF-8 atau XLSX, lalu kirim kembali.", "Save it again as CSV in UTF-8 or as XLSX, then send it.")


class ColumnsMissing(Refused):
    """Headings that are needed are not there."""

    code = "columns_missing"
    message = ("Kolom tidak ditemukan: {missing_columns}.", "Columns are missing: {missing_columns}.")
    action = ("Beri judul kolom seperti pada contoh di dokumentasi.", "Name the columns as in the documented example.")


class TooManyRows(Refused):
    """More rows than are taken at once."""

    code = "too_many_rows"
    message = ("Berkas lebih dari {limit} baris.", "The file has more than {limit} rows.")
    action = ("Pecah menjadi beberapa berkas.", "Split it into several files.")


def read_rows(kind: FileKind, content: bytes, columns: Mapping[str, Sequence[str]], needed: Sequence[str]) -> list[Row]:
    """Row number (the headings are row 1) and the cells by column; `columns` has the headings by which each is known.

    Raises FileUnreadable, ColumnsMissing or TooManyRows.
    """
    lines = _csv_lines(content) if kind == "csv" else _xlsx_lines(content)
    places: dict[str, int] | None = None
    rows: list[Row] = []
    number = 1
    try:
        for number, cells in enumerate(lines, start=1):
            if places is None:
                places = _places(cells, columns, needed)
                continue
            if any(cells):
                if len(rows) == MAX_ROWS:
                    raise TooManyRows(limit=MAX_ROWS)
                rows.append((number, {name: cells[place][:MAX_CELL] if place < len(cells) else "" for name, place in places.items()}))
    except (csv.Error, UnicodeDecodeError, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, EOFError) as error:
        raise FileUnreadable(row_number=number) from error
    if places is None:
        raise ColumnsMissing(missing_columns=[columns[name][0] for name in needed])
    return rows


def _csv_lines(content: bytes) -> Iterable[list[str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    first = text.readline()
    text.seek(0)
    separator = max(",;\t", key=first.count)
    for cells in csv.reader(text, delimiter=separator, strict=True):
        yield [cell.replace("\x00", "").strip() for cell in cells]


def _xlsx_lines(content: bytes) -> Iterable[list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > _MAX_UNPACKED:
            raise FileTooLarge(limit_bytes=_MAX_UNPACKED)
    from openpyxl import load_workbook  # costs a start of the service a moment

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for cells in book.worksheets[0].iter_rows(values_only=True):
        yield [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case _:
            return str(cell).replace("\x00", "").strip()


def _places(headings: Sequence[str], columns: Mapping[str, Sequence[str]], needed: Sequence[str]) -> dict[str, int]:
    plain = [heading.strip().lower().replace(" ", "_") for heading in headings]
    places = {name: plain.index(heading) for name, known in columns.items() for heading in known if heading in plain}
    if missing := [columns[name][0] for name in needed if name not in places]:
        raise ColumnsMissing(missing_columns=missing)
    return places
