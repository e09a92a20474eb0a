"""The rows of a file of figures: what each says, in the codes of today, or the first thing that is wrong with it."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.mapping.assessments.periods import last_day
from services.mapping.figure_imports.domain import Declared
from services.mapping.figure_imports.reading import MAX_CELL
from services.mapping.figure_imports.values import RefusedRow, out_of_range, parsed
from services.mapping.regions.crosswalk import Crosswalk, at
from services.mapping.regions.errors import CodeRefused

_PERIOD = re.compile(r"[12][0-9]{3}(-(0[1-9]|1[0-2])|-S[12]|-Q[1-4])?")


class StagedRow(NamedTuple):
    """A figure that may be taken over; `value` None with a reason where there is none."""

    row_number: int
    indicator_code: str
    period: str
    region_code: str
    value: Decimal | None
    margin: Decimal | None
    missing_reason: str | None


class Checker:
    """Checks one row after the other; what a code means is found once.

    `units` are those of the published indicators by code; `derived` are indicators that are computed here.
    """

    def __init__(self, declared: Declared, crosswalk: Crosswalk, units: Mapping[str, str], derived: frozenset[str]) -> None:
        self._declared, self._crosswalk, self._units, self._derived = declared, crosswalk, units, derived
        self._regions: dict[tuple[str, str], str | tuple[str, dict[str, str]]] = {}
        self._days: dict[str, date | None] = {}

    def check(self, number: int, row: Mapping[str, str]) -> StagedRow | RefusedRow:
        """What the row says, or the first thing wrong with it, from left to right."""
        declared = self._declared
        text = row["value"]
        if len(text) > MAX_CELL or len(row["code"]) > MAX_CELL:
            return RefusedRow(number, "nilai", text[:MAX_CELL], "text_too_long")
        indicator, period = row.get("indicator") or declared.indicator_code or "", row.get("period") or declared.period or ""
        unit = self._units.get(indicator)
        if unit is None:
            return RefusedRow(number, "indikator", _shown(indicator), "indicator_derived" if indicator in self._derived else "indicator_unknown")
        day = self._day(period)
        if day is None:
            return RefusedRow(number, "periode", _shown(period), "period_malformed")
        region = self._region(row["code"], period, day)
        if not isinstance(region, str):
            return RefusedRow(number, "kode", _shown(row["code"]), *region)
        reason = row.get("reason", "")
        if not text:
            return StagedRow(number, indicator, period, region, None, None, reason[:MAX_CELL]) if reason else RefusedRow(number, "nilai", "", "value_missing")
        if reason:
            return RefusedRow(number, "alasan", _shown(reason), "value_and_reason")
        value = parsed(text, declared.decimals)
        if isinstance(value, str):
            return RefusedRow(number, "nilai", _shown(text), value)
        if wrong := out_of_range(value, unit):
            return RefusedRow(number, "nilai", _shown(text), *wrong)
        margin = parsed(row["margin"], declared.decimals) if row.get("margin") else None
        if isinstance(margin, str):
            return RefusedRow(number, "galat", _shown(row["margin"]), margin)
        return StagedRow(number, indicator, period, region, value, margin, None)

    def _day(self, period: str) -> date | None:
        if period not in self._days:
            self._days[period] = last_day(period) if _PERIOD.fullmatch(period) else None
        return self._days[period]

    def _region(self, code: str, period: str, day: date) -> str | tuple[str, dict[str, str]]:
        """The region of today, or the code and facts of what is wrong with the one written."""
        known = self._regions.get((code, period))
        if known is None:
            known = self._regions[code, period] = self._found(code, day)
        return known

    def _found(self, code: str, day: date) -> str | tuple[str, dict[str, str]]:
        if not code:
            return "code_missing", {}
        try:
            return at(self._crosswalk, code, self._declared.scheme, day).region_code
        except CodeRefused as refused:
            return refused.code, {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in refused.facts.items()}


def _shown(text: str) -> str:
    return "".join(char for char in text[:MAX_CELL] if char.isprintable())
