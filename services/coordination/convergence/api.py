"""The convergence matrix."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel, Field

from services.coordination.convergence.matrix import Matrix, matrix_of
from services.coordination.convergence.queries import entries_of
from services.coordination.programmes.domain import Programme
from shared.clock import today
from shared.database import Database
from shared.http.access import allow
from shared.http.requests import router
from shared.security.identity import Role

routes = router("convergence")
READERS = tuple(role for role in Role if role is not Role.PUBLIC)


class InCell(BaseModel):
    """What one institution does in a cell over the quarters looked at."""

    institution_id: UUID
    quarters: list[str]
    planned_idr: int
    pledged_idr: int
    verified_idr: int
    commitments: int
    fulfilled: int


class CellOut(BaseModel):
    """A location and an intervention; without institutions it is empty."""

    intervention_code: str
    required: bool
    institutions: list[InCell]
    overlap_quarters: list[str] = Field(description="quarters in which more than one institution does it")


class RowOut(BaseModel):
    """A location with its score: the share of required interventions that are covered, and with one fulfilled."""

    location_code: str
    score: Decimal
    delivered: Decimal
    missing_intervention_codes: list[str]
    cells: list[CellOut]


class MatrixOut(BaseModel):
    """Institution x location x intervention of a programme and a year."""

    programme_id: UUID
    fiscal_year: int
    quarter: str | None
    required_intervention_codes: list[str]
    intervention_codes: list[str]
    score: Decimal
    overlaps: int
    empty_required_cells: int
    rows: list[RowOut]


@routes.get("/convergence-matrix", operation_id="convergence_matrix", summary="Matriks konvergensi / Convergence matrix", dependencies=[allow(*READERS)])
async def convergence_matrix(
    request: Request,
    programme_id: UUID,
    fiscal_year: Annotated[int | None, Query(ge=2000, le=2099, description="this year by default")] = None,
    quarter: Annotated[str | None, Query(pattern=r"^20[0-9]{2}-Q[1-4]$")] = None,
) -> MatrixOut:
    """Every open location of the programme with every intervention, the empty cells too."""
    database: Database = request.app.state.database
    year = int(quarter[:4]) if quarter else fiscal_year or today().year
    async with database.transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        entries = await entries_of(uow.connection, programme_id, year)
        matrix: Matrix = await matrix_of(uow.connection, programme, entries, year, quarter)
    return MatrixOut.model_validate(matrix, from_attributes=True)
