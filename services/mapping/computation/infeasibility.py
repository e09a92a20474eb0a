"""Why no selection exists: the smallest sets of rules that cannot hold together, and what would help.

Whether rules can hold together is decided exactly, by a dynamic programme over the provinces that knows the cheapest way to so
many regions in so many provinces. A deletion filter (Chinneck & Dravnieks, 1991) then drops every rule without which the rest is
still contradictory: of what remains, dropping any one rule leaves a possible selection.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from services.mapping.computation.constraints import Budget, Constraints, Options, Rule, options_of, rules_of

ByProvince = Mapping[str, Sequence[str]]
_FREE = Budget(0, 0, {})


@dataclass(frozen=True)
class Remedy:
    """One rule changed so that a selection exists: ``bound`` is its nearest possible value, None where the rule has to go.

    ``enough`` tells whether that alone is enough; otherwise other contradictions remain.
    """

    rule: Rule
    bound: int | None
    enough: bool


@dataclass(frozen=True)
class Conflict:
    """Rules that cannot hold together, none of which can be spared, with one remedy or more for each that has one."""

    rules: tuple[Rule, ...]
    remedies: tuple[Remedy, ...]


def feasible(rules: Iterable[Rule], by_province: ByProvince) -> bool:
    """Whether any selection keeps all these rules; ``by_province`` holds the codes of the candidates."""
    rules = list(rules)
    return any(True for _ in _possible(rules, by_province))


def conflicts_of(constraints: Constraints, by_province: ByProvince) -> tuple[Conflict, ...]:
    """Minimal contradictions that share no rule, until what is left can be kept; none where a selection exists."""
    everything = rules_of(constraints)
    found: list[tuple[Rule, ...]] = []
    left = list(everything)
    while not feasible(left, by_province):
        minimal = _minimal(left, by_province)
        found.append(minimal)
        left = [rule for rule in left if rule not in minimal]
    return tuple(Conflict(minimal, tuple(_remedies(minimal, everything, by_province))) for minimal in found)


def _minimal(rules: list[Rule], by_province: ByProvince) -> tuple[Rule, ...]:
    """The deletion filter: first whole kinds of rules, since most have no part in it, then each rule by itself."""
    kept = rules
    for kind in ("include", "exclude", "province_min", "province_max", "budget"):
        without = [rule for rule in kept if rule.kind != kind]
        if len(without) < len(kept) and not feasible(without, by_province):
            kept = without
    for rule in tuple(reversed(kept)):
        without = [other for other in kept if other != rule]
        if not feasible(without, by_province):
            kept = without
    return tuple(kept)


def _remedies(minimal: tuple[Rule, ...], everything: tuple[Rule, ...], by_province: ByProvince) -> Iterator[Remedy]:
    for rule in minimal:
        for context in (everything, minimal):
            others = [other for other in context if other != rule]
            if bounds := list(_possible_bounds(rule, others, by_province)):
                yield from (Remedy(rule, bound, context is everything) for bound in bounds)
                break


def _possible_bounds(rule: Rule, others: list[Rule], by_province: ByProvince) -> Iterator[int | None]:
    """The nearest bounds of `rule` under which all of it can hold; a bare None where it can only go."""
    possible = list(_possible(others, by_province))
    if not possible:
        return
    match rule.kind:
        case "areas" | "provinces":
            counts = {(areas if rule.kind == "areas" else provinces) for provinces, areas, _ in possible} - {0}
            yield from [max(n for n in counts if n < rule.bound)] if min(counts, default=rule.bound) < rule.bound else []
            yield from [min(n for n in counts if n > rule.bound)] if max(counts, default=rule.bound) > rule.bound else []
        case "budget":
            yield min(cost for *_, cost in _possible(others, by_province, rule.costs or _FREE))
        case "province_min":
            yield from _nearest(rule, others, by_province, range(rule.bound - 1, -1, -1))
        case "province_max":
            yield from _nearest(rule, others, by_province, range(rule.bound + 1, max(map(len, by_province.values()), default=0) + 1))
        case _:
            yield None


def _nearest(rule: Rule, others: list[Rule], by_province: ByProvince, bounds: range) -> Iterator[int]:
    """The first of the bounds that can hold; each holds when an earlier one does."""
    low, high = 0, len(bounds)
    while low < high:
        middle = (low + high) // 2
        if feasible([*others, replace(rule, bound=bounds[middle])], by_province):
            high = middle
        else:
            low = middle + 1
    if low < len(bounds):
        yield bounds[low]


def _possible(rules: list[Rule], by_province: ByProvince, costs: Budget | None = None) -> Iterator[tuple[int, int, int]]:
    """Every possible number of provinces and of regions with the least cost of it, by the rules' own budget or by ``costs``."""
    options = options_of(rules, by_province)
    if options is None:
        return
    exact = {kind: [rule.bound for rule in rules if rule.kind == kind] for kind in ("areas", "provinces", "budget")}
    costs = costs or next((rule.costs for rule in rules if rule.costs), None) or _FREE
    most_areas = min([sum(max(0, each.most) for each in options.values()), *exact["areas"]])
    most_provinces = min([len(options), *exact["provinces"]])
    table, nothing = _cheapest(options, costs.cost, most_provinces, most_areas)
    for provinces, areas in np.argwhere(table < nothing).tolist():
        cost = int(table[provinces, areas])
        if all(areas == n for n in exact["areas"]) and all(provinces == n for n in exact["provinces"]) and all(cost <= n for n in exact["budget"]):
            yield provinces, areas, cost


def _cheapest(options: Mapping[str, Options], cost: Callable[[str], int], provinces: int, areas: int) -> tuple[npt.NDArray[Any], int]:
    """The least cost of so many provinces (rows) with so many regions (columns), and the number that stands for impossible."""
    ladders = [(each, [sum(map(cost, each.required)), *sorted(map(cost, each.free))]) for each in options.values()]
    everything = sum(sum(ladder) for _, ladder in ladders)
    nothing = 2 * everything + 1
    # Rupiah of hundreds of regions may leave 64 bits; Python's own integers are slower, and right.
    table = np.full((provinces + 1, areas + 1), nothing, np.int64 if 4 * nothing < 2**63 else object)
    table[0, 0] = 0
    for each, ladder in ladders:
        reached = table.copy() if each.none else np.full_like(table, nothing)
        totals = list(accumulate(ladder))
        for count in range(each.fewest, min(each.most, areas) + 1):
            through = table[:-1, : areas + 1 - count] + totals[count - len(each.required)]
            reached[1:, count:] = np.minimum(reached[1:, count:], np.minimum(through, nothing))
        table = reached
    return table, nothing
