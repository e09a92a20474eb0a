"""PROMETHEE II (Brans & Vincke, "A preference ranking organisation method", *Management Science* 31, 1985).

Every region is compared with every other, criterion by criterion. With the *usual* preference function the better of two wins the
criterion whole, by however little, and neither wins a tie. The net flow of a region is then a count of wins less losses, which
ranks alone give.
"""

import numpy as np

from services.mapping.computation.sums import Floats, row_sums, shares_beaten


def net_flows(normalised: Floats, weights: Floats) -> Floats:
    """The net flow (n,), -1 to 1: weighted wins less losses against the n - 1 others. ``normalised`` is n x m, more is better."""
    _, scores = outranking(normalised, weights)
    return 2 * scores - 1


def outranking(normalised: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Contributions (n x m) and scores (n,), the net flow scaled to 0..1; ``weights`` (m,) sum to 1.

    A contribution is the criterion's weight times the share of the other regions that this one beats in it, a tie counting half.
    They add up to the score, (net flow + 1) / 2: 1 beats every other region in everything, 0.5 wins as often as it loses.
    """
    contributions = np.column_stack([shares_beaten(column) for column in normalised.T]) * weights
    return contributions, row_sums(contributions)
