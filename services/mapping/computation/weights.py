"""Weights of criteria: judged in pairs (AHP), read off the figures (entropy, CRITIC), or given in a tree; as decimals that sum to 1.

AHP follows Saaty, *The Analytic Hierarchy Process* (1980). Entropy follows Shannon as used by Hwang & Yoon (1981). CRITIC follows
Diakoulaki, Mavrotas & Papayannakis, "Determining objective weights in multiple criteria problems", *Computers & Operations
Research* 22 (1995). Weights of figures say where regions differ, not what matters; whoever uses them has to say why.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from services.mapping.computation.errors import (
    ConstantCriterion,
    DuplicateCode,
    InconsistentJudgements,
    InvalidWeights,
    MissingJudgement,
    MissingValues,
    NegativeValue,
    NoContrast,
    NotPositive,
    NotReciprocal,
    NotSquare,
    ShapeMismatch,
    TooFewRegions,
    TooManyJudgements,
    UnknownChoice,
    UnusableValue,
)
from services.mapping.computation.ranking import DECIMALS, LARGEST_VALUE, Direction, Floats

PLACES = 6
"""Decimals of a weight as a model keeps it."""

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""Mean consistency index of random judgements of 1, 2, ... 15 criteria (Saaty 1980, p. 21)."""

CONSISTENCY_LIMIT = 0.10
"""Consistency ratio up to which judgements are accepted (Saaty 1980)."""

ROUNDING = 0.005
"""The smaller judgement of a pair may be the reciprocal of the larger rounded to two decimals, such as 0.33 for 1/3."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Weights (n,) of n criteria from judgements in pairs, and how consistent these are."""

    weights: Floats
    lambda_max: float
    consistency_index: float
    consistency_ratio: float


def ahp(judgements: Floats, *, waived: bool = False) -> Judged:
    """Weigh n criteria; ``judgements[i, j]`` (n x n) says how many times as much criterion i matters as criterion j.

    The weights are the principal eigenvector. Of each pair the larger judgement counts; the other may be its reciprocal rounded
    to two decimals. ``waived`` accepts a consistency ratio above 0.10. Raises NotSquare, TooManyJudgements, MissingJudgement,
    NotPositive, NotReciprocal or InconsistentJudgements.
    """
    exact = _reciprocal(judgements)
    n = len(exact)
    values, vectors = np.linalg.eig(exact)
    principal = int(np.argmax(values.real))
    vector = np.abs(vectors[:, principal].real)
    lambda_max = float(values[principal].real)
    # A matrix of n criteria that is consistent has n; rounding may leave a little less.
    index = max(0.0, (lambda_max - n) / (n - 1)) if n > 2 else 0.0
    ratio = index / RANDOM_INDEX[n - 1] if n > 2 else 0.0
    # Rounded, so that a ratio of exactly 0.10 is not refused for its sixteenth decimal.
    if round(ratio, DECIMALS) > CONSISTENCY_LIMIT and not waived:
        raise InconsistentJudgements(ratio, CONSISTENCY_LIMIT)
    return Judged(_settled(vector / math.fsum(vector)), round(lambda_max, DECIMALS), round(index, DECIMALS), round(ratio, DECIMALS))


def entropy(criterion_codes: Sequence[str], matrix: Floats) -> Floats:
    """Weights (m,) by how unevenly each criterion is spread; ``matrix`` is n regions by m criteria, none below 0.

    With p the share of a region in its column's sum, entropy is -(1 / ln n) x the sum of p ln p, and the weight is proportional to
    1 - entropy. Raises ShapeMismatch, MissingValues, TooFewRegions, UnusableValue, ConstantCriterion or NegativeValue.
    """
    _require_usable(criterion_codes, matrix)
    if (matrix < 0).any():
        row, column = np.argwhere(matrix < 0)[0].tolist()
        raise NegativeValue(f"{criterion_codes[column]} is {matrix[row, column]:g} in row {row + 1}; leave it out or use CRITIC.")
    # Parts of the largest figure first: a sum of tiny figures must not come out as 0.
    scaled = matrix / matrix.max(axis=0)
    shares = scaled / _column_sums(scaled)
    logarithms = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    contrast = 1 + _column_sums(shares * logarithms) / math.log(len(matrix))
    for code, one in zip(criterion_codes, contrast.tolist(), strict=True):
        if one <= 10.0**-DECIMALS:
            raise ConstantCriterion(f"{code} is all but the same everywhere, its entropy is 1; leave it out.")
    return _settled(contrast / math.fsum(contrast))


