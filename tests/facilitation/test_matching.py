"""Matching against an enumeration of every possible choice of lots, and the reasons against the same with their obstacles lifted."""

import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from scipy.optimize import linprog

from services.facilitation.matching.distance import kilometres, points
from services.facilitation.matching.instance import FAR, Need, Obstacle, Offer, Part, parts
from services.facilitation.matching.policy import policy_on
from services.facilitation.matching.reasons import reasons
from services.facilitation.matching.solver import EXACT, Solution, solve

SMALL = 200
PLACES = ["53.01", "53.02", "53.04", "53.71", "52.71", "51.71"]


def instance(seed: int) -> tuple[list[Need], list[Offer]]:
    """A few needs and offers of one category and two months, with every kind of obstacle somewhere."""
    draw = random.Random(seed)
    offers = [
        Offer(
            product_id=UUID(int=100 + i),
            group_id=UUID(int=200 + i),
            category_code="c",
            price_idr=draw.choice([8, 10, 12]),
            minimum_lot=draw.choice([1, 2, 4, 7]),
            monthly_capacity=draw.randint(7, 14),
            taken={"2026-03": draw.choice([0, 0, 3, 9])},
            certificates={"halal": draw.choice([None, date(2026, 3, 10), date(2026, 12, 31)])} if draw.random() < 0.7 else {},
            specifications=frozenset({"s"} if draw.random() < 0.7 else ()),
            region_code=draw.choice(PLACES),
        )
        for i in range(draw.randint(1, 4))
    ]
    needs = [
        Need(
            id=UUID(int=1 + i),
            category_code="c",
            quantity=draw.randint(3, 22),
            weight=draw.choice([1, 2, 3]),
            day=draw.choice([date(2026, 3, 20), date(2026, 3, 20), date(2026, 4, 20)]),
            price_ceiling_idr=draw.choice([9, 11, 13]),
            certificates=frozenset({"halal"} if draw.random() < 0.4 else ()),
            specifications=frozenset({"s"} if draw.random() < 0.3 else ()),
            region_code=draw.choice(PLACES),
            max_distance_km=draw.choice([200, 500, 2000]),
        )
        for i in range(draw.randint(1, 3))
    ]
    return needs, offers


def allowed(need: Need, offer: Offer, lifted: Obstacle = Obstacle(0)) -> bool:
    """Whether a lot is possible at all: written apart from the code."""
    far = kilometres(need.region_code, offer.region_code)
    checks = {
        Obstacle.PRICE_ABOVE_CEILING: offer.price_idr <= need.price_ceiling_idr,
        Obstacle.CERTIFICATE_NOT_VALID_ON_DELIVERY: all(
            kind in offer.certificates and (offer.certificates[kind] or date.max) >= need.day for kind in need.certificates
        ),
        Obstacle.SPECIFICATION_NOT_MET: need.specifications <= offer.specifications,
        Obstacle.DISTANCE_TOO_FAR: far is not None and far <= need.max_distance_km,
    }
    return all(met or obstacle in lifted for obstacle, met in checks.items())


def best(needs: Sequence[Need], offers: Sequence[Offer], lifted: Mapping[UUID, Obstacle] | None = None) -> tuple[int, int, int]:
    """The largest weighted total, the fewest lots for it, and the fewest kilometres of so few: every set of lots, filled by a linear programme."""
    lifted = lifted or {}
    totals = [0, 0, 0]
    for month in {need.month for need in needs}:
        wanted = [need for need in needs if need.month == month]
        pairs = [(n, o) for n in wanted for o in offers if allowed(n, o, lifted.get(n.id, Obstacle(0)))]
        found = (0, 0, 0)
        for used in product((False, True), repeat=len(pairs)):
            chosen = [pair for pair, taken in zip(pairs, used, strict=True) if taken]
            total = _filled(chosen, month, lifted)
            if total is not None:
                km = sum(kilometres(n.region_code, o.region_code) or 0 for n, o in chosen)
                found = max(found, (total, -len(chosen), -km))
        totals = [whole + part for whole, part in zip(totals, found, strict=True)]
    return totals[0], -totals[1], -totals[2]


def _filled(chosen: Sequence[tuple[Need, Offer]], month: str, lifted: Mapping[UUID, Obstacle]) -> int | None:
    """The largest total with exactly these lots, none where they cannot all be."""
    if not chosen:
        return 0
    least, most = [], []
    for need, offer in chosen:
        unlocked = lifted.get(need.id, Obstacle(0))
        least.append(1 if Obstacle.MINIMUM_LOT_ABOVE_NEED in unlocked else offer.minimum_lot)
        most.append(need.quantity if Obstacle.CAPACITY_INSUFFICIENT in unlocked else min(need.quantity, offer.free(month)))
    if any(low > high for low, high in zip(least, most, strict=True)):
        return None
    rows, limits = [], []
    for need in {need.id: need for need, _ in chosen}.values():
        rows.append([float(n.id == need.id) for n, _ in chosen])
        limits.append(need.quantity)
    for offer in {offer.product_id: offer for _, offer in chosen}.values():
        rows.append([float(o is offer and Obstacle.CAPACITY_INSUFFICIENT not in lifted.get(n.id, Obstacle(0))) for n, o in chosen])
        limits.append(offer.free(month))
    answer = linprog([-n.weight for n, _ in chosen], A_ub=np.array(rows), b_ub=limits, bounds=list(zip(least, most, strict=True)))
    return round(-answer.fun) if answer.status == 0 else None


