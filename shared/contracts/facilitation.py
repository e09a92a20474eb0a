"""Events of facilitation: enterprises, groups and financing.

No event carries a name, a NIK, a NIB or any other document number.
"""

from datetime import date
from uuid import UUID

from shared.contracts.registry import event

ENTERPRISES = "entaskan.facilitation.enterprises"
FINANCING = "entaskan.facilitation.financing"


@event("entaskan.facilitation.EnterpriseRegistered.v1", topic=ENTERPRISES)
class EnterpriseRegistered:
    """A micro enterprise entered the register under a random id."""

    enterprise_id: UUID
    region_code: str
    kbli_section: str
    scale_code: str
    registration_channel: str | None = None
    duplicate_candidate_count: int | None = None


@event("entaskan.facilitation.GroupFormed.v1", topic=ENTERPRISES)
class GroupFormed:
    """A kelompok, sentra, klaster or koperasi was formed in a regency/city."""

    group_id: UUID
    group_type: str
    region_code: str
    kbli_section: str


@event("entaskan.facilitation.GroupMemberJoined.v1", topic=ENTERPRISES)
class GroupMemberJoined:
    """An enterprise became a member of a group."""

    membership_id: UUID
    group_id: UUID
    enterprise_id: UUID
    member_role: str
    joined_on: date


@event("entaskan.facilitation.GroupMemberLeft.v1", topic=ENTERPRISES)
class GroupMemberLeft:
    """An enterprise left a group."""

    membership_id: UUID
    group_id: UUID
    enterprise_id: UUID
    reason_code: str
    left_on: date


@event("entaskan.facilitation.GroupActivated.v1", topic=ENTERPRISES)
class GroupActivated:
    """A group with enough members in a prioritised location may be facilitated."""

    group_id: UUID
    group_type: str
    region_code: str
    programme_id: UUID
    member_count: int


@event("entaskan.facilitation.FinancingApplicationDrafted.v1", topic=FINANCING)
class FinancingApplicationDrafted:
    """An application for credit of an enterprise through its group was written down."""

    application_id: UUID
    programme_id: UUID
    group_id: UUID
    enterprise_id: UUID
    region_code: str
    product_code: str
    product_version: int
    requested_amount_idr: int
    applicant_type: str | None = None


@event("entaskan.facilitation.FinancingApplied.v1", topic=FINANCING)
class FinancingApplied:
    """The application was submitted."""

    application_id: UUID
    programme_id: UUID
    group_id: UUID
    enterprise_id: UUID
    product_code: str
    requested_amount_idr: int
    region_code: str
    applicant_type: str | None = None
    member_count: int | None = None


@event("entaskan.facilitation.FinancingReviewStarted.v1", topic=FINANCING)
class FinancingReviewStarted:
    """The ministry's facilitation review began, or resumed at the stage where it stopped."""

    application_id: UUID
    stage: str | None = None
    duplicate_financing_flag: bool | None = None


@event("entaskan.facilitation.FinancingFacilitationApproved.v1", topic=FINANCING)
class FinancingFacilitationApproved:
    """The ministry recommends the application; the lender still decides."""

    application_id: UUID
    recommended_amount_idr: int
    conditions_codes: list[str] | None = None


@event("entaskan.facilitation.FinancingRejected.v1", topic=FINANCING)
class FinancingRejected:
    """The ministry does not recommend the application."""

    application_id: UUID
    reason_codes: list[str]
    stage: str | None = None


@event("entaskan.facilitation.FinancingForwarded.v1", topic=FINANCING)
class FinancingForwarded:
    """The application went to a lender."""

    application_id: UUID
    lender_institution_id: UUID
    forwarded_on: date
    answer_due_on: date | None = None


@event("entaskan.facilitation.FinancingGranted.v1", topic=FINANCING)
class FinancingGranted:
    """A lender signed a credit contract (akad); nothing has been paid out yet."""

    application_id: UUID
    programme_id: UUID
    group_id: UUID
    enterprise_id: UUID
    lender_institution_id: UUID
    product_code: str
    granted_amount_idr: int
    tenor_months: int
    granted_on: date
    region_code: str
    province_code: str
    financing_id: UUID | None = None
    applicant_type: str | None = None
    scheme_code: str | None = None
    rate_percent: str | None = None
    member_count: int | None = None


@event("entaskan.facilitation.FinancingDeclined.v1", topic=FINANCING)
class FinancingDeclined:
    """The lender declined."""

    application_id: UUID
    programme_id: UUID
    lender_institution_id: UUID
    region_code: str
    reason_codes: list[str]


@event("entaskan.facilitation.FinancingWithdrawn.v1", topic=FINANCING)
class FinancingWithdrawn:
    """The applicant took the application back."""

    application_id: UUID
    reason_code: str
