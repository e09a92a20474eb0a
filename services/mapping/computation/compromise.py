"""VIKOR (Opricovic & Tzeng, "Compromise solution by MCDM methods", *European Journal of Operational Research* 156, 2004).

A compromise between the many and the one: a region should lose little in all criteria together (S) and not too much in any single
one (R). Their notation is kept: S, R and Q are losses, so less is better.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.mapping.computation.sums import Floats, row_sums

V = 0.5
"""Weight of S in Q, the rest being that of R: consensus, as the authors use it."""

SMALLEST_SPREAD = 1e-12
"""Losses that lie closer together are equal; the difference is what rounding left."""


@dataclass(frozen=True, eq=False)
class Compromise:
    """Losses of n regions, all of length n: ``s`` in all criteria, ``r`` in the worst one, ``q`` the two as one from 0 to 1."""

    s: Floats
    r: Floats
    q: Floats


@dataclass(frozen=True)
class Acceptance:
    """Whether the best region by Q may stand alone, and the regions that have to be proposed together if not.

    ``advantage`` (C1): Q of the second exceeds Q of the first by at least 1 / (n - 1). ``stability`` (C2): the first is also best
    by S or by R. ``proposed`` is in order of Q: the first alone if both hold, the first two if only C2 fails, and if C1 fails
    all whose Q is less than 1 / (n - 1) away from the first.
    """

    advantage: bool
    stability: bool
    proposed: tuple[str, ...]


def losses(normalised: Floats, weights: Floats) -> Compromise:
    """S, R and Q of n regions by m criteria; ``normalised`` (n x m) is better when larger, ``weights`` (m,) sum to 1.

    A loss is the weight times the distance from the best figure, in parts of the distance from best to worst. Where all regions
    have the same S, or the same R, that part of Q is 0.
    """
    weighted = _lost(normalised) * weights
    s, r = row_sums(weighted), weighted.max(axis=1)
    return Compromise(s, r, V * _from_best(s) + (1 - V) * _from_best(r))


def compromise(normalised: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Contributions (n x m) and scores (n,); a score is 1 - Q, so that more is better.

    A contribution is the part of the score that stems from a criterion: the score split by the weighted distance from the worst
    figure, by weight for a region that is worst in everything. They add up to the score.
    """
    scores = 1 - losses(normalised, weights).q
    gained = (1 - _lost(normalised)) * weights
    gain = row_sums(gained)[:, None]
    share = np.divide(gained, gain, out=np.tile(weights, (len(scores), 1)), where=gain > 0)
    return scores[:, None] * share, scores


def acceptance(region_codes: Sequence[str], of: Compromise) -> Acceptance:
    """Check both conditions of acceptance for at least 2 regions; regions with the same Q stand in order of their codes."""
    s, r, q = (np.round(loss, 12) for loss in (of.s, of.r, of.q))
    order = np.lexsort((np.array(region_codes), q))
    first = order[0]
    # Rounded again: a difference of exactly 1 / (n - 1) is enough.
    behind = np.round(q[order] - q[first], 11)
    needed = round(1 / (len(q) - 1), 11)
    advantage = bool(behind[1] >= needed)
    stability = bool(s[first] == s.min() or r[first] == r.min())
    alone_or_both = order[:1] if stability else order[:2]
    proposed = alone_or_both if advantage else order[behind < needed]
    return Acceptance(advantage, stability, tuple(region_codes[row] for row in proposed.tolist()))


def _lost(normalised: Floats) -> Floats:
    """Distance from the best figure of each column in parts of its span, 0 to 1; 0 where a column does not vary."""
    best = normalised.max(axis=0)
    span = best - normalised.min(axis=0)
    lost: Floats = np.divide(best - normalised, span, out=np.zeros_like(normalised), where=span > 0)
    return lost


def _from_best(loss: Floats) -> Floats:
    least, spread = float(loss.min()), float(np.ptp(loss))
    return np.zeros_like(loss) if spread <= SMALLEST_SPREAD else (loss - least) / spread
