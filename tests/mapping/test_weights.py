"""Weights judged in pairs, read off figures and given in a tree, against published cases and independent formulas."""

import itertools
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pymcdm.weights import critic_weights, entropy_weights

from services.mapping.computation import errors
from services.mapping.computation.problems import ComputationRefused, as_problems
from services.mapping.computation.ranking import Criterion, Direction, Floats, Method, rank
from services.mapping.computation.weights import RANDOM_INDEX, Branch, ahp, critic, entropy, share, whole

FIGHTERS = np.array([[2.0, 1500, 20000, 5.5, 5, 9], [2.5, 2700, 18000, 6.5, 3, 5], [1.8, 2000, 21000, 4.5, 7, 7], [2.2, 1800, 20000, 5.0, 5, 5]])
FIGHTER_CODES = ("speed", "range", "payload", "cost", "reliability", "manoeuvrability")
DRINKS = ((9, 5, 2, 1, 1, 1 / 2), (1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9), (1 / 3, 1 / 4, 1 / 3, 1 / 9), (1 / 2, 1, 1 / 3), (2, 1 / 2), (1 / 3,))
"""Saaty's judgements on drink consumption: coffee, wine, tea, beer, sodas, milk, water."""


def judged(upper: tuple[tuple[float, ...], ...]) -> Floats:
    """The whole matrix of judgements from what stands above the diagonal."""
    matrix = np.eye(len(upper) + 1)
    for row, entries in enumerate(upper):
        for column, entry in enumerate(entries, row + 1):
            matrix[row, column], matrix[column, row] = entry, 1 / entry
    return matrix


def test_ahp_gives_the_weights_published_by_saaty_for_drinks() -> None:
    result = ahp(judged(DRINKS))
    np.testing.assert_allclose(result.weights, [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], atol=6e-4)
    np.testing.assert_allclose(result.weights, [0.1775, 0.0191, 0.0418, 0.1164, 0.1896, 0.1288, 0.3268], atol=6e-5)
    assert result.lambda_max == pytest.approx(7.1766, abs=6e-5)
    assert result.consistency_index == pytest.approx(0.0294, abs=6e-5)
    assert result.consistency_ratio == pytest.approx(0.0223, abs=6e-5)


def test_ahp_gives_the_weights_of_a_small_case() -> None:
    result = ahp(judged(((2, 5), (3,))))
    np.testing.assert_allclose(result.weights, [0.5816, 0.3090, 0.1095], atol=6e-5)
    assert result.lambda_max == pytest.approx(3.0037, abs=6e-5)
    assert result.consistency_ratio == pytest.approx(0.0032, abs=6e-5)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=15))
def test_consistent_judgements_give_back_the_weights_they_were_made_of(parts: list[int]) -> None:
    weights = np.array(parts) / sum(parts)
    result = ahp(weights[:, None] / weights)
    np.testing.assert_allclose(result.weights, weights, atol=1e-9)
    assert result.consistency_ratio == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_ahp_finds_what_repeated_multiplication_converges_to(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(3, len(RANDOM_INDEX) + 1))
    scale = [1 / 9, 1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 5, 9]
    judgements = judged(tuple(tuple(random.choice(scale, n - 1 - row).tolist()) for row in range(n - 1)))
    vector = np.ones(n)
    for _ in range(20_000):
        vector = judgements @ vector / (judgements @ vector).sum()
    result = ahp(judgements, waived=True)
    np.testing.assert_allclose(result.weights, vector, atol=1e-9)
    assert result.lambda_max == pytest.approx((judgements @ vector / vector).mean(), abs=1e-8)


def test_judgements_written_with_two_decimals_count_as_the_fractions_they_stand_for() -> None:
    rounded = np.array([[1, 3, 7], [0.33, 1, 6], [0.14, 0.17, 1]])
    assert ahp(rounded).weights.tolist() == ahp(judged(((3, 7), (6,)))).weights.tolist()


def test_contradictory_judgements_are_refused_unless_waived() -> None:
    circle = judged(((3, 1 / 3), (3,)))
    with pytest.raises(errors.InconsistentJudgements, match=r"above 0\.10") as refused:
        ahp(circle)
    waived = ahp(circle, waived=True)
    assert waived.consistency_ratio == pytest.approx(refused.value.ratio) == pytest.approx((3 + 1 / 3 + 1 - 3) / 2 / 0.58)
    np.testing.assert_allclose(waived.weights, [1 / 3] * 3, atol=1e-9)


