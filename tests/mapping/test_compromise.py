"""VIKOR and PROMETHEE II against formulas written out pair by pair, small cases by hand, and pymcdm."""

import tracemalloc

import numpy as np
import pytest
from pymcdm.methods import PROMETHEE_II, VIKOR

from services.mapping.computation.compromise import Acceptance, Compromise, acceptance, compromise, losses
from services.mapping.computation.outranking import net_flows, outranking
from services.mapping.computation.ranking import Floats, aggregate

SMALL = np.array([[1.0, 0.2], [0.5, 1.0], [0.0, 0.0], [0.25, 0.6]])
WEIGHTS = np.array([0.6, 0.4])


def net_flows_pair_by_pair(figures: Floats, weights: Floats) -> list[float]:
    """Straight from the definition: every region against every other."""
    n = len(figures)

    def preference(one: int, other: int) -> float:
        return float(weights[figures[one] > figures[other]].sum())

    return [sum(preference(a, b) - preference(b, a) for b in range(n) if b != a) / (n - 1) for a in range(n)]


def test_losses_of_a_case_computed_by_hand() -> None:
    found = losses(SMALL, WEIGHTS)
    # Losses by criterion: (0, .4 x .8), (.6 x .5, 0), (.6, .4), (.6 x .75, .4 x .4).
    np.testing.assert_allclose(found.s, [0.32, 0.30, 1.0, 0.61], atol=1e-12)
    np.testing.assert_allclose(found.r, [0.32, 0.30, 0.6, 0.45], atol=1e-12)
    q: list[float] = [0.5 * 0.02 / 0.70 + 0.5 * 0.02 / 0.30, 0, 1, 0.5 * 0.31 / 0.70 + 0.5 * 0.15 / 0.30]
    np.testing.assert_allclose(found.q, q, atol=1e-12)


def test_a_compromise_is_one_minus_the_loss_split_by_distance_from_the_worst() -> None:
    contributions, scores = compromise(SMALL, WEIGHTS)
    np.testing.assert_allclose(scores, 1 - losses(SMALL, WEIGHTS).q, atol=1e-12)
    np.testing.assert_allclose(contributions.sum(axis=1), scores, atol=1e-12)
    # The first region is .6 from the worst in the first criterion and .4 x .2 in the second.
    np.testing.assert_allclose(contributions[0], scores[0] * np.array([0.6, 0.08]) / 0.68, atol=1e-12)
    assert contributions[2].tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(30))
