"""Classes of collectability (kolektibilitas) by days past due, and bands of what is outstanding: dated reference data."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "reference" / "collectability.json"


@dataclass(frozen=True, slots=True)
class Collectability:
    """The rules that hold on a day; bounds are inclusive, and the last of each has none."""

    source: str
    classes: list[tuple[int, int | None]]
    bands: list[tuple[str, int | None]]

    def class_of(self, days_past_due: int) -> int:
        """1 (lancar) to 5 (macet)."""
        return next(number for number, up_to in self.classes if up_to is None or days_past_due <= up_to)

    def days_until_next(self, days_past_due: int) -> int | None:
        """Past due by so many days it is in the next class; nothing for the last one."""
        up_to = next(up_to for _, up_to in self.classes if up_to is None or days_past_due <= up_to)
        return None if up_to is None else up_to + 1

    def band_of(self, outstanding_idr: int) -> str:
        """A code that tells the order of magnitude and no more."""
        return next(code for code, up_to in self.bands if up_to is None or outstanding_idr <= up_to)


@cache
def _rules() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = json.loads(_FILE.read_text())
    return rules


@cache
def collectability_on(day: date) -> Collectability:
    """The rules in force on a day; before the first, the first."""
    rules = _rules()
    rule = next((each for each in reversed(rules) if date.fromisoformat(each["valid_from"]) <= day), rules[0])
    return Collectability(
        source=rule["source"],
        classes=[(each["collectability_class"], each["up_to_days"]) for each in rule["classes"]],
        bands=[(each["code"], each["up_to_idr"]) for each in rule["outstanding_bands"]],
    )