def critic(criterion_codes: Sequence[str], directions: Sequence[Direction], matrix: Floats) -> Floats:
    """Weights (m,) by contrast and conflict; ``matrix`` is n regions by m criteria, ``directions`` has one entry a criterion.

    Figures are put on 0 (worst) to 1 (best); the weight is proportional to the standard deviation x the sum of (1 - correlation)
    with each criterion. Raises ShapeMismatch, UnknownChoice, MissingValues, TooFewRegions, UnusableValue, ConstantCriterion, or
    NoContrast where all criteria are perfectly correlated.
    """
    _require_usable(criterion_codes, matrix)
    if len(directions) != len(criterion_codes):
        raise ShapeMismatch(f"There are {len(directions)} directions for {len(criterion_codes)} criteria; give each its own.")
    if unknown := sorted(set(directions) - {"benefit", "cost"}):
        raise UnknownChoice(f"There is no direction {unknown[0]!r}; choose one of benefit, cost.")
    if len(criterion_codes) == 1:
        return _settled(np.ones(1))
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    share = (matrix - low) / (high - low)
    share = np.where(np.array([direction == "cost" for direction in directions]), 1 - share, share)
    deviation = share - _column_sums(share) / len(share)
    spread = np.sqrt(_column_sums(deviation * deviation))
    standard = deviation / spread
    conflict = np.maximum(0, 1 - standard.T @ standard).sum(axis=1)
    if conflict.max() <= 10.0**-DECIMALS * len(conflict):
        raise NoContrast(f"{', '.join(criterion_codes)} are perfectly correlated; use one of them or set the weights yourself.")
    information = spread * conflict
    return _settled(information / math.fsum(information))


def whole(weights: Sequence[float | Decimal | Fraction]) -> tuple[Decimal, ...]:
    """The weights with 6 decimals and a sum of exactly 1: each is cut off, the largest remainders get what is left, the first of equals.

    Raises InvalidWeights unless all are above 0, sum to 1 within a millionth, and none comes out as 0.
    """
    if not all(math.isfinite(weight) and weight > 0 for weight in weights):
        raise InvalidWeights("Each weight must be a number above 0; leave out a criterion that weighs nothing.")
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact, Fraction(0))
    if abs(total - 1) > Fraction(1, 10**PLACES):
        raise InvalidWeights(f"The weights sum to {float(total):.9g}; change them until they sum to 1.")
    parts = [weight / total * 10**PLACES for weight in exact]
    units = [math.floor(part) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: (units[place] - parts[place], place))
    for place in by_remainder[: 10**PLACES - sum(units)]:
        units[place] += 1
    if 0 in units:
        raise InvalidWeights(f"Weight {units.index(0) + 1} is below a millionth; leave its criterion out.")
    return tuple(Decimal(unit).scaleb(-PLACES) for unit in units)


@dataclass(frozen=True)
class Branch:
    """A criterion, or a group of them with ``children``; ``weight`` is its share of the group it stands in."""

    code: str
    weight: Decimal
    children: tuple["Branch", ...] = ()


def share(tree: Sequence[Branch]) -> dict[str, Fraction]:
    """The share of each criterion (leaf) in the whole, in the order of the tree: the product of the weights along its path, exactly.

    The shares sum to exactly 1; `whole` makes decimals of them. Raises InvalidWeights where a weight is not above 0 or those of one
    group do not sum to exactly 1, DuplicateCode where a code occurs twice.
    """
    branches = list(_walk("the tree", tree, Fraction(1)))
    if repeated := sorted(code for code, times in Counter(branch.code for branch, _ in branches).items() if times > 1):
        raise DuplicateCode(f"The criterion {', '.join(repeated)} is given more than once; give it once.")
    return {branch.code: product for branch, product in branches if not branch.children}


