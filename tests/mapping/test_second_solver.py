"""The optimum once more by SciPy's mixed-integer solver, from a model written down here on its own."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from services.mapping.computation import errors
from services.mapping.computation.constraints import Constraints, ProvinceBounds, Quota
from services.mapping.computation.drawn_selections import DrawnSelections
from services.mapping.computation.selection import select_within

REGIONS, PROVINCES = 120, 12
CODES = [f"{11 + n % PROVINCES}.{n // PROVINCES:02d}" for n in range(REGIONS)]
OF = [code[:2] for code in CODES]


def constraints_of(seed: int) -> Constraints:
    """Bounds for all provinces and for some, regions that must be chosen and regions that must not."""
    random = np.random.default_rng(seed)
    forced = random.permutation(CODES).tolist()
    fewest = int(random.integers(0, 3))
    names = random.permutation(sorted(set(OF))).tolist()
    own = [ProvinceBounds(names[0], int(random.integers(1, 4)), 6), ProvinceBounds(names[1], None, int(random.integers(0, 3))), ProvinceBounds(names[2], 0)]
    quota = Quota(int(random.integers(18, 30)), int(random.integers(5, 9)), fewest, int(random.integers(5, 9)))
    return Constraints(
        quota, tuple(own[: int(random.integers(0, 4))]), tuple(forced[: int(random.integers(0, 4))]), tuple(forced[-int(random.integers(1, 9)) :])
    )


def best_total(scores: list[float], constraints: Constraints) -> float | None:
    """The largest total; None where nothing is possible."""
    names, quota = sorted(set(OF)), constraints.quota
    own = {bounds.province_code: bounds for bounds in constraints.provinces}
    lower, upper = np.zeros(REGIONS + PROVINCES), np.ones(REGIONS + PROVINCES)
    for column, code in enumerate(CODES):
        lower[column], upper[column] = float(code in constraints.include), float(code not in constraints.exclude)
    rows, least, most = [np.repeat([1.0, 0.0], [REGIONS, PROVINCES]), np.repeat([0.0, 1.0], [REGIONS, PROVINCES])], [0.0, 0.0], [0.0, 0.0]
    least[0] = most[0] = quota.areas
    least[1] = most[1] = quota.provinces
    for place, name in enumerate(names):
        said = own.get(name, ProvinceBounds(name))
        at_least = max(1, quota.per_province_min if said.fewest is None else said.fewest)
        at_most = said.most if said.most is not None else quota.per_province_max if quota.per_province_max is not None else quota.areas
        lower[REGIONS + place] = float(bool(said.fewest))
        inside = np.array([float(province == name) for province in OF] + [0.0] * PROVINCES)
        for sign, bound in ((1.0, at_least), (-1.0, at_most)):
            row = sign * inside
            row[REGIONS + place] = -sign * bound
            rows.append(row)
            least.append(0.0)
            most.append(np.inf)
    worth = np.concatenate([-np.array(scores) * 1e4, np.zeros(PROVINCES)])
    found = milp(worth, integrality=1, bounds=Bounds(lower, upper), constraints=LinearConstraint(np.array(rows), least, most), options={"mip_rel_gap": 0})
    return None if found.status == 2 else float(-found.fun / 1e4)


def test_two_solvers_find_the_same_total_and_agree_on_what_is_possible() -> None:
    """Four decimals, so that a total is exact and no tolerance of a solver hides a better one."""
    possible = 0
    for seed in range(70):
        constraints, scores = constraints_of(seed), np.random.default_rng(1000 + seed).random(REGIONS).round(4).tolist()
        expected = best_total(scores, constraints)
        if expected is None:
            with pytest.raises(errors.ConflictingConstraints):
                select_within(scores, CODES, OF, constraints)
            continue
        possible += 1
        assert select_within(scores, CODES, OF, constraints).objective == pytest.approx(expected, abs=1e-7), seed
        order = np.argsort(CODES)
        drawn = DrawnSelections([CODES[row] for row in order], [OF[row] for row in order], constraints)
        (rows,) = drawn.select(np.rint(np.array(scores)[order][None] * 1e12).astype(np.int64))
        assert sum(scores[order[row]] for row in rows) == pytest.approx(expected, abs=1e-7), seed
    assert possible >= 50
