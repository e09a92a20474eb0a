"""Classes of a choropleth: breaks between figures, by quantiles or by Jenks' natural breaks."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal

import numpy as np

Classing = Literal["quantile", "jenks"]


def upper_bounds(values: Sequence[float], classes: int, classing: Classing) -> list[float]:
    """The largest figure of each class, ascending; fewer than `classes` where there are fewer distinct figures.

    Quantiles put about equally many regions into each class (Hyndman and Fan's type 1, an observed figure); natural breaks
    minimise the spread inside classes (Jenks 1967; Fisher 1958).
    """
    ordered = sorted(values)
    distinct = sorted(set(ordered))
    if len(distinct) <= classes:
        return distinct
    if classing == "jenks":
        import jenkspy  # costs a start of every service a moment

        return [float(bound) for bound in jenkspy.jenks_breaks(ordered, n_classes=classes)[1:]]
    return sorted({float(bound) for bound in np.quantile(ordered, [(n + 1) / classes for n in range(classes)], method="inverted_cdf")})


def class_of(value: float, bounds: Sequence[float]) -> int:
    """Which class a figure falls into, from 1."""
    return min(bisect_left(bounds, value), len(bounds) - 1) + 1
