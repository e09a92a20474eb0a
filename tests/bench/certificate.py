"""The certificate of robustness of 48 of 514 in 8 provinces over 10,000 draws, against a bare numpy loop over as many.

The bare loop knows no provinces, no ranks and no ties: scores by a matrix product, the 48 largest by `argpartition`.
"""

import time
from collections.abc import Callable
from decimal import Decimal
from statistics import median
from typing import Any

import numpy as np

from services.mapping.computation.certificate import CHUNK, certify
from services.mapping.computation.draws import FigureSpread, WeightSpread
from services.mapping.computation.ranking import Criterion, Method
from services.mapping.computation.result import Candidate, Provenance, compute
from services.mapping.computation.selection import Quota
from tests.bench.rig import RUNS, Result, World, sizes

CRITERIA, REGENCIES, PROVINCES = 8, 514, 38
QUOTA = Quota(48, 8)
MARGIN, CONCENTRATION = 0.05, 100.0
WEIGHT = Decimal("0.125")
CODES = [f"c{n}" for n in range(CRITERIA)]
BENEFIT = np.array([n % 2 == 1 for n in range(CRITERIA)])


def measure(world: World) -> list[Result]:
    """Nothing but computing; the world is not needed."""
    return [_measured("weights", 0.0), _measured("weights and figures", MARGIN)]


def _measured(what: str, margin: float) -> Result:
    document = _document()
    figures = np.array([candidate["values"] for candidate in document["inputs"]["candidates"]])
    growth: dict[int, Any] = {}
    ratios: list[float] = []
    for draws in sizes("CERTIFICATE", "1000,10000"):
        turns = [
            (
                _timed(lambda draws=draws: _certified(document, draws, margin)),
                _timed(lambda draws=draws: _bare(figures, draws, margin)),
            )
            for _ in range(max(RUNS, 3))
        ]
        ratios = [mine / theirs for mine, theirs in turns]
        growth[draws] = {"ms": round(1000 * median(mine for mine, _ in turns)), "numpy_ms": round(1000 * median(theirs for _, theirs in turns))}
    size = f"{draws:,} draws of {REGENCIES} × {CRITERIA}, {what}"
    return Result(f"certificate, {size}", "a bare numpy loop, time", 3.0, ratios, at_most=True, details={"growth": growth})


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _document() -> dict[str, Any]:
    """A result on synthetic figures with the spread of real ones."""
    random = np.random.default_rng(7)
    provinces = [f"{number + 11}" for number in random.integers(0, PROVINCES, REGENCIES)]
    values = random.lognormal(3, 1, (REGENCIES, CRITERIA)).round(2).tolist()
    candidates = [Candidate(f"{province}.{n:03d}", province, tuple(row)) for n, (province, row) in enumerate(zip(provinces, values, strict=True))]
    criteria = tuple(
        Criterion(code, WEIGHT, "benefit" if more else "cost", "poverty" if n < CRITERIA // 2 else "potential")
        for n, (code, more) in enumerate(zip(CODES, BENEFIT.tolist(), strict=True))
    )
    return compute(Method(criteria, "min_max", "saw"), {code: Provenance("unit", "synthetic", "2021") for code in CODES}, candidates, QUOTA)


def _certified(document: dict[str, Any], draws: int, margin: float) -> None:
    spread = FigureSpread("uniform", dict.fromkeys(CODES, margin))
    certify(document, seed=1, draws=draws, weights=WeightSpread("dirichlet", CONCENTRATION), figures=spread)


def _bare(figures: Any, draws: int, margin: float) -> Any:
    random = np.random.default_rng(1)
    weights = random.dirichlet(np.full(CRITERIA, CONCENTRATION / CRITERIA), draws)
    columns = np.ascontiguousarray(figures.T)
    stated = _shares(columns[None])[0]
    times = np.zeros(REGENCIES, int)
    for start in range(0, draws, CHUNK):
        some = weights[start : start + CHUNK]
        if margin:
            drawn = columns * (1 + margin * (2 * random.random((len(some), *columns.shape)) - 1))
            scores = np.matmul(some[:, None, :], _shares(drawn))[:, 0, :]
        else:
            scores = some @ stated
        times += np.bincount(np.argpartition(scores, -QUOTA.areas, axis=1)[:, -QUOTA.areas :].ravel(), minlength=REGENCIES)
    return times / draws


def _shares(columns: Any) -> Any:
    low, high = columns.min(axis=2, keepdims=True), columns.max(axis=2, keepdims=True)
    return np.where(BENEFIT[:, None], columns - low, high - columns) / (high - low)
