"""What can be done with a group.

Memberships are written in the transaction that saves their group, whose version makes commands on one group take turns.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from services.facilitation.enterprises.domain import Enterprise, EnterpriseStatus
from services.facilitation.financing.under_way import credit_of_group
from services.facilitation.groups.domain import Group, MemberRole
from services.facilitation.groups.minimums import GroupType
from services.facilitation.groups.problems import GroupsDiffer, MembersNotPlaced, NotAMember, OpenGroupFinancing
from services.facilitation.groups.tables import active_membership, head_of, membership_left, memberships, present_members
from services.facilitation.locations.domain import NotPrioritisedLocation
from services.facilitation.locations.tables import priority_in_force
from services.facilitation.scope import get_within
from services.facilitation.waivers.tables import waiver_in_force
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.errors import NotFound
from shared.security.identity import Caller


async def form_group(transaction: Transaction, *, name: str, group_type: GroupType, region_code: str, kbli_section: str, on: date) -> Group:
    """Begin a group."""
    async with transaction() as uow:
        group = Group.form(id=new_id(), name=name, group_type=group_type, region_code=region_code, kbli_section=kbli_section, on=on)
        uow.add(group)
    return group


def take_in(uow: UnitOfWork, group: Group, enterprise: Enterprise, role: MemberRole, on: date) -> UUID:
    """An enterprise becomes a member; the id of the membership."""
    membership_id = new_id()
    group.join(membership_id=membership_id, enterprise_id=enterprise.id, enterprise_region=enterprise.region_code, role=role, on=on)
    uow.also(memberships.insert().values(id=membership_id, group_id=group.id, enterprise_id=enterprise.id, member_role=role, joined_on=on))
    return membership_id


async def join_group(transaction: Transaction, group_id: UUID, caller: Caller, *, enterprise_id: UUID, member_role: MemberRole, on: date) -> Group:
    """Take an enterprise in that is in no other group."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        enterprise = await get_within(uow, Enterprise, enterprise_id, caller)
        if enterprise.status in (EnterpriseStatus.EXITED, EnterpriseStatus.MERGED):
            raise NotFound
        take_in(uow, group, enterprise, member_role, on)
    return group


async def leave_group(transaction: Transaction, group_id: UUID, enterprise_id: UUID, caller: Caller, *, reason_code: str, on: date) -> Group:
    """Let a member go."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        membership_id = await _membership(uow, group_id, enterprise_id)
        group.leave(membership_id=membership_id, enterprise_id=enterprise_id, reason_code=reason_code, on=on)
        uow.also(membership_left(membership_id, on, reason_code))
    return group


async def _membership(uow: UnitOfWork, group_id: UUID, enterprise_id: UUID) -> UUID:
    membership_id: UUID | None = await uow.connection.scalar(active_membership(group_id, enterprise_id))
    if membership_id is None:
        raise NotAMember
    return membership_id


async def verify_group(transaction: Transaction, group_id: UUID, caller: Caller, *, facts: Mapping[str, str], on: date) -> Group:
    """Find it complete."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        group.verify(facts=facts, has_head=await uow.connection.scalar(head_of(group_id)) is not None, on=on)
    return group


async def activate_group(transaction: Transaction, group_id: UUID, caller: Caller, *, programme_id: UUID, on: date) -> Group:
    """Open a group to facilitation in a location that the programme prioritised, or for which it signed a waiver."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        prioritised = await uow.connection.scalar(priority_in_force(programme_id, group.region_code, on))
        if prioritised is None and await uow.connection.scalar(waiver_in_force(programme_id, group.region_code, group_id, on)) is None:
            raise NotPrioritisedLocation
        group.activate(programme_id, on)
    return group


async def transfer_member(transaction: Transaction, group_id: UUID, enterprise_id: UUID, caller: Caller, *, to_group_id: UUID, on: date) -> Group:
    """Have a member go over to another group of the region."""
    async with transaction() as uow:
        group, other = await get_within(uow, Group, group_id, caller), await get_within(uow, Group, to_group_id, caller)
        if group is other or group.region_code != other.region_code:
            raise GroupsDiffer
        enterprise = await get_within(uow, Enterprise, enterprise_id, caller)
        membership_id = await _membership(uow, group_id, enterprise_id)
        group.transfer(membership_id=membership_id, enterprise_id=enterprise_id, to_group_id=to_group_id, on=on)
        uow.also(membership_left(membership_id, on, "transferred"))
        take_in(uow, other, enterprise, MemberRole.MEMBER, on)
    return group


async def change_head(transaction: Transaction, group_id: UUID, caller: Caller, *, enterprise_id: UUID, minutes_hash: str) -> Group:
    """Make another member the head; the one before stays a member."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        membership_id = await _membership(uow, group_id, enterprise_id)
        head = await uow.connection.scalar(head_of(group_id))
        group.change_head(membership_id=membership_id, is_head=head == membership_id, minutes_hash=minutes_hash)
        if head:
            uow.also(memberships.update().where(memberships.c.id == head).values(member_role=MemberRole.MEMBER))
        uow.also(memberships.update().where(memberships.c.id == membership_id).values(member_role=MemberRole.HEAD))
    return group


