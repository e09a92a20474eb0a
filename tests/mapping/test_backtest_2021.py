"""How many of the official 35 regencies of 2021 (7 provinces, 5 each) the computation names from public poverty figures.

The official choice rested on extreme poverty by regency, which was not published; here general poverty of March 2021 stands in,
and the number of poor is an estimate on the population of another year. So the counts are evidence about the criteria, not a
target: they are pinned to notice a change of data or method. Within the official provinces the product is ahead of either
criterion by one or two regencies only; chance would name 8 or 9.
"""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from services.mapping.computation.ranking import Criterion, Floats, Method, rank
from services.mapping.computation.selection import Quota, select

MAPPING = Path(__file__).parents[2] / "services" / "mapping"
QUOTA = Quota(areas=35, provinces=7, per_province_min=5, per_province_max=5)
BOTH = Method(
    (
        Criterion("poverty_rate", Decimal("0.5"), "benefit", "poverty"),
        Criterion("number_of_poor", Decimal("0.5"), "benefit", "poverty"),
    ),
    "min_max",
    "saw",
)


def column(path: Path, name: str) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["region_code"]: row[name] for row in csv.DictReader(file)}


PROVINCES = column(MAPPING / "regions" / "reference" / "regencies.csv", "province_code_2021")
OFFICIAL = frozenset(column(MAPPING / "references" / "reference" / "official_35_2021.csv", "name"))


def named(scores: Floats, codes: list[str], among: set[str]) -> tuple[int, set[str]]:
    """Official regencies among the 35 selected, and the provinces (as of 2021) they were selected in."""
    rows = [row for row, code in enumerate(codes) if PROVINCES[code] in among]
    selection = select(scores[rows].tolist(), [codes[row] for row in rows], [PROVINCES[codes[row]] for row in rows], QUOTA)
    return len(OFFICIAL.intersection(selection.region_codes)), set(selection.province_codes)


def test_official_list_is_five_regencies_in_each_of_seven_provinces_of_2021() -> None:
    assert sorted(Counter(PROVINCES[code] for code in OFFICIAL).values()) == [5] * 7
    assert len(set(PROVINCES.values())) == 34


@pytest.mark.parametrize(
    ("population", "expected"),
    [
        ("population_2017", {"product": (19, 15), "rate alone": (18, 13), "number alone": (17, 8), "saw": (23, 23)}),
        ("population_2024_s2", {"product": (19, 15), "rate alone": (18, 13), "number alone": (18, 8), "saw": (23, 23)}),
    ],
)
def test_both_criteria_name_more_of_the_official_35_than_either_alone(population: str, expected: dict[str, tuple[int, int]]) -> None:
    values = MAPPING / "indicators" / "reference" / "values_2021.csv"
    rates, people = column(values, "poverty_rate"), column(values, population)
    codes = sorted(rates)
    rate = np.array([float(rates[code]) for code in codes])
    number = rate / 100 * np.array([float(people[code]) for code in codes])
    scores = {
        "product": rate * number,
        "rate alone": rate,
        "number alone": number,
        "saw": rank(BOTH, codes, np.column_stack([rate, number])).scores,
    }
    official_provinces = {PROVINCES[code] for code in OFFICIAL}
    counts = {}
    for name, score in scores.items():
        within, _ = named(score, codes, official_provinces)
        free, chosen = named(score, codes, set(PROVINCES.values()))
        counts[name] = (within, free)
        print(f"{population}, {name}: {within} of 35 within the official provinces, {free} of 35 and ", end="")
        print(f"{len(chosen & official_provinces)} of 7 provinces when free")
    assert counts == expected
    for both in ("product", "saw"):
        for alone in ("rate alone", "number alone"):
            assert counts[both] > counts[alone]
