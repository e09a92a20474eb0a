"""Routes of duplicate candidates."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field, computed_field

from services.facilitation.duplicates import handlers
from services.facilitation.duplicates.domain import CandidateStatus, Decision, DuplicateCandidate
from services.facilitation.duplicates.tables import duplicate_candidates
from services.facilitation.enterprises.api import EnterpriseOut
from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.scope import within
from shared.clock import today
from shared.database import Database
from shared.http.access import allow, require_region
from shared.http.commands import Changing, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import RegionCode, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("duplicates")
DECIDERS = (Role.REGENCY, Role.PROVINCE, Role.PROGRAMME_OWNER)
READERS = (*DECIDERS, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
_WORDS = {
    "owner_name": ("nama pemilik terdengar sama", "the owners' names sound alike"),
    "owner_birth": ("tanggal lahir dan jenis kelamin pemilik sama", "the owners' date of birth and sex agree"),
    "business_name": ("nama usaha terdengar sama", "the names of the businesses sound alike"),
    "region": ("kabupaten/kota sama", "they are in the same regency/city"),
}


class DuplicateCandidateOut(Representation[DuplicateCandidate]):
    """Two enterprises that may be the same (calon duplikat)."""

    id: UUID
    region_code: str
    enterprise_id: UUID
    other_enterprise_id: UUID
    score: int = Field(description="out of 100", examples=[85])
    matched_field_codes: list[str]
    rule_version: int
    status: CandidateStatus
    proposed_by: str | None
    proposed_decision: Decision | None
    surviving_enterprise_id: UUID | None
    decided_by: str | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def why(self) -> tuple[str, str]:
        """In Indonesian and in English."""
        indonesian, english = zip(*(_WORDS[code] for code in self.matched_field_codes), strict=True)
        return "; ".join(indonesian), "; ".join(english)


class ProposeDecision(RequestModel):
    """What they are; of two that are the same, which one goes on."""

    decision: Decision
    surviving_enterprise_id: UUID | None = None


class ComputeAgain(RequestModel):
    """Whose enterprises are compared."""

    region_code: RegionCode


class DuplicateRun(BaseModel):
    """What comparing found."""

    compared: int = Field(description="pairs")
    flagged: int
    cleared: int = Field(description="candidates for which nothing speaks any longer")
    open: int = Field(description="candidates that wait for people")


@routes.get(
    "/duplicate-candidates",
    operation_id="list_duplicate_candidates",
    summary="Daftar calon duplikat / List duplicate candidates",
    response_model=Page[DuplicateCandidateOut],
)
async def list_candidates(
    request: Request, page: Paging, status: CandidateStatus | None = None, enterprise_id: UUID | None = None, caller: Caller = allow(*READERS)
) -> Any:
    """Those in the caller's regions, in the order of their ids."""
    c = duplicate_candidates.c
    statement = duplicate_candidates.select().where(within(c.region_code, caller))
    if status:
        statement = statement.where(c.status == status)
    if enterprise_id:
        statement = statement.where((c.enterprise_id == enterprise_id) | (c.other_enterprise_id == enterprise_id))
    return await page.listing(request, statement, DuplicateCandidateOut, by=[c.id])


@routes.get(
    "/duplicate-candidates/{candidate_id}",
    operation_id="get_duplicate_candidate",
    summary="Baca calon duplikat / Read a candidate",
    response_model=DuplicateCandidateOut,
)
async def get_candidate(request: Request, candidate_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag, and why the two look alike."""
    return await resource(request, DuplicateCandidate, candidate_id, DuplicateCandidateOut, visible=lambda found: caller.covers(found.region_code))


@routes.post(
    "/duplicate-candidates/{candidate_id}/propose",
    operation_id="propose_duplicate_decision",
    summary="Usulkan keputusan / Propose a decision",
    response_model=DuplicateCandidateOut,
)
async def propose(candidate_id: UUID, body: ProposeDecision, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """As the first of two people."""
    return await command.change(
        candidate_id, lambda transaction: handlers.propose(transaction, candidate_id, caller, **dict(body)), DuplicateCandidateOut, DuplicateCandidate
    )


@routes.post(
    "/duplicate-candidates/{candidate_id}/agree", operation_id="agree_duplicate_decision", summary="Setujui / Agree", response_model=DuplicateCandidateOut
)
async def agree(candidate_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """As the second of two people. Two that are the same become one; that can be reversed for thirty days."""
    return await command.change(
        candidate_id, lambda transaction: handlers.agree(transaction, candidate_id, caller, today()), DuplicateCandidateOut, DuplicateCandidate
    )


@routes.post(
    "/duplicate-candidates/{candidate_id}/disagree",
    operation_id="disagree_duplicate_decision",
    summary="Tidak setuju / Disagree",
    response_model=DuplicateCandidateOut,
)
async def disagree(candidate_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """As the second of two people; the candidate is open again."""
    return await command.change(
        candidate_id, lambda transaction: handlers.disagree(transaction, candidate_id, caller), DuplicateCandidateOut, DuplicateCandidate
    )


@routes.post("/duplicate-runs", operation_id="compute_duplicates", summary="Bandingkan ulang / Compare again")
async def compute(request: Request, body: ComputeAgain, caller: Annotated[Caller, allow(*DECIDERS)]) -> DuplicateRun:
    """A regency's enterprises with all others, by the rules of today. Doing it twice finds nothing new."""
    require_region(caller, body.region_code)
    database: Database = request.app.state.database
    outcome = await handlers.compute_again(database.transaction, body.region_code, today())
    return DuplicateRun(**{name: getattr(outcome, name) for name in DuplicateRun.model_fields})


@routes.post(
    "/enterprises/{enterprise_id}/unmerge", operation_id="unmerge_enterprise", summary="Batalkan penggabungan / Reverse a merge", response_model=EnterpriseOut
)
async def unmerge(enterprise_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """Within thirty days, by another person than who decided it."""
    return await command.change(enterprise_id, lambda transaction: handlers.unmerge(transaction, enterprise_id, caller, today()), EnterpriseOut, Enterprise)
