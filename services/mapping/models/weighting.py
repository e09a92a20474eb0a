"""How a model's weights came about: given, a tree of criteria whose groups are judged in pairs (AHP) or given, or read off the figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import numpy as np

from services.mapping.computation.ranking import Direction, Floats
from services.mapping.computation.weights import Branch, ahp, critic, entropy, share, whole
from services.mapping.models.state import SharesOrJudgements, TreeDoesNotMatch

WeightingKind = Literal["given", "tree", "entropy", "critic"]
ROOT = "(root)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A criterion (leaf), or a group with members in ``children``.

    The members' shares of a group come from its ``judgements``, row by row in their order ("3", "1/3", "0.33"), or from each
    member's ``share``. ``waiver_reason`` accepts judgements whose consistency ratio is above 0.10.
    """

    code: str
    share: Decimal | None = None
    children: list["Node"] = field(default_factory=list)
    judgements: list[list[str]] | None = None
    waiver_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """How consistent the judgements of one group are (Saaty 1980)."""

    group_code: str
    lambda_max: float
    consistency_index: float
    consistency_ratio: float
    waiver_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """How weights came about: the kind, its tree, or the periods of the figures that they were read off, and the consistency of judgements."""

    kind: WeightingKind = "given"
    tree: Node | None = None
    periods: dict[str, str] = field(default_factory=dict)
    region_count: int | None = None
    consistency: list[Consistency] = field(default_factory=list)


def by_tree(root: Node, criterion_codes: Sequence[str]) -> tuple[dict[str, Decimal], list[Consistency]]:
    """Weights by criterion and the consistency of each judged group.

    Raises TreeDoesNotMatch, SharesOrJudgements, or what `weights.ahp`, `weights.share` and `weights.whole` raise.
    """
    leaves = [node.code for node in _leaves(root)]
    missing, unknown = sorted(set(criterion_codes) - set(leaves)), sorted(set(leaves) - set(criterion_codes))
    if missing or unknown:
        raise TreeDoesNotMatch(missing_codes=missing, unknown_codes=unknown)
    said: list[Consistency] = []
    found = share(_branches(root, said))
    weights = whole([found[code] for code in criterion_codes])
    return dict(zip(criterion_codes, weights, strict=True)), said


def by_figures(kind: Literal["entropy", "critic"], criterion_codes: Sequence[str], directions: Mapping[str, Direction], matrix: Floats) -> dict[str, Decimal]:
    """Weights by criterion, read off complete figures (n regions x m criteria). Raises what `weights.entropy` or `weights.critic` raise."""
    found = entropy(criterion_codes, matrix) if kind == "entropy" else critic(criterion_codes, [directions[code] for code in criterion_codes], matrix)
    return dict(zip(criterion_codes, whole(found.tolist()), strict=True))


def _leaves(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.children:
            yield from _leaves(child)
        else:
            yield child


def _branches(group: Node, said: list[Consistency]) -> tuple[Branch, ...]:
    """The members of a group with their shares of it; what was judged is said."""
    given = [child.share for child in group.children]
    if (group.judgements is None) == (None in given) or (group.judgements is not None and any(each is not None for each in given)):
        raise SharesOrJudgements(group_code=group.code)
    shares: Sequence[Decimal] = [each for each in given if each is not None]
    if group.judgements is not None:
        judged = ahp(_matrix(group.judgements), waived=group.waiver_reason is not None)
        shares = whole(judged.weights.tolist())
        said.append(
            Consistency(
                group_code=group.code,
                lambda_max=judged.lambda_max,
                consistency_index=judged.consistency_index,
                consistency_ratio=judged.consistency_ratio,
                waiver_reason=group.waiver_reason,
            )
        )
    if len(shares) != len(group.children):
        raise SharesOrJudgements(group_code=group.code)
    return tuple(Branch(child.code, each, _branches(child, said) if child.children else ()) for child, each in zip(group.children, shares, strict=True))


def _matrix(judgements: Sequence[Sequence[str]]) -> Floats:
    width = max((len(row) for row in judgements), default=0)
    # A short row lacks judgements; `ahp` says which.
    return np.array([[*(float(Fraction(each)) for each in row), *[np.nan] * (width - len(row))] for row in judgements], np.float64)
