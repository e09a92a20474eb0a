"""Weights and figures as they might have been: seeded draws, and the score of every region in each of them.

Weights vary around the stated ones by a Dirichlet law or within a share of each; figures by an error of their own within the
margin of their criterion. All draws come from the raw bits of PCG64 (O'Neill, 2014), one stream for weights and one for figures, in the
order of the draws: how many are computed at a time changes nothing. Scores follow `ranking`, for many draws at once.
"""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from services.mapping.computation.compromise import SMALLEST_SPREAD, V
from services.mapping.computation.errors import InvalidSpread
from services.mapping.computation.ranking import DECIMALS, Criterion, Floats, Method, normalise
from services.mapping.computation.sums import shares_beaten

WeightLaw = Literal["stated", "dirichlet", "uniform"]
FigureLaw = Literal["uniform", "normal"]
Levels = npt.NDArray[np.uint16]

LEVELS = 1 << 16
"""An error takes one of so many equally likely values within its margin: four of them from one number of 64 bits."""

BLOCK = 64
"""Draws scored at a time: what so many need stays in the processor's own memory."""


@dataclass(frozen=True)
class WeightSpread:
    """How weights vary: not at all (``stated``), or by a law whose ``size`` says how much, always with a sum of 1.

    ``dirichlet``: around the stated weights with that concentration, so that weight w has the variance w (1 - w) / (size + 1).
    ``uniform``: each weight times 1 plus or minus at most that share of itself. Raises InvalidSpread.
    """

    law: WeightLaw = "stated"
    size: float = 0.0

    def __post_init__(self) -> None:
        sound = {"stated": self.size == 0, "dirichlet": 1 <= self.size <= 1e6, "uniform": 0 <= self.size < 1}
        if not sound.get(self.law, False):
            raise InvalidSpread(f"Weights cannot vary by {self.law} {self.size:g}; give stated 0, dirichlet 1 to 1,000,000, or uniform 0 to below 1.")


@dataclass(frozen=True)
class FigureSpread:
    """How figures vary: each times 1 plus an error of its own, at most the margin of its criterion, a share such as 0.05.

    ``uniform``: every error within the margin is equally likely. ``normal``: half the margin is the standard deviation, and the
    law is cut at the margin. ``margins`` are by criterion code; a criterion without one keeps its figures. Raises InvalidSpread.
    """

    law: FigureLaw
    margins: Mapping[str, float]

    def __post_init__(self) -> None:
        if self.law not in ("uniform", "normal"):
            raise InvalidSpread(f"There is no law {self.law!r} for figures; choose uniform or normal.")
        for code, margin in self.margins.items():
            if not 0 <= margin < 1:
                raise InvalidSpread(f"The margin of {code} is {margin:g}; give a share from 0 to below 1, such as 0.05.")


def drawn_weights(weights: Floats, spread: WeightSpread, draws: int, stream: np.random.SeedSequence) -> Floats:
    """So many rows of weights (draws x m), each with a sum of 1; ``weights`` (m,) are those stated."""
    if spread.law == "stated" or spread.size == 0:
        return np.tile(weights, (draws, 1))
    source = np.random.Generator(np.random.PCG64(stream))
    if spread.law == "dirichlet":
        drawn = source.standard_gamma(np.tile(weights * spread.size, (draws, 1)))
        # All of a row can only be 0 where the concentration is close to 1 and a weight is tiny; then nothing was drawn.
        drawn = np.where(drawn.sum(axis=1, keepdims=True) > 0, drawn, weights)
    else:
        drawn = weights * (1 + spread.size * (2 * source.random((draws, len(weights))) - 1))
    settled: Floats = np.round(drawn / np.add.accumulate(drawn, axis=1)[:, -1:], DECIMALS)
    return settled


