"""The tables of groups and of who is a member from when to when."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Select, Table, Text, UniqueConstraint, Update, Uuid, select, text

from services.facilitation.groups.domain import AnnualMeeting, Group, GroupStatus, MemberRole
from services.facilitation.groups.minimums import GroupType
from services.facilitation.groups.problems import AlreadyMember, GroupNameTaken, HeadAlreadyNamed
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted, refuse

groups = persisted(
    metadata,
    Group,
    "groups",
    Column("name", Text, nullable=False),
    Column("group_type", Code(GroupType), nullable=False),
    Column("region_code", Text, nullable=False),
    Column("kbli_section", Text, nullable=False),
    Column("status", Code(GroupStatus), nullable=False),
    Column("member_count", Integer, nullable=False),
    Column("formed_on", Date, nullable=False),
    Column("programme_id", Uuid),
    Column("activated_on", Date),
    Column("facts", Typed(dict[str, str]), nullable=False),
    Column("annual_meetings", Typed(list[AnnualMeeting]), nullable=False),
    Column("incorporated_on", Date),
    Column("reason_code", Text),
    Column("surviving_group_id", Uuid),
    Column("successor_group_ids", Typed(list[UUID]), nullable=False),
    Column("ended_on", Date),
    UniqueConstraint("region_code", "name"),
    CheckConstraint("member_count >= 0", name="member_count_not_negative"),
    refusals={"uq_groups_region_code_name": GroupNameTaken},
)

memberships = Table(
    "memberships",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), nullable=False),
    Column("member_role", Code(MemberRole), nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("left_on", Date, comment="null while the membership is active"),
    Column("reason_code", Text, comment="why it ended"),
)
_active = memberships.c.left_on.is_(None)
Index("uq_memberships_active_enterprise", memberships.c.enterprise_id, unique=True, postgresql_where=_active)
Index("uq_memberships_head", memberships.c.group_id, unique=True, postgresql_where=_active & (memberships.c.member_role == MemberRole.HEAD))
Index("ix_memberships_group_id", memberships.c.group_id)

refuse(metadata, {"uq_memberships_active_enterprise": AlreadyMember, "uq_memberships_head": HeadAlreadyNamed})


def active_membership(group_id: UUID, enterprise_id: UUID) -> "Select[UUID]":
    """The id of an enterprise's membership in a group, while it lasts."""
    c = memberships.c
    return select(c.id).where(c.group_id == group_id, c.enterprise_id == enterprise_id, _active)


def head_of(group_id: UUID) -> "Select[UUID]":
    """The id of the head's membership, if the group has a head."""
    c = memberships.c
    return select(c.id).where(c.group_id == group_id, c.member_role == MemberRole.HEAD, _active)


def present_members(group_id: UUID) -> "Select[*tuple[Any, ...]]":
    """Memberships that last, in the order of joining."""
    c = memberships.c
    return select(c.id, c.enterprise_id, c.member_role).where(c.group_id == group_id, _active).order_by(c.id)


def membership_left(membership_id: UUID, on: date, reason_code: str) -> Update:
    """End a membership; it remains on record."""
    return memberships.update().where(memberships.c.id == membership_id).values(left_on=on, reason_code=reason_code)


def silent_groups(since: date) -> "Select[*tuple[Any, ...]]":
    """Active groups about which no event was recorded since a day."""
    heard = text("NOT EXISTS (SELECT FROM timeline JOIN outbox USING (position) WHERE entity_id = groups.id AND outbox.time >= :since)")
    own = text("NOT EXISTS (SELECT FROM outbox WHERE subject = groups.id AND outbox.time >= :since)")
    c = groups.c
    return select(c.id).where(c.status == GroupStatus.ACTIVE, c.activated_on < since, heard.bindparams(since=since), own.bindparams(since=since))