@pytest.mark.parametrize(
    ("judgements", "refusal", "words"),
    [
        ([[1, 2, 3], [0.5, 1, 2]], errors.NotSquare, r"\(2, 3\)"),
        ([1.0, 2.0], errors.NotSquare, r"\(2,\)"),
        (np.zeros((0, 0)), errors.NotSquare, r"\(0, 0\)"),
        (np.ones((16, 16)), errors.TooManyJudgements, "16 criteria"),
        ([[1, math.nan], [0.5, 1]], errors.MissingJudgement, "1 over 2 is missing"),
        ([[1, 0], [0, 1]], errors.NotPositive, "1 over 2 is 0"),
        ([[1, 2], [-0.5, 1]], errors.NotPositive, "2 over 1 is -0.5"),
        ([[1, math.inf], [0.5, 1]], errors.NotPositive, "1 over 2 is inf"),
        ([[1, 3], [3, 1]], errors.NotReciprocal, "1 over 2 is 3, 2 over 1 is 3"),
        ([[1, 3], [0.34, 1]], errors.NotReciprocal, "2 over 1 is 0.34"),
        ([[1, 1000], [0.005, 1]], errors.NotReciprocal, "1 over 2 is 1000"),
        ([[2, 3], [1 / 3, 1]], errors.NotReciprocal, "1 over 1 is 2"),
    ],
)
def test_judgements_that_are_none_are_refused_by_name(judgements: object, refusal: type[errors.WeightingError], words: str) -> None:
    with pytest.raises(refusal, match=words):
        ahp(np.array(judgements, float))


def test_entropy_weights_of_the_fighter_aircraft() -> None:
    weights = entropy(FIGHTER_CODES, FIGHTERS)
    np.testing.assert_allclose(weights, [0.06418973, 0.20608816, 0.01344459, 0.08132563, 0.35868002, 0.27627186], atol=1e-8)


def test_entropy_takes_a_zero_as_a_share_that_adds_nothing() -> None:
    # First column: shares 0, 1/2, 1/2 with entropy ln 2 / ln 3. Second: shares 1/4, 1/4, 1/2 with entropy 1.5 ln 2 / ln 3.
    first, second = 1 - math.log(2) / math.log(3), 1 - 1.5 * math.log(2) / math.log(3)
    weights = entropy(("a", "b"), np.array([[0.0, 1], [1, 1], [1, 2]]))
    np.testing.assert_allclose(weights, [first / (first + second), second / (first + second)], atol=1e-12)


def test_critic_weights_of_a_case_computed_by_hand() -> None:
    # On 0..1: a = 0, 1/2, 1; b = 1, 1/2, 0 for a cost that rises; c = 0, 1, 0. Correlations: ab -1, ac 0, bc 0.
    # Sample deviations: 1/2, 1/2, 1/sqrt(3). Conflicts: 2 + 1, 2 + 1, 1 + 1.
    information = np.array([1.5, 1.5, 2 / math.sqrt(3)])
    weights = critic(("a", "b", "c"), ("benefit", "cost", "benefit"), np.array([[10.0, 1, 3], [20, 2, 5], [30, 3, 3]]))
    np.testing.assert_allclose(weights, information / information.sum(), atol=1e-12)


