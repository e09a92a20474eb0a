"""The rows of an official list: what each says, and what is wrong with it."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.mapping.region_imports.domain import ColumnsMissing, ListUnreadable
from services.mapping.regions.codes import MAX_LENGTH, RegionLevel, Scheme, canonical, level_of, numbers_in, parent_of
from services.mapping.regions.domain import RegionKind

HEADINGS = {"code": ("code", "kode", "kode_wilayah"), "name": ("name", "nama", "nama_wilayah"), "parent": ("parent", "induk", "kode_induk", "parent_code")}
VILLAGE_KINDS = {"1": RegionKind.KELURAHAN, "2": RegionKind.DESA, "3": RegionKind.DESA_ADAT}
MAX_NAME = 200
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}")
_FORMULA = ("=", "+", "-", "@", "＝")

HINTS: dict[str, tuple[str, str]] = {
    "code_missing": ("Isi kode wilayah.", "Give the region code."),
    "code_read_as_number": (
        "Kode terbaca sebagai angka; mungkin {candidates}. Atur kolom kode sebagai teks.",
        "The code was read as a number; it may have been {candidates}. Make the column text.",
    ),
    "code_read_as_date": ("Kode terbaca sebagai tanggal. Atur kolom kode sebagai teks.", "The code was read as a date. Make the column text."),
    "code_of_another_scheme": (
        "Ini bentuk kode BPS; gunakan kode Kemendagri, misalnya 11.01.01.2001.",
        "This is how BPS writes codes; use Kemendagri's, such as 11.01.01.2001.",
    ),
    "code_malformed": ("Kode harus berbentuk 11, 11.01, 11.01.01 atau 11.01.01.2001.", "A code looks like 11, 11.01, 11.01.01 or 11.01.01.2001."),
    "village_kind_unknown": (
        "Angka pertama kode desa/kelurahan harus 1 (kelurahan), 2 (desa) atau 3 (desa adat).",
        "The first digit of a village's number must be 1 (kelurahan), 2 (desa) or 3 (desa adat).",
    ),
    "parent_differs": ("Induk tidak sesuai dengan kode; seharusnya {expected}.", "The parent does not fit the code; it should be {expected}."),
    "parent_unknown": (
        "Kecamatan {expected} tidak ada pada daftar ini maupun pada sistem.",
        "The district {expected} is neither in the list nor in the register.",
    ),
    "regency_unknown": (
        "Kabupaten/kota {expected} tidak ada atau sudah berakhir; daftarkan dengan peraturan lebih dahulu.",
        "The regency {expected} does not exist or has ended; register it by decree first.",
    ),
    "upper_level_by_decree": (
        "Provinsi dan kabupaten/kota baru didaftarkan dengan peraturan (/v1/region-changes), bukan lewat daftar.",
        "New provinces and regencies are registered by decree (/v1/region-changes), not by a list.",
    ),
    "duplicate_code": ("Kode ini juga ada pada baris {first_row}; sisakan satu.", "The code is also in row {first_row}; keep one."),
    "name_missing": ("Isi nama wilayah.", "Give the region's name."),
    "name_too_long": ("Nama paling panjang 200 karakter.", "A name has at most 200 characters."),
    "name_control_character": ("Nama mengandung karakter kendali; ketik ulang.", "The name holds control characters; type it again."),
    "name_is_formula": ("Nama diawali tanda rumus; hapus tanda itu.", "The name begins like a formula; remove that sign."),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A district or village as the list names it."""

    row_number: int
    region_code: str
    level: RegionLevel
    kind: RegionKind
    name: str
    parent_region_code: str


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """What is wrong with a row: in which column, with which value, under which code; `facts` fill the hint."""

    row_number: int
    column: str
    value: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListedAbove:
    """A province or regency that the list names and the register has."""

    row_number: int


Checked = Listed | RefusedRow | ListedAbove


def hint(code: str, facts: Mapping[str, str], *, english: bool = False) -> str:
    """The sentence that says what to do about it."""
    return HINTS[code][english].format(**({"candidates": "-", "expected": "-", "first_row": "-"} | dict(facts)))


