"""The selection as an integer programme for HiGHS (Huangfu & Hall, 2018), solved to a zero gap.

Without a budget its total checks the dynamic programme's. With a budget, which makes the problem a knapsack, HiGHS finds the
selection itself: a second solve asks for another one that is as good, and only if there is one, further ones settle which has
the lowest codes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

import highspy
import numpy as np
import numpy.typing as npt

from services.mapping.computation.constraints import Budget, Options
from services.mapping.computation.errors import NotProvenOptimal, TimeLimitReached

SOLVER_SCALE = 1e6
"""Largest score as HiGHS sees it, which overlooks improvements of its objective below 1e-6."""

FINE_SCALE = 1e9
"""The same with a budget, where no second computation settles what HiGHS overlooks: one point of 1e12 is then a thousandth."""

BLOCK = 20
"""Codes whose order one solve settles, as digits of a number of so many bits."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Programme:
    """A selection to be made: the points of each candidate, the options of each province, quota and budget.

    Points are whole numbers. ``time_limit`` is in seconds, for each solve.
    """

    points: Mapping[str, int]
    options: Mapping[str, Options]
    provinces: int
    areas: int
    budget: Budget | None
    time_limit: float

    @property
    def codes(self) -> list[str]:
        """Every candidate that may be chosen, province by province: the first columns of the model."""
        return [code for each in self.options.values() for code in (*each.required, *each.free)]

    def worth(self, chosen: Collection[str]) -> int:
        """The points of a set of regions."""
        return sum(self.points[code] for code in chosen)


@dataclass(frozen=True)
class Solved:
    """What HiGHS says: the chosen regions, their total in points as a float, and the relative gap, which is 0."""

    chosen: frozenset[str]
    total: float
    gap: float


