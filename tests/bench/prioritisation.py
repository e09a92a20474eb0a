"""Ranking 84,000 villages against pymcdm, and the optimal selection of 48 of 514 in 8 provinces against a bare HiGHS call."""

import time
from collections.abc import Callable
from decimal import Decimal
from statistics import median
from typing import Any

import highspy
import numpy as np

from services.mapping.computation.ranking import Criterion, Method, rank
from services.mapping.computation.selection import Quota, select
from tests.bench.rig import RUNS, Result, World, sizes

CRITERIA = 8
WEIGHTS = [Decimal("0.125")] * CRITERIA
AREAS, PROVINCES, REGENCIES, ALL_PROVINCES = 48, 8, 514, 38


def measure(world: World) -> list[Result]:
    """Nothing but computing; the world is not needed."""
    return [*(_ranked(aggregation) for aggregation in ("saw", "topsis", "vikor", "promethee")), _selected()]


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _method(aggregation: Any) -> Method:
    criteria = tuple(
        Criterion(f"c{n}", weight, "benefit" if n % 2 else "cost", "poverty" if n < CRITERIA // 2 else "potential") for n, weight in enumerate(WEIGHTS)
    )
    return Method(criteria, "vector" if aggregation == "topsis" else "min_max", aggregation, "refuse")


def _ranked(aggregation: str) -> Result:
    from pymcdm import methods, normalizations
    from pymcdm.helpers import rankdata

    # PROMETHEE II of pymcdm compares all pairs: 84,000 of them would need 56 GB a criterion.
    largest = 84_000 if aggregation != "promethee" else 2_000
    growth: dict[int, Any] = {}
    ratios: list[float] = []
    types = np.array([1 if n % 2 else -1 for n in range(CRITERIA)])
    weights = np.array([float(weight) for weight in WEIGHTS])
    bare = {
        "saw": lambda: methods.WSM(normalizations.minmax_normalization),
        "topsis": lambda: methods.TOPSIS(normalizations.vector_normalization),
        "vikor": methods.VIKOR,
        "promethee": lambda: methods.PROMETHEE_II("usual"),
    }[aggregation]()
    for size in [size for size in (*sizes("RANKING", "514,7285,84000"), largest) if size <= largest]:
        matrix = np.random.default_rng(size).lognormal(3, 1, (size, CRITERIA))
        codes = [f"{n:06d}" for n in range(size)]
        method = _method(aggregation)
        turns = [
            (
                _timed(lambda method=method, codes=codes, matrix=matrix: rank(method, codes, matrix)),
                _timed(lambda matrix=matrix: rankdata(bare(matrix, weights, types), reverse=aggregation != "vikor")),
            )
            for _ in range(max(RUNS, 3))
        ]
        ratios = [mine / theirs for mine, theirs in turns]
        growth[size] = {"ms": round(1000 * median(mine for mine, _ in turns), 1), "pymcdm_ms": round(1000 * median(theirs for _, theirs in turns), 1)}
    return Result(f"ranking {size:,} × {CRITERIA}, {aggregation}", "pymcdm, time", 2.0, ratios, at_most=True, details={"growth": growth})


def _selected() -> Result:
    random = np.random.default_rng(7)
    scores = random.uniform(0, 1, REGENCIES)
    provinces = [f"{number:02d}" for number in random.integers(0, ALL_PROVINCES, REGENCIES)]
    codes = [f"{province}.{n:03d}" for n, province in enumerate(provinces)]
    model = _textbook(scores, provinces)
    assert abs(_bare(model) - select(scores.tolist(), codes, provinces, Quota(AREAS, PROVINCES)).objective) < 1e-6
    turns = [(_timed(lambda: select(scores.tolist(), codes, provinces, Quota(AREAS, PROVINCES))), _timed(lambda: _bare(model))) for _ in range(9)]
    ratios = [mine / theirs for mine, theirs in turns]
    details = {"ms": round(1000 * median(mine for mine, _ in turns), 1), "highs_ms": round(1000 * median(theirs for _, theirs in turns), 1)}
    return Result(f"optimal selection, {AREAS} of {REGENCIES} in {PROVINCES} provinces", "a bare HiGHS call, time", 2.0, ratios, at_most=True, details=details)


def _textbook(scores: Any, provinces: list[str]) -> Any:
    """The model as anyone would write it: a region only where its province is chosen, the sums fixed."""
    names = sorted(set(provinces))
    regions, columns = len(scores), len(scores) + len(names)
    of = [regions + names.index(province) for province in provinces]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, regions + len(names) + 2
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.concatenate([scores, np.zeros(len(names))])
    lp.col_lower_, lp.col_upper_ = np.zeros(columns), np.ones(columns)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * columns
    infinity = highspy.kHighsInf
    rows = [([region, of[region]], [1.0, -1.0], -infinity, 0.0) for region in range(regions)]
    for number in range(len(names)):
        inside = [region for region in range(regions) if of[region] == regions + number]
        rows.append(([*inside, regions + number], [*[1.0] * len(inside), -1.0], 0.0, infinity))
    rows.append((list(range(regions)), [1.0] * regions, AREAS, AREAS))
    rows.append((list(range(regions, columns)), [1.0] * len(names), PROVINCES, PROVINCES))
    lp.row_lower_, lp.row_upper_ = np.array([row[2] for row in rows], float), np.array([row[3] for row in rows], float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(row[0]) for row in rows)])
    lp.a_matrix_.index_ = np.concatenate([row[0] for row in rows])
    lp.a_matrix_.value_ = np.concatenate([row[1] for row in rows])
    return lp


def _bare(model: Any) -> float:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("threads", 1)  # once for a process: HiGHS refuses to run with another number later
    solver.passModel(model)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value)
