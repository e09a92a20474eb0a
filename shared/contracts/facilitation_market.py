"""Events of facilitation about market access (akses pasar): products, demands, matching, linkages, orders, turnovers, procurement.

No event carries a document number: not that of a certificate, of a contract or of an invoice.
"""

from datetime import date
from uuid import UUID

from shared.contracts.registry import event

MARKET = "entaskan.facilitation.market"


@event("entaskan.facilitation.GroupProductListed.v1", topic=MARKET)
class GroupProductListed:
    """A group offers a product: so many units a month at a price for each."""

    product_id: UUID
    group_id: UUID
    product_category_code: str
    kbli_code: str
    unit: str
    price_idr: int
    monthly_capacity: int
    region_code: str


@event("entaskan.facilitation.GroupProductRevised.v1", topic=MARKET)
class GroupProductRevised:
    """Price, monthly capacity or minimum lot changed; orders placed keep their price."""

    product_id: UUID
    price_idr: int
    monthly_capacity: int
    minimum_lot: int


@event("entaskan.facilitation.GroupProductCertified.v1", topic=MARKET)
class GroupProductCertified:
    """A certificate (halal, P-IRT, SNI) was recorded for the product, valid up to and including `expires_on`; null has no end."""

    product_id: UUID
    certificate_kind: str
    expires_on: date | None


@event("entaskan.facilitation.GroupProductCertificateLapsed.v1", topic=MARKET)
class GroupProductCertificateLapsed:
    """The last day of a certificate passed without a newer one; once."""

    product_id: UUID
    group_id: UUID
    certificate_kind: str
    expired_on: date


@event("entaskan.facilitation.GroupProductEvidenceFiled.v1", topic=MARKET)
class GroupProductEvidenceFiled:
    """Evidence for an item of a marketplace's checklist was recorded by its SHA-256."""

    product_id: UUID
    item_code: str
    evidence_hash: str


@event("entaskan.facilitation.GroupProductWithdrawn.v1", topic=MARKET)
class GroupProductWithdrawn:
    """The product is offered no more."""

    product_id: UUID
    reason_code: str


@event("entaskan.facilitation.MarketDemandRegistered.v1", topic=MARKET)
class MarketDemandRegistered:
    """A buyer needs so much of a category at a place by a day."""

    demand_id: UUID
    buyer_institution_id: UUID
    product_category_code: str
    quantity: int
    unit: str
    needed_by: date
    region_code: str


@event("entaskan.facilitation.MarketDemandPartlyMatched.v1", topic=MARKET)
class MarketDemandPartlyMatched:
    """Lots of these groups cover a part; each reason holds when its obstacle is lifted."""

    demand_id: UUID
    match_id: UUID
    group_ids: list[UUID]
    matched_quantity: int
    shortfall_quantity: int
    shortfall_reason_codes: list[str]
    algorithm_version: str


@event("entaskan.facilitation.MarketDemandMatched.v1", topic=MARKET)
class MarketDemandMatched:
    """Lots of these groups cover all of it."""

    demand_id: UUID
    match_id: UUID
    group_ids: list[UUID]
    matched_quantity: int
    algorithm_version: str


@event("entaskan.facilitation.MarketDemandUnmatched.v1", topic=MARKET)
class MarketDemandUnmatched:
    """A run found no lot; each reason holds when its obstacle is lifted."""

    demand_id: UUID
    shortfall_reason_codes: list[str]
    shortfall_quantity: int


@event("entaskan.facilitation.MarketDemandFulfilled.v1", topic=MARKET)
class MarketDemandFulfilled:
    """Orders for it delivered at least what was needed."""

    demand_id: UUID
    delivered_quantity: int


@event("entaskan.facilitation.MarketDemandClosed.v1", topic=MARKET)
class MarketDemandClosed:
    """The buyer withdrew it, or its day passed."""

    demand_id: UUID
    reason_code: str


@event("entaskan.facilitation.MarketMatchingCompleted.v1", topic=MARKET)
class MarketMatchingCompleted:
    """A run over the open demands and the groups' products ended; `bound` is the total in weighted units that no matching exceeds."""

    match_id: UUID
    algorithm_version: str
    demand_count: int
    matched_count: int
    partly_matched_count: int
    unmatched_count: int
    weighted_quantity: int
    bound: int


@event("entaskan.facilitation.MarketLinkageProposed.v1", topic=MARKET)
class MarketLinkageProposed:
    """One side proposed that a group supplies a buyer through a channel."""

    linkage_id: UUID
    group_id: UUID
    buyer_institution_id: UUID
    channel_code: str
    product_category_codes: list[str]


@event("entaskan.facilitation.MarketLinkageAccepted.v1", topic=MARKET)
class MarketLinkageAccepted:
    """The other side accepted."""

    linkage_id: UUID


@event("entaskan.facilitation.MarketLinkageDeclined.v1", topic=MARKET)
class MarketLinkageDeclined:
    """The proposal was declined."""

    linkage_id: UUID
    reason_codes: list[str]


@event("entaskan.facilitation.MarketAccessGranted.v1", topic=MARKET)
class MarketAccessGranted:
    """A contract gives the group access to the buyer for so many months; its number stays inside the service."""

    linkage_id: UUID
    group_id: UUID
    buyer_institution_id: UUID
    channel_code: str
    contract_value_idr: int
    term_months: int
    region_code: str


