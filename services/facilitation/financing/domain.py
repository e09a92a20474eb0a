"""An application for credit: the ministry recommends, the lender decides.

The indirect rule: only an active member of an active group, in a priority location of the programme, may apply.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.financing.errors import (
    AmountAboveRequested,
    AmountOutsideProduct,
    GrantDateImpossible,
    GroupNotActive,
    NoActiveMembership,
    TenorTooLong,
)
from services.facilitation.financing.products import Product, product_of
from services.facilitation.located import Located
from services.facilitation.locations.domain import NotPrioritisedLocation
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
from shared.errors import NotFound, SamePerson
from shared.money import Rupiah


class FinancingStatus(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    FORWARDED = "forwarded"
    GRANTED = "granted"
    DECLINED = "declined"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({FinancingStatus.DRAFT, FinancingStatus.SUBMITTED, FinancingStatus.UNDER_REVIEW, FinancingStatus.APPROVED, FinancingStatus.FORWARDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an enterprise stands on a day: its region, whether the programme prioritised it, and the group it is in, if any."""

    region_code: str
    prioritised: bool
    group_id: UUID | None
    group_is_active: bool

    def group_to_apply_through(self) -> UUID:
        """The group, if the indirect rule lets the enterprise apply."""
        if not self.prioritised:
            raise NotPrioritisedLocation
        if self.group_id is None:
            raise NoActiveMembership
        if not self.group_is_active:
            raise GroupNotActive
        return self.group_id