def solved(needs: Sequence[Need], offers: Sequence[Offer]) -> list[tuple[Part, Solution]]:
    return [(part, solve(part)) for part in parts(needs, offers)]


def kept(needs: Sequence[Need], offers: Sequence[Offer], each: Sequence[tuple[Part, Solution]]) -> None:
    """No capacity, need, minimum lot or obstacle is broken."""
    given: dict[tuple[UUID, str], int] = {}
    for part, solution in each:
        got = [0] * len(part.needs)
        for (row, column), quantity in solution.lots.items():
            need, offer = part.needs[row], part.offers[column]
            assert allowed(need, offer)
            assert quantity >= offer.minimum_lot
            got[row] += quantity
            given[offer.product_id, need.month] = given.get((offer.product_id, need.month), 0) + quantity
        assert all(quantity <= need.quantity for quantity, need in zip(got, part.needs, strict=True))
    free = {(offer.product_id, month): offer.free(month) for offer in offers for month in {need.month for need in needs}}
    assert all(quantity <= free[key] for key, quantity in given.items())


@pytest.mark.parametrize("first", range(0, SMALL, 20))
def test_small_instances_are_as_good_as_any_choice_there_is(first: int) -> None:
    for seed in range(first, first + 20):
        needs, offers = instance(seed)
        each = solved(needs, offers)
        kept(needs, offers, each)
        total, lots = sum(s.total for _, s in each), sum(len(s.lots) for _, s in each)
        km = sum(int(part.distance[pair]) for part, solution in each for pair in solution.lots)
        assert (total, lots, km) == best(needs, offers), seed
        assert total == sum(s.bound for _, s in each), seed


@pytest.mark.parametrize("first", range(0, SMALL, 20))
def test_every_reason_is_true_when_its_obstacles_are_lifted(first: int) -> None:
    stated = 0
    for seed in range(first, first + 20):
        needs, offers = instance(seed)
        for part, solution in solved(needs, offers):
            for row, need in enumerate(part.needs):
                got = sum(quantity for (at, _), quantity in solution.lots.items() if at == row)
                found = reasons(part, solution.lots, row)
                assert bool(found) is (got < need.quantity)
                before = best(part.needs, part.offers)[0]
                for reason in found:
                    lifted = Obstacle(sum(Obstacle[code.upper()] for code in reason.codes))
                    after = best(part.needs, part.offers, {need.id: lifted})[0]
                    assert after >= before + need.weight * reason.would_add_at_least > before, (seed, need.id, reason)
                    stated += 1
    assert stated > 10


def test_every_obstacle_is_somewhere_a_reason() -> None:
    codes = set()
    for seed in range(SMALL):
        for part, solution in solved(*instance(seed)):
            for row in range(len(part.needs)):
                codes |= {tuple(reason.codes) for reason in reasons(part, solution.lots, row)}
    assert {code for each in codes for code in each} == {str(each.name).lower() for each in Obstacle}
    assert any(len(each) > 1 for each in codes), "some needs are blocked twice at every offer"


def test_a_need_that_nobody_offers_says_so() -> None:
    needs, _ = instance(1)
    for part, solution in solved(needs, []):
        for row, need in enumerate(part.needs):
            [reason] = reasons(part, solution.lots, row)
            assert (reason.codes, reason.would_add_at_least) == (["no_product_offered"], need.quantity)


def test_the_order_of_what_is_given_does_not_matter() -> None:
    needs, offers = large(1)
    draw = random.Random(7)

    def lots(needs: Sequence[Need], offers: Sequence[Offer]) -> dict[tuple[UUID, UUID], int]:
        return {(p.needs[r].id, p.offers[c].product_id): q for p, s in solved(needs, offers) for (r, c), q in s.lots.items()}

    assert lots(needs, offers) == lots(draw.sample(needs, len(needs)), draw.sample(offers, len(offers)))


