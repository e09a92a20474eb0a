"""A group and its members, from its formation to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.groups.minimums import GroupType, minimum_on
from services.facilitation.groups.problems import (
    AlreadyHead,
    BookYearOpen,
    CannotIncorporate,
    FactsMissing,
    HeadMissing,
    MeetingKnown,
    MemberOutsideRegion,
    NotACooperative,
    TooFewMembers,
)
from services.facilitation.groups.rules import required_facts
from services.facilitation.located import Located
from shared.aggregate import Living, step
from shared.contracts.facilitation import GroupActivated, GroupFormed, GroupMemberJoined, GroupMemberLeft
from shared.contracts.facilitation_registry import (
    CooperativeAnnualMeetingRecorded,
    CooperativeIncorporated,
    GroupBecameDormant,
    GroupDissolved,
    GroupHeadChanged,
    GroupMemberTransferred,
    GroupMerged,
    GroupSplit,
    GroupVerified,
)


class GroupStatus(StrEnum):
    """Where a group stands."""

    FORMING = "forming"
    VERIFIED = "verified"
    ACTIVE = "active"
    DORMANT = "dormant"
    SPLIT = "split"
    MERGED = "merged"
    DISSOLVED = "dissolved"


class MemberRole(StrEnum):
    """In what role an enterprise is a member."""

    HEAD = "head"
    SECRETARY = "secretary"
    TREASURER = "treasurer"
    MEMBER = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualMeeting:
    """A cooperative's annual meeting (rapat anggota tahunan, RAT)."""

    book_year: int
    minutes_hash: str


S = GroupStatus
_OPEN = (S.FORMING, S.VERIFIED, S.ACTIVE)


