"""Credit products: dated rules, each with its source, as the press printed them."""

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from services.facilitation.credits.domain import OpenGovernmentCredit
from services.facilitation.financing.applicants import Standing
from services.facilitation.financing.eligibility import Facts, Outcome, obstacles, outcome_of, refuse_submission
from services.facilitation.financing.errors import BusinessTooYoung
from services.facilitation.financing.policy import review_policy_on
from services.facilitation.financing.products import PRODUCTS, ApplicantType, Product, Purpose, open_product
from services.facilitation.loans.collectability import collectability_on

ON = date(2025, 7, 1)
ID = UUID(int=1)


def product(code: str, on: date = ON) -> Product:
    found = open_product(code, on)
    assert found
    return found


@pytest.mark.parametrize(
    ("code", "above", "ceiling", "working_capital", "investment", "rate"),
    [
        ("kur_super_mikro", 0, 10_000_000, 36, 60, "3"),
        ("kur_mikro", 10_000_000, 100_000_000, 36, 60, "6"),
        ("kur_kecil", 100_000_000, 500_000_000, 48, 60, "6"),
        ("kur_khusus", 0, 500_000_000, None, None, "6"),
        ("umi", 0, 20_000_000, None, None, None),
        ("lpdb_koperasi_desa", 0, 3_000_000_000, 120, 120, "3"),
    ],
)
def test_bounds_tenors_and_rates(code: str, above: int, ceiling: int, working_capital: int | None, investment: int | None, rate: str | None) -> None:
    found = product(code)
    assert (found.above_idr, found.ceiling_idr, found.annual_rate_percent) == (above, ceiling, rate)
    assert found.tenor_months == {Purpose.WORKING_CAPITAL: working_capital, Purpose.INVESTMENT: investment}


@pytest.mark.parametrize("code", ["kur_mikro", "kur_kecil"])
def test_the_rate_climbs_with_the_access_and_stays(code: str) -> None:
    assert [product(code).rate_at(access) for access in (1, 2, 3, 4, 5, 9)] == ["6", "7", "8", "9", "9", "9"]


@pytest.mark.parametrize(
    ("code", "access", "amount", "percent"),
    [
        ("kur_super_mikro", 1, 10_000_000, "15"),
        ("kur_mikro", 1, 50_000_000, "10"),
        ("kur_mikro", 2, 50_000_000, "9"),
        ("kur_mikro", 4, 50_000_000, "7"),
        ("kur_kecil", 1, 200_000_000, "5.5"),
        ("kur_kecil", 3, 200_000_000, "3.5"),
        ("kur_khusus", 1, 10_000_000, "12"),
        ("kur_khusus", 1, 10_000_001, "10"),
        ("kur_khusus", 1, 100_000_001, "5.5"),
        ("umi", 1, 1_000_000, None),
    ],
)
def test_the_interest_subsidy_is_that_of_the_contracts_day(code: str, access: int, amount: int, percent: str | None) -> None:
    assert product(code).subsidy_percent(date(2023, 1, 27), access, amount) == percent
    assert product(code).subsidy_percent(date(2023, 1, 26), access, amount) is None


@pytest.mark.parametrize(
    ("code", "amount", "documents"),
    [
        ("kur_super_mikro", 10_000_000, []),
        ("kur_mikro", 50_000_000, []),
        ("kur_mikro", 50_000_001, ["npwp"]),
        ("kur_kecil", 200_000_000, ["npwp", "bpjs_ketenagakerjaan"]),
        ("umi", 1, ["business_letter"]),
        ("lpdb_koperasi_desa", 1, ["business_plan", "collateral", "personal_guarantee"]),
    ],
)
def test_documents_follow_the_amount(code: str, amount: int, documents: list[str]) -> None:
    assert product(code).documents_for(amount) == documents


