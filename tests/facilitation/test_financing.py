"""Applications for financing: the indirect rule, the ministry's review, the lender's decision."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.facilitation.financing.applicants import Standing
from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.errors import (
    AmountAboveRequested,
    AmountOutsideProduct,
    GrantDateImpossible,
    GroupNotActive,
    NoActiveMembership,
    TenorTooLong,
)
from services.facilitation.financing.products import PRODUCTS, Product, Purpose, open_product, open_products, product_of
from services.facilitation.financing.state import FinancingStatus, Officer
from services.facilitation.locations.domain import NotPrioritisedLocation
from shared.clock import new_id
from shared.contracts.facilitation import FinancingApplied, FinancingGranted
from shared.errors import IllegalTransition, NotFound, Problem, SamePerson

ON = date(2024, 6, 3)
MINISTRY = Officer(subject="owner-1", role="programme_owner")
LENDER, GROUP, FINANCING = uuid4(), uuid4(), uuid4()
GOOD = Standing(region_code="53.04", prioritised=True, group_id=GROUP, group_is_active=True)
Step = Callable[[FinancingApplication], None]


def super_mikro() -> Product:
    product = open_product("kur_super_mikro", ON)
    assert product
    return product


def draft(
    standing: Standing = GOOD, product: Product | None = None, amount: int = 9_000_000, purpose: Purpose = Purpose.WORKING_CAPITAL
) -> FinancingApplication:
    return FinancingApplication.draft(
        id=new_id(),
        programme_id=uuid4(),
        enterprise_id=uuid4(),
        standing=standing,
        product=product or super_mikro(),
        requested_amount_idr=amount,  # type: ignore[arg-type]
        by="mentor-1",
        on=ON,
        purpose=purpose,
    )


def grant(application: FinancingApplication, by: UUID | None = LENDER, **given: Any) -> None:
    contract = {"amount_idr": 8_000_000, "tenor_months": 24, "granted_on": ON, "lender_reference": "AKAD-1", "today": ON}
    application.grant(by_institution=by, **({"financing_id": FINANCING, "rate_percent": "3"} | contract | given))


STEPS: dict[str, Step] = {
    "submit": lambda a: a.submit(GOOD, ON),
    "start_review": lambda a: a.start_review(MINISTRY, duplicate=False),
    "approve": lambda a: a.approve(MINISTRY),
    "reject": lambda a: a.reject(MINISTRY, ["incomplete"]),
    "forward": lambda a: a.forward(LENDER, ON),
    "grant": lambda a: grant(a),
    "decline": lambda a: a.decline(by_institution=LENDER, reason_codes=["risk"]),
    "withdraw": lambda a: a.withdraw("no_longer_needed"),
}
PATHS: dict[FinancingStatus, list[str]] = {
    FinancingStatus.DRAFT: [],
    FinancingStatus.SUBMITTED: ["submit"],
    FinancingStatus.UNDER_REVIEW: ["submit", "start_review"],
    FinancingStatus.APPROVED: ["submit", "start_review", "approve"],
    FinancingStatus.FORWARDED: ["submit", "start_review", "approve", "forward"],
    FinancingStatus.GRANTED: ["submit", "start_review", "approve", "forward", "grant"],
    FinancingStatus.DECLINED: ["submit", "start_review", "approve", "forward", "decline"],
    FinancingStatus.REJECTED: ["submit", "start_review", "reject"],
    FinancingStatus.WITHDRAWN: ["withdraw"],
}


def at(status: FinancingStatus) -> FinancingApplication:
    application = draft()
    for step in PATHS[status]:
        STEPS[step](application)
    assert application.status == status
    return application


INDIRECT = [
    ({"prioritised": False}, NotPrioritisedLocation, "not_prioritised_location"),
    ({"group_id": None, "group_is_active": False}, NoActiveMembership, "no_active_membership"),
    ({"group_is_active": False}, GroupNotActive, "group_not_active"),
]


@pytest.mark.parametrize(("lacking", "problem", "code"), INDIRECT)
def test_drafting_is_refused_with_the_reason_unless_the_indirect_rule_holds(lacking: dict[str, Any], problem: type[Problem], code: str) -> None:
    standing = Standing(**{"region_code": "53.04", "prioritised": True, "group_id": GROUP, "group_is_active": True} | lacking)
    with pytest.raises(problem) as refused:
        draft(standing)
    assert (refused.value.code, refused.value.status) == (code, 422)


@pytest.mark.parametrize(("lacking", "problem", "code"), INDIRECT)
def test_submitting_is_refused_when_the_indirect_rule_no_longer_holds(lacking: dict[str, Any], problem: type[Problem], code: str) -> None:
    application = draft()
    standing = Standing(**{"region_code": "53.04", "prioritised": True, "group_id": GROUP, "group_is_active": True} | lacking)
    with pytest.raises(problem):
        application.submit(standing, ON)
    assert (application.status, len(application.recorded)) == (FinancingStatus.DRAFT, 1)


def test_it_is_submitted_through_the_group_that_the_enterprise_is_in_now() -> None:
    application, other = draft(), uuid4()
    application.submit(Standing(region_code="53.04", prioritised=True, group_id=other, group_is_active=True), ON)
    event = application.recorded[-1]
    assert isinstance(event, FinancingApplied)
    assert (application.group_id, event.group_id) == (other, other)


@pytest.mark.parametrize(
    ("code", "amount", "fits"),
    [
        ("kur_super_mikro", 1, True),
        ("kur_super_mikro", 10_000_000, True),
        ("kur_super_mikro", 10_000_001, False),
        ("kur_super_mikro", 0, False),
        ("kur_super_mikro", -1, False),
        ("kur_mikro", 10_000_000, False),
        ("kur_mikro", 10_000_001, True),
        ("kur_mikro", 100_000_000, True),
        ("kur_mikro", 100_000_001, False),
        ("umi", 20_000_000, True),
        ("umi", 20_000_001, False),
    ],
)
def test_an_amount_belongs_to_a_product_above_its_floor_up_to_its_ceiling(code: str, amount: int, fits: bool) -> None:
    product = open_product(code, ON)
    assert product
    if fits:
        assert draft(product=product, amount=amount).requested_amount_idr == amount
    else:
        with pytest.raises(AmountOutsideProduct):
            draft(product=product, amount=amount)


def test_a_second_grant_is_refused() -> None:
    application = at(FinancingStatus.GRANTED)
    with pytest.raises(IllegalTransition):
        grant(application, amount_idr=1)
    assert application.granted_amount_idr == 8_000_000


def test_whoever_drafted_it_does_not_approve_it() -> None:
    application = at(FinancingStatus.UNDER_REVIEW)
    with pytest.raises(SamePerson):
        application.approve(Officer(subject="mentor-1", role="programme_owner"))
    assert application.status == FinancingStatus.UNDER_REVIEW


@pytest.mark.parametrize("by", [None, uuid4()])
def test_for_another_lender_it_does_not_exist(by: UUID | None) -> None:
    application = at(FinancingStatus.FORWARDED)
    with pytest.raises(NotFound):
        grant(application, by=by)
    with pytest.raises(NotFound):
        application.decline(by_institution=by, reason_codes=["risk"])


@pytest.mark.parametrize("amount", [-1, 0, 9_000_001, 10_000_000, 10_000_001])
def test_no_more_is_granted_than_was_requested(amount: int) -> None:
    with pytest.raises(AmountAboveRequested) as refused:
        grant(at(FinancingStatus.FORWARDED), amount_idr=amount)
    assert refused.value.facts["limit_idr"] == 9_000_000


@pytest.mark.parametrize("amount", [1, 9_000_000])
def test_from_one_rupiah_up_to_the_request_may_be_granted(amount: int) -> None:
    application = at(FinancingStatus.FORWARDED)
    grant(application, amount_idr=amount)
    assert application.granted_amount_idr == amount


@pytest.mark.parametrize(("purpose", "longest"), [(Purpose.WORKING_CAPITAL, 36), (Purpose.INVESTMENT, 60)])
def test_the_tenor_is_limited_by_the_product_and_the_purpose(purpose: Purpose, longest: int) -> None:
    for months in (longest, longest + 1):
        application = draft(purpose=purpose)
        for step in PATHS[FinancingStatus.FORWARDED]:
            STEPS[step](application)
        if months > longest:
            with pytest.raises(TenorTooLong):
                grant(application, tenor_months=months)
        else:
            grant(application, tenor_months=months)
            assert application.tenor_months == longest


@pytest.mark.parametrize("days", [-1, 3])
def test_the_contract_is_signed_between_forwarding_and_today(days: int) -> None:
    with pytest.raises(GrantDateImpossible):
        grant(at(FinancingStatus.FORWARDED), granted_on=ON + timedelta(days=days), today=ON + timedelta(days=2))


def test_a_grant_is_published_with_all_that_monitoring_counts() -> None:
    application = at(FinancingStatus.GRANTED)
    assert application.recorded[-1] == FinancingGranted(
        application_id=application.id,
        programme_id=application.programme_id,
        group_id=GROUP,
        enterprise_id=application.enterprise_id,
        lender_institution_id=LENDER,
        product_code="kur_super_mikro",
        granted_amount_idr=8_000_000,
        tenor_months=24,
        granted_on=ON,
        region_code="53.04",
        province_code="53",
        financing_id=FINANCING,
        applicant_type="enterprise",
        scheme_code="kur",
        rate_percent="3",
        member_count=1,
    )


def test_an_application_keeps_the_rules_under_which_it_was_drafted() -> None:
    first = product_of("kur_super_mikro", 1)
    assert not first.is_open(ON)
    assert draft(product=first).product is first


def test_at_most_one_version_of_a_product_is_open_on_any_day() -> None:
    for day in {row.valid_from for row in PRODUCTS} | {row.valid_to for row in PRODUCTS if row.valid_to}:
        codes = [product.code for product in open_products(day)]
        assert len(codes) == len(set(codes))


def test_every_product_names_its_source_and_is_for_some_amount() -> None:
    assert all(product.source and product.above_idr < product.ceiling_idr for product in PRODUCTS)
