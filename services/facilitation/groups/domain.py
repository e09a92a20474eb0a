"""A group and its members."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.groups.minimums import GroupType, minimum_on
from services.facilitation.located import Located
from shared.contracts.facilitation import GroupActivated, GroupFormed, GroupMemberJoined, GroupMemberLeft
from shared.errors import Conflict, Refused


class GroupStatus(StrEnum):
    """Where a group stands."""

    FORMING = "forming"
    ACTIVE = "active"


class MemberRole(StrEnum):
    """In what role an enterprise is a member."""

    HEAD = "head"
    SECRETARY = "secretary"
    TREASURER = "treasurer"
    MEMBER = "member"


class GroupNameTaken(Conflict):
    """Names of groups are unique within a regency/city."""

    code = "group_name_taken"
    message = ("Nama kelompok sudah dipakai di wilayah ini.", "A group of that name exists in this region.")
    action = ("Gunakan nama lain, atau bergabung dengan kelompok yang ada.", "Use another name, or join the group that exists.")


class AlreadyMember(Conflict):
    """An enterprise is in at most one group at a time."""

    code = "already_member"
    message = ("Usaha ini sudah menjadi anggota aktif sebuah kelompok.", "The enterprise is an active member of a group already.")
    action = ("Catat keluarnya usaha dari kelompok lama terlebih dahulu.", "Record that it left the other group first.")


class HeadAlreadyNamed(Conflict):
    """A group has one head."""

    code = "head_already_named"
    message = ("Kelompok ini sudah memiliki ketua.", "The group has a head already.")
    action = ("Daftarkan usaha ini dengan peran lain.", "Have the enterprise join in another role.")


class NotAMember(Conflict):
    """The enterprise is not an active member of this group."""

    code = "not_a_member"
    message = ("Usaha ini bukan anggota aktif kelompok tersebut.", "The enterprise is not an active member of this group.")
    action = ("Lihat GET /facilitation/v1/groups/{{id}}/members.", "See GET /facilitation/v1/groups/{{id}}/members.")


class MemberOutsideRegion(Refused):
    """Members are in the group's regency/city."""

    code = "member_outside_region"
    message = ("Usaha berada di luar wilayah kelompok ({region_code}).", "The enterprise lies outside the group's region ({region_code}).")
    action = ("Bergabunglah dengan kelompok di wilayah usaha.", "Join a group in the enterprise's own region.")


class TooFewMembers(Refused):
    """A group is facilitated from a number of members on, by its type."""

    code = "too_few_members"
    message = (
        "Anggota baru {member_count}; paling sedikit {minimum} ({source}).",
        "There are {member_count} members; at least {minimum} are needed ({source}).",
    )
    action = ("Tambahkan anggota lalu ulangi.", "Add members, then try again.")


@dataclass(eq=False, kw_only=True)
class Group(Located):
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

    TRANSITIONS: ClassVar = {
        GroupStatus.FORMING: frozenset({"join", "leave", "activate"}),
        GroupStatus.ACTIVE: frozenset({"join", "leave"}),
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
        if enterprise_region != self.region_code:
            raise MemberOutsideRegion(region_code=self.region_code)
        self.member_count += 1
        self.record(GroupMemberJoined(membership_id=membership_id, group_id=self.id, enterprise_id=enterprise_id, member_role=role, joined_on=on))

    def leave(self, *, membership_id: UUID, enterprise_id: UUID, reason_code: str, on: date) -> None:
        """Let a member go; the group stays what it is."""
        self.member_count -= 1
        self.record(GroupMemberLeft(membership_id=membership_id, group_id=self.id, enterprise_id=enterprise_id, reason_code=reason_code, left_on=on))

    def activate(self, programme_id: UUID, on: date) -> None:
        """Open it to facilitation under a programme that prioritised its location."""
        self.refuse_unless(self.status, {GroupStatus.FORMING})
        minimum = minimum_on(on, self.group_type)
        if self.member_count < minimum.members:
            raise TooFewMembers(member_count=self.member_count, minimum=minimum.members, source=minimum.source)
        self.status = GroupStatus.ACTIVE
        self.programme_id = programme_id
        self.activated_on = on
        self.record(
            GroupActivated(
                group_id=self.id,
                group_type=self.group_type,
                region_code=self.region_code,
                programme_id=programme_id,
                member_count=self.member_count,
            )
        )