def test_every_rule_names_its_source() -> None:
    rows = json.loads((Path(__file__).parents[2] / "services/facilitation/financing/reference/products.json").read_text())
    for row in rows:
        dated = [row, row["tenor_months"], *row["exclusions"], *row["documents"], *row["interest_subsidy"]]
        assert all(each["source"] for each in dated + ([row["minimum_business_age"]] if row["minimum_business_age"] else [])), row["code"]
    assert {each.code for each in PRODUCTS if not each.government_credit} == {"lpdb_koperasi_desa"}


def facts(**given: object) -> Facts:
    standing = Standing(region_code="53.04", prioritised=True, group_id=ID, group_is_active=True, group_type="kelompok")
    start = {"standing": standing, "applicant_type": ApplicantType.ENTERPRISE, "amount_idr": 20_000_000, "purpose": Purpose.WORKING_CAPITAL}
    return Facts(**(start | given))  # type: ignore[arg-type]


def test_a_young_business_is_served_by_super_mikro_when_something_makes_up_for_it() -> None:
    young = {"business_started_on": date(2025, 5, 1), "amount_idr": 5_000_000}
    for circumstance in ("mentored", "trained", "in_group", "family_business"):
        assert obstacles(product("kur_super_mikro"), facts(**young, circumstances=frozenset({circumstance})), ON) == []
    [left] = obstacles(product("kur_super_mikro"), facts(**young, circumstances=frozenset()), ON)
    assert isinstance(left, BusinessTooYoung)
    assert obstacles(product("kur_super_mikro"), facts(**young | {"business_started_on": date(2025, 1, 1)}, circumstances=frozenset()), ON) == []


def test_an_open_credit_is_told_beforehand_and_left_to_the_review() -> None:
    found = obstacles(product("umi"), facts(amount_idr=1_000_000, open_credit=True, document_codes=frozenset({"business_letter"})), ON)
    assert [type(each) for each in found] == [OpenGovernmentCredit]
    assert outcome_of(found) is Outcome.NOT_ELIGIBLE
    refuse_submission(found)
    with pytest.raises(BusinessTooYoung):
        refuse_submission(obstacles(product("kur_mikro"), facts(business_started_on=date(2025, 5, 1)), ON))


def test_a_cooperative_borrows_from_lpdb_and_nobody_else_does() -> None:
    standing = Standing(region_code="53.04", prioritised=True, group_id=ID, group_is_active=True, group_type="koperasi")
    papers = frozenset({"business_plan", "collateral", "personal_guarantee"})
    whole = facts(standing=standing, applicant_type=ApplicantType.COOPERATIVE, amount_idr=3_000_000_000, document_codes=papers)
    assert obstacles(product("lpdb_koperasi_desa"), whole, ON) == []
    for other in (facts(standing=standing, document_codes=papers), facts(applicant_type=ApplicantType.COOPERATIVE, document_codes=papers)):
        assert [each.code for each in obstacles(product("lpdb_koperasi_desa"), other, ON)] == ["applicant_not_served"]


def test_stages_follow_who_asks_and_for_how_much() -> None:
    policy = review_policy_on(ON)
    stages = {(kind, amount): [stage.role for stage in policy.stages_for(kind, amount)] for kind in ApplicantType for amount in (100_000_000, 100_000_001)}
    assert stages[ApplicantType.ENTERPRISE, 100_000_000] == ["programme_owner"]
    assert {tuple(roles) for key, roles in stages.items() if key != (ApplicantType.ENTERPRISE, 100_000_000)} == {("regency", "programme_owner")}
    assert review_policy_on(date(2000, 1, 1)).source


@pytest.mark.parametrize(("days", "expected"), [(0, 1), (1, 2), (90, 2), (91, 3), (120, 3), (121, 4), (180, 4), (181, 5), (4000, 5)])
def test_collectability_by_days_past_due(days: int, expected: int) -> None:
    assert collectability_on(ON).class_of(days) == expected


@pytest.mark.parametrize(("amount", "band"), [(1, "up_to_1m"), (1_000_000, "up_to_1m"), (1_000_001, "up_to_5m"), (10**12, "above_100m")])
def test_bands_tell_the_order_of_magnitude(amount: int, band: str) -> None:
    assert collectability_on(ON).band_of(amount) == band
