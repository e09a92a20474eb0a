"""Measures of poverty and of local potential: pure functions of figures, with the publication that each follows."""

from decimal import Decimal
from fractions import Fraction
from numbers import Integral

import numpy as np
import numpy.typing as npt

from services.mapping.measures.errors import LengthMismatch, NegativeWeight, UnusableValue, ZeroWeights

Figure = Decimal | Fraction | int | float
"""A figure as published or as computed."""

Floats = npt.NDArray[np.float64]

_LARGEST_EXPONENT = 400
"""A Decimal such as 1E+999999999 is short to write and has no end as a fraction; floats end at 308."""


def exact(figure: Figure, what: str) -> Fraction:
    """The figure as an exact fraction; a float is taken as it is written, so that 0.1 is a tenth.

    Raises UnusableValue, naming ``what`` it is, where it is NaN, infinite or out of all proportion.
    """
    if isinstance(figure, Decimal) and figure.is_finite() and figure and max(abs(figure.adjusted()), -int(figure.as_tuple().exponent)) > _LARGEST_EXPONENT:
        raise UnusableValue(f"The {what} is {figure}; check the figure and its unit.")
    try:
        if isinstance(figure, float):
            return Fraction(str(figure))
        # An integer of numpy would stay one inside the fraction, and overflow there.
        return Fraction(int(figure)) if isinstance(figure, Integral) else Fraction(figure)
    except (ValueError, OverflowError) as error:
        raise UnusableValue(f"The {what} is {figure}; supply a number or leave it out.") from error


def persons_of(weights: Floats | None, records: int) -> Floats:
    """For how many persons each of n records stands, (n,): 1 each unless ``weights`` are given.

    Raises LengthMismatch, UnusableValue, NegativeWeight or ZeroWeights.
    """
    persons = np.ones(records) if weights is None else np.asarray(weights, dtype=np.float64)
    if persons.shape != (records,):
        raise LengthMismatch(f"Weights are {persons.shape} for {records} records; give one weight a record.")
    if not (finite := np.isfinite(persons)).all():
        raise UnusableValue(f"The weight of record {first(~finite)} is missing or infinite; supply it or leave the record out.")
    if (persons < 0).any():
        raise NegativeWeight(f"The weight of record {first(persons < 0)} is below 0; a record counts for 0 persons or more.")
    if not persons.any():
        raise ZeroWeights("All weights are 0; give at least one record a weight above 0.")
    with np.errstate(over="ignore"):
        if not np.isfinite(persons.sum()):
            raise UnusableValue("The weights sum to infinity; check their unit, which is persons.")
    return persons


def first(where: npt.NDArray[np.bool_]) -> int:
    """The first record concerned, counted from 1 as in a table."""
    return int(where.argmax()) + 1
