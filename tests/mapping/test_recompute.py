"""The stand-alone program agrees with what the API answers, and with nothing that was tampered with."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.mapping.computation.constraints import Budget, Constraints, ProvinceBounds, Quota
from services.mapping.computation.ranking import Method
from services.mapping.computation.result import compute, sha256
from tests.kit import Person
from tests.mapping.life import Life
from tests.mapping.test_certificate import EVERY_METHOD
from tests.mapping.test_result_recomputed import METHODS, PROVENANCE, synthetic_candidates

PROGRAM = Path(__file__).with_name("recompute.py")
PARTS = ("hashes", "weights", "excluded regions", "normalisation", "scores", "ranks", "constraints", "optimum")
BOUNDED = Constraints(Quota(9, 4, 1, 4), (ProvinceBounds("12", 2, 3), ProvinceBounds("14", None, 0)), ("15.03",), ("11.02",))
WITHIN = Constraints(Quota(9, 4), budget=Budget(20_000_000, 2_000_000, {"11.01": 5_000_000, "12.02": 1_000_000, "13.05": 4_000_000}))


def recompute(document: dict[str, Any], folder: Path) -> tuple[int, list[str]]:
    """Exit code, and the parts that differ. With -I and -S nothing but the standard library can be imported."""
    path = folder / "result.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    run = subprocess.run([sys.executable, "-I", "-S", str(PROGRAM), str(path)], capture_output=True, text=True, cwd=folder, check=False)
    said = dict(line.split(" / ", 1)[1].split(": ", 1) for line in run.stdout.splitlines())
    assert tuple(said) == PARTS, run.stdout + run.stderr
    return run.returncode, [part for part, words in said.items() if words != "sama / agrees"]


async def test_results_from_the_api_are_recomputed_by_plain_python(
    serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any], tmp_path: Path
) -> None:
    life = await Life.begin(serving, person, eventually)
    programme = await life.programme()
    bounded = {
        "per_province_max": 3,
        "provinces": [{"province_code": "53", "fewest": 2}],
        "forced": [{"region_code": "53.04", "force": "include", "reason_code": "border_area", "note": "Perbatasan."}],
    }
    dear = {"budget_idr": 6_500_000_000, "cost_per_area_idr": 1_000_000_000, "costs_idr": {"53.04": 1_500_000_000}}
    for constraints in ({}, bounded, bounded | dear):
        path = await life.run(programme)
        await life.ok(path, "constrain", life.analyst, constraints)
        await life.ok(path, "compute", life.analyst)
        document = (await life.served.get(f"{path}/result", life.coordinator)).json()
        assert recompute(document, tmp_path) == (0, []), constraints


@pytest.mark.parametrize("method", EVERY_METHOD, ids=lambda method: f"{method.normalisation}-{method.aggregation}")
def test_every_method_is_recomputed(method: Method, tmp_path: Path) -> None:
    assert recompute(compute(method, PROVENANCE, synthetic_candidates(60, 6), Quota(9, 4)), tmp_path) == (0, [])


@pytest.mark.parametrize("constraints", [BOUNDED, WITHIN], ids=["bounds", "budget"])
def test_every_constraint_is_known(constraints: Constraints, tmp_path: Path) -> None:
    assert recompute(compute(METHODS[0], PROVENANCE, synthetic_candidates(60, 6), constraints.quota, constraints), tmp_path) == (0, [])


def test_the_quota_of_all_regencies_takes_seconds_only(tmp_path: Path) -> None:
    assert recompute(compute(METHODS[2], PROVENANCE, synthetic_candidates(), Quota(48, 8)), tmp_path) == (0, [])


def _figure(document: dict[str, Any]) -> None:
    document["inputs"]["candidates"][7]["values"][0] += 0.01


def _weight(document: dict[str, Any]) -> None:
    document["inputs"]["method"]["criteria"][0]["weight"] = "0.31"


def _score(document: dict[str, Any]) -> None:
    document["result"]["ranking"][0]["score"] += 1e-6


def _rank(document: dict[str, Any]) -> None:
    first, second = document["result"]["ranking"][:2]
    first["rank"], second["rank"] = 2, 1


def _swapped(document: dict[str, Any]) -> None:
    """The last of the chosen against the next of its province: everything is kept but the optimum."""
    chosen, ranked = document["result"]["selection"]["region_codes"], document["result"]["ranking"]
    score = {row["region_code"]: row["score"] for row in ranked}
    province_of = {each["region_code"]: each["province_code"] for each in document["inputs"]["candidates"]}
    leaving = chosen[-1]
    bound = set(BOUNDED.exclude)
    entering = next(
        code for code in score if code not in chosen and code not in bound and province_of[code] == province_of[leaving] and score[code] < score[leaving]
    )
    document["result"]["selection"]["region_codes"] = [*chosen[:-1], entering]
    document["result"]["selection"]["objective"] += score[entering] - score[leaving]


def _unwanted(document: dict[str, Any]) -> None:
    document["inputs"]["constraints"]["exclude"] = [document["result"]["selection"]["region_codes"][0]]


def _dropped(document: dict[str, Any]) -> None:
    document["result"]["ranking"].pop()


@pytest.mark.parametrize(
    ("tamper", "differing"),
    [
        (_figure, {"normalisation", "scores"}),
        (_weight, {"weights", "scores"}),
        (_score, {"scores"}),
        (_rank, {"ranks"}),
        (_swapped, {"optimum"}),
        (_unwanted, {"constraints"}),
        (_dropped, {"normalisation", "scores"}),
    ],
    ids=lambda each: each.__name__.strip("_") if callable(each) else "",
)
@pytest.mark.parametrize("rehashed", [False, True], ids=["hashes-kept", "hashed-anew"])
def test_tampering_is_found_even_under_fresh_hashes(tamper: Callable[[dict[str, Any]], None], differing: Sequence[str], rehashed: bool, tmp_path: Path) -> None:
    document = json.loads(json.dumps(compute(METHODS[0], PROVENANCE, synthetic_candidates(60, 6), BOUNDED.quota, BOUNDED)))
    tamper(document)
    if rehashed:
        document["input_hash"] = sha256(document["inputs"])
        document["result_hash"] = sha256({"inputs": document["inputs"], "result": document["result"]})
    code, found = recompute(document, tmp_path)
    assert code == 1
    assert set(differing) <= set(found)
    assert ("hashes" in found) != rehashed
