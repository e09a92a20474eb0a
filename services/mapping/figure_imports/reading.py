"""Rows of files of figures: what their columns are called, and Parquet beside CSV and XLSX."""

import re
from collections.abc import Generator, Sequence
from functools import partial
from typing import IO

from services.mapping.figure_imports.errors import FigureColumnsMissing, TemplateOutdated
from shared.files import reading
from shared.files.errors import FileUnreadable
from shared.files.reading import MAX_CELL, Row, as_text

__all__ = ["MAX_CELL", "TEMPLATE_VERSION", "Row", "read_csv", "read_parquet", "read_xlsx"]
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
PARQUET_BATCH = 5_000


def read_csv(file: IO[bytes], needed: Sequence[str]) -> Generator[Row]:
    """Rows of CSV. Raises FigureColumnsMissing, TemplateOutdated or FileUnreadable."""
    return reading.read_csv(file, partial(_places, needed=needed))


def read_xlsx(file: IO[bytes], needed: Sequence[str]) -> Generator[Row]:
    """Rows of the first sheet of a workbook. Raises also WorkbookTooLarge."""
    return reading.read_xlsx(file, partial(_places, needed=needed))


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
                yield number, {name: as_text(cell) for name, cell in zip(columns, row, strict=True)}
    except (ArrowException, OSError, ValueError) as error:
        raise FileUnreadable(row_number=number) from error


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