def test_direction_decides_what_conflicts_under_critic() -> None:
    figures = np.random.default_rng(3).uniform(1, 9, (20, 3))
    against = critic(("a", "b", "c"), ("benefit", "cost", "benefit"), figures)
    turned = critic(("a", "b", "c"), ("benefit", "benefit", "benefit"), figures * [1, -1, 1])
    np.testing.assert_allclose(against, turned, atol=1e-11)
    assert not np.allclose(against, critic(("a", "b", "c"), ("benefit",) * 3, figures), atol=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_weights_of_figures_agree_with_pymcdm(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, m = int(random.integers(3, 60)), int(random.integers(2, 9))
    figures = random.uniform(0.5, 100, (n, m)) * 10.0 ** random.integers(-2, 7, m)
    codes = [f"c{i}" for i in range(m)]
    np.testing.assert_allclose(entropy(codes, figures), entropy_weights(figures), atol=1e-10)
    np.testing.assert_allclose(critic(codes, ["benefit"] * m, figures), critic_weights(figures), atol=1e-10)


def entropy_of(figures: Floats) -> Floats:
    return entropy([f"c{i}" for i in range(figures.shape[1])], figures)


def critic_of(figures: Floats) -> Floats:
    directions: list[Direction] = ["benefit"] * figures.shape[1]
    return critic([f"c{i}" for i in range(figures.shape[1])], directions, figures)


@given(st.data(), st.integers(3, 12), st.integers(2, 5))
def test_order_and_units_of_the_figures_do_not_change_their_weights(data: st.DataObject, n: int, m: int) -> None:
    figures = data.draw(arrays.arrays(float, (n, m), elements=st.integers(0, 50).map(float)))
    # Uneven in two ways, so that every criterion varies and no two run in parallel.
    figures[0, :], figures[1, :], figures[2, 0] = 60 + np.arange(m), 0, 90
    shuffled = data.draw(st.permutations(range(n)))
    units = np.array(data.draw(st.lists(st.sampled_from([1e-3, 1, 1000, 1e6]), min_size=m, max_size=m)))
    for weigh in (entropy_of, critic_of):
        np.testing.assert_allclose(weigh(figures[shuffled] * units), weigh(figures), atol=1e-9)


@pytest.mark.parametrize("weigh", [entropy_of, critic_of])
def test_figures_that_give_no_weights_are_refused_by_name(weigh: Callable[[Floats], Floats]) -> None:
    good = np.array([[1.0, 5], [2, 4], [4, 6]])
    cases: list[tuple[Floats, type[errors.PrioritisationError], str]] = [
        (np.where(good == 4, np.nan, good), errors.MissingValues, "c1 is missing in row 2"),
        (np.where(good == 6, 1.1e15, good), errors.UnusableValue, "c1"),
        (np.where(good == 6, np.inf, good), errors.UnusableValue, "c1"),
        (good * [1, 0] + [0, 7], errors.ConstantCriterion, "c1 is 7 everywhere"),
        (good * [0, 1], errors.ConstantCriterion, "c0 is 0 everywhere"),
        (good[:1], errors.TooFewRegions, "1 region"),
        (good[:0], errors.TooFewRegions, "0 region"),
        (good[:, :0], errors.ShapeMismatch, "0 criteria"),
    ]
    for figures, refusal, words in cases:
        with pytest.raises(refusal, match=words):
            weigh(figures)


def test_what_only_one_of_them_refuses() -> None:
    negative = np.array([[1.0, -5], [2, 4], [4, 6]])
    with pytest.raises(errors.NegativeValue, match="c1 is -5 in row 1"):
        entropy_of(negative)
    assert critic_of(negative).sum() == pytest.approx(1)
    with pytest.raises(errors.ConstantCriterion, match="c0 is all but the same"):
        entropy_of(np.array([[1e9 + 1, 1], [1e9, 2], [1e9, 4]]))
    with pytest.raises(errors.NoContrast, match="c0, c1"):
        critic_of(np.array([[1.0, 10], [2, 20], [4, 40]]))
    with pytest.raises(errors.UnknownChoice, match="direction 'less'"):
        critic(("a", "b"), ("benefit", "less"), np.eye(2))  # type: ignore[arg-type]
    with pytest.raises(errors.ShapeMismatch, match="1 directions"):
        critic(("a", "b"), ("benefit",), np.eye(2))
    assert critic(("a",), ("benefit",), np.array([[1.0], [2]])).tolist() == [1]


def test_largest_remainders_get_what_cutting_off_leaves() -> None:
    assert whole([1 / 3, 1 / 3, 1 / 3]) == (Decimal("0.333334"), Decimal("0.333333"), Decimal("0.333333"))
    assert whole([0.5000004, 0.2499998, 0.2499998]) == (Decimal("0.500000"), Decimal("0.250000"), Decimal("0.250000"))
    assert whole([Decimal("0.30"), Decimal("0.70")]) == (Decimal("0.3"), Decimal("0.7"))
    assert [str(weight) for weight in whole([1])] == ["1.000000"]


@given(st.lists(st.integers(100, 10**6), min_size=1, max_size=30))
def test_whole_weights_sum_to_exactly_one_and_are_less_than_a_millionth_off(parts: list[int]) -> None:
    exact = [Fraction(part, sum(parts)) for part in parts]
    weights = whole(exact)
    assert sum(weights) == 1
    for weight, one in zip(weights, exact, strict=True):
        assert abs(Fraction(weight) - one) < Fraction(1, 10**6)
        assert weight.as_tuple().exponent == -6
    for (weight, one), (other, another) in itertools.permutations(zip(weights, exact, strict=True), 2):
        assert weight >= other or one <= another


def test_a_weight_that_would_come_out_as_nothing_is_refused() -> None:
    with pytest.raises(errors.InvalidWeights, match="Weight 1 is below a millionth"):
        whole([Fraction(1, 10**8), 1 - Fraction(1, 10**8)])


@pytest.mark.parametrize("weights", [[0.3, 0.6], [0.7, 0.31], [1.2, -0.2], [1, 0], [math.nan, 1], [math.inf, 1], [], [Decimal("NaN"), 1]])
def test_weights_that_do_not_sum_to_one_are_refused(weights: list[float]) -> None:
    with pytest.raises(errors.InvalidWeights):
        whole(weights)


TREE = (
    Branch("poverty", Decimal("0.7"), (Branch("rate", Decimal("0.45")), Branch("number", Decimal("0.45")), Branch("hdi", Decimal("0.1")))),
    Branch("potential", Decimal("0.2"), (Branch("work", Decimal("0.5")), Branch("economy", Decimal("0.5"), (Branch("grdp", Decimal(1)),)))),
    Branch("access", Decimal("0.1")),
)


def test_the_share_of_a_criterion_is_the_product_along_its_path() -> None:
    shares = share(TREE)
    assert list(shares) == ["rate", "number", "hdi", "work", "grdp", "access"]
    assert [float(part) for part in shares.values()] == [0.315, 0.315, 0.07, 0.1, 0.1, 0.1]
    assert sum(shares.values()) == 1
    assert whole(list(shares.values()))[0] == Decimal("0.315")


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ((), "within the tree sum to 0;"),
        ((Branch("a", Decimal("0.5")), Branch("b", Decimal("0.4"))), "within the tree sum to 0.9"),
        ((Branch("a", Decimal(1), (Branch("b", Decimal("0.9")),)),), "within a sum to 0.9"),
        ((Branch("a", Decimal("1.5")), Branch("b", Decimal("-0.5"))), "b weighs -0.5"),
        ((Branch("a", Decimal("0.5")), Branch("b", Decimal(f"0.5{'0' * 40}1"))), "within the tree"),
        ((Branch("a", Decimal("NaN")),), "a weighs NaN"),
    ],
)
def test_a_level_of_the_tree_that_does_not_sum_to_one_is_refused_by_name(tree: tuple[Branch, ...], words: str) -> None:
    with pytest.raises(errors.InvalidWeights, match=words):
        share(tree)


