"""Figures as published, and figures derived from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from shared.errors import Refused

POPULATION = "population"


class PeriodUnavailable(Refused):
    """There are no figures of that period."""

    code = "period_unavailable"
    message = ("Tidak ada angka untuk periode ini.", "There are no figures of this period.")
    action = ("Periode yang tersedia: {available_periods}.", "Available periods: {available_periods}.")


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of one region, exactly as published; null with a reason where there is none, never zero."""

    value: Decimal | None
    missing_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a derived indicator follows from a published one and the population: `base * factor`, times or divided by the population."""

    base: str
    factor: Decimal
    per_head: bool

    def of(self, base: Figure, population: Figure, decimals: int) -> Figure:
        """The derived figure, rounded half to even; missing where either is."""
        if base.value is None or population.value is None:
            return Figure(None, base.missing_reason or population.missing_reason)
        exact = base.value * self.factor / population.value if self.per_head else base.value * self.factor * population.value
        return Figure(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN))


DERIVATIONS: Mapping[str, Derivation] = {
    "number_of_poor": Derivation("poverty_rate", Decimal("0.01"), per_head=False),
    "grdp_per_head_constant_2010": Derivation("grdp_constant_2010", Decimal(1000), per_head=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One indicator of all regencies and cities for one period; derived ones name the period of the population as well."""

    indicator_code: str
    name_id: str
    name_en: str
    unit: str
    decimals: int
    kind: str
    derived: bool
    period: str
    population_period: str | None
    source_codes: list[str]
    figures: Mapping[str, Figure]
    """By Kemendagri code, in the order of the codes."""
