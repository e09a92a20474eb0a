"""A run of matching: over all open demands and all products offered, at one moment."""

from dataclasses import dataclass, field
from datetime import date
from typing import Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.facilitation_market import MarketMatchingCompleted

ALGORITHM_VERSION = "pooled_lots_1"
"""Named with every result; another way to match gets another version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run found for a demand: how much with earlier orders, of how much."""

    demand_id: UUID
    quantity: int
    matched: int
    reason_codes: list[str]


@dataclass(eq=False, kw_only=True)
class MatchRun(Aggregate):
    """A run; `weighted_quantity` is what it reached, `bound` what nothing can exceed."""

    ran_on: date
    algorithm_version: str
    demand_count: int
    product_count: int
    matched_count: int
    partly_matched_count: int
    unmatched_count: int
    weighted_quantity: int
    bound: int
    milliseconds: int
    outcomes: list[Outcome] = field(default_factory=list)

    @classmethod
    def complete(cls, *, id: UUID, on: date, product_count: int, weighted_quantity: int, bound: int, milliseconds: int, outcomes: list[Outcome]) -> Self:
        """What came of it."""
        matched = sum(each.matched >= each.quantity for each in outcomes)
        unmatched = sum(each.matched == 0 for each in outcomes)
        run = cls(
            id=id,
            ran_on=on,
            algorithm_version=ALGORITHM_VERSION,
            demand_count=len(outcomes),
            product_count=product_count,
            matched_count=matched,
            partly_matched_count=len(outcomes) - matched - unmatched,
            unmatched_count=unmatched,
            weighted_quantity=weighted_quantity,
            bound=bound,
            milliseconds=milliseconds,
            outcomes=outcomes,
        )
        run.record(
            MarketMatchingCompleted(
                match_id=id,
                algorithm_version=ALGORITHM_VERSION,
                demand_count=run.demand_count,
                matched_count=run.matched_count,
                partly_matched_count=run.partly_matched_count,
                unmatched_count=run.unmatched_count,
                weighted_quantity=weighted_quantity,
                bound=bound,
            )
        )
        return run