@dataclass(eq=False, kw_only=True)
class Group(Located, Living):
    """A group in one regency/city; active for one programme once it has enough members there.

    Its members are rows of their own, from the day of joining to the day of leaving; `member_count` counts who is in now.
    """

    name: str
    group_type: GroupType
    kbli_section: str
    status: GroupStatus
    member_count: int
    formed_on: date
    programme_id: UUID | None
    activated_on: date | None
    facts: dict[str, str] = field(default_factory=dict)
    annual_meetings: list[AnnualMeeting] = field(default_factory=list)
    incorporated_on: date | None = None
    reason_code: str | None = None
    surviving_group_id: UUID | None = None
    successor_group_ids: list[UUID] = field(default_factory=list)
    ended_on: date | None = None

    LIFE: ClassVar = {
        "verify": step(S.FORMING, to=S.VERIFIED),
        "activate": step(S.VERIFIED, S.DORMANT, to=S.ACTIVE),
        "join": step(*_OPEN),
        "leave": step(*_OPEN),
        "transfer": step(S.ACTIVE),
        "change_head": step(*_OPEN),
        "incorporate": step(S.ACTIVE),
        "record_annual_meeting": step(S.ACTIVE),
        "flag_dormant": step(S.ACTIVE, to=S.DORMANT),
        "split": step(S.ACTIVE, to=S.SPLIT),
        "merge": step(S.ACTIVE, to=S.MERGED),
        "dissolve": step(*_OPEN, S.DORMANT, to=S.DISSOLVED),
    }

    @classmethod
    def form(cls, *, id: UUID, name: str, group_type: GroupType, region_code: str, kbli_section: str, on: date) -> Self:
        """Begin a group, without members yet."""
        group = cls(
            id=id,
            name=name,
            group_type=group_type,
            region_code=region_code,
            kbli_section=kbli_section,
            status=GroupStatus.FORMING,
            member_count=0,
            formed_on=on,
            programme_id=None,
            activated_on=None,
        )
        group.record(GroupFormed(group_id=id, group_type=group_type, region_code=region_code, kbli_section=kbli_section))
        return group

    def join(self, *, membership_id: UUID, enterprise_id: UUID, enterprise_region: str, role: MemberRole, on: date) -> None:
        """Take an enterprise of the same regency/city in."""
        self.move("join")
        if enterprise_region != self.region_code:
            raise MemberOutsideRegion(region_code=self.region_code)
        self.member_count += 1
        self.record(GroupMemberJoined(membership_id=membership_id, group_id=self.id, enterprise_id=enterprise_id, member_role=role, joined_on=on))

    def leave(self, *, membership_id: UUID, enterprise_id: UUID, reason_code: str, on: date) -> None:
        """Let a member go; the group stays what it is."""
        self.move("leave")
        self._let_go(membership_id, enterprise_id, reason_code, on)

    def _let_go(self, membership_id: UUID, enterprise_id: UUID, reason_code: str, on: date) -> None:
        self.member_count -= 1
        self.record(GroupMemberLeft(membership_id=membership_id, group_id=self.id, enterprise_id=enterprise_id, reason_code=reason_code, left_on=on))

    def transfer(self, *, membership_id: UUID, enterprise_id: UUID, to_group_id: UUID, on: date) -> None:
        """Let a member go over to another group."""
        self.move("transfer")
        self.record(
            GroupMemberTransferred(membership_id=membership_id, enterprise_id=enterprise_id, from_group_id=self.id, to_group_id=to_group_id, effective_from=on)
        )
        self._let_go(membership_id, enterprise_id, "transferred", on)

    def verify(self, *, facts: Mapping[str, str], has_head: bool, on: date) -> None:
        """Members enough, one head, and the facts of its type."""
        self.move("verify")
        self._require_members(on)
        if not has_head:
            raise HeadMissing
        self._take_facts(facts, self.group_type, on)
        self.record(GroupVerified(group_id=self.id, group_type=self.group_type, member_count=self.member_count))

    def _require_members(self, on: date) -> None:
        minimum = minimum_on(on, self.group_type)
        if self.member_count < minimum.members:
            raise TooFewMembers(member_count=self.member_count, minimum=minimum.members, source=minimum.source)

    def _take_facts(self, facts: Mapping[str, str], group_type: GroupType, on: date) -> None:
        known = self.facts | dict(facts)
        if missing := [name for name in required_facts(group_type, on) if not known.get(name)]:
            raise FactsMissing(group_type=group_type, missing_facts=missing)
        self.facts = known

    def activate(self, programme_id: UUID, on: date) -> None:
        """Open it to facilitation under a programme that prioritised its location, or waived that."""
        self.move("activate")
        self._require_members(on)
        self.programme_id = programme_id
        self.activated_on = on
        self.reason_code = None
        self.record(
            GroupActivated(
                group_id=self.id,
                group_type=self.group_type,
                region_code=self.region_code,
                programme_id=programme_id,
                member_count=self.member_count,
            )
        )

    def change_head(self, *, membership_id: UUID, is_head: bool, minutes_hash: str) -> None:
        """The members chose another head, by the minutes of their meeting."""
        self.move("change_head")
        if is_head:
            raise AlreadyHead
        self.record(GroupHeadChanged(group_id=self.id, head_membership_id=membership_id, minutes_hash=minutes_hash))

    def incorporate(self, facts: Mapping[str, str], on: date) -> None:
        """Become a cooperative: with members enough for one, and its numbers."""
        self.move("incorporate")
        if self.group_type not in (GroupType.KELOMPOK, GroupType.KLASTER):
            raise CannotIncorporate
        previous, self.group_type = self.group_type, GroupType.KOPERASI
        self._require_members(on)
        self._take_facts(facts, GroupType.KOPERASI, on)
        self.incorporated_on = on
        self.record(CooperativeIncorporated(group_id=self.id, previous_type=previous, group_type=self.group_type, legal_entity_verified=True))

    def record_annual_meeting(self, book_year: int, minutes_hash: str, on: date) -> None:
        """A cooperative's annual meeting about a book year that has ended."""
        self.move("record_annual_meeting")
        if self.group_type is not GroupType.KOPERASI:
            raise NotACooperative
        if book_year >= on.year:
            raise BookYearOpen(book_year=book_year)
        if any(meeting.book_year == book_year for meeting in self.annual_meetings):
            raise MeetingKnown(book_year=book_year)
        held = [*self.annual_meetings, AnnualMeeting(book_year=book_year, minutes_hash=minutes_hash)]
        self.annual_meetings = sorted(held, key=lambda meeting: meeting.book_year)
        self.record(CooperativeAnnualMeetingRecorded(group_id=self.id, book_year=book_year, minutes_hash=minutes_hash))

    def missed_annual_meetings(self, on: date) -> int:
        """Book years in a row, up to last year's, about which no annual meeting was recorded; a meeting has until the end of the year after."""
        if self.group_type is not GroupType.KOPERASI:
            return 0
        begun = (self.incorporated_on or self.formed_on).year
        last = max([meeting.book_year for meeting in self.annual_meetings], default=begun - 1)
        return max(0, on.year - 2 - last)

    @property
    def _active_in(self) -> UUID | None:
        return self.programme_id if self.status is GroupStatus.ACTIVE else None

    def flag_dormant(self, inactive_months: int, reason_code: str) -> None:
        """Nothing was heard of it for so long."""
        active_in = self._active_in
        self.move("flag_dormant")
        self.reason_code = reason_code
        self.record(
            GroupBecameDormant(
                group_id=self.id, inactive_months=inactive_months, reason_code=reason_code, region_code=self.region_code, active_in_programme_id=active_in
            )
        )

    def split(self, successor_ids: Sequence[UUID], on: date) -> None:
        """Become several groups; its members have left for them."""
        active_in = self._active_in
        self.move("split")
        self.successor_group_ids, self.ended_on = list(successor_ids), on
        self.record(GroupSplit(group_id=self.id, successor_group_ids=list(successor_ids), region_code=self.region_code, active_in_programme_id=active_in))

    def merge_into(self, surviving_group_id: UUID, on: date) -> None:
        """Go up in another group; its members have left for it."""
        active_in = self._active_in
        self.move("merge")
        self.surviving_group_id, self.ended_on = surviving_group_id, on
        self.record(GroupMerged(group_id=self.id, surviving_group_id=surviving_group_id, region_code=self.region_code, active_in_programme_id=active_in))

    def dissolve(self, reason_code: str, on: date) -> None:
        """Come to its end; its members have left."""
        active_in = self._active_in
        self.move("dissolve")
        self.reason_code, self.ended_on = reason_code, on
        self.record(GroupDissolved(group_id=self.id, reason_code=reason_code, region_code=self.region_code, active_in_programme_id=active_in))

    def release(self, members: Sequence[tuple[UUID, UUID]], reason_code: str, on: date) -> None:
        """Let all members go who are given as membership and enterprise, whatever comes next."""
        for membership_id, enterprise_id in members:
            self._let_go(membership_id, enterprise_id, reason_code, on)
