"""The diagnosis of a business: instruments by version, scores, bands, and what changed between two diagnoses.

`reference/instruments.json` has one entry for each version. Only two diagnoses with the same version can be compared.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from uuid import UUID

from shared.errors import Refused

_FILE = Path(__file__).parent / "reference" / "instruments.json"


class UnknownInstrument(Refused):
    """There is no instrument of that version, or none in force."""

    code = "unknown_instrument"
    message = ("Tidak ada instrumen versi ini yang berlaku.", "No instrument of this version is in force.")
    action = ("Lihat GET /facilitation/v1/diagnosis-instruments.", "See GET /facilitation/v1/diagnosis-instruments.")


class InstrumentVersionDiffers(Refused):
    """Change is computed on one instrument: that of the baseline."""

    code = "instrument_version_differs"
    message = ("Pendampingan ini memakai instrumen versi {baseline_version}.", "This mentoring uses version {baseline_version} of the instrument.")
    action = ("Gunakan versi {baseline_version} agar perubahannya dapat dihitung.", "Use version {baseline_version}, so that change can be computed.")


class ItemsDiffer(Refused):
    """Every item is scored, from 0 to the instrument's most, and no other one."""

    code = "instrument_items_differ"
    message = (
        "Nilai tidak sesuai instrumen: kurang {missing}; tidak dikenal {unknown}; di luar 0-{max_points}: {outside}.",
        "The scores do not fit the instrument: missing {missing}; unknown {unknown}; outside 0-{max_points}: {outside}.",
    )
    action = ("Nilai setiap butir sekali.", "Score every item once.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A question of the instrument (butir)."""

    code: str
    area: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A class of scores, from a percentage on."""

    code: str
    from_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One version of the instrument (instrumen diagnosis)."""

    version: int
    valid_from: date
    valid_to: date | None
    source: str
    max_points: int
    items: tuple[Item, ...]
    bands: tuple[Band, ...]

    def check(self, points: Mapping[str, int]) -> None:
        """Refuse scores that do not fit."""
        codes = {item.code for item in self.items}
        missing, unknown = sorted(codes - points.keys()), sorted(points.keys() - codes)
        outside = sorted(code for code, value in points.items() if not 0 <= value <= self.max_points)
        if missing or unknown or outside:
            raise ItemsDiffer(missing=missing, unknown=unknown, outside=outside, max_points=self.max_points)

    def percent(self, all_points: Iterable[Mapping[str, int]]) -> Fraction:
        """The mean score of some diagnoses in percent of the most."""
        totals = [sum(points.values()) for points in all_points]
        return Fraction(100 * sum(totals), len(totals) * len(self.items) * self.max_points)

    def band(self, percent: Fraction) -> str:
        """The highest band that a percentage reaches."""
        return max((band for band in self.bands if percent >= band.from_percent), key=lambda band: band.from_percent).code


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """An enterprise scored on a day; `visit_id` says at which visit, if at one."""

    id: UUID
    enterprise_id: UUID
    instrument_version: int
    points: dict[str, int]
    band: str
    on: date
    visit_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """An item at the first and at the last diagnosis."""

    code: str
    baseline: int
    latest: int
    change: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed for an enterprise between its first and its last diagnosis, item by item and by band."""

    enterprise_id: UUID
    instrument_version: int
    baseline_on: date
    latest_on: date
    baseline_band: str
    latest_band: str
    points_change: int
    items: list[ItemChange]


def change_of(diagnoses: Sequence[Diagnosis]) -> Change | None:
    """The change over the diagnoses of one enterprise in the order in which they were made; nothing before the second."""
    if len(diagnoses) < 2:
        return None
    first, last = diagnoses[0], diagnoses[-1]
    items = [ItemChange(code=code, baseline=was, latest=last.points[code], change=last.points[code] - was) for code, was in first.points.items()]
    return Change(
        enterprise_id=first.enterprise_id,
        instrument_version=first.instrument_version,
        baseline_on=first.on,
        latest_on=last.on,
        baseline_band=first.band,
        latest_band=last.band,
        points_change=sum(item.change for item in items),
        items=items,
    )


@cache
def instruments() -> dict[int, Instrument]:
    """Every version."""
    made = {}
    for entry in json.loads(_FILE.read_text(encoding="utf-8")):
        made[entry["version"]] = Instrument(
            **entry
            | {
                "valid_from": date.fromisoformat(entry["valid_from"]),
                "valid_to": date.fromisoformat(entry["valid_to"]) if entry["valid_to"] else None,
                "items": tuple(Item(**each) for each in entry["items"]),
                "bands": tuple(Band(**each) for each in entry["bands"]),
            }
        )
    return made


def instrument_to_use(version: int, on: date, baseline_version: int | None) -> Instrument:
    """The instrument of a version: the baseline's once there is one, before that one that is in force."""
    if baseline_version is not None and version != baseline_version:
        raise InstrumentVersionDiffers(baseline_version=baseline_version)
    found = instruments().get(version)
    if found is None or (baseline_version is None and not (found.valid_from <= on and (found.valid_to is None or on <= found.valid_to))):
        raise UnknownInstrument
    return found
