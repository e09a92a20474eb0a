"""From what is sent to what is kept: measures over records and sectors, and the hash of the records, which are not kept."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np

from services.mapping.assessments.content import (
    DimensionResult,
    HouseholdPoverty,
    Misprint,
    Multidimensional,
    MultidimensionalGroup,
    PovertyGroup,
    PovertyShares,
    SectorPotential,
    SectorResult,
    ShiftParts,
)
from services.mapping.measures import exact
from services.mapping.measures.errors import InvalidYears, LengthMismatch
from services.mapping.measures.multidimensional import Dimension, alkire_foster, alkire_foster_by_group
from services.mapping.measures.potential import Klassen, Shift, agrees, dominant, klassen, location_quotients, shift_share
from services.mapping.measures.poverty import Poverty, foster_greer_thorbecke, poverty_by_group

Sectors = Mapping[str, Decimal]
_SIX = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Household:
    """What a head spends, for how many persons the record stands, and of which subgroup it is."""

    expenditure: float
    weight: float
    group: str | None


@dataclass(frozen=True, slots=True)
class DeprivedRow:
    """One person or household: 0 or 1 by dimension, for how many persons it stands, and of which subgroup it is."""

    deprived: tuple[int, ...]
    weight: float
    group: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorFigures:
    """Figures by sector of a region and a reference area, of one year or two; all in one unit.

    `per_head` is GRDP a head of region and reference area, for Klassen's type of the region. `stated` are quotients of the first
    year as a source prints them, to be compared with what the figures give.
    """

    measure: str
    unit: str
    source_code: str
    reference_area: str
    year: int
    region: Sectors
    reference: Sectors
    later_year: int | None = None
    region_later: Sectors = field(default_factory=dict)
    reference_later: Sectors = field(default_factory=dict)
    per_head: tuple[Decimal, Decimal] | None = None
    stated: Sectors = field(default_factory=dict)


def poverty_of(line: float, households: Sequence[Household]) -> HouseholdPoverty:
    """P0, P1, P2 and the number of poor; by subgroup too where the records name theirs. Raises a MeasureError."""
    spent, persons = np.array([each.expenditure for each in households]), np.array([each.weight for each in households])
    whole = foster_greer_thorbecke(line, spent, persons)
    groups = _groups([each.group for each in households])
    parts = poverty_by_group(line, spent, groups, persons) if groups else {}
    return HouseholdPoverty(
        line=line,
        shares=_shares(whole, 1.0),
        poor=whole.poor,
        population=whole.population,
        record_count=whole.records,
        records_hash=records_hash([[each.expenditure, each.weight, each.group] for each in households]),
        groups=[
            PovertyGroup(
                group=group,
                record_count=groups.count(group),
                shares=_shares(part.poverty, part.population_share),
                headcount_share=part.headcount_share,
                gap_share=part.gap_share,
                severity_share=part.severity_share,
            )
            for group, part in parts.items()
        ],
    )


def multidimensional_of(dimensions: Sequence[Dimension], cutoff: Fraction, rows: Sequence[DeprivedRow]) -> Multidimensional:
    """H, A, M0 and what each dimension adds; by subgroup too where the rows name theirs. Raises a MeasureError."""
    if any(len(row.deprived) != len(dimensions) for row in rows):
        raise LengthMismatch(f"A row has not as many cells as there are dimensions, {len(dimensions)}; give one cell a dimension.")
    matrix = np.array([row.deprived for row in rows]).reshape(len(rows), len(dimensions))
    persons = np.array([row.weight for row in rows])
    whole = alkire_foster(matrix, dimensions, cutoff, persons)
    groups = _groups([row.group for row in rows])
    parts = alkire_foster_by_group(matrix, dimensions, cutoff, groups, persons) if groups else {}
    return Multidimensional(
        cutoff=str(cutoff),
        headcount=whole.headcount,
        intensity=whole.intensity,
        adjusted_headcount=whole.adjusted_headcount,
        poor=whole.poor,
        population=whole.population,
        record_count=len(rows),
        records_hash=records_hash([[list(row.deprived), row.weight, row.group] for row in rows]),
        dimensions=[
            DimensionResult(
                dimension_code=dimension.code,
                weight=str(dimension.weight),
                headcount=whole.dimensions[dimension.code].headcount,
                censored_headcount=whole.dimensions[dimension.code].censored_headcount,
                contribution=whole.dimensions[dimension.code].contribution,
            )
            for dimension in dimensions
        ],
        groups=[
            MultidimensionalGroup(
                group=group,
                record_count=groups.count(group),
                population_share=part.population_share,
                headcount=part.poverty.headcount,
                intensity=part.poverty.intensity,
                adjusted_headcount=part.poverty.adjusted_headcount,
                contribution=part.contribution,
            )
            for group, part in parts.items()
        ],
    )


def potential_of(figures: SectorFigures) -> SectorPotential:
    """Quotients, dominant sectors (of the later year where there is one), shift-share and Klassen types. Raises a MeasureError."""
    if figures.later_year is not None and figures.later_year <= figures.year:
        raise InvalidYears(f"The later year is {figures.later_year}, the first {figures.year}; give a later one.")
    quotients = location_quotients(figures.region, figures.reference)
    two_years = figures.later_year is not None
    later = location_quotients(figures.region_later, figures.reference_later) if two_years else {}
    shifts = shift_share(figures.region, figures.region_later, figures.reference, figures.reference_later) if two_years else None
    leading = dominant(later or quotients)
    return SectorPotential(
        measure=figures.measure,
        unit=figures.unit,
        source_code=figures.source_code,
        reference_area=figures.reference_area,
        year=figures.year,
        later_year=figures.later_year,
        sectors=[
            SectorResult(
                sector=sector,
                value=value,
                reference_value=figures.reference[sector],
                location_quotient=_six(quotients[sector]),
                later_value=figures.region_later.get(sector),
                later_reference_value=figures.reference_later.get(sector),
                later_location_quotient=_six(later[sector]) if two_years else None,
                # The later quotient over the earlier one; a sector that is new to the region has none.
                dynamic_location_quotient=_six(later[sector] / quotients[sector]) if two_years and quotients[sector] else None,
                shift=_parts(shifts.sectors[sector]) if shifts else None,
                klassen=_type_of_sector(figures, sector, later) if two_years and value else None,
                dominant=sector in leading,
            )
            for sector, value in figures.region.items()
        ],
        dominant_sectors=leading,
        total_shift=_parts(shifts.total) if shifts else None,
        klassen=_type_of_region(figures) if two_years else None,
        misprints=_misprints(figures.stated, quotients),
    )


def records_hash(records: Sequence[object]) -> str:
    """SHA-256 of records as JSON without spaces, in the order sent."""
    return hashlib.sha256(json.dumps(records, separators=(",", ":")).encode()).hexdigest()


def _shares(poverty: Poverty, population_share: float) -> PovertyShares:
    return PovertyShares(population_share=population_share, headcount=poverty.headcount, gap=poverty.gap, severity=poverty.severity)


def _groups(named: Sequence[str | None]) -> list[str]:
    """The subgroup of every record; none where no record names one."""
    groups = [group for group in named if group is not None]
    if groups and len(groups) != len(named):
        raise LengthMismatch(f"There are {len(groups)} groups for {len(named)} records; name the group of every record, or of none.")
    return groups


def _six(value: Fraction) -> Decimal:
    """With six decimals, halves to even."""
    return Decimal(round(value * 10**6)).scaleb(-6).quantize(_SIX, ROUND_HALF_EVEN)


def _parts(shift: Shift) -> ShiftParts:
    return ShiftParts(change=_six(shift.change), national=_six(shift.national), proportional=_six(shift.proportional), differential=_six(shift.differential))


def _type_of_sector(figures: SectorFigures, sector: str, later: Mapping[str, Fraction]) -> Klassen:
    """By the sector's growth and by its share, both against the reference area: a quotient of 1 says that the shares are equal."""
    return klassen(
        growth=_growth(figures.region[sector], figures.region_later[sector]),
        reference_growth=_growth(figures.reference[sector], figures.reference_later[sector]),
        level=later[sector],
        reference_level=1,
    )


def _type_of_region(figures: SectorFigures) -> Klassen | None:
    """By growth of all sectors together and by GRDP a head, where that is given."""
    if figures.per_head is None:
        return None
    own, reference = figures.per_head
    return klassen(
        growth=_growth(sum(figures.region.values(), Decimal()), sum(figures.region_later.values(), Decimal())),
        reference_growth=_growth(sum(figures.reference.values(), Decimal()), sum(figures.reference_later.values(), Decimal())),
        level=own,
        reference_level=reference,
    )


def _growth(first: Decimal, last: Decimal) -> Fraction:
    return exact(last, "figure") / exact(first, "figure") - 1


def _misprints(stated: Sectors, quotients: Mapping[str, Fraction]) -> list[Misprint]:
    if strange := sorted(stated.keys() - quotients.keys()):
        raise LengthMismatch(f"A quotient is stated for sector {', '.join(strange)}, which has no figures; leave it out.")
    return [
        Misprint(sector=sector, stated=printed, computed=_six(quotients[sector]))
        for sector, printed in stated.items()
        if not agrees(printed, quotients[sector], max(0, -int(printed.as_tuple().exponent)))
    ]
