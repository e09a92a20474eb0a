"""The same figures and weights by every method: which regions each would choose, and how alike the orders are.

Methods may name different winners, and none is the right one; what all of them choose is beyond their dispute.
Rank correlations: Spearman's rho and Kendall's tau-b of the scores (Kendall 1948, ties in the denominator).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from services.mapping.computation.certificate import constraints_of, method_of
from services.mapping.computation.drawn_selections import DrawnSelections
from services.mapping.computation.errors import RankingError
from services.mapping.computation.ranking import DECIMALS, Aggregation, Floats, Method, Normalisation, rank

METHODS: tuple[tuple[Aggregation, Normalisation], ...] = (
    *(("saw", "min_max"), ("saw", "max"), ("saw", "vector"), ("saw", "rank")),
    *(("wpm", "max"), ("wpm", "vector")),
    *(("topsis", "vector"), ("topsis", "min_max")),
    ("vikor", "min_max"),
    ("promethee", "min_max"),
)
"""Every aggregation with the normalisations that go with it; PROMETHEE looks at the order alone, so that one stands for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One method against the run's own. `refused` says why the figures do not admit it; then there is nothing else."""

    aggregation: Aggregation
    normalisation: Normalisation
    own: bool
    region_codes: tuple[str, ...] = ()
    enters: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    spearman: float | None = None
    kendall: float | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All methods, and how many of them choose each region that any of them chooses, most first."""

    methods: tuple[Compared, ...]
    chosen_by: dict[str, int]

    @property
    def able(self) -> int:
        """How many methods the figures admit."""
        return sum(each.refused is None for each in self.methods)

    @property
    def by_all(self) -> list[str]:
        """Regions that every method chooses."""
        return [code for code, count in self.chosen_by.items() if count == self.able]


def compare(document: Mapping[str, Any]) -> Comparison:
    """Every method on the figures, weights and constraints of a result document, each selecting exactly.

    Raises TooManyCandidates.
    """
    inputs = document["inputs"]
    own = method_of(inputs)
    complete = [candidate for candidate in inputs["candidates"] if None not in candidate["values"]]
    codes = [candidate["region_code"] for candidate in complete]
    matrix = np.array([candidate["values"] for candidate in complete], np.float64)
    selections = DrawnSelections(codes, [candidate["province_code"] for candidate in complete], constraints_of(inputs))
    stated = frozenset(document["result"]["selection"]["region_codes"])
    own_scores = rank(own, codes, matrix).scores
    listed = METHODS if (own.aggregation, own.normalisation) in METHODS else ((own.aggregation, own.normalisation), *METHODS)
    methods = tuple(_compared(_by(own, *each), own, codes, matrix, selections, stated, own_scores) for each in listed)
    counts = {code: sum(code in each.region_codes for each in methods) for code in codes}
    return Comparison(methods=methods, chosen_by={code: counts[code] for code in sorted(codes, key=lambda code: (-counts[code], code)) if counts[code]})


def _by(own: Method, aggregation: Aggregation, normalisation: Normalisation) -> Method:
    """The same criteria and weights by another method."""
    return replace(own, aggregation=aggregation, normalisation=normalisation)


def spearman(one: Floats, other: Floats) -> float | None:
    """Rank correlation of two scores of the same regions (n,); None where one of them is the same everywhere."""
    return _correlation(_mean_ranks(one), _mean_ranks(other))


def kendall(one: Floats, other: Floats) -> float | None:
    """Kendall's tau-b of two scores of the same regions (n,); None where one of them is the same everywhere. Needs n x n numbers."""
    signs = [np.sign(scores[:, None] - scores[None, :]).astype(np.int8) for scores in (one, other)]
    concordant = int((signs[0] * signs[1]).sum(dtype=np.int64))
    told = [int(np.count_nonzero(each)) for each in signs]
    return None if 0 in told else round(concordant / math.sqrt(told[0] * told[1]), DECIMALS)


def _mean_ranks(scores: Floats) -> Floats:
    """Ranks from 1, equal scores sharing the mean of theirs."""
    order = np.sort(scores)
    ranks: Floats = (np.searchsorted(order, scores, "left") + np.searchsorted(order, scores, "right") + 1) / 2
    return ranks


def _correlation(one: Floats, other: Floats) -> float | None:
    a, b = one - one.mean(), other - other.mean()
    spread = math.sqrt(float((a * a).sum() * (b * b).sum()))
    return None if spread == 0 else round(float((a * b).sum()) / spread, DECIMALS)


def _compared(
    method: Method, own: Method, codes: list[str], matrix: Floats, selections: DrawnSelections, stated: frozenset[str], own_scores: npt.NDArray[np.float64]
) -> Compared:
    is_own = (method.aggregation, method.normalisation) == (own.aggregation, own.normalisation)
    try:
        scores = rank(method, codes, matrix).scores
    except RankingError as error:
        return Compared(aggregation=method.aggregation, normalisation=method.normalisation, own=is_own, refused=error.code)
    points = np.rint(scores * 10.0**DECIMALS).astype(np.int64)
    chosen = [codes[row] for row in selections.select(points[None, :])[0].tolist()]
    by_score = sorted(chosen, key=lambda code: (-points[codes.index(code)], code))
    return Compared(
        aggregation=method.aggregation,
        normalisation=method.normalisation,
        own=is_own,
        region_codes=tuple(by_score),
        enters=tuple(code for code in by_score if code not in stated),
        leaves=tuple(sorted(stated - set(chosen))),
        spearman=spearman(own_scores, scores),
        kendall=kendall(own_scores, scores),
    )