def large(seed: int, categories: int = 12, months: int = 6, factor: float = 1.0) -> tuple[list[Need], list[Offer]]:
    """200 needs and 2,000 groups in five provinces."""
    draw = random.Random(seed)
    places = [code for code in points() if code[:2] in ("33", "35", "51", "52", "53")]
    offers = [
        Offer(
            product_id=UUID(int=i + 1),
            group_id=UUID(int=10**6 + i),
            category_code=f"c{draw.randrange(categories)}",
            price_idr=draw.randrange(8000, 15000, 500),
            minimum_lot=draw.choice([1, 5, 10, 20, 50]),
            monthly_capacity=draw.randrange(50, 400),
            taken={},
            certificates={kind: draw.choice([None, date(2026, 6, 1), date(2027, 1, 1)]) for kind in ("halal", "pirt") if draw.random() < 0.7},
            specifications=frozenset(),
            region_code=draw.choice(places),
        )
        for i in range(2000)
    ]
    needs = [
        Need(
            id=UUID(int=i + 1),
            category_code=f"c{draw.randrange(categories)}",
            quantity=int(draw.randrange(200, 4000) * factor),
            weight=draw.choice([1, 2, 3]),
            day=date(2026, 3 + draw.randrange(months), 15),
            price_ceiling_idr=draw.randrange(9000, 16000, 500),
            certificates=frozenset(kind for kind in ("halal", "pirt") if draw.random() < 0.4),
            specifications=frozenset(),
            region_code=draw.choice(places),
            max_distance_km=500,
        )
        for i in range(200)
    ]
    return needs, offers


@pytest.mark.parametrize(
    ("categories", "months", "factor"), [(12, 6, 1.0), (12, 6, 3.0), (1, 6, 1.0), (1, 1, 1.0), (1, 1, 3.0)], ids=["usual", "scarce", "one", "same", "worst"]
)
def test_two_hundred_needs_and_two_thousand_groups(categories: int, months: int, factor: float, record_property: Any) -> None:
    needs, offers = large(1, categories, months, factor)
    began = process_time()
    each = solved(needs, offers)
    for part, solution in each:
        for row in range(len(part.needs)):
            reasons(part, solution.lots, row)
    seconds = process_time() - began
    kept(needs, offers, each)
    total, bound = sum(s.total for _, s in each), sum(s.bound for _, s in each)
    record_property("seconds", round(seconds, 2))
    record_property("gap", round((bound - total) / bound, 6))
    print(f"{categories} categories, {months} months, x{factor}: {seconds:.2f} s of processor, total {total}, bound {bound}")
    assert bound - total <= 0.01 * bound
    assert seconds < 10
    if months == 1 and factor == 1.0:
        assert sum(part.possible().sum() for part, _ in each) > 50_000, "the largest way of solving is tried"


def test_the_bound_is_the_optimum_without_minimum_lots() -> None:
    """Found by scipy's own model of the whole, so that no part of ours is trusted."""
    needs, offers = large(2)
    total = 0.0
    for part in parts(needs, offers):
        rows, columns = np.nonzero(part.possible())
        if len(rows) == 0:
            continue
        at, upper = np.arange(len(rows)), [(0, min(part.free[c], part.needs[r].quantity)) for r, c in zip(rows, columns, strict=True)]
        matrix = np.zeros((len(part.needs) + len(part.offers), len(rows)))
        matrix[rows, at] = 1
        matrix[len(part.needs) + columns, at] = 1
        limits = [need.quantity for need in part.needs] + list(part.free)
        total -= linprog([-part.needs[r].weight for r in rows], A_ub=matrix, b_ub=limits, bounds=upper).fun
    each = solved(needs, offers)
    assert sum(s.bound for _, s in each) <= round(total)
    assert sum(s.total for _, s in each) >= 0.999 * total


def test_minimum_lots_are_decided_as_a_whole_where_leaving_them_out_costs_much() -> None:
    """More pairs than are made exact, each offer with a lot just above what is left over: the integer programme has to choose."""
    needs = [replace(instance(1)[0][0], id=UUID(int=i), quantity=10, weight=1, price_ceiling_idr=99, certificates=frozenset(), specifications=frozenset(),
                     region_code="53.04", day=date(2026, 3, 20)) for i in range(1, 6)]  # fmt: skip
    offers = [replace(instance(1)[1][0], product_id=UUID(int=100 + i), minimum_lot=6, monthly_capacity=7, taken={}, region_code="53.04") for i in range(6)]
    [(part, solution)] = solved(needs, offers)
    assert part.possible().sum() > EXACT
    kept(needs, offers, [(part, solution)])
    assert (solution.total, solution.bound) == (35, 35), "one lot of 7 for each of five needs: two lots of 6 do not fit into 10"


def test_distances_are_those_of_the_register_of_regions() -> None:
    register = Path(__file__).parents[2] / "services/mapping/regions/reference/regencies.csv"
    with register.open() as rows:
        assert points() == {row["region_code"]: (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(rows)}
    assert kilometres("53.04", "53.04") == 0
    assert kilometres("53.71", "31.71") == kilometres("31.71", "53.71") == pytest.approx(1900, abs=60)
    assert kilometres("53.04", "99.99") is None
    assert max(kilometres("11.01", code) or 0 for code in points()) < FAR


def test_urgency_weighs_by_days_left() -> None:
    policy = policy_on(date(2026, 3, 2))
    assert [policy.weight(days) for days in (0, 30, 31, 90, 91, 400)] == [3, 3, 2, 2, 1, 1]
