"""The exported result: recomputed by an independent script, hashed alike everywhere."""

import json
import math
import os
import random
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.mapping.computation import errors
from services.mapping.computation.ranking import Criterion, Method
from services.mapping.computation.result import Candidate, Provenance, compute, sha256
from services.mapping.computation.selection import Quota

Recompute = Callable[[dict[str, Any]], tuple[int, str]]
ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("independent_recompute.py")
CRITERIA = (
    Criterion("poverty_rate", Decimal("0.3"), "benefit", "poverty"),
    Criterion("number_of_poor", Decimal("0.30"), "benefit", "poverty"),
    Criterion("unemployment", Decimal("0.1"), "cost", "potential"),
    Criterion("fisheries_quotient", Decimal("0.3"), "benefit", "potential"),
)
PROVENANCE = {criterion.code: Provenance("unit", "synthetic, seed 514", "2021") for criterion in CRITERIA}
METHODS = [
    Method(CRITERIA, "min_max", "saw"),
    Method(CRITERIA, "max", "saw"),
    Method(CRITERIA, "vector", "topsis"),
    Method(CRITERIA, "max", "wpm"),
]


def synthetic_candidates(count: int = 514, provinces: int = 38) -> list[Candidate]:
    source = random.Random(514)
    return [
        Candidate(
            f"{11 + i % provinces}.{1 + i // provinces:02d}",
            str(11 + i % provinces),
            (
                round(source.uniform(2, 42), 2),
                float(round(source.lognormvariate(10, 1))),
                round(source.uniform(1, 12), 2),
                source.uniform(0.1, 3),
            ),
        )
        for i in range(count)
    ]


