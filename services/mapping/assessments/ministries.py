"""Which ministry is in charge of a sector (kementerian pembina sektor), on a day, by which regulation."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "ministries.csv"
EVERY_SECTOR = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ministry:
    """A ministry in charge, from `valid_from` to `valid_to`, both included.

    `sector` is a section of KBLI, a section with a division of it (`A03`), or `*` for those in charge across sectors.
    `citation_checked` is false as long as nobody compared `legal_basis` with the published text; `note` says what is open.
    """

    sector: str
    ministry_code: str
    field: str
    name_id: str
    name_en: str
    legal_basis: str
    valid_from: date
    valid_to: date | None
    citation_checked: bool
    note: str


def ministries_of(sector: str, on: date) -> list[Ministry]:
    """In charge of a sector on that day, those across sectors last.

    The longest code that fits decides: `A03` is fisheries alone, `A` is farming and fisheries. A category of BPS that joins
    sections (`R,S,T,U`) has the ministries of each.
    """
    in_force = [each for each in all_ministries() if each.valid_from <= on and (each.valid_to is None or on <= each.valid_to)]
    own = [ministry for part in sector.split(",") for ministry in _closest(in_force, part)]
    across = [each for each in in_force if each.sector == EVERY_SECTOR]
    return list({each.ministry_code: each for each in [*own, *across]}.values())


@cache
def all_ministries() -> tuple[Ministry, ...]:
    """Every line of the table."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_ministry(row) for row in csv.DictReader(file, strict=True))


def _closest(in_force: Sequence[Ministry], part: str) -> list[Ministry]:
    fitting = [each.sector for each in in_force if part.startswith(each.sector)]
    return [each for each in in_force if each.sector == max(fitting, key=len, default=None)]


def _ministry(row: dict[str, str]) -> Ministry:
    return Ministry(
        sector=row["sector"],
        ministry_code=row["ministry_code"],
        field=row["field"],
        name_id=row["name_id"],
        name_en=row["name_en"],
        legal_basis=row["legal_basis"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        citation_checked=row["citation_checked"] == "yes",
        note=row["note"],
    )
