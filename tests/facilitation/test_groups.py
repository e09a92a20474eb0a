"""Groups: members come and go; enough of them open it to facilitation."""

from datetime import date
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from services.facilitation.groups.domain import Group, GroupStatus, MemberRole
from services.facilitation.groups.minimums import MEMBER_MINIMUMS, GroupType, minimum_on
from services.facilitation.groups.problems import (
    BookYearOpen,
    CannotIncorporate,
    FactsMissing,
    HeadMissing,
    MeetingKnown,
    MemberOutsideRegion,
    TooFewMembers,
)
from shared.clock import new_id
from shared.contracts.facilitation import GroupActivated, GroupFormed, GroupMemberJoined, GroupMemberLeft
from shared.errors import IllegalTransition

ON = date(2024, 6, 1)
FACTS = {
    "minutes_hash": "9f" * 32,
    "main_product": "Tenun",
    "commodity_code": "weaving",
    "cooperative_number": "5304010010012",
    "legal_entity_ref": "AHU-1",
}


def group(members: int = 0, **given: Any) -> Group:
    formed = Group.form(
        **{"id": new_id(), "name": "Kelompok Tenun", "group_type": GroupType.KELOMPOK, "region_code": "53.04", "kbli_section": "C", "on": ON} | given
    )
    for _ in range(members):
        join(formed)
    return formed


def join(formed: Group, region: str = "53.04") -> None:
    formed.join(membership_id=uuid4(), enterprise_id=uuid4(), enterprise_region=region, role=MemberRole.MEMBER, on=ON)


def test_a_new_group_has_no_members() -> None:
    formed = group()
    assert (formed.status, formed.member_count) == (GroupStatus.FORMING, 0)
    assert formed.recorded == [GroupFormed(group_id=formed.id, group_type="kelompok", region_code="53.04", kbli_section="C")]


def test_members_come_and_go() -> None:
    formed, membership_id, enterprise_id = group(), uuid4(), uuid4()
    formed.join(membership_id=membership_id, enterprise_id=enterprise_id, enterprise_region="53.04", role=MemberRole.HEAD, on=ON)
    formed.leave(membership_id=membership_id, enterprise_id=enterprise_id, reason_code="moved_away", on=ON)
    assert formed.member_count == 0
    assert formed.recorded[1:] == [
        GroupMemberJoined(membership_id=membership_id, group_id=formed.id, enterprise_id=enterprise_id, member_role="head", joined_on=ON),
        GroupMemberLeft(membership_id=membership_id, group_id=formed.id, enterprise_id=enterprise_id, reason_code="moved_away", left_on=ON),
    ]


@pytest.mark.parametrize("region", ["53.05", "53", "53.0", "53.040"])
def test_an_enterprise_from_elsewhere_does_not_join(region: str) -> None:
    with pytest.raises(MemberOutsideRegion):
        join(group(), region)


@pytest.mark.parametrize("group_type", list(GroupType))
def test_a_group_is_activated_from_its_types_minimum_on(group_type: GroupType) -> None:
    minimum, programme_id = minimum_on(ON, group_type).members, uuid4()
    formed = group(minimum - 1, group_type=group_type)
    with pytest.raises(TooFewMembers) as refused:
        formed.verify(facts=FACTS, has_head=True, on=ON)
    assert refused.value.facts["minimum"] == minimum
    formed.status = GroupStatus.FORMING  # a refused command is thrown away with its aggregate
    join(formed)
    with pytest.raises(HeadMissing):
        formed.verify(facts=FACTS, has_head=False, on=ON)
    formed.status = GroupStatus.FORMING
    with pytest.raises(FactsMissing) as missing:
        formed.verify(facts={}, has_head=True, on=ON)
    assert set(missing.value.facts["missing_facts"]) <= set(FACTS)  # type: ignore[call-overload]
    formed.status = GroupStatus.FORMING
    formed.verify(facts=FACTS, has_head=True, on=ON)
    formed.activate(programme_id, ON)
    assert (formed.status, formed.programme_id, formed.activated_on) == (GroupStatus.ACTIVE, programme_id, ON)
    assert formed.recorded[-1] == GroupActivated(
        group_id=formed.id, group_type=group_type, region_code="53.04", programme_id=programme_id, member_count=minimum
    )


def test_a_cooperative_needs_nine_members_since_november_2020_and_twenty_before() -> None:
    assert minimum_on(date(2020, 11, 2), GroupType.KOPERASI).members == 9
    assert minimum_on(date(2020, 11, 1), GroupType.KOPERASI).members == 20


def test_no_two_minimums_hold_for_one_type_on_one_day() -> None:
    for group_type in GroupType:
        rows = sorted((row for row in MEMBER_MINIMUMS if row.group_type == group_type), key=lambda row: row.valid_from)
        assert all(earlier.valid_to and earlier.valid_to < later.valid_from for earlier, later in pairwise(rows))


def test_an_active_group_is_not_activated_again() -> None:
    formed = group(3)
    formed.verify(facts=FACTS, has_head=True, on=ON)
    formed.activate(uuid4(), ON)
    with pytest.raises(IllegalTransition) as refused:
        formed.activate(uuid4(), ON)
    assert "dissolve" in refused.value.facts["allowed_transitions"]  # type: ignore[operator]


def test_a_cooperative_that_holds_no_annual_meetings_is_missed() -> None:
    formed = group(9, group_type=GroupType.KOPERASI)
    assert [formed.missed_annual_meetings(date(year, 12, 31)) for year in (2024, 2025, 2026, 2027)] == [0, 0, 1, 2]
    formed.status = GroupStatus.ACTIVE
    formed.record_annual_meeting(2024, "9f" * 32, date(2025, 3, 1))
    assert [formed.missed_annual_meetings(date(year, 12, 31)) for year in (2025, 2026, 2027)] == [0, 0, 1]
    with pytest.raises(MeetingKnown):
        formed.record_annual_meeting(2024, "9f" * 32, date(2025, 4, 1))
    with pytest.raises(BookYearOpen):
        formed.record_annual_meeting(2025, "9f" * 32, date(2025, 4, 1))


def test_only_a_kelompok_or_klaster_with_nine_members_becomes_a_cooperative() -> None:
    numbers = {"cooperative_number": "5304010010012", "legal_entity_ref": "AHU-1"}
    for group_type in (GroupType.SENTRA, GroupType.KOPERASI):
        with pytest.raises(CannotIncorporate):
            active(9, group_type).incorporate(numbers, ON)
    with pytest.raises(TooFewMembers):
        active(8, GroupType.KLASTER).incorporate(numbers, ON)
    with pytest.raises(FactsMissing):
        active(9, GroupType.KLASTER).incorporate({"cooperative_number": "5304010010012"}, ON)
    grown = active(9, GroupType.KELOMPOK)
    grown.incorporate(numbers, ON)
    assert (grown.group_type, grown.incorporated_on) == (GroupType.KOPERASI, ON)


def active(members: int, group_type: GroupType) -> Group:
    made = group(members, group_type=group_type)
    made.status = GroupStatus.ACTIVE
    return made
