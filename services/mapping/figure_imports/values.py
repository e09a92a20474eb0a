"""One figure as it is written in a file: what it is, or what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from services.mapping.figure_imports.domain import Decimals

MAX_DIGITS = 30
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?|1900-.*")
_FORMULA = ("=", "@", "＝")
_POINT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_COMMA = re.compile(r"-?[0-9]+(,[0-9]+)?")
_GROUPED = re.compile(r"-?[0-9]{1,3}([.,][0-9]{3})+([.,][0-9]+)?")

RANGES: Mapping[str, tuple[Decimal | None, Decimal | None]] = {
    "percent": (Decimal(0), Decimal(100)),
    "index": (Decimal(0), Decimal(100)),
    "years": (Decimal(0), Decimal(150)),
    "persons": (Decimal(0), Decimal(10**9)),
    "thousand_idr": (Decimal(0), Decimal(10**9)),
    "million_idr": (Decimal(0), Decimal(10**12)),
}
"""Between which figures a unit can lie."""
WHOLE = frozenset({"persons"})

HINTS: dict[str, tuple[str, str]] = {
    "value_missing": ("Isi nilai, atau kolom alasan bila angkanya memang tidak ada.", "Give a value, or the column alasan where there is none."),
    "value_and_reason": ("Nilai dan alasan tidak boleh diisi bersamaan.", "Give a value or a reason why there is none, not both."),
    "formula": ("Sel berisi rumus; salin sebagai nilai (Paste Special > Values).", "The cell holds a formula; copy it as a value (Paste Special > Values)."),
    "date_for_number": (
        "Lembar kerja mengubah angka ini menjadi tanggal atau jam. Atur kolom nilai sebagai angka, lalu ketik ulang dari sumbernya.",
        "The spreadsheet turned this number into a date or a time. Make the column numbers and type it again from the source.",
    ),
    "decimal_comma": (
        "Angka memakai koma desimal, padahal dinyatakan titik. Kirim dengan decimals=comma.",
        "The number has a decimal comma, but a point was declared. Send the file with decimals=comma.",
    ),
    "decimal_point": (
        "Angka memakai titik desimal, padahal dinyatakan koma. Kirim dengan decimals=point.",
        "The number has a decimal point, but a comma was declared. Send the file with decimals=point.",
    ),
    "thousands_separator": ("Tulis tanpa pemisah ribuan, misalnya 1234567.", "Write it without separators of thousands, such as 1234567."),
    "not_a_number": ("Ini bukan angka.", "This is not a number."),
    "out_of_range": ("Nilai di luar rentang satuan {unit} ({low} sampai {high}).", "The value is outside the range of {unit} ({low} to {high})."),
    "not_whole": ("Satuan {unit} harus bilangan bulat.", "{unit} are whole numbers."),
    "code_missing": ("Isi kode wilayah.", "Give the region code."),
    "unknown_code": ("Kode ini tidak ada pada skema yang dinyatakan.", "This code does not exist in the scheme declared."),
    "code_of_another_scheme": (
        "Kode ini milik skema {found_in_schemes}; nyatakan skema yang benar.",
        "This code is one of {found_in_schemes}; declare the right scheme.",
    ),
    "code_read_as_number": (
        "Kode terbaca sebagai angka; mungkin {candidates}. Atur kolom kode sebagai teks.",
        "The code was read as a number; it may have been {candidates}. Make the column of codes text.",
    ),
    "ambiguous_code": (
        "Wilayah ini telah dimekarkan menjadi {candidates}; kirim angka menurut wilayah sekarang.",
        "This region was divided into {candidates}; send figures of the regions of today.",
    ),
    "indicator_unknown": ("Indikator ini tidak dikenal; lihat GET /v1/indicators.", "This indicator is not known; see GET /v1/indicators."),
    "indicator_derived": ("Indikator ini dihitung sistem; kirim angka dasarnya.", "This indicator is computed here; send the figures it is computed from."),
    "period_malformed": ("Periode harus berbentuk 2024, 2024-03, 2024-S1 atau 2024-Q1.", "A period looks like 2024, 2024-03, 2024-S1 or 2024-Q1."),
    "duplicate_row": (
        "Wilayah, indikator dan periode ini juga ada pada baris {first_row}; sisakan satu.",
        "The same region, indicator and period are in row {first_row}; keep one.",
    ),
    "text_too_long": ("Isi sel terlalu panjang.", "The cell holds too much."),
}


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """What is wrong with a row: in which column, with which value, under which code; `facts` fill the hint."""

    row_number: int
    column: str
    value: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)


def hint(code: str, facts: Mapping[str, str], *, english: bool = False) -> str:
    """The sentence that says what to do about it."""
    defaults = {"candidates": "-", "found_in_schemes": "-", "first_row": "-", "unit": "-", "low": "-", "high": "-"}
    return HINTS[code][english].format(**(defaults | dict(facts)))


def parsed(text: str, decimals: Decimals) -> Decimal | str:
    """The figure, exactly as written, or the code of what is wrong with it. No guessing: 1.234 is refused, not read one way or the other."""
    if len(text) > MAX_DIGITS:
        return "not_a_number"
    if (_POINT if decimals == "point" else _COMMA).fullmatch(text):
        return Decimal(text if decimals == "point" else text.replace(",", "."))
    if text.startswith(_FORMULA):
        return "formula"
    if _DATE.fullmatch(text):
        return "date_for_number"
    if _GROUPED.fullmatch(text):
        return "thousands_separator"
    if decimals == "point" and _COMMA.fullmatch(text):
        return "decimal_comma"
    if decimals == "comma" and _POINT.fullmatch(text):
        return "decimal_point"
    try:
        exact = Decimal(text)  # 1.5E+3, as spreadsheets write large numbers
    except InvalidOperation:
        return "not_a_number"
    return exact if exact.is_finite() and "e" in text.lower() and abs(exact.adjusted()) <= MAX_DIGITS else "not_a_number"


def out_of_range(value: Decimal, unit: str) -> tuple[str, dict[str, str]] | None:
    """What is wrong with a figure of this unit, if anything."""
    low, high = RANGES.get(unit, (None, None))
    if (low is not None and value < low) or (high is not None and value > high):
        return "out_of_range", {"unit": unit, "low": str(low), "high": str(high)}
    if unit in WHOLE and value != value.to_integral_value():
        return "not_whole", {"unit": unit}
    return None