@event("entaskan.facilitation.MarketplaceOnboarded.v1", topic=MARKET)
class MarketplaceOnboarded:
    """So many products of the group meet the checklist of the marketplace."""

    linkage_id: UUID
    group_id: UUID
    channel_code: str
    listed_product_count: int


@event("entaskan.facilitation.MarketLinkageActivated.v1", topic=MARKET)
class MarketLinkageActivated:
    """The first order was confirmed."""

    linkage_id: UUID


@event("entaskan.facilitation.MarketLinkageSuspended.v1", topic=MARKET)
class MarketLinkageSuspended:
    """No orders are placed for the time being."""

    linkage_id: UUID
    reason_code: str


@event("entaskan.facilitation.MarketLinkageResumed.v1", topic=MARKET)
class MarketLinkageResumed:
    """Orders are placed again."""

    linkage_id: UUID


@event("entaskan.facilitation.MarketLinkageEnded.v1", topic=MARKET)
class MarketLinkageEnded:
    """The linkage ended; the total is of orders that were paid, the count of orders that were not cancelled."""

    linkage_id: UUID
    reason_code: str
    total_value_idr: int
    order_count: int


@event("entaskan.facilitation.OrderPlaced.v1", topic=MARKET)
class OrderPlaced:
    """A buyer ordered; the capacity of the month of delivery is reserved."""

    order_id: UUID
    linkage_id: UUID
    group_id: UUID
    line_count: int
    value_idr: int
    deliver_by: date


@event("entaskan.facilitation.OrderConfirmed.v1", topic=MARKET)
class OrderConfirmed:
    """The group divided all of it among so many of its enterprises and those that supply through it."""

    order_id: UUID
    supplier_count: int


@event("entaskan.facilitation.OrderPartlyDelivered.v1", topic=MARKET)
class OrderPartlyDelivered:
    """A delivery that leaves something to be delivered."""

    order_id: UUID
    delivery_no: int
    delivered_quantity: int
    cumulative_quantity: int


@event("entaskan.facilitation.OrderDelivered.v1", topic=MARKET)
class OrderDelivered:
    """The last delivery, or the buyer closed the order short; then `delivered_quantity` is 0."""

    order_id: UUID
    delivery_no: int
    delivered_quantity: int
    closed_short: bool


@event("entaskan.facilitation.OrderAccepted.v1", topic=MARKET)
class OrderAccepted:
    """The buyer accepted, or kept silent for as long as the rule says."""

    order_id: UUID
    accepted_on: date
    by_silence: bool


@event("entaskan.facilitation.OrderDisputed.v1", topic=MARKET)
class OrderDisputed:
    """The buyer disputes what was delivered."""

    order_id: UUID
    reason_code: str


@event("entaskan.facilitation.OrderDisputeResolved.v1", topic=MARKET)
class OrderDisputeResolved:
    """The dispute was decided; the order counts as accepted."""

    order_id: UUID
    decision_code: str


@event("entaskan.facilitation.OrderInvoiced.v1", topic=MARKET)
class OrderInvoiced:
    """The group asks for the money by a day."""

    order_id: UUID
    amount_idr: int
    due_on: date


@event("entaskan.facilitation.BuyerPaymentFellLate.v1", topic=MARKET)
class BuyerPaymentFellLate:
    """The due date passed without payment; once."""

    order_id: UUID
    buyer_institution_id: UUID
    days_late: int
    amount_idr: int


@event("entaskan.facilitation.OrderPaid.v1", topic=MARKET)
class OrderPaid:
    """The buyer paid all of it; the shares of the enterprises sum to the amount."""

    order_id: UUID
    linkage_id: UUID
    group_id: UUID
    amount_idr: int
    paid_on: date
    days_late: int


@event("entaskan.facilitation.OrderCancelled.v1", topic=MARKET)
class OrderCancelled:
    """Nothing was delivered and nothing will be; the capacity is free again."""

    order_id: UUID
    reason_code: str


@event("entaskan.facilitation.GroupTurnoverRecorded.v1", topic=MARKET)
class GroupTurnoverRecorded:
    """What a group's enterprises sold in a month together, from all sources."""

    turnover_id: UUID
    group_id: UUID
    month: str
    turnover_idr: int


@event("entaskan.facilitation.GroupTurnoverCorrected.v1", topic=MARKET)
class GroupTurnoverCorrected:
    """Another figure for the month replaces the former one."""

    turnover_id: UUID
    turnover_idr: int
    reason_code: str


@event("entaskan.facilitation.ProcurementFigureRegistered.v1", topic=MARKET)
class ProcurementFigureRegistered:
    """What an institution allocated or spent on goods and services in a year, and of it from small business and from domestic production."""

    procurement_id: UUID
    institution_id: UUID
    fiscal_year: int
    stage_code: str
    total_idr: int
    small_business_idr: int
    domestic_idr: int


@event("entaskan.facilitation.ProcurementFigureCorrected.v1", topic=MARKET)
class ProcurementFigureCorrected:
    """Other figures for the year replace the former ones."""

    procurement_id: UUID
    total_idr: int
    small_business_idr: int
    domestic_idr: int
    reason_code: str
