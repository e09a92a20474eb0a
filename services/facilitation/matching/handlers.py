"""A run of matching: read what is open and offered, solve, and tell every demand."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from services.facilitation.group_products.tables import capacity_months, offered
from services.facilitation.market_demands.domain import Found, Lot, MarketDemand, Shortfall
from services.facilitation.market_demands.tables import matchable, planned
from services.facilitation.matching.domain import ALGORITHM_VERSION, MatchRun, Outcome
from services.facilitation.matching.instance import Need, Offer, Part, parts
from services.facilitation.matching.policy import MatchingPolicy, policy_on
from services.facilitation.matching.reasons import reasons
from services.facilitation.matching.solver import Solution, solve
from services.facilitation.orders.queries import ordered_for, ordered_since_matched
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork


@dataclass(frozen=True, slots=True)
class _Solved:
    """Lots and shortfalls by demand, the weighted total and its bound."""

    lots: dict[UUID, list[Lot]]
    shortfalls: dict[UUID, list[Shortfall]]
    total: int
    bound: int


async def run_matching(transaction: Transaction, on: date) -> MatchRun:
    """Match all open demands. A demand that changes meanwhile refuses the whole run, which can simply be asked for again."""
    started, policy = monotonic(), policy_on(on)
    async with transaction() as uow:
        ids = (await uow.connection.scalars(matchable(on))).all()
        demands = [await uow.get(MarketDemand, id) for id in ids]
        ordered = await _ordered(uow, ordered_for(ids))
        offers = await _offers(uow)
        needs = [need for demand in demands if (need := _need(demand, sum(ordered[demand.id].values()), policy, on))]
        solved = await asyncio.to_thread(_solve, needs, offers)
        run_id, outcomes = new_id(), []
        for demand in demands:
            already, lots = sum(ordered[demand.id].values()), solved.lots.get(demand.id, [])
            found = Found(match_id=run_id, algorithm_version=ALGORITHM_VERSION, ordered=already, lots=lots, shortfalls=solved.shortfalls.get(demand.id, []))
            demand.take(found)
            matched = already + sum(lot.quantity for lot in lots)
            codes = sorted({code for each in found.shortfalls for code in each.codes})
            outcomes.append(Outcome(demand_id=demand.id, quantity=demand.quantity, matched=matched, reason_codes=codes))
        run = MatchRun.complete(
            id=run_id,
            on=on,
            product_count=len(offers),
            weighted_quantity=solved.total,
            bound=solved.bound,
            milliseconds=round((monotonic() - started) * 1000),
            outcomes=outcomes,
        )
        uow.add(run)
    return run


async def _ordered(uow: UnitOfWork, statement: Select[Any]) -> Mapping[UUID, dict[UUID, int]]:
    """What orders that are not cancelled ask for, by demand and product."""
    found: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for row in (await uow.connection.execute(statement)).all():
        found[row.demand_id][row.product_id] = row.quantity
    return found


async def _offers(uow: UnitOfWork) -> list[Offer]:
    """What is offered, with what orders reserved of each month and what is planned for demands that are matched already."""
    taken: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in (await uow.connection.execute(select(capacity_months).where(capacity_months.c.reserved > 0))).all():
        taken[row.product_id][row.month] += row.reserved
    ordered = await _ordered(uow, ordered_since_matched())
    for plan in (await uow.connection.execute(planned())).all():
        for lot in plan.lots:
            taken[lot.product_id][f"{plan.needed_by:%Y-%m}"] += max(0, lot.quantity - ordered[plan.id].get(lot.product_id, 0))
    return [
        Offer(
            product_id=row.id,
            group_id=row.group_id,
            category_code=row.category_code,
            price_idr=row.price_idr,
            minimum_lot=row.minimum_lot,
            monthly_capacity=row.monthly_capacity,
            taken=taken.get(row.id, {}),
            certificates={str(each.kind): each.expires_on for each in row.certificates},
            specifications=frozenset(row.specifications),
            region_code=row.region_code,
        )
        for row in (await uow.connection.execute(offered())).all()
    ]


def _need(demand: MarketDemand, ordered: int, policy: MatchingPolicy, on: date) -> Need | None:
    """What is not ordered yet, if anything."""
    if ordered >= demand.quantity:
        return None
    return Need(
        id=demand.id,
        category_code=demand.category_code,
        quantity=demand.quantity - ordered,
        weight=policy.weight((demand.needed_by - on).days),
        day=demand.needed_by,
        price_ceiling_idr=demand.price_ceiling_idr,
        certificates=frozenset(map(str, demand.certificates)),
        specifications=frozenset(demand.specifications),
        region_code=demand.region_code,
        max_distance_km=policy.max_distance_km if demand.max_distance_km is None else demand.max_distance_km,
    )


def _solve(needs: Sequence[Need], offers: Sequence[Offer]) -> _Solved:
    """Part by part."""
    solved = [(part, solve(part)) for part in parts(needs, offers)]
    lots: dict[UUID, list[Lot]] = {}
    shortfalls: dict[UUID, list[Shortfall]] = {}
    for part, solution in solved:
        for row, need in enumerate(part.needs):
            lots[need.id] = _lots(part, solution, row)
            found = reasons(part, solution.lots, row)
            shortfalls[need.id] = [Shortfall(codes=each.codes, would_add_at_least=each.would_add_at_least) for each in found]
    return _Solved(lots, shortfalls, sum(each.total for _, each in solved), sum(each.bound for _, each in solved))


def _lots(part: Part, solution: Solution, row: int) -> list[Lot]:
    return [
        Lot(
            product_id=part.offers[column].product_id,
            group_id=part.offers[column].group_id,
            quantity=quantity,
            distance_km=int(part.distance[row, column]),
        )
        for (at, column), quantity in sorted(solution.lots.items())
        if at == row
    ]
