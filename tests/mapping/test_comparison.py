"""Rank correlations by hand and from their definition; the comparison names what the methods' own rankings name."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mapping.computation.comparison import METHODS, compare, kendall, spearman
from services.mapping.computation.constraints import Constraints, Quota
from services.mapping.computation.ranking import Method, rank
from services.mapping.computation.selection import select
from tests.mapping.test_counterfactual import document_of, instance


def test_correlations_by_hand() -> None:
    one, other = np.array([4.0, 3.0, 2.0, 1.0]), np.array([4.0, 2.0, 3.0, 1.0])
    # One pair of six is exchanged: tau = (5 - 1) / 6; rho = 1 - 6 * (0 + 1 + 1 + 0) / (4 * 15).
    assert kendall(one, other) == pytest.approx(4 / 6) and spearman(one, other) == pytest.approx(0.8)
    assert (kendall(one, -one), spearman(one, -one)) == (-1, -1)
    tied = np.array([1.0, 1.0, 2.0, 3.0])
    # Concordant 5, tied in one 1: tau-b = 5 / sqrt(6 * 5).
    assert kendall(np.array([1.0, 2.0, 3.0, 4.0]), tied) == pytest.approx(5 / math.sqrt(30))
    assert kendall(one, np.ones(4)) is None and spearman(one, np.ones(4)) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=25))
def test_kendall_is_what_counting_pairs_gives(pairs: Sequence[tuple[int, int]]) -> None:
    concordant = first = second = 0
    for (a, b), (c, d) in itertools.combinations(pairs, 2):
        concordant += (a > c) - (a < c) if b > d else -((a > c) - (a < c)) if b < d else 0
        first += a != c
        second += b != d
    expected = None if 0 in (first, second) else concordant / math.sqrt(first * second)
    found = kendall(np.array([float(a) for a, _ in pairs]), np.array([float(b) for _, b in pairs]))
    assert found == (None if expected is None else pytest.approx(expected))


def test_each_method_chooses_what_it_would_by_itself() -> None:
    random = np.random.default_rng(4)
    tried = 0
    while tried < 40:
        method, figures, province_of, constraints = instance(random)
        if constraints.exclude or constraints.provinces:
            continue
        tried += 1
        found = compare(document_of(method, figures, province_of, constraints))
        assert [each.own for each in found.methods].count(True) == 1
        codes = sorted(figures)
        for each in found.methods:
            alone = Method(method.criteria, each.normalisation, each.aggregation)
            scores = rank(alone, codes, np.array([figures[code] for code in codes])).scores.tolist()
            assert each.region_codes == select(scores, codes, [province_of[code] for code in codes], constraints.quota).region_codes
        assert all(count == found.able for code, count in found.chosen_by.items() if code in found.by_all)


def test_what_the_figures_do_not_admit_is_said_and_the_others_go_on() -> None:
    random = np.random.default_rng(5)
    method, figures, province_of, _ = instance(random)
    figures = {code: (0.0 if place == 0 else values[0], *values[1:]) for place, (code, values) in enumerate(figures.items())}
    safe = Method(method.criteria, "min_max", "saw")
    found = compare(document_of(safe, figures, province_of, Constraints(Quota(2, 2))))
    refused = {(each.aggregation, each.normalisation): each.refused for each in found.methods if each.refused}
    assert set(refused) == {pair for pair in METHODS if pair[0] == "wpm" or pair[1] == "max"}
    assert set(refused.values()) == {"ranking.non_positive_value"}
    assert found.able == len(METHODS) - len(refused)