@dataclass(eq=False, kw_only=True)
class FinancingApplication(Located):
    """An application of one enterprise, through its group, under one version of a product. Amounts are whole rupiah.

    `approved` means that the ministry recommends it; `granted` that the lender signed the contract (akad).
    """

    programme_id: UUID
    enterprise_id: UUID
    group_id: UUID
    product_code: str
    product_version: int
    requested_amount_idr: Rupiah
    status: FinancingStatus
    drafted_by: str
    submitted_on: date | None = None
    approved_by: str | None = None
    lender_institution_id: UUID | None = None
    forwarded_on: date | None = None
    granted_amount_idr: Rupiah | None = None
    tenor_months: int | None = None
    granted_on: date | None = None
    lender_reference: str | None = None
    reason_codes: list[str]

    TRANSITIONS: ClassVar = {
        FinancingStatus.DRAFT: frozenset({"submit", "withdraw"}),
        FinancingStatus.SUBMITTED: frozenset({"start_review", "withdraw"}),
        FinancingStatus.UNDER_REVIEW: frozenset({"approve", "reject", "withdraw"}),
        FinancingStatus.APPROVED: frozenset({"forward", "withdraw"}),
        FinancingStatus.FORWARDED: frozenset({"grant", "decline"}),
    }

    @classmethod
    def draft(cls, *, id: UUID, programme_id: UUID, enterprise_id: UUID, standing: Standing, product: Product, requested_amount_idr: Rupiah, by: str) -> Self:
        """Write an application down, where the indirect rule and the product allow it."""
        group_id = standing.group_to_apply_through()
        if not product.above_idr < requested_amount_idr <= product.ceiling_idr:
            raise AmountOutsideProduct(above_idr=product.above_idr, ceiling_idr=product.ceiling_idr)
        application = cls(
            id=id,
            programme_id=programme_id,
            enterprise_id=enterprise_id,
            group_id=group_id,
            region_code=standing.region_code,
            product_code=product.code,
            product_version=product.version,
            requested_amount_idr=requested_amount_idr,
            status=FinancingStatus.DRAFT,
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
            )
        )
        return application

    @property
    def product(self) -> Product:
        """The rules under which it was drafted."""
        return product_of(self.product_code, self.product_version)

    @property
    def province_code(self) -> str:
        """The first part of the region's code."""
        return self.region_code.partition(".")[0]

    def submit(self, standing: Standing, on: date) -> None:
        """Hand it in; the indirect rule must still hold, and the group is the one that the enterprise is in now."""
        self.refuse_unless(self.status, {FinancingStatus.DRAFT})
        self.group_id = standing.group_to_apply_through()
        self.status = FinancingStatus.SUBMITTED
        self.submitted_on = on
        self.record(
            FinancingApplied(
                application_id=self.id,
                programme_id=self.programme_id,
                group_id=self.group_id,
                enterprise_id=self.enterprise_id,
                product_code=self.product_code,
                requested_amount_idr=self.requested_amount_idr,
                region_code=self.region_code,
            )
        )

    def start_review(self) -> None:
        """Begin the ministry's review."""
        self.refuse_unless(self.status, {FinancingStatus.SUBMITTED})
        self.status = FinancingStatus.UNDER_REVIEW
        self.record(FinancingReviewStarted(application_id=self.id))

    def approve(self, by: str) -> None:
        """Recommend it as requested; `by` is another person than who drafted it."""
        self.refuse_unless(self.status, {FinancingStatus.UNDER_REVIEW})
        if by == self.drafted_by:
            raise SamePerson
        self.status = FinancingStatus.APPROVED
        self.approved_by = by
        self.record(FinancingFacilitationApproved(application_id=self.id, recommended_amount_idr=self.requested_amount_idr))

    def reject(self, reason_codes: list[str]) -> None:
        """Not recommend it."""
        self.refuse_unless(self.status, {FinancingStatus.UNDER_REVIEW})
        self.status = FinancingStatus.REJECTED
        self.reason_codes = reason_codes
        self.record(FinancingRejected(application_id=self.id, reason_codes=reason_codes))

    def forward(self, lender_institution_id: UUID, on: date) -> None:
        """Send it to a lender, who alone decides."""
        self.refuse_unless(self.status, {FinancingStatus.APPROVED})
        self.status = FinancingStatus.FORWARDED
        self.lender_institution_id = lender_institution_id
        self.forwarded_on = on
        self.record(FinancingForwarded(application_id=self.id, lender_institution_id=lender_institution_id, forwarded_on=on))

    def grant(self, *, by_institution: UUID | None, amount_idr: Rupiah, tenor_months: int, granted_on: date, lender_reference: str, today: date) -> None:
        """The lender signed a contract, at most for what was requested and within the product's rules."""
        lender, forwarded_on = self._lenders_turn(by_institution)
        limit = min(self.requested_amount_idr, self.product.ceiling_idr)
        if not 0 < amount_idr <= limit:
            raise AmountAboveRequested(limit_idr=limit)
        if self.product.max_tenor_months is not None and tenor_months > self.product.max_tenor_months:
            raise TenorTooLong(max_tenor_months=self.product.max_tenor_months)
        if not forwarded_on <= granted_on <= today:
            raise GrantDateImpossible(earliest=str(forwarded_on), latest=str(today))
        self.status = FinancingStatus.GRANTED
        self.granted_amount_idr = amount_idr
        self.tenor_months = tenor_months
        self.granted_on = granted_on
        self.lender_reference = lender_reference
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
            )
        )

    def decline(self, *, by_institution: UUID | None, reason_codes: list[str]) -> None:
        """The lender will not lend."""
        lender, _ = self._lenders_turn(by_institution)
        self.status = FinancingStatus.DECLINED
        self.reason_codes = reason_codes
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
        self.refuse_unless(self.status, OPEN - {FinancingStatus.FORWARDED})
        self.status = FinancingStatus.WITHDRAWN
        self.reason_codes = [reason_code]
        self.record(FinancingWithdrawn(application_id=self.id, reason_code=reason_code))

    def _lenders_turn(self, by_institution: UUID | None) -> tuple[UUID, date]:
        """The lender and the day it was forwarded; for any other institution it does not exist."""
        if self.lender_institution_id is None or self.forwarded_on is None or by_institution != self.lender_institution_id:
            raise NotFound
        self.refuse_unless(self.status, {FinancingStatus.FORWARDED})
        return self.lender_institution_id, self.forwarded_on