@pytest.fixture
def recompute(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Recompute:
    """Exit code and words of the independent script, run in this process because its imports take seconds."""
    main = runpy.run_path(str(SCRIPT))["main"]

    def run(document: dict[str, Any]) -> tuple[int, str]:
        path = tmp_path / "result.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        capsys.readouterr()
        return main(str(path)), capsys.readouterr().out

    return run


def test_script_stands_alone_without_this_project(tmp_path: Path) -> None:
    exported = tmp_path / "result.json"
    exported.write_text(json.dumps(compute(METHODS[2], PROVENANCE, synthetic_candidates(), Quota(48, 8))), encoding="utf-8")
    # -I: neither the working directory nor PYTHONPATH, so an import of services would fail.
    command = [sys.executable, "-I", str(SCRIPT), str(exported)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (run.returncode, run.stdout) == (0, "ranks equal: 514/514, selection equal: 48/48, hash equal: yes\n")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: f"{method.normalisation}-{method.aggregation}")
def test_result_is_recomputed_by_independent_software(method: Method, recompute: Recompute) -> None:
    document = compute(method, PROVENANCE, synthetic_candidates(), Quota(48, 8))
    code, said = recompute(document)
    assert said == "ranks equal: 514/514, selection equal: 48/48, hash equal: yes\n"
    assert code == 0


def test_independent_script_accepts_excluded_regions_and_province_bounds(recompute: Recompute) -> None:
    candidates = synthetic_candidates()
    candidates[3] = replace(candidates[3], values=(None, 5.0, 4.0, 1.0))
    document = compute(replace(METHODS[0], missing="exclude"), PROVENANCE, candidates, Quota(35, 7, 5, 5))
    assert document["result"]["excluded"] == [{"region_code": candidates[3].region_code, "reason": "missing_value", "criterion_codes": ["poverty_rate"]}]
    code, said = recompute(document)
    assert said == "ranks equal: 513/513, selection equal: 35/35, hash equal: yes\n"
    assert code == 0


def test_independent_script_accepts_the_tie_rule(recompute: Recompute) -> None:
    twins = [
        replace(candidate, region_code=code, province_code=code[:2])
        for candidate in synthetic_candidates(60, 5)
        for code in (candidate.region_code, f"9{candidate.region_code[1:]}")
    ]
    document = compute(METHODS[0], PROVENANCE, twins, Quota(7, 2))
    assert recompute(document)[0] == 0


def swap_ranks(document: dict[str, Any]) -> None:
    first, second = document["result"]["ranking"][:2]
    first["rank"], second["rank"] = 2, 1


def swap_selected(document: dict[str, Any]) -> None:
    chosen = document["result"]["selection"]["region_codes"]
    chosen[-1] = next(row["region_code"] for row in document["result"]["ranking"] if row["region_code"] not in chosen)


def change_a_figure(document: dict[str, Any]) -> None:
    document["inputs"]["candidates"][7]["values"][0] += 0.01


@pytest.mark.parametrize("tamper", [swap_ranks, swap_selected, change_a_figure])
@pytest.mark.parametrize("rehashed", [False, True])
def test_independent_script_finds_tampering_even_under_fresh_hashes(tamper: Callable[[dict[str, Any]], None], rehashed: bool, recompute: Recompute) -> None:
    document = json.loads(json.dumps(compute(METHODS[2], PROVENANCE, synthetic_candidates(), Quota(48, 8))))
    tamper(document)
    if rehashed:
        document["input_hash"] = sha256(document["inputs"])
        document["result_hash"] = sha256({"inputs": document["inputs"], "result": document["result"]})
    code, said = recompute(document)
    assert code == 1, said
    assert ("hash equal: yes" in said) == rehashed


def hashes(document: dict[str, Any]) -> tuple[str, str]:
    return document["input_hash"], document["result_hash"]


def test_order_of_the_candidates_changes_no_hash() -> None:
    candidates = synthetic_candidates()
    straight = compute(METHODS[2], PROVENANCE, candidates, Quota(48, 8))
    random.Random(1).shuffle(candidates)
    assert compute(METHODS[2], PROVENANCE, candidates, Quota(48, 8)) == straight


@pytest.mark.parametrize("hash_seed", ["0", "424242"])
def test_other_processes_and_hash_seeds_give_the_same_hashes(hash_seed: str) -> None:
    program = (
        "import json, random\n"
        "from services.mapping.computation.result import compute\n"
        "from services.mapping.computation.selection import Quota\n"
        "from tests.mapping.test_result_recomputed import METHODS, PROVENANCE, hashes, synthetic_candidates\n"
        "candidates = synthetic_candidates()\n"
        f"random.Random({hash_seed}).shuffle(candidates)\n"
        "print(json.dumps([hashes(compute(method, PROVENANCE, candidates, Quota(48, 8))) for method in METHODS]))\n"
    )
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    here = [list(hashes(compute(method, PROVENANCE, synthetic_candidates(), Quota(48, 8)))) for method in METHODS]
    assert json.loads(run.stdout.splitlines()[-1]) == here


def test_hashes_survive_json_and_equal_spellings_of_a_figure() -> None:
    candidates = [replace(c, values=(c.values[0], c.values[1], -0.0 if i == 0 else c.values[2], 1e-5 * i)) for i, c in enumerate(synthetic_candidates(60, 5))]
    document = compute(METHODS[0], PROVENANCE, candidates, Quota(7, 2))
    read_back = json.loads(json.dumps(document))
    assert read_back == document
    assert sha256(read_back["inputs"]) == document["input_hash"]
    assert sha256({"inputs": read_back["inputs"], "result": read_back["result"]}) == document["result_hash"]

    respelled = [replace(c, values=(c.values[0], int(c.values[1] or 0), (c.values[2] or 0) + 0.0, c.values[3])) for c in candidates]
    weights = [replace(criterion, weight=criterion.weight.quantize(Decimal("0.000"))) for criterion in CRITERIA]
    assert hashes(compute(replace(METHODS[0], criteria=tuple(weights)), PROVENANCE, respelled, Quota(7, 2))) == hashes(document)


def test_any_changed_input_changes_the_input_hash() -> None:
    candidates = synthetic_candidates(60, 5)
    original = compute(METHODS[0], PROVENANCE, candidates, Quota(7, 2))["input_hash"]
    changed = [
        compute(METHODS[1], PROVENANCE, candidates, Quota(7, 2)),
        compute(METHODS[0], PROVENANCE | {"poverty_rate": Provenance("percent", "BPS", "2022")}, candidates, Quota(7, 2)),
        compute(METHODS[0], PROVENANCE, candidates[:-1], Quota(7, 2)),
        compute(METHODS[0], PROVENANCE, candidates, Quota(7, 3)),
    ]
    assert len({original, *(document["input_hash"] for document in changed)}) == 5


def test_document_is_complete_and_in_rank_order() -> None:
    document = compute(METHODS[2], PROVENANCE, synthetic_candidates(60, 5), Quota(7, 2))
    rows = document["result"]["ranking"]
    assert [row["rank"] for row in rows] == list(range(1, 61))
    assert document["inputs"]["method"]["criteria"][1] == {
        "code": "number_of_poor",
        "weight": "0.3",
        "direction": "benefit",
        "dimension": "poverty",
        "unit": "unit",
        "source": "synthetic, seed 514",
        "period": "2021",
    }
    ranks = {row["region_code"]: row["rank"] for row in rows}
    chosen = [ranks[code] for code in document["result"]["selection"]["region_codes"]]
    assert chosen == sorted(chosen)
    assert document["computed_with"].keys() == {"HiGHS", "numpy"}


def test_missing_figures_are_null_and_never_nan() -> None:
    candidates = synthetic_candidates(60, 5)
    candidates[0] = replace(candidates[0], values=(math.nan, None, 1.0, 1.0))
    document = compute(replace(METHODS[0], missing="exclude"), PROVENANCE, candidates, Quota(7, 2))
    assert document["inputs"]["candidates"][0]["values"] == [None, None, 1.0, 1.0]
    json.dumps(document, allow_nan=False)


def test_candidates_that_do_not_fit_the_method_are_refused() -> None:
    candidates = synthetic_candidates(60, 5)
    with pytest.raises(errors.ShapeMismatch, match=r"11\.01 has 1 values for 4 criteria"):
        compute(METHODS[0], PROVENANCE, [replace(candidates[0], values=(1.0,)), *candidates[1:]], Quota(7, 2))
    with pytest.raises(errors.DuplicateCode):
        compute(METHODS[0], PROVENANCE, [*candidates, candidates[0]], Quota(7, 2))
    with pytest.raises(errors.UndescribedCriterion, match="poverty_rate, number_of_poor"):
        compute(METHODS[0], {code: PROVENANCE[code] for code in ("unemployment", "fisheries_quotient")}, candidates, Quota(7, 2))
