"""Routes of the ministry's review and of the lender's turn."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.facilitation.financing import handlers, lending
from services.facilitation.financing.api import LAST_DAY, AllocationIn, FinancingApplicationOut
from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.policy import review_policies
from services.facilitation.financing.reasons import refusal_reasons
from services.facilitation.financing.tables import financing_decisions
from services.facilitation.loans.api import Percent
from services.facilitation.loans.schedule import Method
from services.facilitation.scope import get_within
from shared.clock import today
from shared.database import Database
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Note, RequestModel, RupiahAmount, router
from shared.security.identity import Caller, Role

routes = router("financing")
REVIEWERS = (Role.PROGRAMME_OWNER, Role.PROVINCE, Role.REGENCY)
DECISION_READERS = (*REVIEWERS, Role.COORDINATOR, Role.AUDITOR)
ReasonCodes = Annotated[list[Code], Field(min_length=1, max_length=20, examples=[["insufficient_cash_flow"]])]


class ApproveApplication(RequestModel):
    """Why it is recommended; the comment stays here."""

    comment: Annotated[Note, Field(examples=["Usaha berjalan baik; arus kas cukup."])]
    conditions_codes: list[Code] = Field(default_factory=list, max_length=20, examples=[["mentoring_continues"]])


class ReferApplication(RequestModel):
    """What is missing, and by when."""

    missing_item_codes: Annotated[list[Code], Field(min_length=1, max_length=20, examples=[["npwp"]])]
    respond_by: Annotated[date | None, Field(le=LAST_DAY, description="by the policy, unless given")] = None
    comment: Note


class RejectApplication(RequestModel):
    """Why it is not recommended; the comment stays here."""

    reason_codes: ReasonCodes
    comment: Note


class UndoApproval(RequestModel):
    """Why the recommendation is taken back."""

    reason_code: Annotated[Code, Field(examples=["new_information"])]
    comment: Note


class ForwardApplication(RequestModel):
    """To whom it goes."""

    lender_institution_id: UUID


class GrantFinancing(RequestModel):
    """The contract (akad) that the lender signed."""

    amount_idr: RupiahAmount
    tenor_months: Annotated[int, Field(strict=True, ge=1, le=360, examples=[24])]
    granted_on: Annotated[date, Field(description="date of the contract, in WIB")]
    lender_reference: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$", description="the lender's number of the contract", examples=["AKAD-2024/0117"])
    ]
    annual_rate_percent: Annotated[Percent | None, Field(description="the product's for this access, unless given")] = None
    method: Method = Method.ANNUITY
    allocations: list[AllocationIn] = Field(default_factory=list, max_length=200, description="of a group that is granted less: the parts anew")


class DeclineFinancing(RequestModel):
    """Why the lender will not lend."""

    reason_codes: ReasonCodes


class DecisionOut(BaseModel):
    """A decision (keputusan) as it was taken; such rows never change."""

    id: UUID
    stage: str
    verdict: str
    role: str
    decided_by: str
    comment: str
    reason_codes: list[str]
    decided_at: datetime


class RefusalReasonOut(BaseModel):
    """A reason for refusing credit (alasan penolakan)."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    name_en: str
    mentoring_goal_code: str | None = Field(description="what mentoring can do about it; null where it can do nothing")


class RefusalReasons(BaseModel):
    """Those that are known; a lender may give others."""

    items: list[RefusalReasonOut]


class StageOut(BaseModel):
    """A stage and the role that decides it."""

    code: str
    role: str


class StageRuleOut(BaseModel):
    """Who decides on applications up to an amount; null is no bound."""

    applicant_type: str
    up_to_idr: int | None
    stages: list[StageOut]


class ReviewPolicyOut(BaseModel):
    """One dated version of the settings of the review (tata cara telaah)."""

    valid_from: date
    valid_to: date | None
    source: str
    respond_within_days: int
    answer_within_days: int
    rules: list[StageRuleOut]


class ReviewPolicies(BaseModel):
    """The earliest first."""

    items: list[ReviewPolicyOut]


@routes.get(
    "/financing-review-policies",
    operation_id="list_financing_review_policies",
    summary="Tahap telaah / Stages of review",
    dependencies=[PUBLIC],
)
async def list_review_policies() -> ReviewPolicies:
    """Who decides in which order, and by when answers are due."""
    return ReviewPolicies.model_validate({"items": review_policies()}, from_attributes=True)


@routes.get(
    "/financing-refusal-reasons",
    operation_id="list_financing_refusal_reasons",
    summary="Alasan penolakan / Reasons for refusing",
    dependencies=[PUBLIC],
)
async def list_refusal_reasons() -> RefusalReasons:
    """Codes for `reason_codes`, and the goal of mentoring that each one points to."""
    return RefusalReasons(items=[RefusalReasonOut.model_validate(each) for each in refusal_reasons()])


