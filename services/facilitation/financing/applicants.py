"""Who applies: where an enterprise stands, and for a group which member takes which part with consent (tanggung renteng stays with the lender)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.facilitation.financing.errors import (
    AllocationsDiffer,
    AmountOutsideProduct,
    ApplicantNotServed,
    GroupNotActive,
    MemberConsentInFuture,
    MemberNotInGroup,
    NoActiveMembership,
)
from services.facilitation.financing.products import ApplicantType, Product
from services.facilitation.locations.domain import NotPrioritisedLocation
from shared.errors import Problem
from shared.money import Rupiah


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an enterprise stands on a day: its region, whether the programme prioritised it, and the group it is in, if any."""

    region_code: str
    prioritised: bool
    group_id: UUID | None
    group_is_active: bool
    group_type: str | None = None

    def obstacle(self) -> Problem | None:
        """What the indirect rule has against it."""
        if not self.prioritised:
            return NotPrioritisedLocation()
        if self.group_id is None:
            return NoActiveMembership()
        return None if self.group_is_active else GroupNotActive()

    def group_to_apply_through(self) -> UUID:
        """The group, if the indirect rule lets the enterprise apply."""
        if obstacle := self.obstacle():
            raise obstacle
        assert self.group_id is not None
        return self.group_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The part of one member, who agreed to it on a day; the signed consent travels as SHA-256."""

    enterprise_id: UUID
    amount_idr: Rupiah
    consent_on: date
    consent_hash: str


def require_allocations(
    applicant_type: ApplicantType, product: Product, group_type: str | None, allocations: Sequence[Allocation], amount_idr: int, on: date
) -> None:
    """Raise unless such an applicant is served, and the members' parts are theirs, agreed to, within the product and sum to the amount."""
    if applicant_type not in product.applicants or (product.group_types is not None and group_type not in product.group_types):
        raise ApplicantNotServed(applicants=[str(each) for each in product.applicants])
    parts = sum(each.amount_idr for each in allocations)
    members = {each.enterprise_id for each in allocations}
    if applicant_type is not ApplicantType.GROUP:
        require_amount(product, amount_idr)
        if allocations:
            raise AllocationsDiffer(sum_idr=parts, amount_idr=amount_idr)
        return
    if parts != amount_idr or len(members) != len(allocations) or not allocations:
        raise AllocationsDiffer(sum_idr=parts, amount_idr=amount_idr)
    for each in allocations:
        require_amount(product, each.amount_idr)
        if each.consent_on > on:
            raise MemberConsentInFuture


def require_members(standings: Sequence[Standing], group_id: UUID) -> None:
    """Raise unless the indirect rule holds for each of them, through this group."""
    for standing in standings:
        if standing.group_to_apply_through() != group_id:
            raise MemberNotInGroup


def require_amount(product: Product, amount_idr: int) -> None:
    """Raise unless the product is for such an amount."""
    if not product.above_idr < amount_idr <= product.ceiling_idr:
        raise AmountOutsideProduct(above_idr=product.above_idr, ceiling_idr=product.ceiling_idr)
