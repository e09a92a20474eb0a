"""How far a selection agrees with a reference list, and what single criteria would have named.

Inclusion and exclusion error are those of the targeting literature: of what was chosen the share that should not have been, and of
what should have been chosen the share that was not. Their denominators differ and are stated with them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import numpy as np

from services.mapping.computation.ranking import Criterion, Floats, Method, rank
from services.mapping.computation.selection import Quota, select

Rule = Literal["rate_alone", "number_alone", "product", "both"]
RULES: tuple[Rule, ...] = ("rate_alone", "number_alone", "product", "both")

BOTH = Method(
    (
        Criterion("poverty_rate", Decimal("0.5"), "benefit", "poverty"),
        Criterion("number_of_poor", Decimal("0.5"), "benefit", "poverty"),
    ),
    "min_max",
    "saw",
)
"""Rate and number of poor with equal weight."""


@dataclass(frozen=True)
class Overlap:
    """A selection against a reference list, all codes sorted."""

    both: tuple[str, ...]
    only_selected: tuple[str, ...]
    only_listed: tuple[str, ...]

    @property
    def selected_count(self) -> int:
        """The denominator of the inclusion error."""
        return len(self.both) + len(self.only_selected)

    @property
    def listed_count(self) -> int:
        """The denominator of the exclusion error."""
        return len(self.both) + len(self.only_listed)

    @property
    def inclusion_error(self) -> Fraction | None:
        """Selected although not on the list, of all selected; None where nothing is."""
        return Fraction(len(self.only_selected), self.selected_count) if self.selected_count else None

    @property
    def exclusion_error(self) -> Fraction | None:
        """On the list but not selected, of the whole list; None where it is empty."""
        return Fraction(len(self.only_listed), self.listed_count) if self.listed_count else None


@dataclass(frozen=True)
class Trial:
    """What one rule names: free to choose any provinces, and confined to those of the list."""

    free: Overlap
    free_provinces: tuple[str, ...]
    confined: Overlap


def overlap(selected: Collection[str], listed: Collection[str]) -> Overlap:
    """Compare a selection with a reference list; a code given twice counts once."""
    chosen, named = set(selected), set(listed)
    return Overlap(tuple(sorted(chosen & named)), tuple(sorted(chosen - named)), tuple(sorted(named - chosen)))


def backtest(
    rates: Mapping[str, float], numbers: Mapping[str, float], province_of: Mapping[str, str], quota: Quota, listed: Collection[str]
) -> dict[Rule, Trial]:
    """What the poverty rate alone, the number of poor alone, their product and `BOTH` would have named, against a reference list.

    ``rates`` in percent and ``numbers`` in persons, by region code; both name the same regions. Confined to the provinces of the
    list, every score is taken among the candidates of all provinces. Raises a RankingError or a SelectionError.
    """
    codes = sorted(rates)
    rate = np.array([rates[code] for code in codes])
    number = np.array([numbers[code] for code in codes])
    scores: dict[Rule, Floats] = {
        "rate_alone": rate,
        "number_alone": number,
        "product": rate * number,
        "both": rank(BOTH, codes, np.column_stack([rate, number])).scores,
    }
    confined = {province_of[code] for code in listed}
    return {rule: _trial(codes, scores[rule], province_of, quota, listed, confined) for rule in RULES}


def _trial(codes: Sequence[str], scores: Floats, province_of: Mapping[str, str], quota: Quota, listed: Collection[str], confined: Collection[str]) -> Trial:
    provinces = [province_of[code] for code in codes]
    free = select(scores.tolist(), codes, provinces, quota)
    inside = [row for row, province in enumerate(provinces) if province in confined]
    held = select(scores[inside].tolist(), [codes[row] for row in inside], [provinces[row] for row in inside], quota)
    return Trial(overlap(free.region_codes, listed), free.province_codes, overlap(held.region_codes, listed))
