"""The register of enterprises: who is micro, and what is published."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.facilitation.enterprises.criteria import criteria_on
from services.facilitation.enterprises.domain import Channel, Enterprise, EnterpriseStatus, LegalityType, Merge, Owner
from services.facilitation.enterprises.problems import (
    ConsentInFuture,
    ConsentMissing,
    DeciderReverses,
    KbliOutsideSection,
    LegalityEnded,
    MergeTooOld,
    NotMicro,
    RegistrarVerifies,
)
from shared.clock import new_id
from shared.contracts.facilitation import EnterpriseRegistered

ON = date(2024, 6, 1)
BILLION = 1_000_000_000
OWNER = Owner(name="Lodia", nik=b"sealed", nik_index=b"index", nik_masked="530499******0001", birth_index=b"b", keys=["lodia"], sex=None, warnings=[])


def register(**given: Any) -> Enterprise:
    return Enterprise.register(
        **{
            "id": new_id(),
            "name": "Tenun Ikat",
            "name_keys": ["ikat", "tenun"],
            "owner": OWNER,
            "region_code": "53.04",
            "kbli_section": "C",
            "kbli_code": None,
            "by": "registrar",
            "channel": Channel.FORM,
            "duplicate_candidates": 0,
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
    assert enterprise.recorded == [
        EnterpriseRegistered(
            enterprise_id=enterprise.id,
            region_code="53.04",
            kbli_section="C",
            scale_code="micro",
            registration_channel="form",
            duplicate_candidate_count=0,
        )
    ]


@pytest.mark.parametrize(
    ("section", "code", "fits"), [("C", "13122", True), ("A", "01111", True), ("C", "01111", False), ("S", "99000", False), ("D", "34000", False)]
)
def test_a_kbli_code_lies_in_its_section(section: str, code: str, fits: bool) -> None:
    if fits:
        assert register(kbli_section=section, kbli_code=code).kbli_code == code
    else:
        with pytest.raises(KbliOutsideSection):
            register(kbli_section=section, kbli_code=code)


def test_another_person_verifies() -> None:
    with pytest.raises(RegistrarVerifies):
        register().verify("registrar", "field_visit")


def test_a_document_that_ended_is_no_step_up_and_of_a_kind_the_last_counts() -> None:
    enterprise = register()
    with pytest.raises(LegalityEnded):
        enterprise.upgrade_legality(legality_type=LegalityType.HALAL, nib=None, risk_level=None, valid_until=ON - timedelta(days=1), on=ON)
    for until in (ON, ON + timedelta(days=9)):
        enterprise.upgrade_legality(legality_type=LegalityType.HALAL, nib=None, risk_level=None, valid_until=until, on=ON)
    assert [each.valid_until for each in enterprise.legality] == [ON + timedelta(days=9)]


def test_without_consent_it_is_not_activated_again() -> None:
    enterprise = register()
    enterprise.withdraw_consent(ON)
    with pytest.raises(ConsentMissing):
        enterprise.activate(group_id=new_id(), location_priority_id=new_id(), waiver_id=None, on=ON)
    again = register()
    again.withdraw_consent(ON)
    again.renew_consent("programme_facilitation", ON, ON)
    again.activate(group_id=new_id(), location_priority_id=new_id(), waiver_id=None, on=ON)


def test_a_merge_is_reversed_by_another_person_within_its_time() -> None:
    merge = Merge(
        merge_id=new_id(), surviving_enterprise_id=new_id(), decided_by="decider", merged_on=ON, reversible_until=ON + timedelta(days=30),
        status_before=EnterpriseStatus.REGISTERED, group_id=None, member_role=None,
    )  # fmt: skip
    enterprise = register()
    enterprise.merge_into(merge)
    with pytest.raises(DeciderReverses):
        enterprise.unmerge("decider", ON)
    with pytest.raises(MergeTooOld):
        enterprise.unmerge("other", ON + timedelta(days=31))
    enterprise.unmerge("other", ON + timedelta(days=30))
    assert (enterprise.status, enterprise.merge) == (EnterpriseStatus.REGISTERED, None)
