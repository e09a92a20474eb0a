"""Files for people: the template with its lists of codes, and the refused rows to be mended and sent again by themselves."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from services.mapping.figure_imports.reading import TEMPLATE_VERSION
from services.mapping.figure_imports.values import hint

COLUMNS = ("kode", "nama", "indikator", "periode", "nilai", "galat", "alasan")
"""The columns of the template; `nama` is there to be read by people and is not taken in."""

_GUIDE = (
    ("Isi satu baris untuk setiap wilayah. Kolom kode adalah teks: 11.10, bukan 11,1.", "One row a region. The column of codes is text: 11.10, not 11.1."),
    ("Nilai yang tidak ada: kosongkan nilai dan isi alasan. Jangan tulis 0.", "Where there is no value leave nilai empty and give alasan. Do not write 0."),
    ("Galat ialah galat baku atau batas kesalahan dalam satuan yang sama.", "galat is the standard error or margin, in the same unit."),
    ("Jangan ubah judul kolom; kolom terakhir menyatakan versi templat.", "Leave the headings as they are; the last states the version."),
)


def template_csv(regions: Iterable[tuple[str, str]], indicator: str, period: str) -> bytes:
    """A row for every region, to be filled in."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, f"templat_{TEMPLATE_VERSION}"])
    writer.writerows([code, name, indicator, period, "", "", ""] for code, name in regions)
    return out.getvalue().encode("utf-8-sig")  # so that spreadsheets take it for UTF-8


def template_xlsx(
    regions: Sequence[tuple[str, str]], indicators: Sequence[tuple[str, str, str]], sources: Sequence[tuple[str, str]], indicator: str, period: str
) -> bytes:
    """The same as a workbook with the lists of regions, indicators (code, name, unit) and sources (code, title) beside it."""
    import xlsxwriter  # costs a start of the service a moment

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "bg_color": "#0d3b45", "font_color": "white"})
        sheet = book.add_worksheet("angka")
        sheet.write_row(0, 0, [*COLUMNS, f"templat_{TEMPLATE_VERSION}"], head)
        for column, width in enumerate((10, 34, 26, 10, 16, 12, 30, 12)):
            sheet.set_column(column, column, width, text if column in (0, 3) else None)
        for row, (code, name) in enumerate(regions, start=1):
            for column, cell in enumerate((code, name, indicator, period)):
                sheet.write_string(row, column, cell, text)
        sheet.freeze_panes(1, 2)
        lists: list[tuple[str, Sequence[str], Iterable[Sequence[str]]]] = [
            ("petunjuk", ("petunjuk", "guide"), _GUIDE),
            ("indikator", ("indikator", "nama", "satuan"), indicators),
            ("sumber", ("sumber", "judul"), sources),
        ]
        for title, headings, rows in lists:
            other = book.add_worksheet(title)
            other.write_row(0, 0, headings, head)
            other.set_column(0, len(headings) - 1, 60 if title == "petunjuk" else 34)
            for row, cells in enumerate(rows, start=1):
                for column, cell in enumerate(cells):
                    other.write_string(row, column, cell)
    return out.getvalue()


def refused_xlsx(rows: Iterable[Any], indicator: str | None, period: str | None) -> bytes:
    """The refused rows with what is wrong, under the headings of the template: mended, the file can be sent by itself.

    The value is given where it was refused; what was right in its row is to be copied from the file.
    """
    import xlsxwriter  # costs a start of the service a moment

    out = io.BytesIO()
    headings = (*COLUMNS, f"templat_{TEMPLATE_VERSION}", "baris", "kolom", "kode_galat", "petunjuk", "guide")
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "bg_color": "#7a1f1f", "font_color": "white"})
        sheet = book.add_worksheet("ditolak")
        sheet.write_row(0, 0, headings, head)
        sheet.set_column(0, len(headings) - 1, 16, text)
        sheet.set_column(11, 12, 70)
        for number, row in enumerate(rows, start=1):
            cells = {"indikator": indicator or "", "periode": period or ""} | {row.column_name: row.value}
            said = (str(row.row_number), row.column_name, row.code, hint(row.code, row.facts), hint(row.code, row.facts, english=True))
            for column, cell in enumerate((*(cells.get(name, "") for name in COLUMNS), "", *said)):
                sheet.write_string(number, column, cell, text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
