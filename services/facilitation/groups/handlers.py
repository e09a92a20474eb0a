"""What can be done with a group.

Memberships are written in the transaction that saves their group, whose version makes commands on one group take turns.
"""

from datetime import date
from uuid import UUID

from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.groups.domain import Group, MemberRole, NotAMember
from services.facilitation.groups.minimums import GroupType
from services.facilitation.groups.tables import active_membership, memberships
from services.facilitation.locations.domain import NotPrioritisedLocation
from services.facilitation.locations.tables import priority_in_force
from services.facilitation.scope import get_within
from shared.clock import new_id
from shared.database import Transaction
from shared.security.identity import Caller


async def form_group(transaction: Transaction, *, name: str, group_type: GroupType, region_code: str, kbli_section: str, on: date) -> Group:
    """Begin a group."""
    async with transaction() as uow:
        group = Group.form(id=new_id(), name=name, group_type=group_type, region_code=region_code, kbli_section=kbli_section, on=on)
        uow.add(group)
    return group


async def join_group(transaction: Transaction, group_id: UUID, caller: Caller, *, enterprise_id: UUID, member_role: MemberRole, on: date) -> Group:
    """Take an enterprise in that is in no other group."""
    membership_id = new_id()
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        enterprise = await get_within(uow, Enterprise, enterprise_id, caller)
        group.join(membership_id=membership_id, enterprise_id=enterprise.id, enterprise_region=enterprise.region_code, role=member_role, on=on)
        uow.also(memberships.insert().values(id=membership_id, group_id=group_id, enterprise_id=enterprise_id, member_role=member_role, joined_on=on))
    return group


async def leave_group(transaction: Transaction, group_id: UUID, enterprise_id: UUID, caller: Caller, *, reason_code: str, on: date) -> Group:
    """Let a member go."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        membership_id = await uow.connection.scalar(active_membership(group_id, enterprise_id))
        if membership_id is None:
            raise NotAMember
        group.leave(membership_id=membership_id, enterprise_id=enterprise_id, reason_code=reason_code, on=on)
        uow.also(memberships.update().where(memberships.c.id == membership_id).values(left_on=on, reason_code=reason_code))
    return group


async def activate_group(transaction: Transaction, group_id: UUID, caller: Caller, *, programme_id: UUID, on: date) -> Group:
    """Open a group to facilitation in a location that the programme prioritised."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        if await uow.connection.scalar(priority_in_force(programme_id, group.region_code, on)) is None:
            raise NotPrioritisedLocation
        group.activate(programme_id, on)
    return group
