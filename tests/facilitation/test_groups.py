"""Groups: members come and go; enough of them open it to facilitation."""

from datetime import date
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from services.facilitation.groups.domain import Group, GroupStatus, MemberOutsideRegion, MemberRole, TooFewMembers
from services.facilitation.groups.minimums import MEMBER_MINIMUMS, GroupType, minimum_on
from shared.clock import new_id
from shared.contracts.facilitation import GroupActivated, GroupFormed, GroupMemberJoined, GroupMemberLeft
from shared.errors import IllegalTransition

ON = date(2024, 6, 1)


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
        formed.activate(programme_id, ON)
    assert refused.value.facts["minimum"] == minimum
    join(formed)
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
    formed.activate(uuid4(), ON)
    with pytest.raises(IllegalTransition) as refused:
        formed.activate(uuid4(), ON)
    assert refused.value.facts["allowed_transitions"] == ["join", "leave"]
