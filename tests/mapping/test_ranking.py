"""Ranking against published examples and against pymcdm; what holds for every method; the refusals by name."""

from decimal import Decimal
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymcdm import normalizations
from pymcdm.helpers import normalize_matrix
from pymcdm.methods import TOPSIS, WPM, WSM

from services.mapping.computation import errors
from services.mapping.computation.ranking import Aggregation, Criterion, Floats, Method, Missing, Normalisation, aggregate, normalise, rank

TZENG_HUANG = np.array([[5.0, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]])
FIGHTERS = np.array([[2.0, 1500, 20000, 5.5, 5, 9], [2.5, 2700, 18000, 6.5, 3, 5], [1.8, 2000, 21000, 4.5, 7, 7], [2.2, 1800, 20000, 5.0, 5, 5]])
FIGHTER_WEIGHTS = ("0.2", "0.1", "0.1", "0.1", "0.2", "0.3")
VILLAGE_AID = np.array([[1.0, 4, 1, 3], [5, 2, 2, 3], [2, 5, 3, 2], [3, 4, 5, 2]])
CODES = ("A1", "A2", "A3", "A4")
COMBINATIONS: list[tuple[Normalisation, Aggregation]] = [
    (normalisation, aggregation)
    for normalisation in get_args(Normalisation)
    for aggregation in get_args(Aggregation)
    if aggregation != "wpm" or normalisation in ("max", "vector")
]


def method(
    weights: tuple[str, ...],
    normalisation: Normalisation,
    aggregation: Aggregation,
    *,
    costs: tuple[int, ...] = (),
    missing: Missing = "refuse",
) -> Method:
    """Every other criterion measures potential, the first one poverty."""
    criteria = tuple(
        Criterion(f"c{i}", Decimal(weight), "cost" if i in costs else "benefit", "potential" if i % 2 else "poverty") for i, weight in enumerate(weights)
    )
    return Method(criteria, normalisation, aggregation, missing)


def equal_weights(count: int) -> tuple[str, ...]:
    return ("0.1",) * (count - 1) + (str(1 - Decimal("0.1") * (count - 1)),)


def test_topsis_gives_the_closeness_published_by_tzeng_and_huang() -> None:
    ranking = rank(method(("0.3", "0.4", "0.3"), "vector", "topsis"), CODES, TZENG_HUANG)
    np.testing.assert_allclose(ranking.scores, [0.5037, 0.6581, 0.7482, 0.3340], atol=1e-4)
    np.testing.assert_allclose(ranking.scores, [0.50371966, 0.65808477, 0.74824866, 0.33399744], atol=1e-8)
    assert ranking.ranks.tolist() == [3, 2, 1, 4]


def test_topsis_with_a_cost_gives_the_closeness_published_by_hwang_and_yoon() -> None:
    ranking = rank(method(FIGHTER_WEIGHTS, "vector", "topsis", costs=(3,)), CODES, FIGHTERS)
    np.testing.assert_allclose(ranking.scores, [0.643, 0.268, 0.613, 0.312], atol=1e-3)
    np.testing.assert_allclose(ranking.scores, [0.643277, 0.268384, 0.613542, 0.312291], atol=1e-6)
    assert ranking.ranks.tolist() == [1, 4, 2, 3]


def test_saw_names_another_winner_than_topsis_on_the_same_figures() -> None:
    saw = rank(method(FIGHTER_WEIGHTS, "max", "saw", costs=(3,)), CODES, FIGHTERS)
    topsis = rank(method(FIGHTER_WEIGHTS, "vector", "topsis", costs=(3,)), CODES, FIGHTERS)
    np.testing.assert_allclose(saw.scores, [0.835469, 0.707326, 0.851407, 0.737429], atol=1e-6)
    assert saw.ranks.tolist() == [2, 4, 1, 3]
    assert [CODES[int(ranking.ranks.argmin())] for ranking in (saw, topsis)] == ["A3", "A1"]


