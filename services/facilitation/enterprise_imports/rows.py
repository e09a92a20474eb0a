"""A row of a file of enterprises: what its columns are called, and what becomes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from services.facilitation.enterprises.api import RegisterEnterprise
from shared.errors import Problem, Refused

COLUMNS = {
    "name": "nama_usaha",
    "owner_name": "nama_pemilik",
    "owner_nik": "nik",
    "owner_sex": "jenis_kelamin",
    "region_code": "kode_wilayah",
    "kbli_section": "kategori_kbli",
    "kbli_code": "kode_kbli",
    "capital_idr": "modal",
    "annual_sales_idr": "penjualan_setahun",
    "nib": "nib",
    "consent_purpose": "tujuan_persetujuan",
    "consent_on": "tanggal_persetujuan",
}
"""The fields of an enterprise and the headings of their columns; a field's own name is a heading too."""
OPTIONAL = ("owner_sex", "kbli_code", "nib")
_SEXES = {"l": "male", "laki-laki": "male", "p": "female", "perempuan": "female"}
EXAMPLE = {
    "name": "Tenun Ikat Mama Lodia",
    "owner_name": "Lodia Nenohai",
    "owner_nik": "5304995708890001",
    "owner_sex": "P",
    "region_code": "53.04",
    "kbli_section": "C",
    "kbli_code": "13122",
    "capital_idr": "15000000",
    "annual_sales_idr": "48000000",
    "nib": "",
    "consent_purpose": "programme_facilitation",
    "consent_on": "2024-01-15",
}
HINTS = {
    "missing_value": ("Isi kolom ini.", "Fill in this column."),
    "invalid_value": ("Isi seperti pada templat.", "Write it as the template does."),
    "formula": ("Sel berisi rumus; salin sebagai nilai.", "The cell holds a formula; copy it as a value."),
    "outside_your_regions": ("Wilayah ini di luar kewenangan Anda.", "This region is outside your scope."),
    "nik_in_file_twice": ("NIK ini ada pada baris sebelumnya.", "This NIK is in an earlier row."),
    "nib_in_file_twice": ("NIB ini ada pada baris sebelumnya.", "This NIB is in an earlier row."),
}
"""What to do about rows that are refused for what they are; problems of the register bring their own advice."""


class EnterpriseColumnsMissing(Refused):
    """The first row does not name the columns."""

    code = "columns_missing"
    message = ("Baris pertama harus memuat kolom: {missing_columns}.", "The first row must name the columns {missing_columns}.")
    action = ("Gunakan templat: GET /v1/enterprise-imports/template.", "Use the template: GET /v1/enterprise-imports/template.")


class RowRefused(Exception):
    """A row is not taken."""

    def __init__(self, column: str, code: str) -> None:
        self.column = column
        self.code = code
        super().__init__(code)


def places_of(headings: Sequence[str]) -> dict[str, int]:
    """Where each field is; `EnterpriseColumnsMissing` when one that is needed is nowhere."""
    plain = [heading.strip().lower().replace(" ", "_") for heading in headings]
    places = {field: place for field, name in COLUMNS.items() for place, heading in enumerate(plain) if heading in (name, field)}
    if missing := [name for field, name in COLUMNS.items() if field not in places and field not in OPTIONAL]:
        raise EnterpriseColumnsMissing(missing_columns=missing)
    return places


def parsed(cells: Mapping[str, str]) -> RegisterEnterprise:
    """The enterprise that a row describes; `RowRefused` names the first column that is wrong."""
    given: dict[str, Any] = {field: cell for field, cell in cells.items() if cell}
    for field, cell in given.items():
        if cell[0] in "=+@\t\r":
            raise RowRefused(COLUMNS[field], "formula")
    for field in ("capital_idr", "annual_sales_idr"):
        cell = given.get(field, "")
        if cell.isdecimal() and cell.isascii() and len(cell) < 19:
            given[field] = int(cell)
    if "owner_sex" in given:
        given["owner_sex"] = _SEXES.get(given["owner_sex"].lower(), given["owner_sex"])
    try:
        return RegisterEnterprise.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "name"
        raise RowRefused(COLUMNS.get(field, field), "missing_value" if first["type"] == "missing" else "invalid_value") from None


def advice(code: str) -> tuple[str, str]:
    """What to do about a refused row, in Indonesian and in English."""
    if code in HINTS:
        return HINTS[code]
    return next(problem.action for problem in _problems(Problem) if getattr(problem, "code", None) == code)


def _problems(of: type[Problem]) -> list[type[Problem]]:
    return [problem for each in of.__subclasses__() for problem in (each, *_problems(each))]
