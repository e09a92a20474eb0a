"""Measures over HTTP: the published cases, the misprint, what is refused; nothing is stored."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from pydantic import ValidationError

from services.mapping.app import SERVICE
from services.mapping.assessments.bodies import MAX_RECORDS, HouseholdsIn
from services.mapping.assessments.problems import PROBLEMS
from services.mapping.measures import errors
from services.mapping.measures.errors import MeasureError
from shared.security.identity import Role
from tests.kit import Person, Served

# Haughton & Khandker, Handbook on Poverty and Inequality (World Bank 2009), chapter 4; line 125.
COUNTRIES = {
    "A": ([100, 100, 150, 150], 0.50, 0.10, 0.02),
    "B": ([124, 124, 150, 150], 0.50, 0.004, 0.000032),
    "C": ([100, 110, 150, 160], 0.50, 0.08, 0.0136),
}
# "Metode Location Quotient", scribd 336649674: tea is misprinted.
JAMBI = {
    "measure": "grdp_current", "unit": "tonnes", "source_code": "scribd-336649674", "reference_area": "national", "year": 2010,
    "region": {"rubber": 850, "palm": 650, "tea": 700, "cinnamon": 400},
    "reference": {"rubber": 1320, "palm": 2450, "tea": 4000, "cinnamon": 3150},
    "stated_quotients": {"rubber": "2.704545", "palm": "1.114286", "tea": "4.2", "cinnamon": "0.533333"},
}  # fmt: skip
# Krumme, University of Washington, Geography 350: employment of Holukuluku 1985 and 1995.
HOLUKULUKU = {
    "measure": "employment", "unit": "persons", "source_code": "krumme-350", "reference_area": "national", "year": 1985, "later_year": 1995,
    "region": {"I": 500, "II": 100, "III": 200, "IV": 200}, "region_later": {"I": 1000, "II": 100, "III": 250, "IV": 280},
    "reference": {"I": 10, "II": 20, "III": 40, "IV": 30}, "reference_later": {"I": 11, "II": 24, "III": 52, "IV": 42},
    "per_head": {"region": 9, "reference": 10},
}  # fmt: skip
# Alkire & Foster's matrix: four persons, four dimensions of equal weight, k = 2 of 4.
FOUR = {
    "dimensions": [{"dimension_code": code, "weight": "1/4"} for code in ("income", "schooling", "health", "water")],
    "cutoff": "1/2",
    "records": [
        {"deprived": [0, 0, 0, 0], "group": "kota"},
        {"deprived": [0, 1, 0, 1], "group": "kota"},
        {"deprived": [1, 1, 1, 1], "group": "desa"},
        {"deprived": [0, 1, 0, 0], "group": "desa"},
    ],
}


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    return service


@pytest.fixture
def analyst(person: Callable[..., Person]) -> Person:
    return person(Role.PROGRAMME_OWNER)


async def measured(served: Served, analyst: Person, measure: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await served.post(f"/v1/measures/{measure}", analyst, body)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.parametrize("country", COUNTRIES)
async def test_the_world_banks_countries(served: Served, analyst: Person, country: str) -> None:
    spent, *expected = COUNTRIES[country]
    found = await measured(served, analyst, "poverty", {"line": 125, "records": [{"expenditure": each} for each in spent]})
    assert [found["shares"][name] for name in ("headcount", "gap", "severity")] == pytest.approx(expected, abs=1e-9)
    assert (found["poor"], found["population"], found["record_count"], found["groups"]) == (2, 4, 4, [])
    assert await served.outbox() == []


async def test_groups_weighted_by_population_make_the_whole(served: Served, analyst: Person) -> None:
    records = [
        {"expenditure": 400, "weight": 1500, "group": "desa"},
        {"expenditure": 500, "weight": 300, "group": "desa"},
        {"expenditure": 900, "weight": 600, "group": "kota"},
        {"expenditure": 450, "weight": 100, "group": "kota"},
    ]
    found = await measured(served, analyst, "poverty", {"line": 500, "records": records})
    for name in ("headcount", "gap", "severity"):
        assert sum(group["shares"]["population_share"] * group["shares"][name] for group in found["groups"]) == pytest.approx(found["shares"][name])
        assert sum(group[f"{name}_share"] for group in found["groups"]) == pytest.approx(1)
    assert found["poor"] == 1600, "who is exactly on the line is not poor"


async def test_the_hash_is_of_the_records_alone(served: Served, analyst: Person) -> None:
    body = {"line": 125, "records": [{"expenditure": 100}, {"expenditure": 150}]}
    one = await measured(served, analyst, "poverty", body)
    with_line = await measured(served, analyst, "poverty", body | {"line": 120})
    other = await measured(served, analyst, "poverty", body | {"records": list(reversed(body["records"]))})  # type: ignore[call-overload]
    assert one["records_hash"] == with_line["records_hash"] != other["records_hash"]
    assert one["records_hash"] == sha256(b"[[100.0,1.0,null],[150.0,1.0,null]]").hexdigest()


async def test_alkire_and_foster_with_subgroups(served: Served, analyst: Person) -> None:
    found = await measured(served, analyst, "multidimensional", FOUR)
    assert (found["headcount"], found["intensity"], found["adjusted_headcount"]) == pytest.approx((0.5, 0.75, 0.375))
    assert [part["contribution"] for part in found["dimensions"]] == pytest.approx([1 / 6, 1 / 3, 1 / 6, 1 / 3])
    groups = {group["group"]: group for group in found["groups"]}
    assert (groups["desa"]["adjusted_headcount"], groups["kota"]["adjusted_headcount"]) == pytest.approx((0.5, 0.25))
    assert groups["desa"]["contribution"] + groups["kota"]["contribution"] == pytest.approx(1)


async def test_jambi_and_its_misprint(served: Served, analyst: Person) -> None:
    found = await measured(served, analyst, "potential", JAMBI)
    assert {each["sector"]: each["location_quotient"] for each in found["sectors"]} == {
        "rubber": "2.704545", "palm": "1.114286", "tea": "0.735000", "cinnamon": "0.533333",
    }  # fmt: skip
    assert found["misprints"] == [{"sector": "tea", "stated": "4.2", "computed": "0.735000"}]
    assert found["dominant_sectors"] == ["rubber", "palm"]


async def test_holukulukus_shift_share_sums_to_the_change(served: Served, analyst: Person) -> None:
    found = await measured(served, analyst, "potential", HOLUKULUKU)
    total = found["total_shift"]
    assert (total["change"], total["national"]) == ("630.000000", "290.000000")
    assert sum(float(total[name]) for name in ("national", "proportional", "differential")) == pytest.approx(630)
    for name in total:
        assert sum(float(each["shift"][name]) for each in found["sectors"]) == pytest.approx(float(total[name]))
    assert found["sectors"][0]["location_quotient"] == "5.000000"
    assert [each["klassen"] for each in found["sectors"]] == ["prime", "lagging", "lagging", "developing"]
    assert found["klassen"] == "developing", "it grows faster and stands lower"


REFUSED: list[tuple[type[MeasureError], str, dict[str, Any]]] = [
    (errors.Empty, "poverty", {"line": 125, "records": []}),
    (errors.LengthMismatch, "poverty", {"line": 125, "records": [{"expenditure": 1, "group": "desa"}, {"expenditure": 1}]}),
    (errors.NegativeValue, "poverty", {"line": 125, "records": [{"expenditure": -1}]}),
    (errors.NegativeWeight, "poverty", {"line": 125, "records": [{"expenditure": 1, "weight": -1}]}),
    (errors.ZeroWeights, "poverty", {"line": 125, "records": [{"expenditure": 1, "weight": 0}]}),
    (errors.InvalidLine, "poverty", {"line": 0, "records": [{"expenditure": 1}]}),
    (errors.LengthMismatch, "multidimensional", FOUR | {"records": [{"deprived": [1]}]}),
    (errors.LengthMismatch, "multidimensional", FOUR | {"records": [{"deprived": [0, 1, 1, 0]}, {"deprived": [1, 0, 1]}]}),
    (errors.NotDeprivation, "multidimensional", FOUR | {"records": [{"deprived": [0, 1, 2, 0]}]}),
    (errors.InvalidDimensionWeights, "multidimensional", FOUR | {"dimensions": [{"dimension_code": c, "weight": "0.3"} for c in ("i1", "i2", "i3", "i4")]}),
    (errors.InvalidCutoff, "multidimensional", FOUR | {"cutoff": "0"}),
    (errors.DuplicateDimension, "multidimensional", FOUR | {"dimensions": [{"dimension_code": "income", "weight": "1/4"}] * 4}),
    (errors.Empty, "multidimensional", FOUR | {"records": []}),
    (errors.ZeroReference, "potential", JAMBI | {"reference": {"rubber": 0, "palm": 1, "tea": 1, "cinnamon": 1}}),
    (errors.LengthMismatch, "potential", JAMBI | {"reference": {"rubber": 1}}),
    (errors.LengthMismatch, "potential", JAMBI | {"stated_quotients": {"coal": "1.1"}}),
    (errors.NegativeValue, "potential", JAMBI | {"region": {"rubber": -1, "palm": 1, "tea": 1, "cinnamon": 1}}),
    (errors.InvalidYears, "potential", HOLUKULUKU | {"later_year": 1985}),
]


async def test_what_a_measure_refuses_is_a_problem_in_both_languages(served: Served, analyst: Person) -> None:
    for error, measure, body in REFUSED:
        for language in ("id", "en"):
            answer = await served.post(f"/v1/measures/{measure}", analyst, body, headers={"Accept-Language": language})
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (422, error.code), (measure, body, problem)
            assert problem["detail"].startswith(PROBLEMS[error].message[language == "en"]), problem
            assert problem["explanation"]


def test_every_error_of_the_measures_has_words() -> None:
    assert set(PROBLEMS) == set(MeasureError.__subclasses__())
    for problem in PROBLEMS.values():
        assert all(sentence.endswith(".") for sentence in (*problem.message, *problem.action))


async def test_it_is_for_those_with_a_token_and_bounded(served: Served, analyst: Person) -> None:
    body = {"line": 125, "records": [{"expenditure": 100}]}
    assert (await served.post("/v1/measures/poverty", None, body)).status_code == 401
    with pytest.raises(ValidationError):
        HouseholdsIn(line=1, records=[{"expenditure": 1}] * (MAX_RECORDS + 1))
    many = {"line": 125, "records": [{"expenditure": 100}] * (MAX_RECORDS + 1)}
    assert (await served.post("/v1/measures/poverty", analyst, many)).json()["code"] == "validation_failed"
    assert (await served.post("/v1/measures/potential", analyst, JAMBI | {"later_year": 2011})).json()["code"] == "validation_failed"