def test_saw_gives_the_percentages_published_for_village_aid() -> None:
    ranking = rank(method(("0.4", "0.3", "0.1", "0.2"), "max", "saw", costs=(0,)), ("gilang", "bayu", "romy", "syahroni"), VILLAGE_AID)
    np.testing.assert_allclose(ranking.scores, [0.86, 0.44, 0.693333, 0.606667], atol=1e-6)
    assert np.round(ranking.scores * 100).tolist() == [86, 44, 69, 61]
    assert ranking.ranks.tolist() == [1, 4, 2, 3]


PEERS = {"saw": WSM, "wpm": WPM, "topsis": TOPSIS}
PEER_NORMALISATIONS = {
    "min_max": normalizations.minmax_normalization,
    "max": normalizations.linear_normalization,
    "vector": normalizations.vector_normalization,
}


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize(
    ("normalisation", "aggregation"),
    [(n, a) for n in PEER_NORMALISATIONS for a in PEERS if (n, a) != ("min_max", "wpm")],
)
def test_ranking_agrees_with_pymcdm(seed: int, normalisation: Normalisation, aggregation: Aggregation) -> None:
    random = np.random.default_rng(seed)
    n, m = int(random.integers(3, 60)), int(random.integers(2, 9))
    matrix = random.uniform(0.5, 100, (n, m)) * 10.0 ** random.integers(-2, 7, m)
    costs = tuple(int(i) for i in np.flatnonzero(random.random(m) < 0.4))
    ours = rank(method(equal_weights(m), normalisation, aggregation, costs=costs), [f"{i:04d}" for i in range(n)], matrix)

    weights, types = np.array(equal_weights(m), float), np.array([-1 if i in costs else 1 for i in range(m)])
    peer_normalise = PEER_NORMALISATIONS[normalisation]

    def theirs(columns: slice) -> Floats:
        share = weights[columns] / weights[columns].sum()
        return np.asarray(PEERS[aggregation](peer_normalise)(matrix[:, columns], share, types[columns], validation=False))

    np.testing.assert_allclose(ours.normalised, normalize_matrix(matrix, peer_normalise, types), atol=1e-11)
    np.testing.assert_allclose(ours.scores, theirs(slice(None)), atol=1e-11)
    for part, columns in ((ours.poverty_score, slice(0, None, 2)), (ours.potential_score, slice(1, None, 2))):
        assert part is not None
        np.testing.assert_allclose(part, theirs(columns), atol=1e-11)
    assert sorted(ours.ranks.tolist()) == list(range(1, n + 1))


@pytest.mark.parametrize(
    ("normalisation", "aggregation"),
    [("min_max", "saw"), ("vector", "topsis"), ("max", "wpm"), ("rank", "saw"), ("min_max", "vikor"), ("rank", "vikor"), ("vector", "promethee")],
)
def test_contributions_make_up_the_score(normalisation: Normalisation, aggregation: Aggregation) -> None:
    ranking = rank(method(FIGHTER_WEIGHTS, normalisation, aggregation, costs=(3,)), CODES, FIGHTERS)
    combined = ranking.contributions.prod(axis=1) if aggregation == "wpm" else ranking.contributions.sum(axis=1)
    np.testing.assert_allclose(combined, ranking.scores, atol=1e-11)


def test_region_worst_in_everything_scores_zero_and_not_nan() -> None:
    ranking = rank(method(("0.5", "0.5"), "min_max", "topsis"), ("a", "b", "c"), np.array([[1.0, 1], [2, 3], [3, 2]]))
    assert ranking.scores[0] == 0
    assert ranking.contributions[0].tolist() == [0, 0]
    assert ranking.ranks[0] == 3


def test_equal_scores_rank_by_region_code_wherever_they_stand() -> None:
    figures = np.array([[2.0, 1], [2, 1], [1, 2], [2, 1]])
    ranking = rank(method(("0.7", "0.3"), "min_max", "saw"), ("31.02", "31.01", "11.01", "12.09"), figures)
    assert ranking.ranks.tolist() == [3, 2, 4, 1]


