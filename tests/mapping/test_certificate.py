"""The certificate of robustness: chances worked out by hand, every draw against the ranking and the selection, the same bytes everywhere."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.mapping.computation import errors
from services.mapping.computation.certificate import MOST_DRAWS, MOST_DRAWS_IN_BUDGET, certify, constraints_of, standing, wilson
from services.mapping.computation.constraints import Budget, Constraints, ProvinceBounds, Quota, broken_rules, rules_of
from services.mapping.computation.drawn_selections import DrawnSelections
from services.mapping.computation.draws import Draws, FigureSpread, WeightSpread, drawn_weights, errors_of
from services.mapping.computation.ranking import Criterion, Method, rank
from services.mapping.computation.result import Candidate, Provenance, compute, sha256
from services.mapping.computation.selection import select_within
from tests.mapping.test_result_recomputed import CRITERIA, METHODS, PROVENANCE, synthetic_candidates
from tests.mapping.test_selection_constraints import by_trying_everything, instance

ROOT = Path(__file__).parents[2]
STATED = WeightSpread()
EXACT = FigureSpread("uniform", {})
DIRICHLET = WeightSpread("dirichlet", 100)
FIVE_PERCENT = FigureSpread("normal", {criterion.code: 0.05 for criterion in CRITERIA})


def small(*rows: Sequence[float], weights: Sequence[str] = ("1",), quota: Quota | None = None) -> dict[str, Any]:
    """A result of a few regions, each in a province of its own unless the quota wants one."""
    criteria = tuple(Criterion(f"c{n}", Decimal(weight), "benefit", "poverty") for n, weight in enumerate(weights))
    candidates = [Candidate(f"{11 + n}.01", str(11 + n), tuple(row)) for n, row in enumerate(rows)]
    return compute(Method(criteria, "min_max", "saw"), {c.code: Provenance("unit", "invented", "2021") for c in criteria}, candidates, quota or Quota(1, 1))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return compute(METHODS[0], PROVENANCE, synthetic_candidates(120, 10), Quota(14, 4))


@pytest.mark.parametrize(
    ("times", "draws", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (20, 20, 0.8389, 1.0)],
)
def test_intervals_are_those_that_newcombe_published_for_the_score_method(times: int, draws: int, low: float, high: float) -> None:
    """Newcombe, *Statistics in Medicine* 17 (1998), table I, method 3; the last is the third seen from the other side."""
    assert wilson(times, draws) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_standing_is_decided_in_whole_numbers() -> None:
    assert [standing(times, 1000) for times in (950, 949, 51, 50)] == ["firm", "borderline", "borderline", "out"]
    assert [standing(times, 3) for times in (3, 2, 1, 0)] == ["firm", "borderline", "borderline", "out"]


@pytest.mark.parametrize(
    ("document", "weights", "figures", "chance"),
    [
        # Scores are the weights. Of 0.6 (1 + u/2) against 0.4 (1 + v/2) with u and v from -1 to 1 the second is larger in 3 of 16.
        (small((1, 0), (0, 1), weights=("0.6", "0.4")), WeightSpread("uniform", 0.5), EXACT, 13 / 16),
        # The first weight has the law Beta(6, 4): it is below 1/2 as often as 6 heads or more come out of 9 tosses, 130 of 512.
        (small((1, 0), (0, 1), weights=("0.6", "0.4")), WeightSpread("dirichlet", 10), EXACT, 382 / 512),
        # 100 (1 + u/10) is above 110 (1 + v/10) where u > 1 + 1.1 v: 0.55 of a square of 4.
        (small((110,), (100,)), STATED, FigureSpread("uniform", {"c0": 0.1}), 1 - 0.55 / 4),
    ],
    ids=["uniform-weights", "dirichlet-weights", "figures"],
)
def test_chances_of_two_regions_are_those_worked_out_by_hand(document: dict[str, Any], weights: WeightSpread, figures: FigureSpread, chance: float) -> None:
    for seed in (1, 2, 3):
        first, second = certify(document, seed=seed, draws=40_000, weights=weights, figures=figures)["result"]["regions"]
        assert first["probability"] == pytest.approx(chance, abs=0.008)  # more than three standard deviations
        assert first["times_selected"] + second["times_selected"] == 40_000
        assert first["interval"][0] < first["probability"] < first["interval"][1]


def test_ranks_of_three_regions_follow_from_the_margin() -> None:
    """50 against 49 with 5 % either way change places, and neither ever passes 100."""
    regions = certify(small((100,), (50,), (49,)), seed=9, draws=2_000, weights=STATED, figures=FigureSpread("uniform", {"c0": 0.05}))["result"]["regions"]
    assert [region["rank_range"] for region in regions] == [[1, 1], [2, 3], [2, 3]]
    assert [region["median_rank"] for region in regions] == [1, 2, 3]
    assert [region["standing"] for region in regions] == ["firm", "out", "out"]


def test_normal_errors_are_cut_at_the_margin_and_half_of_it_is_their_deviation() -> None:
    levels = np.arange(65_536, dtype=np.uint16)
    for law, deviation in (("uniform", 1 / 3**0.5), ("normal", 0.8796 / 2)):  # a normal law cut at two deviations keeps 0.8796 of them
        found = errors_of(law, levels)  # type: ignore[arg-type]
        assert abs(found).max() < 1
        assert found.mean() == pytest.approx(0, abs=1e-9)
        assert found.std() == pytest.approx(deviation, abs=1e-4)
        assert (np.diff(found) > 0).all()


@pytest.mark.parametrize("spread", [WeightSpread("dirichlet", 50), WeightSpread("uniform", 0.3)])
def test_drawn_weights_sum_to_one_around_those_stated(spread: WeightSpread) -> None:
    stated = np.array([0.5, 0.3, 0.15, 0.05])
    drawn = drawn_weights(stated, spread, 40_000, np.random.SeedSequence(4))
    assert abs(drawn.sum(axis=1) - 1).max() < 1e-11
    assert drawn.mean(axis=0) == pytest.approx(stated, abs=0.01)
    if spread.law == "dirichlet":
        assert drawn.var(axis=0) == pytest.approx(stated * (1 - stated) / 51, rel=0.05)


EVERY_METHOD = [
    Method(CRITERIA, normalisation, aggregation)  # type: ignore[arg-type]
    for aggregation in ("saw", "wpm", "topsis", "vikor", "promethee")
    for normalisation in ("min_max", "max", "vector", "rank")
    if aggregation != "wpm" or normalisation in ("max", "vector")
]


@pytest.mark.parametrize("method", EVERY_METHOD, ids=lambda method: f"{method.normalisation}-{method.aggregation}")
def test_scores_of_every_draw_are_those_of_the_ranking(method: Method) -> None:
    """Weights and figures are drawn once more here, draw by draw, from the raw bits; the method is then applied to each."""
    candidates, draws, seed = synthetic_candidates(30, 5), 12, 77
    codes, matrix = sorted(each.region_code for each in candidates), np.array([each.values for each in sorted(candidates, key=lambda each: each.region_code)])
    margins = {"poverty_rate": 0.1, "unemployment": 0.2}
    for_weights, for_figures = np.random.SeedSequence(seed).spawn(2)
    weights = drawn_weights(np.array([0.3, 0.3, 0.1, 0.3]), DIRICHLET, draws, for_weights)
    source = np.random.PCG64(for_figures)
    points = np.concatenate(list(Draws(method, codes, matrix, DIRICHLET, FigureSpread("uniform", margins), seed, draws).chunks(5)))
    assert points.shape == (draws, 30)
    for draw in range(draws):
        varied = matrix.astype(float)
        for column, margin in ((0, 0.1), (2, 0.2)):
            bits = [int(word) >> shift & 0xFFFF for word in source.random_raw(8) for shift in (0, 16, 32, 48)][:30]
            varied[:, column] *= [1 + margin * ((2 * level + 1) / 65_536 - 1) for level in bits]
        criteria = tuple(replace(c, weight=Decimal(repr(w))) for c, w in zip(CRITERIA, weights[draw].tolist(), strict=True))
        whole = replace(criteria[-1], weight=1 - sum((c.weight for c in criteria[:-1]), Decimal(0)))
        expected = rank(Method((*criteria[:-1], whole), method.normalisation, method.aggregation), codes, varied).scores
        assert points[draw] == pytest.approx(expected * 1e12, abs=20)  # the last weight takes what rounding left


@pytest.mark.parametrize("decimals", [12, 1])
@pytest.mark.parametrize("seed", range(100))
def test_every_draw_selects_what_the_selection_selects(seed: int, decimals: int) -> None:
    """All kinds of constraints; with one decimal most draws hold ties, which the lowest codes settle."""
    given = instance(seed, decimals=decimals)
    if by_trying_everything(given) is None:
        given = replace(given, constraints=Constraints(Quota(4, 2), include=given.constraints.include[:1]))
    order = np.argsort(given.regions)
    codes, provinces = [given.regions[row] for row in order], [given.provinces[row] for row in order]
    scores = np.round(np.random.default_rng(seed).random((8, len(codes))), decimals)
    chosen = DrawnSelections(codes, provinces, given.constraints).select(np.rint(scores * 1e12).astype(np.int64))
    for draw, rows in zip(scores, chosen, strict=True):
        assert {codes[row] for row in rows} == set(select_within(draw.tolist(), codes, provinces, given.constraints).region_codes)


@pytest.mark.parametrize(
    "constraints",
    [
        Constraints(Quota(48, 8)),
        Constraints(Quota(35, 7, 5, 5)),
        Constraints(Quota(48, 8, 2, 10), (ProvinceBounds("12", 3, 4), ProvinceBounds("20", 0, 0)), ("15.03", "16.04"), ("11.01",)),
        Constraints(Quota(60, 38)),
    ],
    ids=["plain", "bounds", "all-kinds", "every-province"],
)
def test_draws_of_all_regencies_keep_the_constraints_and_the_optimum(constraints: Constraints) -> None:
    candidates = sorted(synthetic_candidates(), key=lambda each: each.region_code)
    codes, provinces = [each.region_code for each in candidates], [each.province_code for each in candidates]
    figures = FigureSpread("uniform", dict.fromkeys(FIVE_PERCENT.margins, 0.2))
    drawn = Draws(METHODS[0], codes, np.array([each.values for each in candidates]), DIRICHLET, figures, 3, 300)
    selections = DrawnSelections(codes, provinces, constraints)
    (points,) = drawn.chunks(300)
    province_of = dict(zip(codes, provinces, strict=True))
    for draw, rows in enumerate(selections.select(points)):
        chosen = [codes[row] for row in rows]
        assert not broken_rules(rules_of(constraints), chosen, province_of)
        if draw % 30 == 0:
            assert set(chosen) == set(select_within((points[draw] / 1e12).tolist(), codes, provinces, constraints).region_codes)
    assert selections.by_search == 0  # none of them needed the slow way


def test_a_budget_decides_where_it_has_to() -> None:
    candidates = synthetic_candidates(40, 5)
    costs = {each.region_code: 1 + n % 7 for n, each in enumerate(candidates)}
    constraints = Constraints(Quota(8, 3), budget=Budget(24, 4, costs))
    document = compute(METHODS[0], PROVENANCE, candidates, Quota(8, 3), constraints)
    assert constraints_of(document["inputs"]).budget == Budget(24, 4, {code: cost for code, cost in costs.items() if cost != 4})
    certificate = certify(document, seed=5, draws=30, weights=DIRICHLET, figures=EXACT)
    assert sum(region["times_selected"] for region in certificate["result"]["regions"]) == 30 * 8
    with pytest.raises(errors.TooManyDraws, match=f"{MOST_DRAWS_IN_BUDGET} are the most under a budget"):
        certify(document, seed=5, draws=MOST_DRAWS_IN_BUDGET + 1, weights=DIRICHLET, figures=EXACT)


@pytest.mark.parametrize("weights", [STATED, WeightSpread("uniform", 0.0)])
def test_without_any_margin_every_chance_is_exactly_0_or_1(document: dict[str, Any], weights: WeightSpread) -> None:
    result = certify(document, seed=1, draws=50, weights=weights, figures=FigureSpread("normal", {"poverty_rate": 0.0}))["result"]
    for region, row in zip(result["regions"], document["result"]["ranking"], strict=True):
        assert region["probability"] == float(region["selected"])
        assert (region["median_rank"], region["rank_range"]) == (row["rank"], [row["rank"]] * 2)
    assert (result["list"]["mean_overlap"], result["list"]["unchanged_draws"], result["list"]["borderline"]) == (14.0, 50, [])
    assert set(result["list"]["firm"]) == set(document["result"]["selection"]["region_codes"])


def test_more_margin_makes_fewer_regions_firm_and_shares_less_with_the_stated_list(document: dict[str, Any]) -> None:
    firm, shared = [], []
    for margin in (0.01, 0.05, 0.2, 0.6):
        figures = FigureSpread("uniform", dict.fromkeys(FIVE_PERCENT.margins, margin))
        lists = [certify(document, seed=seed, draws=400, weights=STATED, figures=figures)["result"]["list"] for seed in range(5)]
        firm.append(sum(len(each["firm"]) for each in lists))
        shared.append(sum(each["mean_overlap"] for each in lists))
    assert firm == sorted(firm, reverse=True)
    assert shared == sorted(shared, reverse=True)
    assert firm[0] > firm[-1]


def test_the_document_says_what_it_rests_on_and_adds_up(document: dict[str, Any]) -> None:
    certificate = certify(document, seed=7, draws=1_000, weights=DIRICHLET, figures=FIVE_PERCENT)
    assert certificate["inputs"] == {
        "algorithm": "entaskan-certificate-1",
        "input_hash": document["input_hash"],
        "result_hash": document["result_hash"],
        "seed": 7,
        "draws": 1_000,
        "weights": {"law": "dirichlet", "size": 100.0},
        "figures": {"law": "normal", "margins": FIVE_PERCENT.margins},
    }
    assert certificate["certificate_hash"] == sha256({"inputs": certificate["inputs"], "result": certificate["result"]})
    assert json.loads(json.dumps(certificate, allow_nan=False)) == certificate
    regions, said = certificate["result"]["regions"], certificate["result"]["list"]
    assert [region["region_code"] for region in regions] == [row["region_code"] for row in document["result"]["ranking"]]
    assert sum(region["times_selected"] for region in regions) == 1_000 * 14
    chosen = sum(region["times_selected"] for region in regions if region["selected"])
    assert said["mean_overlap"] == pytest.approx(chosen / 1_000)
    assert said["least_overlap"] <= said["mean_overlap"] <= said["areas"] == 14
    assert len(said["firm"]) + len(said["borderline"]) + said["out"] == 120
    assert len(said["borderline"]) > 0
    for region in regions:
        assert region["rank_range"][0] <= region["median_rank"] <= region["rank_range"][1]
    assert certify(document, seed=8, draws=1_000, weights=DIRICHLET, figures=FIVE_PERCENT)["certificate_hash"] != certificate["certificate_hash"]


def test_regions_without_all_figures_take_no_part() -> None:
    candidates = synthetic_candidates(60, 5)
    candidates[3] = replace(candidates[3], values=(None, 5.0, 4.0, 1.0))
    document = compute(replace(METHODS[0], missing="exclude"), PROVENANCE, candidates, Quota(7, 2))
    regions = certify(document, seed=7, draws=100, weights=DIRICHLET, figures=FIVE_PERCENT)["result"]["regions"]
    assert len(regions) == 59
    assert candidates[3].region_code not in {region["region_code"] for region in regions}


@pytest.mark.parametrize(("chunk", "hash_seed"), [(1, "0"), (37, "424242"), (5_000, "7")])
def test_other_processes_and_other_chunks_give_the_same_bytes(chunk: int, hash_seed: str, document: dict[str, Any]) -> None:
    program = (
        "import json, sys\n"
        "from services.mapping.computation.certificate import certify\n"
        "from tests.mapping.test_certificate import DIRICHLET, FIVE_PERCENT\n"
        "document = json.load(sys.stdin)\n"
        f"print(json.dumps(certify(document, seed=514, draws=600, weights=DIRICHLET, figures=FIVE_PERCENT, chunk={chunk}), sort_keys=True))\n"
    )
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, "-c", program], input=json.dumps(document), capture_output=True, text=True, env=environment, check=True)
    here = certify(document, seed=514, draws=600, weights=DIRICHLET, figures=FIVE_PERCENT)
    assert run.stdout.splitlines()[-1] == json.dumps(here, sort_keys=True)


def test_the_order_of_the_candidates_changes_nothing(document: dict[str, Any]) -> None:
    candidates = synthetic_candidates(120, 10)
    random.Random(3).shuffle(candidates)
    again = compute(METHODS[0], PROVENANCE, candidates, Quota(14, 4))
    hashes = {certify(each, seed=1, draws=200, weights=DIRICHLET, figures=FIVE_PERCENT)["certificate_hash"] for each in (document, again)}
    assert len(hashes) == 1


def test_what_cannot_be_computed_is_refused_by_name(document: dict[str, Any]) -> None:
    for law, size in (("stated", 0.1), ("dirichlet", 0.5), ("dirichlet", 1e7), ("uniform", 1.0), ("uniform", -0.1), ("uniform", float("nan")), ("cauchy", 1)):
        with pytest.raises(errors.InvalidSpread):
            WeightSpread(law, size)  # type: ignore[arg-type]
    for law, margin in (("uniform", 1.0), ("normal", -0.01), ("normal", float("nan")), ("cauchy", 0.1)):
        with pytest.raises(errors.InvalidSpread):
            FigureSpread(law, {"poverty_rate": margin})  # type: ignore[arg-type]
    with pytest.raises(errors.InvalidSpread, match="literacy, which is no criterion"):
        certify(document, seed=1, draws=10, weights=STATED, figures=FigureSpread("uniform", {"literacy": 0.1}))
    with pytest.raises(errors.TooManyDraws, match="100001 draws were asked for"):
        certify(document, seed=1, draws=MOST_DRAWS + 1, weights=STATED, figures=EXACT)
    for seed, draws in ((-1, 10), (2**32, 10), (1, 0)):
        with pytest.raises(errors.InvalidSpread):
            certify(document, seed=seed, draws=draws, weights=STATED, figures=EXACT)
    with pytest.raises(errors.TooManyCandidates):
        DrawnSelections([f"{n:06d}" for n in range(1_001)], ["11"] * 1_001, Constraints(Quota(5, 1)))
