"""What an assessment says: figures with their source, results of measures, and what is known of groups and access."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from services.mapping.measures.potential import Klassen

COMPUTED = "-records"
"""What the source's code ends with where a figure was computed here from its records, and is not as the source states it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFigure:
    """A figure as published: of which year, by which method, in which unit, give or take which margin, under which licence."""

    indicator_code: str
    value: Decimal
    unit: str
    source_code: str
    year: int
    method_code: str
    margin: Decimal | None
    licence_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PovertyShares:
    """P0, P1 and P2 as shares from 0 to 1; `population_share` is the group's, 1 for the whole."""

    population_share: float
    headcount: float
    gap: float
    severity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PovertyGroup:
    """A subgroup, and how much of the whole's P0, P1 and P2 stems from it."""

    group: str
    record_count: int
    shares: PovertyShares
    headcount_share: float
    gap_share: float
    severity_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdPoverty:
    """Poverty by expenditure, computed from records that are not kept. `poor` and `population` are persons.

    `records_hash` is SHA-256 of the records as canonical JSON: who has them can show that these are they.
    """

    line: float
    shares: PovertyShares
    poor: float
    population: float
    record_count: int
    records_hash: str
    groups: list[PovertyGroup] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionResult:
    """One dimension: shares deprived, deprived and poor, and its part of M0. The weight is a fraction as text, such as `1/3`."""

    dimension_code: str
    weight: str
    headcount: float
    censored_headcount: float
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MultidimensionalGroup:
    """A subgroup, and its part of M0."""

    group: str
    record_count: int
    population_share: float
    headcount: float
    intensity: float
    adjusted_headcount: float
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Multidimensional:
    """H, A and M0 by Alkire and Foster, from records that are not kept."""

    cutoff: str
    headcount: float
    intensity: float
    adjusted_headcount: float
    poor: float
    population: float
    record_count: int
    records_hash: str
    dimensions: list[DimensionResult]
    groups: list[MultidimensionalGroup] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftParts:
    """A change and its parts, in the unit of the figures, with six decimals."""

    change: Decimal
    national: Decimal
    proportional: Decimal
    differential: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorResult:
    """One sector. Quotients have six decimals; those of the later year and what compares two years are null where there is one year."""

    sector: str
    value: Decimal
    reference_value: Decimal
    location_quotient: Decimal
    later_value: Decimal | None = None
    later_reference_value: Decimal | None = None
    later_location_quotient: Decimal | None = None
    dynamic_location_quotient: Decimal | None = None
    shift: ShiftParts | None = None
    klassen: Klassen | None = None
    dominant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Misprint:
    """A quotient that a source states and that the figures do not give."""

    sector: str
    stated: Decimal
    computed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorPotential:
    """Sectors of a region against a reference area, in the order given. `dominant_sectors` has the highest quotient first."""

    measure: str
    unit: str
    source_code: str
    reference_area: str
    year: int
    later_year: int | None
    sectors: list[SectorResult]
    dominant_sectors: list[str]
    total_shift: ShiftParts | None
    klassen: Klassen | None
    misprints: list[Misprint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Groups (kelompok) or centres (sentra) of one kind and sector that exist, and how many members they have together."""

    group_type: str
    sector: str
    group_count: int
    member_count: int
    evidence_hashes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What is stated of an access: a level by code, a sentence, and SHA-256 of the evidence."""

    level_code: str
    statement: str
    evidence_hashes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A criterion without a value, and why."""

    criterion_code: str
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All of it; what belongs to the other kind of assessment is empty."""

    figures: list[StatedFigure] = field(default_factory=list)
    households: HouseholdPoverty | None = None
    multidimensional: Multidimensional | None = None
    sectors: SectorPotential | None = None
    groups: list[Groups] = field(default_factory=list)
    market_access: Access | None = None
    finance_access: Access | None = None
    infrastructure: Access | None = None
    missing: list[Missing] = field(default_factory=list)

    @property
    def criteria(self) -> list[str]:
        """The criteria that have a value, by code."""
        named = ("multidimensional", "sectors", "groups", "market_access", "finance_access", "infrastructure")
        return sorted({value.indicator_code for value in self.values("own")} | {name for name in named if getattr(self, name)})

    @property
    def missing_codes(self) -> list[str]:
        """The criteria declared missing, by code."""
        return sorted({each.criterion_code for each in self.missing})

    def values(self, source_code: str) -> list["Value"]:
        """The stated figures and those computed from records of `source_code`, the source of the assessment."""
        stated = [Value(figure.indicator_code, figure.value, figure.unit, figure.source_code) for figure in self.figures]
        return [*stated, *self._computed(source_code + COMPUTED)]

    @property
    def values_hash(self) -> str:
        """SHA-256 of the whole content as canonical JSON."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()

    def _computed(self, source_code: str) -> Iterator["Value"]:
        if self.households is None:
            return
        shares = self.households.shares
        # BPS publishes all three as percent.
        for code, share in (("poverty_rate", shares.headcount), ("poverty_gap", shares.gap), ("poverty_severity", shares.severity)):
            yield Value(code, Decimal(str(share)) * 100, "percent", source_code)
        yield Value("number_of_poor", Decimal(str(self.households.poor)), "persons", source_code)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one indicator from one source."""

    indicator_code: str
    value: Decimal
    unit: str
    source_code: str