def test_vikor_agrees_with_pymcdm(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, m = int(random.integers(3, 60)), int(random.integers(2, 9))
    figures, weights = random.random((n, m)), random.dirichlet(np.ones(m))
    _, scores = aggregate("vikor", figures, weights)
    np.testing.assert_allclose(1 - scores, VIKOR()(figures, weights, np.ones(m)), atol=1e-11)


def test_losses_that_differ_only_by_rounding_do_not_decide() -> None:
    # Everyone loses 0.1 of ten criteria by another sum: equal but for the sixteenth decimal.
    found = losses(np.eye(10), np.full(10, 0.1))
    assert found.q.tolist() == [0] * 10
    # 0.1 + 0.2 is not 0.3 in floats: one loses the first two, the other the third, and only the worst single loss differs.
    assert losses(np.array([[0.0, 0, 1], [1, 1, 0]]), np.array([0.1, 0.2, 0.3])).q.tolist() == [0, 0.5]
    contributions, scores = compromise(np.array([[1.0, 0], [0, 1], [0, 0]]), np.array([0.5, 0.5]))
    # All are equally badly off in their worst criterion, so only the loss in all criteria tells them apart.
    assert scores.tolist() == [1, 1, 0.5]
    np.testing.assert_allclose(contributions.sum(axis=1), scores)


def of(q: list[float], s: list[float], r: list[float]) -> Compromise:
    return Compromise(np.array(s), np.array(r), np.array(q))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param(of([0.5, 0, 1, 0.8], [0.5, 0.1, 1, 0.8], [0.3, 0.4, 1, 0.8]), Acceptance(True, True, ("b",)), id="both hold, best by S"),
        pytest.param(of([0.5, 0, 1, 0.8], [0.05, 0.1, 1, 0.8], [0.3, 0.2, 1, 0.8]), Acceptance(True, True, ("b",)), id="both hold, best by R"),
        pytest.param(of([0.5, 0, 1, 0.8], [0.05, 0.1, 1, 0.8], [0.3, 0.4, 0.1, 0.8]), Acceptance(True, False, ("b", "a")), id="only C2 fails"),
        pytest.param(of([0.3, 0, 1, 0.2], [0.5, 0.1, 1, 0.8], [0.3, 0.2, 1, 0.8]), Acceptance(False, True, ("b", "d", "a")), id="only C1 fails"),
        pytest.param(of([0.1, 0, 1, 0.4], [0.0, 0.1, 1, 0.8], [0.1, 0.2, 1, 0.8]), Acceptance(False, False, ("b", "a")), id="both fail"),
        pytest.param(of([1 / 3, 0, 1, 0.9], [0.5, 0.1, 1, 0.8], [0.3, 0.2, 1, 0.8]), Acceptance(True, True, ("b",)), id="exactly 1 / (n - 1)"),
        pytest.param(of([0.1, 0.1, 1, 0.9], [0.5, 0.5, 1, 0.8], [0.3, 0.3, 1, 0.8]), Acceptance(False, True, ("a", "b")), id="a tie for the first place"),
    ],
)
def test_conditions_of_acceptance(case: Compromise, expected: Acceptance) -> None:
    assert acceptance(("a", "b", "c", "d"), case) == expected


def test_conditions_of_the_case_computed_by_hand() -> None:
    # Q of the second is 0.0476, less than 1/3 behind the first, that of the fourth 0.4714.
    assert acceptance(("p", "q", "r", "s"), losses(SMALL, WEIGHTS)) == Acceptance(False, True, ("q", "p"))


def test_net_flows_of_a_case_computed_by_hand() -> None:
    # Wins less losses of three others: first criterion 3, 1, -3, -1; second -1, 3, -3, 1.
    np.testing.assert_allclose(net_flows(SMALL, WEIGHTS), [(0.6 * 3 - 0.4) / 3, (0.6 + 0.4 * 3) / 3, -1, (-0.6 + 0.4) / 3], atol=1e-12)
    contributions, scores = outranking(SMALL, WEIGHTS)
    np.testing.assert_allclose(contributions, np.array([[0.6, 0.4 / 3], [0.4, 0.4], [0, 0], [0.2, 0.4 * 2 / 3]]), atol=1e-12)
    np.testing.assert_allclose(contributions.sum(axis=1), scores, atol=1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_net_flows_are_those_of_every_pair_and_of_pymcdm(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, m = int(random.integers(2, 40)), int(random.integers(2, 9))
    # Few different figures, so that there are many ties.
    figures, weights = random.integers(0, 12, (n, m)).astype(float), random.dirichlet(np.ones(m))
    ours = net_flows(figures, weights)
    np.testing.assert_allclose(ours, np.array(net_flows_pair_by_pair(figures, weights)), atol=1e-12)
    np.testing.assert_allclose(ours, PROMETHEE_II("usual")(figures, weights, np.ones(m), validation=False), atol=1e-11)
    assert ours.sum() == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("aggregation", ["vikor", "promethee"])
def test_84000_villages_take_memory_for_their_figures_and_not_for_their_pairs(aggregation: str) -> None:
    figures = np.random.default_rng(1).random((84_000, 8))
    tracemalloc.start()
    try:
        contributions, scores = aggregate(aggregation, figures, np.full(8, 0.125))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert contributions.shape == (84_000, 8)
    assert len(scores) == 84_000
    assert peak < 8 * figures.nbytes
