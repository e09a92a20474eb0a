"""A group's turnover of a month, and how much of a change is a linkage's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Self
from uuid import UUID

from services.facilitation.located import Located
from shared.contracts.facilitation_market import GroupTurnoverCorrected, GroupTurnoverRecorded
from shared.errors import Conflict, Refused
from shared.money import Rupiah

_FILE = Path(__file__).parent / "reference" / "attribution.json"


class MonthNotOver(Refused):
    """A month is recorded when it is over."""

    code = "month_not_over"
    message = ("Bulan {month} belum selesai.", "The month {month} is not over.")
    action = ("Catat sesudah bulan berakhir.", "Record it when the month is over.")


class TurnoverExists(Conflict):
    """A month is recorded once and then corrected."""

    code = "turnover_exists"
    message = ("Omzet bulan itu sudah dicatat.", "The turnover of that month is recorded.")
    action = ("Koreksi catatan yang ada.", "Correct the record that exists.")


class LinkageNotBegun(Refused):
    """There is no before and after without a beginning."""

    code = "linkage_not_begun"
    message = ("Kemitraan belum berkontrak.", "The linkage has no contract yet.")
    action = ("Catat kontraknya terlebih dahulu.", "Record the contract first.")


@dataclass(eq=False, kw_only=True)
class GroupTurnover(Located):
    """What a group's enterprises sold in a month together, from all sources."""

    group_id: UUID
    month: str
    turnover_idr: Rupiah

    @classmethod
    def record_month(cls, *, id: UUID, group_id: UUID, region_code: str, month: str, turnover_idr: Rupiah, on: date) -> Self:
        """Record a month that is over."""
        if month >= f"{on:%Y-%m}":
            raise MonthNotOver(month=month)
        turnover = cls(id=id, region_code=region_code, group_id=group_id, month=month, turnover_idr=turnover_idr)
        turnover.record(GroupTurnoverRecorded(turnover_id=id, group_id=group_id, month=month, turnover_idr=turnover_idr))
        return turnover

    def correct(self, turnover_idr: Rupiah, reason_code: str) -> None:
        """Another figure; the same changes nothing."""
        if turnover_idr == self.turnover_idr:
            return
        self.turnover_idr = turnover_idr
        self.record(GroupTurnoverCorrected(turnover_id=self.id, turnover_idr=turnover_idr, reason_code=reason_code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """A named method: so many months before the one of the contract, and as many from it on."""

    valid_from: date
    valid_to: date | None
    source: str
    method_code: str
    months: int
    assumption_id: str
    assumption_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Monthly means in whole rupiah, rounded down, over the months recorded; null where none is. Missing months are named, not taken for 0."""

    before_months: list[str]
    after_months: list[str]
    missing_months: list[str]
    before_mean_idr: int | None
    after_mean_idr: int | None
    change_idr: int | None
    paid_mean_idr: int | None
    attributed_idr: int | None


@cache
def _attributions() -> tuple[Attribution, ...]:
    return tuple(
        Attribution(
            **entry | {"valid_from": date.fromisoformat(entry["valid_from"]), "valid_to": date.fromisoformat(entry["valid_to"]) if entry["valid_to"] else None}
        )
        for entry in json.loads(_FILE.read_text(encoding="utf-8"))
    )


def attribution_on(on: date) -> Attribution:
    """The method of a day; `LookupError` before the first."""
    for each in _attributions():
        if each.valid_from <= on and (each.valid_to is None or on <= each.valid_to):
            return each
    raise LookupError(f"no method of attribution was in force on {on}")


def shifted(month: str, by: int) -> str:
    """The month so many months later."""
    count = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def effect(start: str, on: date, method: Attribution, turnovers: Mapping[str, int], paid: Mapping[str, int]) -> Effect:
    """Compare the months before `start` with those from it on that are over; `paid` is what this linkage's orders brought by month."""
    last = f"{on:%Y-%m}"
    before = [shifted(start, -back) for back in range(method.months, 0, -1)]
    after = [month for ahead in range(method.months) if (month := shifted(start, ahead)) < last]
    known_before, known_after = [each for each in before if each in turnovers], [each for each in after if each in turnovers]
    before_mean, after_mean = _mean(known_before, turnovers), _mean(known_after, turnovers)
    paid_mean = sum(paid.get(month, 0) for month in known_after) // len(known_after) if known_after else None
    change = None if before_mean is None or after_mean is None else after_mean - before_mean
    return Effect(
        before_months=known_before,
        after_months=known_after,
        missing_months=[month for month in [*before, *after] if month not in turnovers],
        before_mean_idr=before_mean,
        after_mean_idr=after_mean,
        change_idr=change,
        paid_mean_idr=paid_mean,
        attributed_idr=None if change is None or paid_mean is None else max(0, min(change, paid_mean)),
    )


def _mean(months: list[str], turnovers: Mapping[str, int]) -> int | None:
    return sum(turnovers[month] for month in months) // len(months) if months else None