class Rows:
    """Rows of a model, of coefficients for some columns each."""

    def __init__(self) -> None:
        self.indices: list[npt.NDArray[np.int32]] = []
        self.values: list[Floats] = []
        self.lengths: list[int] = []
        self.lower: list[float] = []
        self.upper: list[float] = []

    def add(self, lower: float, indices: Sequence[int] | npt.NDArray[np.int32], values: Sequence[float] | Floats, upper: float) -> None:
        """Lower <= sum of values x columns <= upper."""
        self.indices.append(np.asarray(indices, np.int32))
        self.values.append(np.asarray(values, np.float64))
        self.lengths.append(len(indices))
        self.lower.append(lower)
        self.upper.append(upper)

    def add_each(self, first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> None:
        """A row a pair: first <= second."""
        self.indices.append(np.column_stack([first, second]).ravel())
        self.values.append(np.tile([1.0, -1.0], len(first)))
        self.lengths += [2] * len(first)
        self.lower += [-highspy.kHighsInf] * len(first)
        self.upper += [0.0] * len(first)


def model_of(programme: Programme, scale: float) -> highspy.HighsLp:
    """The integer programme: a 0/1 column for each region, then one for each province, which is 1 when it is chosen."""
    codes, options = programme.codes, list(programme.options.values())
    sizes = [len(each.required) + len(each.free) for each in options]
    regions, provinces = len(codes), len(options)
    place_of_province = np.repeat(np.arange(regions, regions + provinces, dtype=np.int32), sizes)
    lower, upper = np.zeros(regions + provinces), np.ones(regions + provinces)
    rows = Rows()
    rows.add(programme.areas, np.arange(regions, dtype=np.int32), np.ones(regions), programme.areas)
    rows.add(programme.provinces, np.arange(regions, regions + provinces, dtype=np.int32), np.ones(provinces), programme.provinces)
    start = 0
    for place, (each, size) in enumerate(zip(options, sizes, strict=True), regions):
        most = min(each.most, programme.areas)
        lower[start : start + len(each.required)] = 1
        lower[place], upper[place] = float(not each.none), float(each.fewest <= most)
        columns = [*range(start, start + size), place]
        rows.add(0, columns, [1.0] * size + [-each.fewest], highspy.kHighsInf)
        rows.add(-highspy.kHighsInf, columns, [1.0] * size + [-most], 0)
        start += size
    # Implied by the rows above, but without these the relaxation is loose and the search long.
    rows.add_each(np.arange(regions, dtype=np.int32), place_of_province)
    if programme.budget:
        costs = [programme.budget.cost(code) for code in codes]
        unit = gcd(*costs) or 1
        rows.add(-highspy.kHighsInf, np.arange(regions, dtype=np.int32), [cost // unit for cost in costs], programme.budget.limit_idr // unit)
    worth = np.concatenate([[programme.points[code] * scale for code in codes], np.zeros(provinces)])
    return lp_of(rows, worth, lower, upper)


def lp_of(rows: Rows, worth: Floats, lower: Floats, upper: Floats) -> highspy.HighsLp:
    """A model that is to be maximised in whole numbers."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(worth), len(rows.lower)
    model.col_cost_, model.col_lower_, model.col_upper_ = worth, lower, upper
    model.row_lower_, model.row_upper_ = np.array(rows.lower), np.array(rows.upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(rows.lengths)])
    model.a_matrix_.index_, model.a_matrix_.value_ = np.concatenate(rows.indices), np.concatenate(rows.values)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(worth)
    model.sense_ = highspy.ObjSense.kMaximize
    return model


def solve(programme: Programme, largest: float = SOLVER_SCALE) -> Solved:
    """The largest total, proven. Raises TimeLimitReached or NotProvenOptimal; the programme has to have a solution."""
    scale = largest / (max(map(abs, programme.points.values())) or 1)
    solver = solver_of(model_of(programme, scale), programme.time_limit)
    if (solved := run(solver, programme)) is None:
        raise NotProvenOptimal("HiGHS finds no selection where there is one; report this.")
    chosen, objective, gap = solved
    return Solved(chosen, objective / scale, gap)


def best_within_budget(programme: Programme) -> Solved:
    """Of the selections within the budget the one with the most points, then with the lowest codes.

    Raises TimeLimitReached or NotProvenOptimal.
    """
    best = solve(programme, FINE_SCALE)
    while other := _another(programme, best.chosen):
        if (better := programme.worth(other) - programme.worth(best.chosen)) <= 0:
            return best if better < 0 else _lowest_codes(programme, best)
        best = Solved(other, float(programme.worth(other)), best.gap)
    return best


def _another(programme: Programme, chosen: frozenset[str]) -> frozenset[str] | None:
    """The best selection but for the one given; None where there is no other."""
    scale = FINE_SCALE / (max(map(abs, programme.points.values())) or 1)
    solver = solver_of(model_of(programme, scale), programme.time_limit)
    places = [place for place, code in enumerate(programme.codes) if code in chosen]
    solver.addRow(-highspy.kHighsInf, len(places) - 1, len(places), np.array(places, np.int32), np.ones(len(places)))
    found = run(solver, programme)
    return found[0] if found else None


def _lowest_codes(programme: Programme, best: Solved) -> Solved:
    """Of the selections that are as good, the one with the lowest codes: block after block of codes, fixed as they are found."""
    scale = FINE_SCALE / (max(map(abs, programme.points.values())) or 1)
    total, codes = programme.worth(best.chosen), programme.codes
    solver = solver_of(model_of(programme, 0.0), programme.time_limit)
    worth = np.array([programme.points[code] * scale for code in codes])
    solver.addRow((total - 0.5) * scale, highspy.kHighsInf, len(codes), np.arange(len(codes), dtype=np.int32), worth)
    in_order = sorted(range(len(codes)), key=codes.__getitem__)
    chosen = best.chosen
    for start in range(0, len(codes), BLOCK):
        block = in_order[start : start + BLOCK]
        for digit, place in enumerate(reversed(block)):
            solver.changeColCost(place, float(1 << digit))
        if (found := run(solver, programme)) is None or programme.worth(found[0]) != total:
            raise NotProvenOptimal("HiGHS takes a selection for as good that is not; report this.")
        chosen = found[0]
        for place in block:
            solver.changeColCost(place, 0.0)
            solver.changeColBounds(place, float(codes[place] in chosen), float(codes[place] in chosen))
        if chosen <= {codes[place] for place in in_order[: start + BLOCK]}:
            break
    return Solved(chosen, float(total), best.gap)


def solver_of(model: highspy.HighsLp, time_limit: float) -> highspy.Highs:
    """HiGHS with the model and our settings: one thread, no gap, so many seconds at most for a solve."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    options = {"threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0, "time_limit": time_limit}
    for option, value in options.items():
        solver.setOptionValue(option, value)
    solver.passModel(model)
    return solver


def run(solver: highspy.Highs, programme: Programme) -> tuple[frozenset[str], float, float] | None:
    """The chosen regions, the objective and the gap; None where nothing is possible."""
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kTimeLimit:
        raise TimeLimitReached(f"No proof of the optimum within {programme.time_limit} s; allow more time.")
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    info = solver.getInfo()
    if status != highspy.HighsModelStatus.kOptimal or info.mip_gap > 0:
        raise NotProvenOptimal(f"HiGHS ended with {solver.modelStatusToString(status)}, gap {info.mip_gap}; report this.")
    values = solver.getSolution().col_value
    return frozenset(code for code, value in zip(programme.codes, values, strict=False) if value > 0.5), info.objective_function_value, info.mip_gap
