"""The matrix put together: entries, commitments under them, scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.coordination.commitments.state import STANDING, CommitmentStatus
from services.coordination.commitments.tables import commitments
from services.coordination.convergence.domain import Entry, missing, overlaps, quarter_of, share
from services.coordination.locations.tables import open_codes
from services.coordination.programmes.domain import Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one institution does in a cell."""

    institution_id: UUID
    quarters: list[str]
    planned_idr: int
    pledged_idr: int
    verified_idr: int
    commitments: int
    fulfilled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A location and an intervention."""

    intervention_code: str
    required: bool
    institutions: list[Share]
    overlap_quarters: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A location."""

    location_code: str
    score: Decimal
    delivered: Decimal
    missing_intervention_codes: list[str]
    cells: list[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All of a programme and a year, or of one quarter of it."""

    programme_id: UUID
    fiscal_year: int
    quarter: str | None
    required_intervention_codes: list[str]
    intervention_codes: list[str]
    score: Decimal
    overlaps: int
    empty_required_cells: int
    rows: list[Row]


async def matrix_of(connection: AsyncConnection, programme: Programme, entries: Sequence[Entry], fiscal_year: int, quarter: str | None) -> Matrix:
    """The matrix of a programme's open locations."""
    if quarter:
        entries = [entry for entry in entries if entry.quarter == quarter]
    c = commitments.c
    within = select(c.institution_id, c.location_code, c.intervention_code, c.due_on, c.status, c.amount_idr, c.verified_amount_idr).where(
        c.programme_id == programme.id, c.status.in_(STANDING), c.due_on.between(date(fiscal_year, 1, 1), date(fiscal_year, 12, 31))
    )
    promised = [row for row in await connection.execute(within) if quarter in (None, quarter_of(row.due_on))]
    codes = (await connection.scalars(open_codes(programme.id))).all()
    required = sorted(set(programme.required_interventions))
    everything = sorted({*required, *(entry.intervention_code for entry in entries), *(row.intervention_code for row in promised)})
    crossing: dict[tuple[str, str], list[str]] = {}
    for each in overlaps(entries):
        crossing.setdefault((each.location_code, each.intervention_code), []).append(each.quarter)
    by_cell = _by_cell(entries, promised)
    rows = [_row(code, required, everything, entries, by_cell, crossing) for code in codes]
    lacking = sum(len(row.missing_intervention_codes) for row in rows)
    return Matrix(
        programme_id=programme.id,
        fiscal_year=fiscal_year,
        quarter=quarter,
        required_intervention_codes=required,
        intervention_codes=everything,
        score=share(len(required) * len(rows) - lacking, len(required) * len(rows)),
        overlaps=sum(len(cell.overlap_quarters) for row in rows for cell in row.cells),
        empty_required_cells=lacking,
        rows=rows,
    )


_Cells = dict[tuple[str, str], dict[UUID, Share]]


def _by_cell(entries: Sequence[Entry], promised: Sequence[Any]) -> _Cells:
    found: dict[tuple[str, str], dict[UUID, dict[str, Any]]] = {}

    def at(each: Any) -> dict[str, Any]:
        fresh = {"quarters": set(), "planned_idr": 0, "pledged_idr": 0, "verified_idr": 0, "commitments": 0, "fulfilled": 0}
        return found.setdefault((each.location_code, each.intervention_code), {}).setdefault(each.institution_id, fresh)

    for entry in entries:
        sums = at(entry)
        sums["quarters"].add(entry.quarter)
        sums["planned_idr"] += entry.amount_idr if entry.plan_id else 0
    for row in promised:
        sums = at(row)
        sums["quarters"].add(quarter_of(row.due_on))
        sums["pledged_idr"] += row.amount_idr
        sums["verified_idr"] += row.verified_amount_idr
        sums["commitments"] += 1
        sums["fulfilled"] += row.status is CommitmentStatus.FULFILLED
    return {
        cell: {id: Share(institution_id=id, **sums | {"quarters": sorted(sums["quarters"])}) for id, sums in sorted(shares.items())}
        for cell, shares in found.items()
    }


def _row(code: str, required: list[str], everything: list[str], entries: Sequence[Entry], by_cell: _Cells, crossing: dict[tuple[str, str], list[str]]) -> Row:
    lacking = missing(code, required, entries)
    cells = [
        Cell(
            intervention_code=each,
            required=each in required,
            institutions=list(by_cell.get((code, each), {}).values()),
            overlap_quarters=crossing.get((code, each), []),
        )
        for each in everything
    ]
    done = sum(any(share.fulfilled for share in cell.institutions) for cell in cells if cell.required)
    return Row(
        location_code=code,
        score=share(len(required) - len(lacking), len(required)),
        delivered=share(done, len(required)),
        missing_intervention_codes=lacking,
        cells=cells,
    )
