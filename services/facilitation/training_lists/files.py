"""Lists as CSV in UTF-8: a heading row, then `enrolment_id` and `hadir` or `nilai`; comma, semicolon or tab."""

import csv
import io

from services.facilitation.training_lists.domain import FileNotUtf8, HeadingsMissing, ListKind, ListRow

_WHO = ("enrolment_id", "id_peserta")
_WHAT = {
    ListKind.ATTENDANCE: ("hadir", "present"),
    ListKind.PRE_TEST: ("nilai", "score"),
    ListKind.POST_TEST: ("nilai", "score"),
}
_LONGEST = 100


def read(body: bytes, kind: ListKind) -> list[ListRow]:
    """The rows, numbered as a spreadsheet shows them; empty ones are left out, other columns are not looked at."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileNotUtf8 from None
    if "\x00" in text:
        raise FileNotUtf8
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise FileNotUtf8 from None
    headings = [heading.strip().lower() for heading in lines[0]] if lines else []
    who, what = _column(headings, _WHO), _column(headings, _WHAT[kind])
    if who is None or what is None:
        raise HeadingsMissing(expected=[_WHO[0], _WHAT[kind][0]])
    return [
        ListRow(row=number, enrolment_id=_cell(line, who), value=_cell(line, what))
        for number, line in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in line)
    ]


def _column(headings: list[str], names: tuple[str, ...]) -> int | None:
    return next((headings.index(name) for name in names if name in headings), None)


def _cell(line: list[str], column: int) -> str:
    return line[column].strip()[:_LONGEST] if column < len(line) else ""
