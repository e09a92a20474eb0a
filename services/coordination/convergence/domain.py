"""Overlaps, gaps and the convergence score: pure functions over who does what where.

Rules, version 1. An *overlap* is the same intervention at one location in one quarter by two institutions. A *gap* is an intervention that
the programme requires at every priority location and that no approved plan and no standing off-plan commitment covers there in the fiscal
year. The *score* of a location is the share of required interventions that are covered, and *delivered* the share with one fulfilled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One institution does one intervention at one location in one quarter (`2026-Q3`): a plan's line, or an off-plan commitment."""

    institution_id: UUID
    location_code: str
    intervention_code: str
    quarter: str
    plan_id: UUID | None = None
    commitment_id: UUID | None = None
    output_quantity: int = 0
    amount_idr: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A cell where more than one institution does the same."""

    location_code: str
    intervention_code: str
    quarter: str
    institution_ids: tuple[UUID, ...]


def quarter_of(day: date) -> str:
    """`2026-Q3` of a day; fiscal years are calendar years."""
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def last_day_of(quarter: str) -> date:
    """The last day of `2026-Q3`."""
    year, number = int(quarter[:4]), int(quarter[-1])
    return date(year, 3 * number, 31 if number in (1, 4) else 30)


def overlaps(entries: Iterable[Entry]) -> list[Crossing]:
    """Every overlap, in the order of location, intervention and quarter."""
    cells: dict[tuple[str, str, str], set[UUID]] = {}
    for entry in entries:
        cells.setdefault((entry.location_code, entry.intervention_code, entry.quarter), set()).add(entry.institution_id)
    return [
        Crossing(location_code=location, intervention_code=intervention, quarter=quarter, institution_ids=tuple(sorted(institutions)))
        for (location, intervention, quarter), institutions in sorted(cells.items())
        if len(institutions) > 1
    ]


def missing(location_code: str, required: Sequence[str], entries: Iterable[Entry]) -> list[str]:
    """The required interventions that no entry covers at a location, in order."""
    covered = {entry.intervention_code for entry in entries if entry.location_code == location_code}
    return [code for code in sorted(set(required)) if code not in covered]


def share(part: int, whole: int) -> Decimal:
    """A share with four decimals; 1 where nothing is required."""
    return Decimal(1).quantize(_PLACES) if whole == 0 else (Decimal(part) / whole).quantize(_PLACES, ROUND_HALF_EVEN)
