"""Events of facilitation: the review of applications for credit, and the life of a loan as its lender reports it.

No event carries a name, a NIK, a document number or a comment; documents travel as SHA-256.
"""

from datetime import date
from uuid import UUID

from shared.contracts.facilitation import FINANCING
from shared.contracts.registry import event


@event("entaskan.facilitation.FinancingPrescreened.v1", topic=FINANCING)
class FinancingPrescreened:
    """The product's rules were applied to a draft: eligible, incomplete or not_eligible, with reasons."""

    application_id: UUID
    outcome: str
    reason_codes: list[str]
    rule_version: str


@event("entaskan.facilitation.FinancingDocumentsAttached.v1", topic=FINANCING)
class FinancingDocumentsAttached:
    """Documents were added to an application, in the order of their codes."""

    application_id: UUID
    document_codes: list[str]
    evidence_hashes: list[str]


@event("entaskan.facilitation.FinancingStageApproved.v1", topic=FINANCING)
class FinancingStageApproved:
    """A stage of the review agreed; it is the next stage's turn."""

    application_id: UUID
    stage: str


@event("entaskan.facilitation.FinancingReferredBack.v1", topic=FINANCING)
class FinancingReferredBack:
    """The application went back for completion; the review resumes at the same stage."""

    application_id: UUID
    stage: str
    missing_item_codes: list[str]
    respond_by: date


@event("entaskan.facilitation.FinancingApprovalUndone.v1", topic=FINANCING)
class FinancingApprovalUndone:
    """The recommendation was taken back before it went to a lender; the last stage decides again."""

    application_id: UUID
    reason_code: str


@event("entaskan.facilitation.FinancingExpired.v1", topic=FINANCING)
class FinancingExpired:
    """Nobody answered in time: the applicant after a referral, or the lender."""

    application_id: UUID
    state_at_expiry: str


@event("entaskan.facilitation.FinancingAccountOpened.v1", topic=FINANCING)
class FinancingAccountOpened:
    """The mirror of the lender's account (rekening pinjaman) was opened with the grant; nothing is paid out yet."""

    financing_id: UUID
    application_id: UUID
    lender_institution_id: UUID
    product_code: str
    granted_amount_idr: int
    tenor_months: int
    rate_percent: str
    method_code: str


@event("entaskan.facilitation.FinancingPartiallyDisbursed.v1", topic=FINANCING)
class FinancingPartiallyDisbursed:
    """The lender paid out a part; more is to come."""

    financing_id: UUID
    disbursement_id: UUID
    amount_idr: int
    cumulative_amount_idr: int
    disbursed_on: date


@event("entaskan.facilitation.FinancingDisbursed.v1", topic=FINANCING)
class FinancingDisbursed:
    """The lender paid out the last part, or closed what remained; instalments count from now."""

    financing_id: UUID
    disbursement_id: UUID
    amount_idr: int
    cumulative_amount_idr: int
    disbursed_on: date


@event("entaskan.facilitation.RepaymentRecorded.v1", topic=FINANCING)
class RepaymentRecorded:
    """A repayment reached the lender; `outstanding_idr` is the principal that is left."""

    financing_id: UUID
    period_no: int
    amount_idr: int
    outstanding_idr: int
    paid_on: date


@event("entaskan.facilitation.FinancingFellIntoArrears.v1", topic=FINANCING)
class FinancingFellIntoArrears:
    """An instalment fell due and was not paid."""

    financing_id: UUID
    days_past_due: int
    collectability_class: int
    outstanding_band: str


@event("entaskan.facilitation.FinancingReclassified.v1", topic=FINANCING)
class FinancingReclassified:
    """Arrears grew so old that the loan is in another class of collectability (kolektibilitas)."""

    financing_id: UUID
    days_past_due: int
    collectability_class: int
    outstanding_band: str


@event("entaskan.facilitation.FinancingArrearsCured.v1", topic=FINANCING)
class FinancingArrearsCured:
    """What was overdue is paid."""

    financing_id: UUID


@event("entaskan.facilitation.FinancingRestructured.v1", topic=FINANCING)
class FinancingRestructured:
    """The lender gave what is left another schedule."""

    financing_id: UUID
    new_tenor_months: int
    effective_from: date


@event("entaskan.facilitation.FinancingSettled.v1", topic=FINANCING)
class FinancingSettled:
    """Nothing is left to pay; `on_time` unless it was after the last instalment's date."""

    financing_id: UUID
    settled_on: date
    on_time: bool


@event("entaskan.facilitation.FinancingWrittenOff.v1", topic=FINANCING)
class FinancingWrittenOff:
    """The lender wrote the rest off."""

    financing_id: UUID
    outstanding_band: str


@event("entaskan.facilitation.FinancingCancelled.v1", topic=FINANCING)
class FinancingCancelled:
    """The contract ended before anything was paid out."""

    financing_id: UUID
    reason_code: str


@event("entaskan.facilitation.FinancingReconciled.v1", topic=FINANCING)
class FinancingReconciled:
    """A lender's file was compared row by row; `difference_idr` is what its rows hold and no loan could take."""

    batch_id: UUID
    lender_institution_id: UUID
    matched_count: int
    unmatched_count: int
    difference_idr: int


@event("entaskan.facilitation.SikpListRecorded.v1", topic=FINANCING)
class SikpListRecorded:
    """A list of government credits from SIKP was taken over; whose they are is told to nobody."""

    import_id: UUID
    opened_count: int
    closed_count: int
    unchanged_count: int
    refused_count: int