def read(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number (the headings are row 1) and the values of the columns `code`, `name` and, if there is one, `parent`.

    The separator is that of the first row: comma, semicolon or tab. Raises `ColumnsMissing` and `ListUnreadable`.
    """
    text = iter(lines)
    number = 1
    try:
        first = next(text, "")
        separator = max(",;\t", key=first.count)
        headings = [each.strip().lower() for each in next(csv.reader([first], delimiter=separator, strict=True), [])]
        places = {name: place for name, known in HEADINGS.items() for place, heading in enumerate(headings) if heading in known}
        if missing := [name for name in ("code", "name") if name not in places]:
            raise ColumnsMissing(missing_columns=missing)
        for number, row in enumerate(csv.reader(text, delimiter=separator, strict=True), start=2):
            if any(row):
                yield number, {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
    except (csv.Error, UnicodeDecodeError) as error:
        raise ListUnreadable(row_number=number) from error


def check(number: int, row: Mapping[str, str], upper: Mapping[str, bool]) -> Checked:
    """What a row says, or the first thing that is wrong with it. `upper`: the provinces and regencies known, and whether they are of today."""
    text, name = row["code"], row["name"]
    code = canonical(text, Scheme.KEMENDAGRI)
    if code is None:
        return _unreadable_code(number, text)
    level = level_of(code)
    if level in (RegionLevel.PROVINCE, RegionLevel.REGENCY):
        return ListedAbove(number) if upper.get(code) else RefusedRow(number, "code", code, "upper_level_by_decree")
    parent, regency = parent_of(code) or "", code[:5]
    if not upper.get(regency):
        return RefusedRow(number, "code", code, "regency_unknown", {"expected": regency})
    kind: RegionKind | None = RegionKind.KECAMATAN
    if level is RegionLevel.VILLAGE:
        kind = VILLAGE_KINDS.get(code[9])
    if kind is None:
        # BPS writes ten digits too, whose seventh to tenth begin with 0 in most places.
        return RefusedRow(number, "code", text, "code_of_another_scheme" if text.isdigit() and code[9] == "0" else "village_kind_unknown")
    if row.get("parent") and canonical(row["parent"], Scheme.KEMENDAGRI) != parent:
        return RefusedRow(number, "parent", row["parent"][:MAX_NAME], "parent_differs", {"expected": parent})
    if wrong := _wrong_name(name):
        return RefusedRow(number, "name", "".join(char for char in name[:MAX_NAME] if char.isprintable()), wrong)
    return Listed(number, code, level, kind, name, parent)


def _unreadable_code(number: int, text: str) -> RefusedRow:
    shown = "".join(char for char in text[:MAX_LENGTH] if char.isprintable())
    if not text:
        return RefusedRow(number, "code", shown, "code_missing")
    if _DATE.fullmatch(text):
        return RefusedRow(number, "code", shown, "code_read_as_date")
    if text.isascii() and text.isdigit() and len(text) == 7:
        return RefusedRow(number, "code", shown, "code_of_another_scheme")
    if numbers := numbers_in(text):
        # Of 1.101E+09 the other digits are gone.
        likely = {code for value in numbers if (code := _written_out(value))} if "e" not in text.lower() else set()
        return RefusedRow(number, "code", shown, "code_read_as_number", {"candidates": ", ".join(sorted(likely)) or "-"})
    return RefusedRow(number, "code", shown, "code_malformed")


def _written_out(value: Decimal) -> str | None:
    """The code that a number may have been: 11.1 was 11.10, 110101.0 was 11.01.01."""
    whole = value == value.to_integral_value()
    return canonical(f"{value.to_integral_value():f}" if whole else f"{value:f}".ljust(5, "0"), Scheme.KEMENDAGRI)


def _wrong_name(name: str) -> str | None:
    if not name:
        return "name_missing"
    if len(name) > MAX_NAME:
        return "name_too_long"
    if not name.isprintable():
        return "name_control_character"
    return "name_is_formula" if name.startswith(_FORMULA) else None