def test_order_of_the_regions_changes_nothing() -> None:
    figures = np.random.default_rng(7).uniform(1, 1e6, (200, 4))
    codes = [f"{i:03d}" for i in range(200)]
    shuffled = np.random.default_rng(8).permutation(200)
    for normalisation, aggregation in COMBINATIONS:
        straight = rank(method(equal_weights(4), normalisation, aggregation), codes, figures)
        mixed = rank(method(equal_weights(4), normalisation, aggregation), [codes[i] for i in shuffled], figures[shuffled])
        assert straight.scores[shuffled].tobytes() == mixed.scores.tobytes()
        assert straight.ranks[shuffled].tolist() == mixed.ranks.tolist()


@st.composite
def cases(draw: st.DrawFn) -> tuple[Floats, tuple[str, ...], tuple[int, ...]]:
    """Figures of some regions, weights and which criteria are costs; every criterion varies and is above 0."""
    n, m = draw(st.integers(3, 8)), draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(st.integers(1, 40), min_size=m, max_size=m), min_size=n, max_size=n))
    figures = np.array(rows, float)
    figures[0], figures[1] = 41, 45
    parts = draw(st.lists(st.integers(1, 9), min_size=m, max_size=m))
    weights = [Decimal(part * 100 // sum(parts)) / 100 for part in parts]
    weights[0] += 1 - sum(weights)
    costs = draw(st.sets(st.integers(0, m - 1)))
    return figures, tuple(map(str, weights)), tuple(sorted(costs))


@given(cases(), st.data())
def test_another_unit_of_a_criterion_changes_no_rank(case: tuple[Floats, tuple[str, ...], tuple[int, ...]], data: st.DataObject) -> None:
    figures, weights, costs = case
    codes = [f"{row:02d}" for row in range(len(figures))]
    units = np.array([data.draw(st.sampled_from([0.001, 0.25, 1, 1000, 1e6])) for _ in weights])
    for normalisation, aggregation in COMBINATIONS:
        rule = method(weights, normalisation, aggregation, costs=costs)
        before, after = rank(rule, codes, figures), rank(rule, codes, figures * units)
        np.testing.assert_allclose(after.scores, before.scores, atol=1e-11)
        assert after.ranks.tolist() == before.ranks.tolist(), (normalisation, aggregation)


@given(cases())
def test_a_region_that_is_nowhere_worse_and_somewhere_better_stands_before(case: tuple[Floats, tuple[str, ...], tuple[int, ...]]) -> None:
    figures, weights, costs = case
    codes = [f"{row:02d}" for row in range(len(figures))]
    good = figures * [-1 if column in costs else 1 for column in range(len(weights))]
    for normalisation, aggregation in COMBINATIONS:
        scores = rank(method(weights, normalisation, aggregation, costs=costs), codes, figures).scores
        assert scores.min() >= 0
        assert scores.max() <= 1 + 1e-11
        for one in range(len(codes)):
            for other in range(len(codes)):
                if (good[one] >= good[other]).all() and (good[one] > good[other]).any():
                    assert scores[one] > scores[other], (normalisation, aggregation)


def test_rank_normalisation_is_the_share_of_the_others_beaten() -> None:
    figures = np.array([[10.0, 3], [20, 1], [20, 1], [40, 1], [5, 7]])
    ranking = rank(method(("0.5", "0.5"), "rank", "saw", costs=(1,)), ("a", "b", "c", "d", "e"), figures)
    # Of four others; a tie counts half. In the second column less is better.
    assert ranking.normalised[:, 0].tolist() == [1 / 4, 2.5 / 4, 2.5 / 4, 4 / 4, 0]
    assert ranking.normalised[:, 1].tolist() == [1 / 4, 3 / 4, 3 / 4, 3 / 4, 0]


@pytest.mark.parametrize(("normalisation", "aggregation"), COMBINATIONS)
def test_normalise_and_aggregate_are_the_steps_of_a_ranking(normalisation: Normalisation, aggregation: Aggregation) -> None:
    rule = method(FIGHTER_WEIGHTS, normalisation, aggregation, costs=(3,))
    ranking = rank(rule, CODES, FIGHTERS)
    normalised = normalise(rule, CODES, FIGHTERS)
    contributions, scores = aggregate(aggregation, normalised, np.array(FIGHTER_WEIGHTS, float))
    np.testing.assert_allclose(normalised, ranking.normalised, atol=1e-12)
    np.testing.assert_allclose(contributions, ranking.contributions, atol=1e-12)
    np.testing.assert_allclose(scores, ranking.scores, atol=1e-12)


def test_the_steps_refuse_what_does_not_fit() -> None:
    rule = method(FIGHTER_WEIGHTS, "vector", "saw")
    with pytest.raises(errors.ShapeMismatch):
        normalise(rule, CODES[:3], FIGHTERS)
    with pytest.raises(errors.ShapeMismatch):
        aggregate("vikor", FIGHTERS, np.ones(5) / 5)
    with pytest.raises(errors.UnknownChoice, match="aggregation 'electre'"):
        aggregate("electre", FIGHTERS, np.ones(6) / 6)  # type: ignore[arg-type]
    with pytest.raises(errors.MissingValues, match="c2 of A3"):
        normalise(rule, CODES, np.where(FIGHTERS == 21000, np.nan, FIGHTERS))
    with pytest.raises(errors.TooFewRegions):
        normalise(rule, CODES[:1], FIGHTERS[:1])


def test_difference_below_twelve_decimals_is_a_tie() -> None:
    ranking = rank(method(("0.5", "0.5"), "min_max", "saw"), ("b", "a", "c"), np.array([[1 + 1e-13, 1.0], [1, 1], [0, 2]]))
    assert ranking.scores[0] == ranking.scores[1]
    assert ranking.ranks.tolist() == [2, 1, 3]


def test_a_dimension_without_criteria_has_no_score() -> None:
    poverty_only = Method((Criterion("rate", Decimal("0.5"), "benefit", "poverty"), Criterion("poor", Decimal("0.5"), "benefit", "poverty")), "min_max", "saw")
    ranking = rank(poverty_only, ("a", "b"), np.array([[1.0, 2], [2, 1]]))
    assert ranking.potential_score is None
    np.testing.assert_array_equal(ranking.poverty_score, ranking.scores)


def test_saw_score_is_the_weighted_mean_of_the_dimension_scores() -> None:
    ranking = rank(method(("0.2", "0.3", "0.5"), "min_max", "saw"), CODES, TZENG_HUANG)
    assert ranking.poverty_score is not None
    assert ranking.potential_score is not None
    np.testing.assert_allclose(0.7 * ranking.poverty_score + 0.3 * ranking.potential_score, ranking.scores, atol=1e-11)


def test_missing_figures_are_refused_by_name_or_the_region_is_listed_as_excluded() -> None:
    figures = FIGHTERS.copy()
    figures[1, 2] = figures[3, 0] = figures[3, 5] = np.nan
    with pytest.raises(errors.MissingValues, match=r"A2: c2; A4: c0, c5"):
        rank(method(FIGHTER_WEIGHTS, "vector", "topsis"), CODES, figures)
    ranking = rank(method(FIGHTER_WEIGHTS, "vector", "topsis", missing="exclude"), CODES, figures)
    assert ranking.region_codes == ("A1", "A3")
    assert [(e.region_code, e.reason, e.criterion_codes) for e in ranking.excluded] == [
        ("A2", "missing_value", ("c2",)),
        ("A4", "missing_value", ("c0", "c5")),
    ]
    without = rank(method(FIGHTER_WEIGHTS, "vector", "topsis"), ("A1", "A3"), FIGHTERS[[0, 2]])
    assert ranking.scores.tobytes() == without.scores.tobytes()


def test_results_cannot_be_changed_afterwards() -> None:
    ranking = rank(method(FIGHTER_WEIGHTS, "vector", "topsis"), CODES, FIGHTERS)
    for array in (ranking.scores, ranking.ranks, ranking.normalised, ranking.contributions):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("weights", [("0.3", "0.6"), ("0.5", f"0.5{'0' * 40}1"), ("1.5", "-0.5"), ("1", "0"), ("NaN", "1")])
def test_weights_that_do_not_sum_to_exactly_one_are_refused(weights: tuple[str, ...]) -> None:
    with pytest.raises(errors.InvalidWeights):
        method(weights, "min_max", "saw")


def test_a_method_with_an_unknown_choice_is_refused() -> None:
    with pytest.raises(errors.UnknownChoice, match="direction 'Benefit'"):
        Criterion("c", Decimal(1), "Benefit", "poverty")  # type: ignore[arg-type]
    with pytest.raises(errors.UnknownChoice, match="normalisation"):
        method(("1",), "sum", "saw")  # type: ignore[arg-type]


@pytest.mark.parametrize("normalisation", ["min_max", "rank"])
def test_a_weighted_product_of_zeros_is_refused(normalisation: Normalisation) -> None:
    with pytest.raises(errors.IncompatibleMethod, match=normalisation):
        method(("0.5", "0.5"), normalisation, "wpm")


def test_codes_given_twice_are_refused() -> None:
    twice = Criterion("c", Decimal("0.5"), "benefit", "poverty")
    with pytest.raises(errors.DuplicateCode, match="criterion c "):
        Method((twice, twice), "min_max", "saw")
    with pytest.raises(errors.DuplicateCode, match="region A1 "):
        rank(method(FIGHTER_WEIGHTS, "vector", "topsis"), ("A1", "A1", "A3", "A4"), FIGHTERS)


def test_a_matrix_of_another_shape_is_refused() -> None:
    with pytest.raises(errors.ShapeMismatch):
        rank(method(("0.5", "0.5"), "vector", "saw"), CODES, FIGHTERS)
    with pytest.raises(errors.ShapeMismatch):
        rank(method(FIGHTER_WEIGHTS, "vector", "saw"), CODES[:3], FIGHTERS)


@pytest.mark.parametrize("figure", [np.inf, -np.inf, 1.1e15])
def test_infinite_and_absurd_figures_are_refused(figure: float) -> None:
    figures = FIGHTERS.copy()
    figures[2, 1] = figure
    with pytest.raises(errors.UnusableValue, match="c1 of A3"):
        rank(method(FIGHTER_WEIGHTS, "min_max", "saw"), CODES, figures)


@pytest.mark.parametrize(("normalisation", "aggregation"), [("max", "saw"), ("vector", "wpm")])
@pytest.mark.parametrize("figure", [0.0, -3.0])
def test_figures_not_above_zero_are_refused_where_the_method_divides_or_multiplies(
    figure: float, normalisation: Normalisation, aggregation: Aggregation
) -> None:
    figures = FIGHTERS.copy()
    figures[2, 1] = figure
    with pytest.raises(errors.NonPositiveValue, match="c1 of A3"):
        rank(method(FIGHTER_WEIGHTS, normalisation, aggregation), CODES, figures)


def test_a_criterion_that_does_not_vary_is_refused() -> None:
    figures = FIGHTERS.copy()
    figures[:, 4] = 5
    with pytest.raises(errors.ConstantCriterion, match="c4 is 5 everywhere"):
        rank(method(FIGHTER_WEIGHTS, "vector", "topsis"), CODES, figures)


def test_fewer_than_two_regions_are_refused() -> None:
    with pytest.raises(errors.TooFewRegions):
        rank(method(FIGHTER_WEIGHTS, "vector", "topsis"), ("A1",), FIGHTERS[:1])
    with pytest.raises(errors.TooFewRegions):
        rank(method(FIGHTER_WEIGHTS, "vector", "topsis", missing="exclude"), CODES, np.full((4, 6), np.nan))


def test_every_refusal_has_its_own_stable_code() -> None:
    refusals = [*errors.RankingError.__subclasses__(), *errors.WeightingError.__subclasses__(), *errors.SelectionError.__subclasses__()]
    assert len({refusal.code for refusal in refusals}) == len(refusals)
