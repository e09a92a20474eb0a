"""What is matched: needs, offers, and what stands between the two."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from uuid import UUID

import numpy as np
import numpy.typing as npt

from services.facilitation.matching.distance import kilometres


class Obstacle(IntFlag):
    """What can stand between a need and an offer of its category. The name in lower case is the reason code."""

    PRICE_ABOVE_CEILING = 1
    CERTIFICATE_NOT_VALID_ON_DELIVERY = 2
    SPECIFICATION_NOT_MET = 4
    DISTANCE_TOO_FAR = 8
    CAPACITY_INSUFFICIENT = 16
    MINIMUM_LOT_ABOVE_NEED = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a buyer still needs, to be delivered on `day`; a unit counts `weight`."""

    id: UUID
    category_code: str
    quantity: int
    weight: int
    day: date
    price_ceiling_idr: int
    certificates: frozenset[str]
    specifications: frozenset[str]
    region_code: str
    max_distance_km: int

    @property
    def month(self) -> str:
        """The month whose capacity a delivery uses, such as `2026-03`."""
        return f"{self.day:%Y-%m}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A group's product: what it can still make by month, and its certificates by kind with the last valid day, null for no end."""

    product_id: UUID
    group_id: UUID
    category_code: str
    price_idr: int
    minimum_lot: int
    monthly_capacity: int
    taken: Mapping[str, int]
    certificates: Mapping[str, date | None]
    specifications: frozenset[str]
    region_code: str

    def free(self, month: str) -> int:
        """What it can still make that month."""
        return max(0, self.monthly_capacity - self.taken.get(month, 0))

    def certified(self, kind: str, day: date) -> bool:
        """Whether a certificate is valid on a day."""
        return kind in self.certificates and ((last := self.certificates[kind]) is None or day <= last)


@dataclass(frozen=True)
class Part:
    """Needs of one category and month with all offers of it: it shares nothing with other parts, and is solved by itself.

    `blocked` holds the obstacles of price, certificate, specification and distance, a row a need, a column an offer.
    """

    needs: Sequence[Need]
    offers: Sequence[Offer]
    free: npt.NDArray[np.int64]
    lots: npt.NDArray[np.int64]
    distance: npt.NDArray[np.int64]
    blocked: npt.NDArray[np.int64]

    @property
    def quantities(self) -> npt.NDArray[np.int64]:
        """What each need asks for."""
        return np.array([need.quantity for need in self.needs], np.int64)

    @property
    def weights(self) -> npt.NDArray[np.int64]:
        """What a unit of each need counts."""
        return np.array([need.weight for need in self.needs], np.int64)

    def possible(self) -> npt.NDArray[np.bool_]:
        """Which offers can give a need at least their minimum lot."""
        most = np.minimum(self.free[None, :], self.quantities[:, None])
        unblocked: npt.NDArray[np.bool_] = self.blocked == 0
        return unblocked & (most >= self.lots[None, :])


def parts(needs: Sequence[Need], offers: Sequence[Offer]) -> list[Part]:
    """Every part, in a stable order whatever the order of what is given."""
    wanted: dict[tuple[str, str], list[Need]] = defaultdict(list)
    offered: dict[str, list[Offer]] = defaultdict(list)
    for need in sorted(needs, key=lambda each: each.id):
        wanted[need.category_code, need.month].append(need)
    for offer in sorted(offers, key=lambda each: each.product_id):
        offered[offer.category_code].append(offer)
    return [_part(group, offered[category], month) for (category, month), group in sorted(wanted.items())]


FAR = 10**6
"""Kilometres, where a point is unknown."""


def _part(needs: Sequence[Need], offers: Sequence[Offer], month: str) -> Part:
    shape = (len(needs), len(offers))
    distance, blocked = np.full(shape, FAR, np.int64), np.zeros(shape, np.int64)
    places: dict[str, list[int]] = defaultdict(list)
    for column, offer in enumerate(offers):
        places[offer.region_code].append(column)
    price = np.array([offer.price_idr for offer in offers], np.int64)
    for row, need in enumerate(needs):
        for region, columns in places.items():
            if (far := kilometres(need.region_code, region)) is not None:
                distance[row, columns] = far
        blocked[row] |= (price > need.price_ceiling_idr) * Obstacle.PRICE_ABOVE_CEILING
        blocked[row] |= (distance[row] > need.max_distance_km) * Obstacle.DISTANCE_TOO_FAR
        if need.certificates:
            lacking = [not all(offer.certified(kind, need.day) for kind in need.certificates) for offer in offers]
            blocked[row] |= np.array(lacking, bool) * Obstacle.CERTIFICATE_NOT_VALID_ON_DELIVERY
        if need.specifications:
            lacking = [not need.specifications <= offer.specifications for offer in offers]
            blocked[row] |= np.array(lacking, bool) * Obstacle.SPECIFICATION_NOT_MET
    free = np.array([offer.free(month) for offer in offers], np.int64)
    return Part(needs, offers, free, np.array([offer.minimum_lot for offer in offers], np.int64), distance, blocked)
