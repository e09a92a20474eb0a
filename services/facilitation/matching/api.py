"""Routes of matching."""

from datetime import date
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.facilitation.matching import handlers
from services.facilitation.matching.domain import MatchRun
from services.facilitation.matching.tables import match_runs
from services.facilitation.parties import GROUP_SIDE, MINISTRIES
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import router
from shared.security.identity import Caller, Role

routes = router("matching")
MATCHERS = (*MINISTRIES, Role.COORDINATOR)
READERS = (*MATCHERS, *GROUP_SIDE, Role.AUDITOR)


class OutcomeOut(BaseModel):
    """What was found for a demand; its lots are read with the demand."""

    demand_id: UUID
    quantity: int
    matched: int
    reason_codes: list[str]


class MatchRunRow(BaseModel):
    """A run of matching (pencocokan): what it reached in weighted units, and the bound that nothing can exceed."""

    id: UUID
    ran_on: date
    algorithm_version: str
    demand_count: int
    product_count: int
    matched_count: int
    partly_matched_count: int
    unmatched_count: int
    weighted_quantity: int
    bound: int
    milliseconds: int


class MatchRunOut(Representation[MatchRun]):
    """A run of matching with what it found for every demand."""

    id: UUID
    ran_on: date
    algorithm_version: str
    demand_count: int
    product_count: int
    matched_count: int
    partly_matched_count: int
    unmatched_count: int
    weighted_quantity: int
    bound: int
    milliseconds: int
    outcomes: list[OutcomeOut]

    @classmethod
    def of(cls, aggregate: MatchRun) -> "MatchRunOut":
        """With its outcomes."""
        outcomes = [OutcomeOut(demand_id=o.demand_id, quantity=o.quantity, matched=o.matched, reason_codes=o.reason_codes) for o in aggregate.outcomes]
        return cls(**{name: getattr(aggregate, name) for name in MatchRunRow.model_fields}, outcomes=outcomes)


@routes.post(
    "/matching-runs", operation_id="run_matching", summary="Cocokkan kebutuhan dan produk / Match demands", status_code=201, response_model=MatchRunOut
)
async def run(command: Creating, caller: Caller = allow(*MATCHERS)) -> Response:
    """Pools several groups into one lot, shares capacities over all open demands, and says why a need stays short."""
    return await command.create(lambda transaction: handlers.run_matching(transaction, today()), MatchRunOut, MatchRun)


@routes.get("/matching-runs", operation_id="list_matching_runs", summary="Daftar pencocokan / List runs", dependencies=[allow(*READERS)])
async def list_runs(request: Request, page: Paging) -> Page[MatchRunRow]:
    """In the order in which they ran."""
    return await page.listing(request, match_runs.select(), MatchRunRow, by=[match_runs.c.id])


@routes.get(
    "/matching-runs/{match_id}",
    operation_id="get_matching_run",
    summary="Baca pencocokan / Read a run",
    response_model=MatchRunOut,
    dependencies=[allow(*READERS)],
)
async def get_run(request: Request, match_id: UUID) -> Response:
    """With its ETag and what it found for every demand."""
    return await resource(request, MatchRun, match_id, MatchRunOut)
