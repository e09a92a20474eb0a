"""What is known of an application for credit, and where it stands."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.facilitation.financing.applicants import Allocation
from services.facilitation.financing.eligibility import Outcome
from services.facilitation.financing.policy import Stage
from services.facilitation.financing.products import ApplicantType, Product, Purpose, product_of
from services.facilitation.located import Located
from shared.aggregate import Living
from shared.money import Rupiah


class FinancingStatus(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    REFERRED = "referred"
    APPROVED = "approved"
    FORWARDED = "forwarded"
    GRANTED = "granted"
    DECLINED = "declined"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


S = FinancingStatus
OPEN = frozenset({S.DRAFT, S.SUBMITTED, S.UNDER_REVIEW, S.REFERRED, S.APPROVED, S.FORWARDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Who decides on a stage: a subject in a role."""

    subject: str
    role: str


@dataclass(eq=False, kw_only=True)
class ApplicationState(Located, Living):
    """An application under one version of a product. Amounts are whole rupiah.

    `approved` means that the ministry recommends it; `granted` that the lender signed the contract (akad). `stages` are those of the day
    on which it was submitted, `stage_no` counts those that agreed, `deciders` who they were.
    """

    programme_id: UUID
    enterprise_id: UUID
    group_id: UUID
    applicant_type: ApplicantType = ApplicantType.ENTERPRISE
    allocations: list[Allocation] = field(default_factory=list)
    product_code: str
    product_version: int
    purpose: Purpose = Purpose.WORKING_CAPITAL
    requested_amount_idr: Rupiah
    business_started_on: date | None = None
    documents: dict[str, str] = field(default_factory=dict)
    status: FinancingStatus
    drafted_by: str
    submitted_on: date | None = None
    prescreen_outcome: Outcome | None = None
    stages: list[Stage] = field(default_factory=list)
    stage_no: int = 0
    deciders: list[str] = field(default_factory=list)
    duplicate_flag: bool = False
    missing_item_codes: list[str] = field(default_factory=list)
    conditions_codes: list[str] = field(default_factory=list)
    answer_by: date | None = None
    approved_by: str | None = None
    lender_institution_id: UUID | None = None
    forwarded_on: date | None = None
    financing_id: UUID | None = None
    granted_amount_idr: Rupiah | None = None
    tenor_months: int | None = None
    granted_on: date | None = None
    lender_reference: str | None = None
    reason_codes: list[str]

    @property
    def product(self) -> Product:
        """The rules under which it was drafted."""
        return product_of(self.product_code, self.product_version)

    @property
    def province_code(self) -> str:
        """The first part of the region's code."""
        return self.region_code.partition(".")[0]

    @property
    def borrowers(self) -> list[UUID]:
        """The enterprises whose owners would owe; none of them where a cooperative borrows itself."""
        if self.applicant_type is ApplicantType.COOPERATIVE:
            return []
        return [each.enterprise_id for each in self.allocations] or [self.enterprise_id]

    @property
    def largest_part_idr(self) -> int:
        """What one borrower asks for at most."""
        return max((each.amount_idr for each in self.allocations), default=self.requested_amount_idr)

    @property
    def stage(self) -> Stage:
        """Whose turn it is."""
        return self.stages[min(self.stage_no, len(self.stages) - 1)]
