"""Checks of an assessment's content: what lies outside its range or contradicts itself, and where two sources differ."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise

from services.mapping.assessments.content import Content, Value

_PERCENTAGES = ("poverty_rate", "poverty_gap", "poverty_severity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """Two sources that differ: the difference as a share of the larger value, with six decimals. Sources are in order of their code."""

    indicator_code: str
    source_a: str
    source_b: str
    value_a: Decimal
    value_b: Decimal
    relative_difference: Decimal


def findings_of(content: Content, year: int) -> list[str]:
    """What whoever validates must comment on, by code."""
    found = set()
    highest = {code: [value.value for value in content.values("own") if value.indicator_code == code] for code in _PERCENTAGES}
    if any(not 0 <= value <= 100 for values in highest.values() for value in values):
        found.add("percentage_out_of_range")
    # P0 counts whole persons, P1 parts of them, P2 parts of parts: none can exceed the one before.
    for larger, smaller in pairwise(_PERCENTAGES):
        if highest[larger] and highest[smaller] and max(highest[smaller]) > max(highest[larger]):
            found.add(f"{smaller}_above_{larger}")
    if any(figure.year != year for figure in content.figures):
        found.add("year_differs_from_period")
    if any(figure.margin is not None and figure.margin > figure.value for figure in content.figures):
        found.add("margin_above_value")
    if content.sectors and content.sectors.misprints:
        found.add("stated_quotient_differs")
    if any(group.member_count < group.group_count for group in content.groups):
        found.add("fewer_members_than_groups")
    return sorted(found)


def discrepancies(own: Sequence[Value], others: Collection[Value], threshold: Decimal) -> list[Discrepancy]:
    """Pairs of values of one indicator in one unit, from two sources, that differ by more than the threshold; at least one is our own."""
    found = {}
    for index, one in enumerate(own):
        for other in [*own[index + 1 :], *others]:
            comparable = (one.indicator_code, one.unit) == (other.indicator_code, other.unit) and one.source_code != other.source_code
            if comparable and (difference := _relative(one.value, other.value)) > threshold:
                first, second = sorted((one, other), key=lambda value: value.source_code)
                found[one.indicator_code, first.source_code, second.source_code] = Discrepancy(
                    indicator_code=one.indicator_code,
                    source_a=first.source_code,
                    source_b=second.source_code,
                    value_a=first.value,
                    value_b=second.value,
                    relative_difference=difference.quantize(Decimal("0.000001"), ROUND_HALF_EVEN),
                )
    return [found[key] for key in sorted(found)]


def _relative(one: Decimal, other: Decimal) -> Decimal:
    larger = max(abs(one), abs(other))
    return abs(one - other) / larger if larger else Decimal()
