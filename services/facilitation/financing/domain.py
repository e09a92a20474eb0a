"""An application for credit: the ministry recommends, stage by stage, and the lender decides.

The indirect rule: only an active member of an active group, in a priority location of the programme, may apply; a group applies through the
member that signs for it, with a part for each member who agreed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.financing.applicants import Allocation, Standing, require_allocations, require_members
from services.facilitation.financing.eligibility import Outcome
from services.facilitation.financing.errors import (
    AllocationsDiffer,
    AmountAboveRequested,
    DecidedBefore,
    GrantDateImpossible,
    NotYourStage,
    RespondByImpossible,
    TenorTooLong,
)
from services.facilitation.financing.policy import review_policy_on
from services.facilitation.financing.products import ApplicantType, Product, Purpose
from services.facilitation.financing.state import ApplicationState, FinancingStatus, Officer
from shared.aggregate import step
from shared.contracts.facilitation import (
    FinancingApplicationDrafted,
    FinancingApplied,
    FinancingDeclined,
    FinancingFacilitationApproved,
    FinancingForwarded,
    FinancingGranted,
    FinancingRejected,
    FinancingReviewStarted,
    FinancingWithdrawn,
)
from shared.contracts.facilitation_loans import (
    FinancingApprovalUndone,
    FinancingDocumentsAttached,
    FinancingExpired,
    FinancingPrescreened,
    FinancingReferredBack,
    FinancingStageApproved,
)
from shared.errors import NotFound, SamePerson
from shared.money import Rupiah

S = FinancingStatus


@dataclass(eq=False, kw_only=True)
class FinancingApplication(ApplicationState):
    """An application, and what can happen to it."""

    LIFE: ClassVar = {
        "prescreen": step(S.DRAFT),
        "attach": step(S.DRAFT, S.REFERRED),
        "submit": step(S.DRAFT, to=S.SUBMITTED),
        "start_review": step(S.SUBMITTED, S.REFERRED, to=S.UNDER_REVIEW),
        "approve_stage": step(S.UNDER_REVIEW),
        "refer": step(S.UNDER_REVIEW, to=S.REFERRED),
        "approve": step(S.UNDER_REVIEW, to=S.APPROVED),
        "reject": step(S.UNDER_REVIEW, to=S.REJECTED),
        "undo_approval": step(S.APPROVED, to=S.UNDER_REVIEW),
        "forward": step(S.APPROVED, to=S.FORWARDED),
        "grant": step(S.FORWARDED, to=S.GRANTED),
        "decline": step(S.FORWARDED, to=S.DECLINED),
        "withdraw": step(S.DRAFT, S.SUBMITTED, S.UNDER_REVIEW, S.REFERRED, S.APPROVED, to=S.WITHDRAWN),
        "expire": step(S.REFERRED, S.FORWARDED, to=S.EXPIRED),
    }

    @classmethod
    def draft(
        cls,
        *,
        id: UUID,
        programme_id: UUID,
        enterprise_id: UUID,
        standing: Standing,
        product: Product,
        requested_amount_idr: Rupiah,
        by: str,
        on: date,
        purpose: Purpose = Purpose.WORKING_CAPITAL,
        applicant_type: ApplicantType = ApplicantType.ENTERPRISE,
        allocations: Sequence[Allocation] = (),
        members: Sequence[Standing] = (),
        business_started_on: date | None = None,
        documents: dict[str, str] | None = None,
    ) -> Self:
        """Write an application down, where the indirect rule and the product allow it; `members` is where those with a part stand."""
        group_id = standing.group_to_apply_through()
        require_allocations(applicant_type, product, standing.group_type, allocations, requested_amount_idr, on)
        require_members(members, group_id)
        application = cls(
            id=id,
            programme_id=programme_id,
            enterprise_id=enterprise_id,
            group_id=group_id,
            region_code=standing.region_code,
            applicant_type=applicant_type,
            allocations=list(allocations),
            product_code=product.code,
            product_version=product.version,
            purpose=purpose,
            requested_amount_idr=requested_amount_idr,
            business_started_on=business_started_on,
            documents=dict(documents or {}),
            status=S.DRAFT,
            drafted_by=by,
            reason_codes=[],
        )
        application.record(
            FinancingApplicationDrafted(
                application_id=id,
                programme_id=programme_id,
                group_id=group_id,
                enterprise_id=enterprise_id,
                region_code=standing.region_code,
                product_code=product.code,
                product_version=product.version,
                requested_amount_idr=requested_amount_idr,
                applicant_type=applicant_type,
            )
        )
        return application

    def prescreen(self, outcome: Outcome, reason_codes: list[str]) -> None:
        """Keep what the product's rules say of the draft."""
        self.move("prescreen")
        self.prescreen_outcome = outcome
        self.record(FinancingPrescreened(application_id=self.id, outcome=outcome, reason_codes=reason_codes, rule_version=self.product.rule_version))

    def attach(self, documents: dict[str, str]) -> None:
        """Add documents, by code, each as SHA-256; what was missing of them is not any more."""
        self.move("attach")
        self.documents = self.documents | documents
        self.missing_item_codes = [code for code in self.missing_item_codes if code not in documents]
        codes = sorted(documents)
        self.record(FinancingDocumentsAttached(application_id=self.id, document_codes=codes, evidence_hashes=[documents[code] for code in codes]))

    def submit(self, standing: Standing, on: date, members: Sequence[Standing] = ()) -> None:
        """Hand it in; the indirect rule must still hold for everybody, and the group is the one that the enterprise is in now."""
        self.may("submit")
        group_id = standing.group_to_apply_through()
        require_members(members, group_id)
        self.move("submit")
        self.group_id = group_id
        self.submitted_on = on
        self.stages = review_policy_on(on).stages_for(self.applicant_type, self.requested_amount_idr)
        self.record(
            FinancingApplied(
                application_id=self.id,
                programme_id=self.programme_id,
                group_id=self.group_id,
                enterprise_id=self.enterprise_id,
                product_code=self.product_code,
                requested_amount_idr=self.requested_amount_idr,
                region_code=self.region_code,
                applicant_type=self.applicant_type,
                member_count=len(self.borrowers),
            )
        )

    def start_review(self, by: Officer, *, duplicate: bool) -> None:
        """Begin the review, or resume it where it stopped; `duplicate` says that somebody already has a government credit open."""
        self.may("start_review")
        self._require_stage(by)
        self.move("start_review")
        self.duplicate_flag, self.answer_by = duplicate, None
        self.record(FinancingReviewStarted(application_id=self.id, stage=self.stage.code, duplicate_financing_flag=duplicate))

    def approve(self, by: Officer, conditions_codes: Sequence[str] = ()) -> None:
        """Agree, as the stage whose turn it is; the last one recommends it as requested. `by` neither drafted it nor decided before."""
        self.may("approve")
        if by.subject == self.drafted_by:
            raise SamePerson
        if by.subject in self.deciders:
            raise DecidedBefore
        self._require_stage(by)
        stage = self.stage
        self.deciders = [*self.deciders, by.subject]
        self.stage_no += 1
        if self.stage_no < len(self.stages):
            self.move("approve_stage")
            self.record(FinancingStageApproved(application_id=self.id, stage=stage.code))
            return
        self.move("approve")
        self.approved_by, self.conditions_codes = by.subject, list(conditions_codes)
        self.record(
            FinancingFacilitationApproved(application_id=self.id, recommended_amount_idr=self.requested_amount_idr, conditions_codes=list(conditions_codes))
        )

    def refer(self, by: Officer, missing_item_codes: list[str], respond_by: date | None, on: date) -> None:
        """Give it back for completion; the same stage goes on."""
        self.may("refer")
        self._require_stage(by)
        if respond_by is not None and respond_by <= on:
            raise RespondByImpossible(earliest=str(on))
        self.move("refer")
        self.missing_item_codes = missing_item_codes
        self.answer_by = respond_by or on + timedelta(days=review_policy_on(on).respond_within_days)
        self.record(FinancingReferredBack(application_id=self.id, stage=self.stage.code, missing_item_codes=missing_item_codes, respond_by=self.answer_by))

    def reject(self, by: Officer, reason_codes: list[str]) -> None:
        """Not recommend it."""
        self.may("reject")
        self._require_stage(by)
        self.move("reject")
        self.reason_codes = reason_codes
        self.record(FinancingRejected(application_id=self.id, reason_codes=reason_codes, stage=self.stage.code))

    def undo_approval(self, by: Officer, reason_code: str) -> None:
        """Take the recommendation back before a lender has it; the last stage decides again."""
        self.may("undo_approval")
        self._require_stage(by)
        self.move("undo_approval")
        self.stage_no = len(self.stages) - 1
        self.deciders, self.approved_by, self.conditions_codes = self.deciders[:-1], None, []
        self.record(FinancingApprovalUndone(application_id=self.id, reason_code=reason_code))

    def forward(self, lender_institution_id: UUID, on: date) -> None:
        """Send it to a lender, who alone decides, and by when."""
        self.move("forward")
        self.lender_institution_id = lender_institution_id
        self.forwarded_on = on
        self.answer_by = on + timedelta(days=review_policy_on(on).answer_within_days)
        self.record(FinancingForwarded(application_id=self.id, lender_institution_id=lender_institution_id, forwarded_on=on, answer_due_on=self.answer_by))

    def grant(
        self,
        *,
        by_institution: UUID | None,
        financing_id: UUID,
        amount_idr: Rupiah,
        tenor_months: int,
        granted_on: date,
        lender_reference: str,
        rate_percent: str | None,
        allocations: Sequence[Allocation] = (),
        today: date,
    ) -> None:
        """The lender signed a contract, at most for what was requested and within the product's rules; for less, a group's parts are named anew."""
        lender, forwarded_on = self.lenders_turn(by_institution, "grant")
        limit = min(self.requested_amount_idr, self.product.ceiling_idr) if not self.allocations else self.requested_amount_idr
        if not 0 < amount_idr <= limit:
            raise AmountAboveRequested(limit_idr=limit)
        longest = self.product.tenor_months[self.purpose]
        if longest is not None and tenor_months > longest:
            raise TenorTooLong(max_tenor_months=longest)
        if not forwarded_on <= granted_on <= today:
            raise GrantDateImpossible(earliest=str(forwarded_on), latest=str(today))
        self.allocations = self._granted_parts(allocations, amount_idr)
        self.move("grant")
        self.financing_id = financing_id
        self.granted_amount_idr = amount_idr
        self.tenor_months = tenor_months
        self.granted_on = granted_on
        self.lender_reference = lender_reference
        self.answer_by = None
        self.record(
            FinancingGranted(
                application_id=self.id,
                programme_id=self.programme_id,
                group_id=self.group_id,
                enterprise_id=self.enterprise_id,
                lender_institution_id=lender,
                product_code=self.product_code,
                granted_amount_idr=amount_idr,
                tenor_months=tenor_months,
                granted_on=granted_on,
                region_code=self.region_code,
                province_code=self.province_code,
                financing_id=financing_id,
                applicant_type=self.applicant_type,
                scheme_code=self.product.family,
                rate_percent=rate_percent,
                member_count=len(self.borrowers),
            )
        )

    def _granted_parts(self, allocations: Sequence[Allocation], amount_idr: int) -> list[Allocation]:
        asked = {each.enterprise_id: each.amount_idr for each in self.allocations}
        parts = list(allocations) or self.allocations
        within = all(0 < each.amount_idr <= asked.get(each.enterprise_id, 0) for each in parts) and len({each.enterprise_id for each in parts}) == len(parts)
        if (parts or asked) and (not within or sum(each.amount_idr for each in parts) != amount_idr):
            raise AllocationsDiffer(sum_idr=sum(each.amount_idr for each in parts), amount_idr=amount_idr)
        return parts

    def decline(self, *, by_institution: UUID | None, reason_codes: list[str]) -> None:
        """The lender will not lend."""
        lender, _ = self.lenders_turn(by_institution, "decline")
        self.move("decline")
        self.reason_codes, self.answer_by = reason_codes, None
        self.record(
            FinancingDeclined(
                application_id=self.id,
                programme_id=self.programme_id,
                lender_institution_id=lender,
                region_code=self.region_code,
                reason_codes=reason_codes,
            )
        )

    def withdraw(self, reason_code: str) -> None:
        """The applicant takes it back, before it is with a lender."""
        self.move("withdraw")
        self.reason_codes, self.answer_by = [reason_code], None
        self.record(FinancingWithdrawn(application_id=self.id, reason_code=reason_code))

    def expire(self, on: date) -> None:
        """Nobody answered by the day that was set."""
        self.may("expire")
        if self.answer_by is None or on <= self.answer_by:
            return
        former = self.status
        self.move("expire")
        self.record(FinancingExpired(application_id=self.id, state_at_expiry=former))

    def _require_stage(self, by: Officer) -> None:
        if by.role != self.stage.role:
            raise NotYourStage(stage=self.stage.code, allowed_roles=[self.stage.role])

    def lenders_turn(self, by_institution: UUID | None, command: str) -> tuple[UUID, date]:
        """The lender and the day it was forwarded; for any other institution it does not exist."""
        if self.lender_institution_id is None or self.forwarded_on is None or by_institution != self.lender_institution_id:
            raise NotFound
        self.may(command)
        return self.lender_institution_id, self.forwarded_on
