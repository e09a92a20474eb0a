"""One part, solved with HiGHS (Huangfu & Hall, 2018): the most weighted quantity, then few lots, then few kilometres, a lot being a trip.

Without minimum lots it is a transport problem, whose best solution is found at once and in whole numbers, and whose total no lot
larger than its minimum can raise: that total is the bound. A part of many pairs is solved as such, with costs that fill the large
and near offers first; lots below their minimum are left out until there is none. Only where that costs more than `GOOD_ENOUGH` of
the bound, and in a part of few pairs always, the integer programme decides: x is a quantity, y says whether there is a lot, and
lot * y <= x <= most * y. Nodes are limited, never seconds: the same needs and offers give the same lots on every machine.
"""

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from services.facilitation.matching.instance import Part

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

EXACT = 24
"""Pairs up to which the integer programme makes lots as few and as near as possible."""

NODES = 500
"""Nodes that a step may search; a part that needs more keeps the best found, and its bound says how good that is."""

MANY, PRIMAL = 50_000, 4
"""Pairs above which an interior point method, which ends in a vertex too, overtakes the primal simplex method."""

GOOD_ENOUGH = 0.001
"""The gap up to which leaving lots out that are too small does."""


class NotSolved(Exception):
    """HiGHS answers what cannot be: a defect."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Quantities by pair of row and column, the weighted total, and the bound above which no total lies."""

    lots: dict[tuple[int, int], int]
    total: int
    bound: int


@dataclass(frozen=True)
class Pairs:
    """Needs and offers that can come together, as arrays of one length; `need` and `free` are by row and by column of the part."""

    rows: Ints
    columns: Ints
    lot: Ints
    most: Ints
    weight: Ints
    distance: Ints
    need: Ints
    free: Ints

    def __len__(self) -> int:
        return len(self.rows)

    def worth(self, quantities: Ints) -> int:
        """The weighted total."""
        return int(quantities @ self.weight)


def solve(part: Part) -> Solution:
    """The lots of a part."""
    pairs = _pairs(part)
    if len(pairs) == 0:
        return Solution({}, 0, 0)
    quantities, bound = _without_small_lots(pairs)
    gap = bound - pairs.worth(quantities)
    if len(pairs) <= EXACT or gap > GOOD_ENOUGH * bound:
        quantities, proven = _integer(pairs, quantities)
        bound = min(bound, proven)
    _check(pairs, quantities)
    lots = {(int(pairs.rows[i]), int(pairs.columns[i])): int(quantities[i]) for i in np.flatnonzero(quantities)}
    return Solution(lots, pairs.worth(quantities), bound)


def _pairs(part: Part) -> Pairs:
    rows, columns = (each.astype(np.int64) for each in np.nonzero(part.possible()))
    quantities = part.quantities
    return Pairs(
        rows=rows,
        columns=columns,
        lot=part.lots[columns],
        most=np.minimum(part.free[columns], quantities[rows]),
        weight=part.weights[rows],
        distance=part.distance[rows, columns],
        need=quantities,
        free=part.free,
    )


def _without_small_lots(pairs: Pairs) -> tuple[Ints, int]:
    """The transport problem, again without the lots that came out below their minimum while these are worth much; and its first total."""
    nothing = np.zeros(len(pairs), np.int64)
    allowed, bound = np.ones(len(pairs), bool), None
    while True:
        quantities = _transport(pairs, nothing, np.where(allowed, pairs.most, 0))
        bound = pairs.worth(quantities) if bound is None else bound
        small = (quantities > 0) & (quantities < pairs.lot)
        whole = _topped_up(pairs, np.where(small, 0, quantities))
        if not small.any() or bound - pairs.worth(whole) <= GOOD_ENOUGH * bound:
            return whole, bound
        allowed &= ~small


def _topped_up(pairs: Pairs, quantities: Ints) -> Ints:
    """What was left out may have left room for whole lots."""
    given = np.bincount(pairs.columns, quantities, len(pairs.free)).astype(np.int64)
    got = np.bincount(pairs.rows, quantities, len(pairs.need)).astype(np.int64)
    for i in np.lexsort((pairs.columns, pairs.distance, -pairs.weight)):
        row, column = pairs.rows[i], pairs.columns[i]
        more = min(pairs.free[column] - given[column], pairs.need[row] - got[row])
        if more > 0 and quantities[i] + more >= pairs.lot[i]:
            quantities[i] += more
            given[column] += more
            got[row] += more
    return quantities


