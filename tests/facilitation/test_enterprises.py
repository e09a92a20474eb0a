"""The register of enterprises: who is micro, and what is published."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.facilitation.enterprises.criteria import criteria_on
from services.facilitation.enterprises.domain import ConsentInFuture, Enterprise, NotMicro
from shared.clock import new_id
from shared.contracts.facilitation import EnterpriseRegistered

ON = date(2024, 6, 1)
BILLION = 1_000_000_000


def register(**given: Any) -> Enterprise:
    return Enterprise.register(
        **{
            "id": new_id(),
            "name": "Tenun Ikat",
            "owner_name": "Lodia",
            "owner_nik": b"sealed",
            "owner_nik_index": b"index",
            "owner_nik_masked": "530499******0001",
            "region_code": "53.04",
            "kbli_section": "C",
            "capital_idr": 15_000_000,
            "annual_sales_idr": 48_000_000,
            "nib": None,
            "consent_purpose": "programme_facilitation",
            "consent_on": ON,
            "on": ON,
        }
        | given
    )


@pytest.mark.parametrize(
    ("capital", "sales"),
    [(BILLION, 2 * BILLION), (BILLION, 9 * BILLION), (9 * BILLION, 2 * BILLION), (0, 0), (BILLION, 2 * BILLION + 1), (BILLION + 1, 2 * BILLION)],
)
def test_capital_or_annual_sales_up_to_the_limit_make_an_enterprise_micro(capital: int, sales: int) -> None:
    assert register(capital_idr=capital, annual_sales_idr=sales).scale_code == "micro"


def test_one_rupiah_above_both_limits_is_not_micro() -> None:
    with pytest.raises(NotMicro) as refused:
        register(capital_idr=BILLION + 1, annual_sales_idr=2 * BILLION + 1)
    assert refused.value.facts["source"] == "PP 7/2021 Pasal 35"


def test_the_criteria_are_those_of_the_day() -> None:
    assert criteria_on(date(2021, 2, 2)).source == "PP 7/2021 Pasal 35"
    with pytest.raises(LookupError):
        criteria_on(date(2021, 2, 1))


def test_consent_comes_before_registration() -> None:
    with pytest.raises(ConsentInFuture):
        register(consent_on=ON + timedelta(days=1))


def test_the_event_says_where_and_what_but_not_who() -> None:
    enterprise = register()
    assert enterprise.recorded == [EnterpriseRegistered(enterprise_id=enterprise.id, region_code="53.04", kbli_section="C", scale_code="micro")]