@routes.get(
    "/financing-applications/{application_id}/decisions",
    operation_id="list_financing_decisions",
    summary="Keputusan telaah / Decisions",
)
async def list_decisions(request: Request, application_id: UUID, page: Paging, caller: Caller = allow(*DECISION_READERS)) -> Page[DecisionOut]:
    """In the order in which they were taken, with their comments."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        await get_within(uow, FinancingApplication, application_id, caller)
    c = financing_decisions.c
    return await page.listing(request, financing_decisions.select().where(c.application_id == application_id), DecisionOut, by=[c.id])


@routes.post(
    "/financing-applications/{application_id}/start-review",
    operation_id="start_financing_review",
    summary="Mulai atau lanjutkan telaah / Start or resume the review",
    response_model=FinancingApplicationOut,
)
async def start_review(application_id: UUID, command: Changing, caller: Caller = allow(*REVIEWERS)) -> Response:
    """From submitted or referred, by the role of the stage; says whether a borrower has a government credit open."""
    return await command.change(
        application_id, lambda transaction: handlers.start_review(transaction, application_id, caller, today()), FinancingApplicationOut, FinancingApplication
    )


@routes.post(
    "/financing-applications/{application_id}/approve",
    operation_id="approve_financing_application",
    summary="Rekomendasikan / Recommend",
    response_model=FinancingApplicationOut,
)
async def approve(application_id: UUID, body: ApproveApplication, command: Changing, caller: Caller = allow(*REVIEWERS)) -> Response:
    """From under_review, as the stage whose turn it is, by another person than who drafted it (prinsip empat mata); the lender still decides."""
    return await command.change(
        application_id,
        lambda transaction: handlers.approve_application(transaction, application_id, caller, body.comment, body.conditions_codes),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/refer-back",
    operation_id="refer_financing_application",
    summary="Kembalikan untuk dilengkapi / Refer back",
    response_model=FinancingApplicationOut,
)
async def refer_back(application_id: UUID, body: ReferApplication, command: Changing, caller: Caller = allow(*REVIEWERS)) -> Response:
    """From under_review; the review resumes at the same stage, or the application expires."""
    return await command.change(
        application_id,
        lambda transaction: handlers.refer_application(transaction, application_id, caller, **dict(body), on=today()),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/reject",
    operation_id="reject_financing_application",
    summary="Tidak merekomendasikan / Reject",
    response_model=FinancingApplicationOut,
)
async def reject(application_id: UUID, body: RejectApplication, command: Changing, caller: Caller = allow(*REVIEWERS)) -> Response:
    """From under_review, with reasons."""
    return await command.change(
        application_id,
        lambda transaction: handlers.reject_application(transaction, application_id, caller, body.reason_codes, body.comment),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/undo-approval",
    operation_id="undo_financing_approval",
    summary="Tarik rekomendasi / Undo the approval",
    response_model=FinancingApplicationOut,
)
async def undo_approval(application_id: UUID, body: UndoApproval, command: Changing, caller: Caller = allow(*REVIEWERS)) -> Response:
    """From approved, before it is with a lender; the last stage decides again."""
    return await command.change(
        application_id,
        lambda transaction: handlers.undo_approval(transaction, application_id, caller, body.reason_code, body.comment),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/forward",
    operation_id="forward_financing_application",
    summary="Teruskan ke penyalur / Forward to a lender",
    response_model=FinancingApplicationOut,
    dependencies=[allow(Role.PROGRAMME_OWNER)],
)
async def forward(application_id: UUID, body: ForwardApplication, command: Changing) -> Response:
    """From approved; from now on the lender sees it."""
    return await command.change(
        application_id,
        lambda transaction: handlers.forward_application(transaction, application_id, body.lender_institution_id, today()),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/grant",
    operation_id="grant_financing",
    summary="Catat akad kredit / Grant",
    response_model=FinancingApplicationOut,
)
async def grant(application_id: UUID, body: GrantFinancing, command: Changing, caller: Caller = allow(Role.LENDER)) -> Response:
    """From forwarded, by the lender it was forwarded to: at most what was requested, within the product's rules; opens the loan `financing_id`."""
    return await command.change(
        application_id,
        lambda transaction: lending.grant_financing(
            transaction,
            application_id,
            by_institution=caller.institution_id,
            **dict(body) | {"allocations": [each.allocation() for each in body.allocations]},
            today=today(),
        ),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/decline",
    operation_id="decline_financing",
    summary="Tolak kredit / Decline",
    response_model=FinancingApplicationOut,
)
async def decline(application_id: UUID, body: DeclineFinancing, command: Changing, caller: Caller = allow(Role.LENDER)) -> Response:
    """From forwarded, by the lender it was forwarded to, with reasons."""
    return await command.change(
        application_id,
        lambda transaction: lending.decline_financing(transaction, application_id, by_institution=caller.institution_id, reason_codes=body.reason_codes),
        FinancingApplicationOut,
        FinancingApplication,
    )