class Draws:
    """Scores in points (1e-12) of n regions in one draw after the other.

    ``matrix`` (n x m) holds the stated figures, all there. Raises InvalidSpread for a margin of no criterion, or what
    `ranking.normalise` raises.
    """

    def __init__(self, method: Method, codes: Sequence[str], matrix: Floats, weights: WeightSpread, figures: FigureSpread, seed: int, draws: int) -> None:
        if unknown := sorted(set(figures.margins) - {criterion.code for criterion in method.criteria}):
            raise InvalidSpread(f"A margin is given for {', '.join(unknown)}, which is no criterion of the method.")
        for_weights, self._for_figures = np.random.SeedSequence(seed).spawn(2)
        stated = np.array([float(criterion.weight) for criterion in method.criteria])
        self._weights = drawn_weights(stated, weights, draws, for_weights)
        self._method, self._law = method, figures.law
        self._margins = [float(figures.margins.get(criterion.code, 0.0)) for criterion in method.criteria]
        self._figures = np.ascontiguousarray(matrix.T)
        self._stated = [prepared(self._method, column[None, :]) for column in normalise(method, codes, matrix).T]

    def chunks(self, size: int) -> Iterator[npt.NDArray[np.int64]]:
        """Points of so many draws at a time (c x n); the last may be fewer."""
        source = np.random.PCG64(self._for_figures)
        for start in range(0, len(self._weights), size):
            weights = self._weights[start : start + size]
            points = np.empty((len(weights), self._figures.shape[1]), np.int64)
            for first in range(0, len(weights), BLOCK):
                scores = scores_of(self._method, self._columns(source, len(weights[first : first + BLOCK])), weights[first : first + BLOCK])
                scores *= 10.0**DECIMALS
                points[first : first + BLOCK] = np.rint(scores, out=scores)
            yield points

    def _columns(self, source: np.random.PCG64, draws: int) -> list[Floats]:
        """Every criterion in the next draws: one row where it is as stated, or one a draw."""
        varied = [column for column, margin in enumerate(self._margins) if margin > 0]
        regions = self._figures.shape[1]
        words = -(-regions // 4)
        columns = list(self._stated)
        if varied:
            raw = source.random_raw(draws * len(varied) * words)
            levels = raw.astype("<u8", copy=False).view("<u2").reshape(draws, len(varied), words * 4)
            for place, column in enumerate(varied):
                columns[column] = prepared(self._method, self._varied(column, levels[:, place, :regions]))
        return columns

    def _varied(self, column: int, levels: Levels) -> Floats:
        """One criterion in c draws, normalised (c x n)."""
        factor = errors_of(self._law, levels)
        factor *= self._margins[column]
        factor += 1
        factor *= self._figures[column]
        return normalised(self._method, self._method.criteria[column], factor)


def prepared(method: Method, column: Floats) -> Floats:
    """What the aggregation takes of a normalised criterion before it is weighed (c x n)."""
    match method.aggregation:
        case "promethee":
            return _shares_beaten(column)
        case "vikor":
            best = column.max(axis=1, keepdims=True)
            return _share(best - column, best - column.min(axis=1, keepdims=True))
        case _:
            return column


def scores_of(method: Method, columns: Sequence[Floats], weights: Floats) -> Floats:
    """Scores of n regions in c draws (c x n) by `prepared` criteria (c x n, or 1 x n where all draws share it) and weights (c x m)."""
    parts = ((column, weights[:, place, None]) for place, column in enumerate(columns))
    match method.aggregation:
        case "saw" | "promethee":
            column, weight = next(parts)
            total: Floats = column * weight
            term = np.empty_like(total)
            for column, weight in parts:
                total += np.multiply(column, weight, out=term)
            return total
        case "wpm":
            product: Floats = functools.reduce(np.multiply, (column**weight for column, weight in parts))
            return product
        case "topsis":
            weighed = [column * weight for column, weight in parts]
            to_worst: Floats = np.sqrt(_total((each - each.min(axis=1, keepdims=True)) ** 2 for each in weighed))
            to_ideal: Floats = np.sqrt(_total((each.max(axis=1, keepdims=True) - each) ** 2 for each in weighed))
            return _share(to_worst, to_worst + to_ideal)
        case "vikor":
            lost = [column * weight for column, weight in parts]
            r: Floats = functools.reduce(np.maximum, lost)
            s = _total(iter(lost))
            kept: Floats = 1 - (V * _from_best(s) + (1 - V) * _from_best(r))
            return kept


def errors_of(law: FigureLaw, levels: Levels) -> Floats:
    """The error of each level in parts of the margin, between -1 and 1; level k of 65,536 stands for the middle of its share."""
    if law == "normal":
        return _normal_errors()[levels]
    errors: Floats = np.multiply(levels, 2.0 / LEVELS, dtype=np.float64)
    errors += 1.0 / LEVELS - 1.0
    return errors


@functools.cache
def _normal_errors() -> Floats:
    """Normal with a standard deviation of half the margin, cut at the margin."""
    law = NormalDist()
    below, inside = law.cdf(-2), law.cdf(2) - law.cdf(-2)
    errors: Floats = np.array([round(law.inv_cdf(below + inside * (level + 0.5) / LEVELS) / 2, DECIMALS) for level in range(LEVELS)])
    errors.flags.writeable = False
    return errors


def normalised(method: Method, criterion: Criterion, figures: Floats) -> Floats:
    """One criterion in c draws (c x n), each draw by itself as `ranking.normalise` would; all 0 where a draw made all figures equal."""
    benefit = criterion.direction == "benefit"
    low, high = figures.min(axis=1, keepdims=True), figures.max(axis=1, keepdims=True)
    match method.normalisation:
        case "min_max":
            return _share(figures - low if benefit else high - figures, high - low)
        case "max":
            parts: Floats = figures / high if benefit else low / figures
            return parts
        case "vector":
            scaled = figures / np.maximum(np.abs(low), np.abs(high))
            shares: Floats = scaled / np.sqrt(np.add.accumulate(scaled * scaled, axis=1)[:, -1:])
            return shares if benefit else 1 - shares
        case "rank":
            return _shares_beaten(figures if benefit else -figures)


def _shares_beaten(figures: Floats) -> Floats:
    return np.array([shares_beaten(row) for row in figures])


def _total(terms: Iterator[Floats]) -> Floats:
    """The sum from left to right, as `sums.row_sums` adds; the first of the terms becomes it."""
    total = next(terms)
    for term in terms:
        total += term
    return total


def _share(part: Floats, whole: Floats) -> Floats:
    """Part / whole, 0 where the whole is 0."""
    share: Floats = part / np.where(whole > 0, whole, math.inf)
    return share


def _from_best(loss: Floats) -> Floats:
    least = loss.min(axis=1, keepdims=True)
    spread = loss.max(axis=1, keepdims=True) - least
    return _share(loss - least, np.where(spread > SMALLEST_SPREAD, spread, 0))
