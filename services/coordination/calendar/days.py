"""Working days of the Indonesian civil service.

`reference/holidays.csv` lists the days decreed by the three ministers (SKB Menteri Agama, Menteri Ketenagakerjaan, Menteri PANRB) or by
the President for 2022 to 2027, after amendments of the year. `checked` is true where a stored publication of the list was compared with
it day by day; the numbers of the decrees of 2022, 2024 and of later amendments were not compared with the gazette. The two days of
Idulfitri and Iduladha rest on the decree; the sighting of the moon may still move them.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "holidays.csv"
_DAY = timedelta(days=1)
_FIXED: Mapping[tuple[int, int], tuple[str, str]] = {
    (1, 1): ("Tahun Baru Masehi", "New Year's Day"),
    (5, 1): ("Hari Buruh", "Labour Day"),
    (6, 1): ("Hari Lahir Pancasila", "Pancasila Day"),
    (8, 17): ("Hari Kemerdekaan", "Independence Day"),
    (12, 25): ("Natal", "Christmas"),
}
"""What is known of years without a decree."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Decreed days off, by day, as (Indonesian, English), and the years that have a decree."""

    decreed: Mapping[date, tuple[str, str]]
    years: frozenset[int]

    def why_not(self, day: date) -> tuple[str, str] | None:
        """Why a day is no working day, in Indonesian and English; None for a working day."""
        if found := self.decreed.get(day):
            return found
        if self.is_provisional(day) and (fixed := _FIXED.get((day.month, day.day))):
            return fixed
        if day.weekday() >= 5:
            return ("Sabtu", "Saturday") if day.weekday() == 5 else ("Minggu", "Sunday")
        return None

    def is_working_day(self, day: date) -> bool:
        """Neither weekend, holiday nor joint leave."""
        return self.why_not(day) is None

    def is_provisional(self, day: date) -> bool:
        """Whether the year has no decree yet: only weekends and the holidays of fixed date are known."""
        return day.year not in self.years

    def on_or_after(self, day: date) -> date:
        """The day itself, or the next working day."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def plus(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, before it for a negative count; 0 gives `day` itself."""
        forwards = _DAY if count > 0 else -_DAY
        for _ in range(abs(count)):
            day += forwards
            while not self.is_working_day(day):
                day += forwards
        return day

    def between(self, start: date, end: date) -> int:
        """How many working days come after `start`, up to and including `end`; negative when `end` is the earlier one."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


@cache
def calendar() -> Calendar:
    """The calendar as decreed."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    decreed: dict[date, tuple[str, str]] = {}
    for row in rows:
        joint = row["kind"] == "joint_leave"
        names = (f"Cuti bersama {row['name_id']}", f"Joint leave, {row['name_en']}") if joint else (row["name_id"], row["name_en"])
        decreed.setdefault(date.fromisoformat(row["day"]), names)
    return Calendar(decreed, frozenset(day.year for day in decreed))