def _walk(group: str, branches: Sequence[Branch], above: Fraction) -> Iterator[tuple[Branch, Fraction]]:
    """Every branch below a group, with the product of the weights down to it."""
    for branch in branches:
        if not (branch.weight.is_finite() and branch.weight > 0):
            raise InvalidWeights(f"{branch.code} weighs {branch.weight}; give it a weight above 0 or leave it out.")
    # Fractions, because Decimal sums and products are themselves rounded to 28 digits.
    if sum(Fraction(branch.weight) for branch in branches) != 1:
        total = sum(branch.weight for branch in branches)
        raise InvalidWeights(f"The weights within {group} sum to {total}; change them until they sum to exactly 1.")
    for branch in branches:
        product = above * Fraction(branch.weight)
        yield branch, product
        if branch.children:
            yield from _walk(branch.code, branch.children, product)


def _reciprocal(judgements: Floats) -> Floats:
    """The judgements with the smaller of each pair as the exact reciprocal of the larger."""
    if judgements.ndim != 2 or judgements.shape[0] != judgements.shape[1] or not judgements.size:
        raise NotSquare(f"The judgements are {judgements.shape}; give one row and one column for each criterion.")
    n = len(judgements)
    if n > len(RANDOM_INDEX):
        raise TooManyJudgements(f"{n} criteria are compared, more than {len(RANDOM_INDEX)}; group them in a tree.")
    for place in np.argwhere(np.isnan(judgements)).tolist()[:1]:
        raise MissingJudgement(f"Judgement {_pair(*place)} is missing; fill it in.")
    for row, column in np.argwhere(~((judgements > 0) & np.isfinite(judgements))).tolist()[:1]:
        raise NotPositive(f"Judgement {_pair(row, column)} is {judgements[row, column]:g}; give a number above 0, from 1/9 to 9.")
    larger = np.maximum(judgements, judgements.T)
    smaller = np.minimum(judgements, judgements.T)
    tolerated = np.minimum(ROUNDING, 0.05 / larger) + 10.0**-DECIMALS
    np.fill_diagonal(tolerated, 10.0**-DECIMALS)
    for row, column in np.argwhere(np.abs(smaller - 1 / larger) > tolerated).tolist()[:1]:
        there, back = judgements[row, column], judgements[column, row]
        raise NotReciprocal(f"Judgement {_pair(row, column)} is {there:g}, {_pair(column, row)} is {back:g}; make one 1 divided by the other.")
    exact: Floats = np.select([judgements > judgements.T, judgements < judgements.T], [larger, 1 / larger], default=1.0)
    return exact


def _pair(row: int, column: int) -> str:
    return f"{row + 1} over {column + 1}"


def _require_usable(criterion_codes: Sequence[str], matrix: Floats) -> None:
    if matrix.ndim != 2 or matrix.shape[1] != len(criterion_codes) or not criterion_codes:
        raise ShapeMismatch(f"The matrix is {matrix.shape} for {len(criterion_codes)} criteria; give one row a region and one column a criterion.")
    for row, column in np.argwhere(np.isnan(matrix)).tolist()[:1]:
        raise MissingValues(f"{criterion_codes[column]} is missing in row {row + 1}; supply it or leave the region out.")
    if len(matrix) < 2:
        raise TooFewRegions(f"{len(matrix)} region has all figures; weights of figures need at least 2.")
    for code, figures in zip(criterion_codes, matrix.T, strict=True):
        largest = float(np.abs(figures).max())
        if largest > LARGEST_VALUE:
            raise UnusableValue(f"A figure of {code} is beyond ±{LARGEST_VALUE:g}; check the figure and its unit.")
        if float(np.ptp(figures)) <= largest * 10.0**-DECIMALS:
            raise ConstantCriterion(f"{code} is {figures[0]:g} everywhere and cannot tell regions apart; leave it out.")


def _column_sums(terms: Floats) -> Floats:
    # fsum rounds once, so that the order of the regions does not matter.
    return np.array([math.fsum(column) for column in terms.T])


def _settled(weights: Floats) -> Floats:
    settled: Floats = np.round(weights, DECIMALS)
    settled.flags.writeable = False
    return settled
