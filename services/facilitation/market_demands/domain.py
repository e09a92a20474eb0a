"""A demand: what a buyer needs, and what the last run of matching found for it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.group_products.categories import category_of
from services.facilitation.group_products.domain import CertificateKind
from services.facilitation.traded import Traded
from shared.aggregate import Living, step
from shared.contracts.facilitation_market import (
    MarketDemandClosed,
    MarketDemandFulfilled,
    MarketDemandMatched,
    MarketDemandPartlyMatched,
    MarketDemandRegistered,
    MarketDemandUnmatched,
)
from shared.errors import Conflict, Refused
from shared.money import Rupiah


class DemandStatus(StrEnum):
    """Where a demand stands."""

    OPEN = "open"
    MATCHED = "matched"
    PARTLY_MATCHED = "partly_matched"
    FULFILLED = "fulfilled"
    UNMATCHED = "unmatched"
    CLOSED = "closed"


class NeededInThePast(Refused):
    """A need is for a day to come."""

    code = "needed_in_the_past"
    message = ("Tanggal kebutuhan sudah lewat.", "The day by which it is needed has passed.")
    action = ("Pilih hari ini atau sesudahnya.", "Choose today or later.")


class NotYetDelivered(Conflict):
    """A demand is fulfilled by deliveries."""

    code = "not_yet_delivered"
    message = ("Baru {delivered_quantity} dari {quantity} yang diantarkan.", "Of {quantity} only {delivered_quantity} were delivered.")
    action = ("Catat pengantaran pada pesanannya.", "Record the deliveries of its orders.")


S = DemandStatus
UNFINISHED = (S.OPEN, S.MATCHED, S.PARTLY_MATCHED, S.UNMATCHED)
"""What may still be ordered for."""
MATCHABLE = (S.OPEN, S.PARTLY_MATCHED, S.UNMATCHED)
"""What a run looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """So much of a group's product."""

    product_id: UUID
    group_id: UUID
    quantity: int
    distance_km: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Obstacles that together stand in the way of at least so many units."""

    codes: list[str]
    would_add_at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a run found: lots for what was not ordered yet, and why it is not all."""

    match_id: UUID
    algorithm_version: str
    ordered: int
    lots: list[Lot]
    shortfalls: list[Shortfall]


@dataclass(eq=False, kw_only=True)
class MarketDemand(Living, Traded):
    """What a buyer needs at `region_code` by a day; `lots` are the plan of the last run, without what was ordered by then."""

    category_code: str
    quantity: int
    unit: str
    needed_by: date
    price_ceiling_idr: Rupiah
    certificates: list[CertificateKind]
    specifications: list[str]
    max_distance_km: int | None
    registered_on: date
    status: DemandStatus
    match_id: UUID | None = None
    algorithm_version: str | None = None
    matched_quantity: int = 0
    lots: list[Lot] = field(default_factory=list)
    shortfalls: list[Shortfall] = field(default_factory=list)
    reason_code: str | None = None

    LIFE: ClassVar = {
        "match_part": step(*MATCHABLE, to=S.PARTLY_MATCHED),
        "match": step(*MATCHABLE, to=S.MATCHED),
        "unmatch": step(*MATCHABLE, to=S.UNMATCHED),
        "fulfil": step(S.MATCHED, S.PARTLY_MATCHED, to=S.FULFILLED),
        "close": step(*UNFINISHED, to=S.CLOSED),
    }

    @classmethod
    def register(
        cls,
        *,
        id: UUID,
        buyer_institution_id: UUID,
        region_code: str,
        category_code: str,
        quantity: int,
        unit: str,
        needed_by: date,
        price_ceiling_idr: Rupiah,
        certificates: list[CertificateKind],
        specifications: list[str],
        max_distance_km: int | None,
        on: date,
    ) -> Self:
        """State a need."""
        category_of(category_code, unit)
        if needed_by < on:
            raise NeededInThePast
        demand = cls(
            id=id,
            region_code=region_code,
            buyer_institution_id=buyer_institution_id,
            category_code=category_code,
            quantity=quantity,
            unit=unit,
            needed_by=needed_by,
            price_ceiling_idr=price_ceiling_idr,
            certificates=sorted(set(certificates)),
            specifications=sorted(set(specifications)),
            max_distance_km=max_distance_km,
            registered_on=on,
            status=S.OPEN,
        )
        demand.record(
            MarketDemandRegistered(
                demand_id=id,
                buyer_institution_id=buyer_institution_id,
                product_category_code=category_code,
                quantity=quantity,
                unit=unit,
                needed_by=needed_by,
                region_code=region_code,
            )
        )
        return demand

    def take(self, found: Found) -> None:
        """What a run found becomes the plan; the same as before changes and tells nothing."""
        matched = found.ordered + sum(lot.quantity for lot in found.lots)
        if matched >= self.quantity:
            self.match(found, matched)
        elif matched:
            self.match_part(found, matched)
        else:
            self.unmatch(found)

    def match(self, found: Found, matched: int) -> None:
        """All of it is covered."""
        self.move("match")
        self._plan(found, matched)
        self.record(
            MarketDemandMatched(
                demand_id=self.id,
                match_id=found.match_id,
                group_ids=self._groups(),
                matched_quantity=matched,
                algorithm_version=found.algorithm_version,
            )
        )

    def match_part(self, found: Found, matched: int) -> None:
        """A part of it is covered."""
        self.may("match_part")
        if (self.status, self.matched_quantity, self.lots, self.shortfalls) == (S.PARTLY_MATCHED, matched, found.lots, found.shortfalls):
            return
        self.move("match_part")
        self._plan(found, matched)
        self.record(
            MarketDemandPartlyMatched(
                demand_id=self.id,
                match_id=found.match_id,
                group_ids=self._groups(),
                matched_quantity=matched,
                shortfall_quantity=self.quantity - matched,
                shortfall_reason_codes=self.shortfall_codes(),
                algorithm_version=found.algorithm_version,
            )
        )

    def unmatch(self, found: Found) -> None:
        """Nothing of it is covered."""
        self.may("unmatch")
        if (self.status, self.shortfalls) == (S.UNMATCHED, found.shortfalls):
            return
        self.move("unmatch")
        self._plan(found, 0)
        self.record(MarketDemandUnmatched(demand_id=self.id, shortfall_reason_codes=self.shortfall_codes(), shortfall_quantity=self.quantity))

    def _plan(self, found: Found, matched: int) -> None:
        self.match_id, self.algorithm_version = found.match_id, found.algorithm_version
        self.matched_quantity, self.lots, self.shortfalls = matched, found.lots, found.shortfalls

    def _groups(self) -> list[UUID]:
        return sorted({lot.group_id for lot in self.lots})

    def shortfall_codes(self) -> list[str]:
        """Every code of a reason, once."""
        return sorted({code for each in self.shortfalls for code in each.codes})

    def fulfil(self, delivered: int) -> None:
        """Its orders delivered what was needed."""
        self.may("fulfil")
        if delivered < self.quantity:
            raise NotYetDelivered(delivered_quantity=delivered, quantity=self.quantity)
        self.move("fulfil")
        self.lots = []
        self.record(MarketDemandFulfilled(demand_id=self.id, delivered_quantity=delivered))

    def close(self, reason_code: str) -> None:
        """Withdraw it, or let it go after its day."""
        self.move("close")
        self.reason_code, self.lots = reason_code, []
        self.record(MarketDemandClosed(demand_id=self.id, reason_code=reason_code))
