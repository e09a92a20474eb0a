"""The rules of visits, by the day on which they hold; `reference/rules.json` has one entry for each version."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path

from shared.errors import Refused

_FILE = Path(__file__).parent / "reference" / "rules.json"


class NoVisitRules(Refused):
    """No version of the rules holds on that day."""

    code = "no_visit_rules"
    message = ("Tidak ada ketentuan kunjungan yang berlaku pada {on}.", "No rules of visits are in force on {on}.")
    action = ("Gunakan tanggal sejak {first}.", "Use a date from {first} on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRules:
    """One version; dates are included, `valid_to` null means until further notice. Hours are those of the region.

    A group meets at the same place again and again, so nearness has a distance of its own there; exactly the same point is always too near.
    """

    version: int
    valid_from: date
    valid_to: date | None
    source: str
    near_metres: int
    near_metres_same_group: int
    catchment_km: int
    minimum_minutes: int
    earliest: time
    latest: time
    missed_after_days: int
    report_within_days: int
    utc_offset_hours: int
    other_utc_offset_hours: Mapping[str, tuple[str, ...]]

    def overdue(self, on: date) -> date:
        """Visits planned for this day or before are overdue: the days of grace are over."""
        return on - timedelta(days=self.missed_after_days + 1)

    def local(self, instant: datetime, region_code: str) -> datetime:
        """The clock of a region: WIB, WITA or WIT. None of them has daylight saving."""
        hours = next((int(each) for each, provinces in self.other_utc_offset_hours.items() if region_code[:2] in provinces), self.utc_offset_hours)
        return instant.astimezone(timezone(timedelta(hours=hours)))


@cache
def all_rules() -> tuple[VisitRules, ...]:
    """Every version, the earliest first."""
    made = (
        VisitRules(
            **entry
            | {
                "valid_from": date.fromisoformat(entry["valid_from"]),
                "valid_to": date.fromisoformat(entry["valid_to"]) if entry["valid_to"] else None,
                "earliest": time.fromisoformat(entry["earliest"]),
                "latest": time.fromisoformat(entry["latest"]),
                "other_utc_offset_hours": {hours: tuple(provinces) for hours, provinces in entry["other_utc_offset_hours"].items()},
            }
        )
        for entry in json.loads(_FILE.read_text(encoding="utf-8"))
    )
    return tuple(sorted(made, key=lambda each: each.valid_from))


def visit_rules_on(on: date) -> VisitRules:
    """The version in force on a day; `NoVisitRules` for none."""
    for each in all_rules():
        if each.valid_from <= on and (each.valid_to is None or on <= each.valid_to):
            return each
    raise NoVisitRules(on=str(on), first=str(all_rules()[0].valid_from))
