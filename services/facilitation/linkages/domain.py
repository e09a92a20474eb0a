"""A linkage: a group (or the hub through which others supply) and a buyer, from proposal to end."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.traded import Side, Traded
from shared.aggregate import Living, step
from shared.contracts.facilitation_market import (
    MarketAccessGranted,
    MarketLinkageAccepted,
    MarketLinkageActivated,
    MarketLinkageDeclined,
    MarketLinkageEnded,
    MarketLinkageProposed,
    MarketLinkageResumed,
    MarketLinkageSuspended,
    MarketplaceOnboarded,
)
from shared.errors import Conflict, Forbidden, Refused
from shared.money import Rupiah


class LinkageStatus(StrEnum):
    """Where a linkage stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    CONTRACTED = "contracted"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"
    DECLINED = "declined"


class Channel(StrEnum):
    """Through what a group sells."""

    E_KATALOG = "e_katalog"
    PADI = "padi"
    MARKETPLACE = "marketplace"
    OFFTAKER = "offtaker"
    PARTNERSHIP = "partnership"
    FAIR = "fair"
    DIRECT = "direct"


class OtherSideAnswers(Forbidden):
    """Who proposed does not answer."""

    code = "other_side_answers"
    message = ("Usul dijawab oleh pihak yang lain.", "The other side answers a proposal.")
    action = ("Minta pihak {side} menjawab.", "Ask the {side} side to answer.")


class CategoryNotOffered(Refused):
    """The group lists no product of a category."""

    code = "category_not_offered"
    message = ("Kelompok tidak menawarkan produk kategori {category_codes}.", "The group lists no product of {category_codes}.")
    action = ("Tawarkan produknya terlebih dahulu.", "List the product first.")


class NotReadyForMarketplace(Refused):
    """No product of the group meets the whole checklist."""

    code = "not_ready_for_marketplace"
    message = ("Daftar periksa belum lengkap; kurang {missing}.", "The checklist is not complete; missing are {missing}.")
    action = ("Lihat GET /facilitation/v1/group-products/{{id}}/readiness.", "See GET /facilitation/v1/group-products/{{id}}/readiness.")


class OpenOrdersRemain(Conflict):
    """A linkage ends when its orders are done."""

    code = "open_orders_remain"
    message = ("Masih ada {count} pesanan yang belum selesai.", "{count} orders are not finished.")
    action = ("Selesaikan atau batalkan pesanan itu.", "Finish or cancel those orders.")


S = LinkageStatus


@dataclass(eq=False, kw_only=True)
class MarketLinkage(Living, Traded):
    """Which group supplies which buyer with which categories, through which channel. The contract's number stays in here."""

    group_id: UUID
    channel: Channel
    category_codes: list[str]
    proposed_by: Side
    proposed_on: date
    status: LinkageStatus
    contract_ref: str | None = None
    contract_value_idr: Rupiah | None = None
    term_months: int | None = None
    contracted_on: date | None = None
    listed_product_count: int | None = None
    reason_codes: list[str] = field(default_factory=list)

    LIFE: ClassVar = {
        "accept": step(S.PROPOSED, to=S.ACCEPTED),
        "decline": step(S.PROPOSED, to=S.DECLINED),
        "contract": step(S.ACCEPTED, to=S.CONTRACTED),
        "onboard": step(S.ACCEPTED, S.CONTRACTED),
        "activate": step(S.CONTRACTED, to=S.ACTIVE),
        "suspend": step(S.ACTIVE, to=S.SUSPENDED),
        "resume": step(S.SUSPENDED, to=S.ACTIVE),
        "end": step(S.CONTRACTED, S.ACTIVE, S.SUSPENDED, to=S.ENDED),
    }

    @classmethod
    def propose(
        cls,
        *,
        id: UUID,
        group_id: UUID,
        region_code: str,
        buyer_institution_id: UUID,
        channel: Channel,
        category_codes: list[str],
        by: Side,
        on: date,
    ) -> Self:
        """Propose it, for one side."""
        codes = sorted(set(category_codes))
        linkage = cls(
            id=id,
            region_code=region_code,
            group_id=group_id,
            buyer_institution_id=buyer_institution_id,
            channel=channel,
            category_codes=codes,
            proposed_by=by,
            proposed_on=on,
            status=S.PROPOSED,
        )
        linkage.record(
            MarketLinkageProposed(
                linkage_id=id, group_id=group_id, buyer_institution_id=buyer_institution_id, channel_code=channel, product_category_codes=codes
            )
        )
        return linkage

    def _other_side(self, by: Side) -> None:
        if by is self.proposed_by:
            raise OtherSideAnswers(allowed_roles=[], side="buyer" if by is Side.GROUP else "group")

    def accept(self, by: Side) -> None:
        """Agree, as the other side."""
        self._other_side(by)
        self.move("accept")
        self.record(MarketLinkageAccepted(linkage_id=self.id))

    def decline(self, by: Side, reason_codes: list[str]) -> None:
        """Not agree, as the other side."""
        self._other_side(by)
        self.move("decline")
        self.reason_codes = reason_codes
        self.record(MarketLinkageDeclined(linkage_id=self.id, reason_codes=reason_codes))

    def contract(self, *, contract_ref: str, contract_value_idr: Rupiah, term_months: int, on: date) -> None:
        """Both signed."""
        self.move("contract")
        self.contract_ref, self.contract_value_idr, self.term_months, self.contracted_on = contract_ref, contract_value_idr, term_months, on
        self.record(
            MarketAccessGranted(
                linkage_id=self.id,
                group_id=self.group_id,
                buyer_institution_id=self.buyer_institution_id,
                channel_code=self.channel,
                contract_value_idr=contract_value_idr,
                term_months=term_months,
                region_code=self.region_code,
            )
        )

    def onboard(self, ready: int, missing: list[str]) -> None:
        """So many products meet the checklist of the marketplace; as many as before tells nothing."""
        self.move("onboard")
        if ready == 0:
            raise NotReadyForMarketplace(missing=missing)
        if ready == self.listed_product_count:
            return
        self.listed_product_count = ready
        self.record(MarketplaceOnboarded(linkage_id=self.id, group_id=self.group_id, channel_code=self.channel, listed_product_count=ready))

    def activate(self) -> None:
        """With the first confirmed order."""
        self.move("activate")
        self.record(MarketLinkageActivated(linkage_id=self.id))

    def suspend(self, reason_code: str) -> None:
        """No orders for the time being."""
        self.move("suspend")
        self.reason_codes = [reason_code]
        self.record(MarketLinkageSuspended(linkage_id=self.id, reason_code=reason_code))

    def resume(self) -> None:
        """Orders again."""
        self.move("resume")
        self.reason_codes = []
        self.record(MarketLinkageResumed(linkage_id=self.id))

    def end(self, reason_code: str, *, open_orders: int, total_value_idr: int, order_count: int) -> None:
        """End it, when no order is open."""
        self.may("end")
        if open_orders:
            raise OpenOrdersRemain(count=open_orders)
        self.move("end")
        self.reason_codes = [reason_code]
        self.record(MarketLinkageEnded(linkage_id=self.id, reason_code=reason_code, total_value_idr=total_value_idr, order_count=order_count))