def test_a_criterion_that_stands_twice_in_the_tree_is_refused() -> None:
    half = Decimal("0.5")
    with pytest.raises(errors.DuplicateCode, match="criterion b "):
        share((Branch("a", half, (Branch("b", Decimal(1)),)), Branch("b", half)))


def test_derived_weights_make_a_method() -> None:
    codes = FIGHTER_CODES
    for derived in (entropy(codes, FIGHTERS), critic(codes, ("benefit",) * 6, FIGHTERS), ahp(np.ones((6, 6))).weights):
        criteria = tuple(Criterion(code, weight, "benefit", "poverty") for code, weight in zip(codes, whole(derived.tolist()), strict=True))
        assert sorted(rank(Method(criteria, "min_max", "saw"), ("A1", "A2", "A3", "A4"), FIGHTERS).ranks) == [1, 2, 3, 4]


@pytest.mark.parametrize("refusal", errors.WeightingError.__subclasses__())
def test_every_refusal_is_a_problem_with_words_in_both_languages(refusal: type[errors.WeightingError]) -> None:
    error = refusal(0.2, 0.1) if refusal is errors.InconsistentJudgements else refusal("Why.")
    with pytest.raises(ComputationRefused) as raised, as_problems():
        raise error
    problem = raised.value
    assert problem.code == refusal.code
    assert problem.code.startswith("weights.")
    for indonesian, english in (problem.message, problem.action):
        assert indonesian
        assert english
        assert indonesian != english