def _transport(pairs: Pairs, least: Ints, most: Ints) -> Ints:
    """The best whole quantities between bounds: the weighted total first, then as few and near lots as a share of each lot's cost tells."""
    places = np.flatnonzero(most)
    quantities = np.zeros(len(pairs), np.int64)
    if len(places) == 0:
        return quantities
    needs, need_of = np.unique(pairs.rows[places], return_inverse=True)
    offers, offer_of = np.unique(pairs.columns[places], return_inverse=True)
    # A unit more may move units along a path through every need and offer: it has to outweigh all that they then cost.
    cost = (1 + pairs.distance[places] / (1 + pairs.distance[places].max())) / pairs.most[places]
    step = 2.0 * (len(needs) + len(offers) + 1)
    each = np.arange(len(places), dtype=np.int64)
    row, column = np.concatenate([need_of, len(needs) + offer_of]), np.concatenate([each, each])
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(places), len(needs) + len(offers)
    model.col_cost_ = pairs.weight[places] * step - cost
    model.col_lower_, model.col_upper_ = least[places].astype(float), most[places].astype(float)
    model.row_lower_ = np.full(model.num_row_, -highspy.kHighsInf)
    model.row_upper_ = np.concatenate([pairs.need[needs], pairs.free[offers]]).astype(float)
    _rows(model, row, column, np.ones(len(row)))
    solver = _highs(model, {"solver": "simplex", "simplex_strategy": PRIMAL, "presolve": "off"} if len(places) <= MANY else {"solver": "ipm"})
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise NotSolved(f"a transport problem ends with {solver.modelStatusToString(solver.getModelStatus())}")
    quantities[places] = np.rint(solver.getSolution().col_value).astype(np.int64)
    return quantities


def _integer(pairs: Pairs, known: Ints) -> tuple[Ints, int]:
    """The integer programme from a known solution: quantities, and the bound that it proves."""
    count = len(pairs)
    x, y = np.arange(count, dtype=np.int32), np.arange(count, 2 * count, dtype=np.int32)
    weights, nothing = pairs.weight.astype(float), np.zeros(count)
    solver = _highs(_programme(pairs), {"mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "mip_max_nodes": NODES, "mip_feasibility_tolerance": 1e-9})
    solver.changeColsCost(count, x, weights)
    found, bound = _best(solver)
    best = np.concatenate([known, known > 0]).astype(float)
    if found is not None and weights @ found[:count] >= pairs.worth(known) - 0.5:
        best = found
    if count <= EXACT:
        solver.changeObjectiveSense(highspy.ObjSense.kMinimize)
        solver.addRow(round(float(weights @ best[:count])) - 0.5, highspy.kHighsInf, count, x, weights)
        solver.changeColsCost(count, x, nothing)
        # A lot outweighs the kilometres of all lots, so that their number comes first.
        solver.changeColsCost(count, y, (pairs.distance + 1 + count * pairs.distance.max()).astype(float))
        found, _ = _best(solver)
        best = best if found is None else found
    used = best[count:] > 0.5
    return _transport(pairs, np.where(used, pairs.lot, 0), np.where(used, pairs.most, 0)), int(np.floor(bound + 1e-6))


def _programme(pairs: Pairs) -> highspy.HighsLp:
    """The model without costs: columns x, then y; rows of needs, of offers, and two for each pair."""
    count = len(pairs)
    each = np.arange(count, dtype=np.int64)
    needs, need_of = np.unique(pairs.rows, return_inverse=True)
    offers, offer_of = np.unique(pairs.columns, return_inverse=True)
    first, one, infinite = len(needs) + len(offers), np.ones(count), highspy.kHighsInf
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 2 * count, first + 2 * count
    model.col_cost_, model.col_lower_ = np.zeros(2 * count), np.zeros(2 * count)
    model.col_upper_ = np.concatenate([pairs.most.astype(float), one])
    model.row_lower_ = np.concatenate([np.full(first + count, -infinite), np.zeros(count)])
    model.row_upper_ = np.concatenate([pairs.need[needs].astype(float), pairs.free[offers].astype(float), np.zeros(count), np.full(count, infinite)])
    row = np.concatenate([need_of, len(needs) + offer_of, first + each, first + each, first + count + each, first + count + each])
    column = np.concatenate([each, each, each, count + each, each, count + each])
    _rows(model, row, column, np.concatenate([one, one, one, -pairs.most.astype(float), one, -pairs.lot.astype(float)]))
    model.integrality_ = [highspy.HighsVarType.kContinuous] * count + [highspy.HighsVarType.kInteger] * count
    return model


def _rows(model: highspy.HighsLp, row: Ints, column: Ints, value: Floats) -> None:
    order = np.lexsort((column, row))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=model.num_row_))])
    model.a_matrix_.index_, model.a_matrix_.value_ = column[order].astype(np.int32), value[order]
    model.sense_ = highspy.ObjSense.kMaximize


def _highs(model: highspy.HighsLp, options: dict[str, float | int | str]) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    for option, setting in {"threads": 1, "random_seed": 0, **options}.items():
        solver.setOptionValue(option, setting)
    solver.passModel(model)
    return solver


def _best(solver: highspy.Highs) -> tuple[Floats | None, float]:
    """The best found within the nodes allowed, if any, and the bound.

    No solution is ever handed in, nor one of an earlier step left there: HiGHS 1.16 with presolve may hand it back as the optimum.
    """
    solver.clearSolver()
    solver.run()
    info = solver.getInfo()
    found = info.primal_solution_status == highspy.kSolutionStatusFeasible
    return np.array(solver.getSolution().col_value) if found else None, info.mip_dual_bound


def _check(pairs: Pairs, quantities: Ints) -> None:
    """In whole numbers, whatever a solver's tolerances let through."""
    taken = quantities > 0
    given, got = np.bincount(pairs.columns, quantities, len(pairs.free)), np.bincount(pairs.rows, quantities, len(pairs.need))
    if (quantities[taken] < pairs.lot[taken]).any() or (given > pairs.free).any() or (got > pairs.need).any():
        raise NotSolved("the lots break a capacity, a need or a minimum lot")
