"""Poverty by expenditure: the measures of Foster, Greer & Thorbecke, "A class of decomposable poverty measures", Econometrica 52 (1984).

BPS publishes them as P0 (persentase penduduk miskin), P1 (indeks kedalaman) and P2 (indeks keparahan). Poor is who is strictly
below the line: a person exactly on it is not poor.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.mapping.measures import Floats, first, persons_of
from services.mapping.measures.errors import (
    Empty,
    InvalidDesignEffect,
    InvalidLine,
    LengthMismatch,
    NegativeValue,
    UnusableValue,
    ZeroWeights,
)


@dataclass(frozen=True)
class Poverty:
    """What n records say about the persons that they stand for.

    ``headcount`` (P0), ``gap`` (P1) and ``severity`` (P2) are shares from 0 to 1, not percent. ``poor`` and ``population`` are
    persons: sums of the weights. ``records`` is n, which is not a number of persons.
    """

    headcount: float
    gap: float
    severity: float
    poor: float
    population: float
    records: int


@dataclass(frozen=True)
class PovertyPart:
    """One group: its share of the population, its own poverty, and how much of the whole's P0, P1 and P2 stems from it (shares that sum to 1).

    The shares of a measure that is 0 for the whole are 0 for every group.
    """

    population_share: float
    poverty: Poverty
    headcount_share: float
    gap_share: float
    severity_share: float


def foster_greer_thorbecke(line: float | Floats, expenditure: Floats, weights: Floats | None = None) -> Poverty:
    """P0, P1, P2 and the number of poor of n records.

    ``expenditure`` (n,) is what a head spends in the period of the ``line``, in the same currency and prices (pengeluaran per
    kapita). The line is one for all, or one for each record (n,), as where every province has its own. ``weights`` (n,) is for
    how many persons a record stands: the household's weight times its members; 1 each unless given.

    Raises a MeasureError: Empty, LengthMismatch, UnusableValue, NegativeValue, InvalidLine, NegativeWeight or ZeroWeights.
    """
    lines, spent, persons = _checked(line, expenditure, weights)
    return _measured(*_gaps(lines, spent), persons)


def poverty_by_group(line: float | Floats, expenditure: Floats, groups: Sequence[str], weights: Floats | None = None) -> dict[str, PovertyPart]:
    """The same for each group, by group in order of its name; ``groups`` (n,) says which group a record is of.

    The groups' measures, weighted by population, sum to the whole's. Raises what `foster_greer_thorbecke` raises; ZeroWeights
    also where one group counts for nobody.
    """
    lines, spent, persons = _checked(line, expenditure, weights)
    if len(groups) != len(spent):
        raise LengthMismatch(f"There are {len(groups)} groups for {len(spent)} records; name the group of every record.")
    names, member_of = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    poor, gaps = _gaps(lines, spent)
    whole = _measured(poor, gaps, persons)
    parts = {}
    for index, name in enumerate(names.tolist()):
        inside = member_of == index
        if not persons[inside].any():
            raise ZeroWeights(f"All weights of group {name} are 0; give a weight above 0 or leave the group out.")
        own = _measured(poor[inside], gaps[inside], persons[inside])
        share = own.population / whole.population
        parts[name] = PovertyPart(
            population_share=share,
            poverty=own,
            headcount_share=_share_of(share * own.headcount, whole.headcount),
            gap_share=_share_of(share * own.gap, whole.gap),
            severity_share=_share_of(share * own.severity, whole.severity),
        )
    return parts


def headcount_standard_error(headcount: float, records: int, design_effect: float = 1.0) -> float:
    """Standard error of P0 as a share: sqrt(deff * P0 * (1 - P0) / n), Kish, *Survey Sampling* (1965).

    ``records`` is the number of records in the sample, ``design_effect`` by how much clusters, strata and weights multiply the
    variance of a simple random sample of that size (BPS publishes it beside its estimates). It is 0 where nobody or everybody
    in the sample is poor, which says that the sample is too small, not that the figure is certain.

    Raises UnusableValue unless P0 is a share, Empty without records, InvalidDesignEffect.
    """
    if not 0 <= headcount <= 1:
        raise UnusableValue(f"P0 is {headcount}; give it as a share from 0 to 1, 0.1014 for 10.14 percent.")
    if records < 1:
        raise Empty("There are no records; give the number of records in the sample.")
    if not (math.isfinite(design_effect) and design_effect > 0):
        raise InvalidDesignEffect(f"The design effect is {design_effect}; give one above 0, 1 for a simple random sample.")
    return math.sqrt(design_effect * headcount * (1 - headcount) / records)


def _checked(line: float | Floats, expenditure: Floats, weights: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Line, expenditure and weight of every record."""
    spent = np.asarray(expenditure, dtype=np.float64)
    if spent.ndim != 1:
        raise LengthMismatch(f"Expenditure has {spent.ndim} axes; give one figure a record.")
    if not len(spent):
        raise Empty("There are no records; give the expenditure of at least one.")
    given = np.asarray(line, dtype=np.float64)
    if given.shape not in {(), spent.shape}:
        raise LengthMismatch(f"Lines are {given.shape} for {len(spent)} records; give one line for all or one a record.")
    lines = np.broadcast_to(given, spent.shape)
    for what, figures in (("line", lines), ("expenditure", spent)):
        if not np.isfinite(figures).all():
            raise UnusableValue(f"The {what} of record {first(~np.isfinite(figures))} is missing or infinite; supply it or leave the record out.")
    if (lines <= 0).any():
        raise InvalidLine(f"The line of record {first(lines <= 0)} is {lines.min():g}; give a line above 0.")
    if (spent < 0).any():
        raise NegativeValue(f"The expenditure of record {first(spent < 0)} is below 0; check its sign.")
    return lines, spent, persons_of(weights, len(spent))


def _gaps(lines: Floats, spent: Floats) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Who is poor, and by what share of the line each falls short: 0 for who is not poor."""
    poor = spent < lines
    return poor, np.divide(lines - spent, lines, out=np.zeros(len(spent)), where=poor)


def _measured(poor: npt.NDArray[np.bool_], gaps: Floats, persons: Floats) -> Poverty:
    population = float(persons.sum())
    count = float(persons[poor].sum())
    # Of shares, because a product of large weights can overflow where their sum does not; at most 1 despite rounding.
    shares = persons / population
    headcount, gap, severity = (min(1.0, float(part)) for part in (count / population, shares @ gaps, shares @ gaps**2))
    return Poverty(headcount, gap, severity, count, population, len(persons))


def _share_of(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