async def incorporate(transaction: Transaction, group_id: UUID, caller: Caller, *, facts: Mapping[str, str], on: date) -> Group:
    """Make it a cooperative."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        group.incorporate(facts, on)
    return group


async def record_annual_meeting(transaction: Transaction, group_id: UUID, caller: Caller, *, book_year: int, minutes_hash: str, on: date) -> Group:
    """Write a cooperative's annual meeting down."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        group.record_annual_meeting(book_year, minutes_hash, on)
    return group


async def split_group(transaction: Transaction, group_id: UUID, caller: Caller, *, successors: Sequence[tuple[str, Sequence[UUID]]], on: date) -> Group:
    """Make several groups of one: each successor is a name and its members, the first of whom is its head."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        group.may("split")
        present = (await uow.connection.execute(present_members(group_id))).all()
        await _require_no_credit(uow, group_id)
        named = [enterprise_id for _, members in successors for enterprise_id in members]
        unplaced = {member.enterprise_id for member in present} ^ set(named)
        if unplaced or len(named) != len(set(named)) or not all(members for _, members in successors) or len(successors) < 2:
            raise MembersNotPlaced(count=len(unplaced) or len(named) - len(set(named)))
        await _release(uow, group, "group_split", on)
        ids = []
        for name, members in successors:
            formed = Group.form(id=new_id(), name=name, group_type=group.group_type, region_code=group.region_code, kbli_section=group.kbli_section, on=on)
            uow.add(formed)
            ids.append(formed.id)
            for position, enterprise_id in enumerate(members):
                enterprise = await uow.get(Enterprise, enterprise_id)
                take_in(uow, formed, enterprise, MemberRole.MEMBER if position else MemberRole.HEAD, on)
        group.split(ids, on)
    return group


async def merge_groups(transaction: Transaction, group_id: UUID, caller: Caller, *, surviving_group_id: UUID, on: date) -> Group:
    """Have a group go up in another of the region; its members become members there."""
    async with transaction() as uow:
        group, survivor = await get_within(uow, Group, group_id, caller), await get_within(uow, Group, surviving_group_id, caller)
        if group is survivor or group.region_code != survivor.region_code:
            raise GroupsDiffer
        group.may("merge")
        await _require_no_credit(uow, group_id)
        for member in await _release(uow, group, "group_merged", on):
            take_in(uow, survivor, await uow.get(Enterprise, member), MemberRole.MEMBER, on)
        group.merge_into(surviving_group_id, on)
    return group


async def dissolve_group(transaction: Transaction, group_id: UUID, caller: Caller, *, reason_code: str, on: date) -> Group:
    """End a group; its members are free to join another."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        group.may("dissolve")
        await _require_no_credit(uow, group_id)
        await _release(uow, group, "group_dissolved", on)
        group.dissolve(reason_code, on)
    return group


async def _require_no_credit(uow: UnitOfWork, group_id: UUID) -> None:
    if count := await uow.connection.scalar(credit_of_group(group_id)):
        raise OpenGroupFinancing(count=count)


async def _release(uow: UnitOfWork, group: Group, reason_code: str, on: date) -> list[UUID]:
    """Let all members go; their enterprises."""
    present = (await uow.connection.execute(present_members(group.id))).all()
    group.release([(member.id, member.enterprise_id) for member in present], reason_code, on)
    for member in present:
        uow.also(membership_left(member.id, on, reason_code))
    return [member.enterprise_id for member in present]
