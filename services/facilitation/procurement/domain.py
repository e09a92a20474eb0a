"""Procurement figures of an institution and year, and the two indicators that come of them."""

import json
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.facilitation_market import ProcurementFigureCorrected, ProcurementFigureRegistered
from shared.errors import Conflict, Refused
from shared.money import Rupiah

_FILE = Path(__file__).parent / "reference" / "targets.json"


class Stage(StrEnum):
    """What was allocated (pagu) or what was spent (realisasi)."""

    ALLOCATED = "allocated"
    REALISED = "realised"


class Indicator(StrEnum):
    """Two numbers, each with its own law: one is never the other."""

    SMALL_BUSINESS_SHARE = "small_business_share"
    DOMESTIC_PRODUCT_SHARE = "domestic_product_share"


class PartAboveTotal(Refused):
    """A part is not more than the whole."""

    code = "part_above_total"
    message = ("Bagian usaha kecil dan bagian dalam negeri masing-masing tidak melebihi jumlah {total_idr}.", "Neither part exceeds the total {total_idr}.")
    action = ("Periksa angkanya.", "Check the figures.")


class FigureExists(Conflict):
    """A year and stage of an institution is registered once and then corrected."""

    code = "procurement_figure_exists"
    message = ("Angka lembaga, tahun dan tahap itu sudah ada.", "Figures of that institution, year and stage exist.")
    action = ("Koreksi yang ada.", "Correct those that exist.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a rule asks for in a range of years; `valid_to_year` null means until further notice."""

    indicator_code: Indicator
    valid_from_year: int
    valid_to_year: int | None
    target_percent: Decimal
    source: str


@dataclass(eq=False, kw_only=True)
class ProcurementFigure(Aggregate):
    """Goods and services in whole rupiah: all, those of micro and small business and cooperatives, and those from domestic production."""

    institution_id: UUID
    fiscal_year: int
    stage: Stage
    total_idr: Rupiah
    small_business_idr: Rupiah
    domestic_idr: Rupiah

    @classmethod
    def register(
        cls, *, id: UUID, institution_id: UUID, fiscal_year: int, stage: Stage, total_idr: Rupiah, small_business_idr: Rupiah, domestic_idr: Rupiah
    ) -> Self:
        """Register a year."""
        _refuse_parts_above(total_idr, small_business_idr, domestic_idr)
        figure = cls(
            id=id,
            institution_id=institution_id,
            fiscal_year=fiscal_year,
            stage=stage,
            total_idr=total_idr,
            small_business_idr=small_business_idr,
            domestic_idr=domestic_idr,
        )
        figure.record(
            ProcurementFigureRegistered(
                procurement_id=id,
                institution_id=institution_id,
                fiscal_year=fiscal_year,
                stage_code=stage,
                total_idr=total_idr,
                small_business_idr=small_business_idr,
                domestic_idr=domestic_idr,
            )
        )
        return figure

    def correct(self, *, total_idr: Rupiah, small_business_idr: Rupiah, domestic_idr: Rupiah, reason_code: str) -> None:
        """Other figures; the same change nothing."""
        _refuse_parts_above(total_idr, small_business_idr, domestic_idr)
        if (total_idr, small_business_idr, domestic_idr) == (self.total_idr, self.small_business_idr, self.domestic_idr):
            return
        self.total_idr, self.small_business_idr, self.domestic_idr = total_idr, small_business_idr, domestic_idr
        self.record(
            ProcurementFigureCorrected(
                procurement_id=self.id,
                total_idr=total_idr,
                small_business_idr=small_business_idr,
                domestic_idr=domestic_idr,
                reason_code=reason_code,
            )
        )


def _refuse_parts_above(total_idr: int, *parts: int) -> None:
    if max(parts) > total_idr:
        raise PartAboveTotal(total_idr=total_idr)


@cache
def _targets() -> tuple[Target, ...]:
    entries = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(Target(**each | {"indicator_code": Indicator(each["indicator_code"]), "target_percent": Decimal(each["target_percent"])}) for each in entries)


def target_of(indicator: Indicator, year: int) -> Target | None:
    """What a rule asks for in a year, if one is known."""
    for each in _targets():
        if each.indicator_code is indicator and each.valid_from_year <= year and (each.valid_to_year is None or year <= each.valid_to_year):
            return each
    return None


def percent(part: int, total: int) -> Decimal:
    """With two decimals, rounded down, so that a share just below its target never reads as met."""
    return (Decimal(part) * 100 / Decimal(total)).quantize(Decimal("0.01"), ROUND_FLOOR)


def meets(part: int, total: int, target: Target) -> bool:
    """Whether a share is at least its target, in exact numbers."""
    return part * 100 >= target.target_percent * total
