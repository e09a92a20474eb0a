"""What can be done with an enterprise."""

from datetime import date
from uuid import UUID

from services.facilitation.duplicates.handlers import flag, look_alikes
from services.facilitation.duplicates.scoring import Compared
from services.facilitation.enterprises.domain import Channel, Enterprise, LegalityType, Owner, Sex
from services.facilitation.enterprises.names import keys_of
from services.facilitation.enterprises.nik import checked_nik, warnings_of
from services.facilitation.enterprises.problems import NoActiveMembership, OpenFinancing
from services.facilitation.enterprises.tables import place_of
from services.facilitation.financing.under_way import credit_of_enterprise
from services.facilitation.groups.domain import Group, GroupStatus
from services.facilitation.groups.tables import active_membership, membership_left
from services.facilitation.locations.domain import NotPrioritisedLocation
from services.facilitation.locations.tables import priority_in_force
from services.facilitation.scope import get_within
from services.facilitation.waivers.tables import waiver_in_force
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.money import Rupiah
from shared.security.identity import Caller
from shared.security.personal_data import Vault, masked_nik


def sealed_owner(vault: Vault, id: UUID, *, owner_name: str, owner_nik: str, owner_sex: Sex | None, on: date) -> Owner:
    """The owner as kept: the NIK checked, sealed, hashed and masked; `NikMalformed` and its like for what is none."""
    nik = checked_nik(owner_nik, on)
    return Owner(
        name=owner_name,
        nik=vault.encrypt(nik, place=f"enterprises.owner_nik:{id}"),
        nik_index=vault.blind_index(nik),
        nik_masked=masked_nik(nik),
        birth_index=vault.blind_index(f"birth:{nik[6:12]}"),
        keys=keys_of(owner_name),
        sex=owner_sex,
        warnings=warnings_of(nik, None if owner_sex is None else owner_sex is Sex.FEMALE, on),
    )


async def register_enterprise(
    transaction: Transaction,
    vault: Vault,
    *,
    name: str,
    owner_name: str,
    owner_nik: str,
    region_code: str,
    kbli_section: str,
    capital_idr: int,
    annual_sales_idr: int,
    nib: str | None,
    consent_purpose: str,
    consent_on: date,
    on: date,
    kbli_code: str | None = None,
    owner_sex: Sex | None = None,
    by: str = "",
    channel: Channel = Channel.FORM,
) -> Enterprise:
    """Enter a micro enterprise in the register; its owner's NIK is sealed before anything is kept. What it looks like is asked of two people."""
    id = new_id()
    owner = sealed_owner(vault, id, owner_name=owner_name, owner_nik=owner_nik, owner_sex=owner_sex, on=on)
    name_keys = keys_of(name)
    async with transaction() as uow:
        alike = await look_alikes(uow, Compared(owner.keys, name_keys, owner.birth_index, region_code), on)
        enterprise = Enterprise.register(
            id=id,
            name=name,
            name_keys=name_keys,
            owner=owner,
            region_code=region_code,
            kbli_section=kbli_section,
            kbli_code=kbli_code,
            capital_idr=Rupiah(capital_idr),
            annual_sales_idr=Rupiah(annual_sales_idr),
            nib=nib,
            consent_purpose=consent_purpose,
            consent_on=consent_on,
            by=by,
            channel=channel,
            duplicate_candidates=len(alike),
            on=on,
        )
        uow.add(enterprise)
        flag(uow, enterprise, alike, on)
    return enterprise


async def verify_enterprise(transaction: Transaction, id: UUID, caller: Caller, *, method: str) -> Enterprise:
    """Find it to be there."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, id, caller)
        enterprise.verify(caller.subject, method)
    return enterprise


async def activate_enterprise(transaction: Transaction, id: UUID, caller: Caller, *, on: date) -> Enterprise:
    """Open it to facilitation as a member of its active group."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, id, caller)
        enterprise.may("activate")
        place = (await uow.connection.execute(place_of(id))).one_or_none()
        if place is None or place.status != GroupStatus.ACTIVE:
            raise NoActiveMembership
        priority = await uow.connection.scalar(priority_in_force(place.programme_id, enterprise.region_code, on))
        waiver = await uow.connection.scalar(waiver_in_force(place.programme_id, enterprise.region_code, place.group_id, on))
        if priority is None and waiver is None:
            raise NotPrioritisedLocation
        enterprise.activate(group_id=place.group_id, location_priority_id=priority, waiver_id=None if priority else waiver, on=on)
    return enterprise


async def upgrade_legality(
    transaction: Transaction,
    id: UUID,
    caller: Caller,
    *,
    legality_type: LegalityType,
    nib: str | None,
    risk_level: str | None,
    valid_until: date | None,
    on: date,
) -> Enterprise:
    """Record a document that it holds."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, id, caller)
        enterprise.upgrade_legality(legality_type=legality_type, nib=nib, risk_level=risk_level, valid_until=valid_until, on=on)
    return enterprise


async def link_household(
    transaction: Transaction, id: UUID, caller: Caller, *, source_code: str, source_version: str, welfare_decile: int | None, on: date
) -> Enterprise:
    """Say where its owner's household stands in a register of the poor."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, id, caller)
        enterprise.link_household(source_code=source_code, source_version=source_version, welfare_decile=welfare_decile, on=on)
    return enterprise


async def pause_enterprise(transaction: Transaction, id: UUID, caller: Caller, reason_code: str) -> Enterprise:
    """Let facilitation rest."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, id, caller)
        enterprise.pause(reason_code)
    return enterprise


async def relapse_enterprise(transaction: Transaction, id: UUID, caller: Caller, reason_code: str) -> Enterprise:
    """Take a graduated one back."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, id, caller)
        enterprise.relapse(reason_code)
    return enterprise


async def exit_enterprise(transaction: Transaction, id: UUID, caller: Caller, reason_code: str, on: date) -> Enterprise:
    """Let it go; credit under way comes to its end first, and it leaves its group."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, id, caller)
        enterprise.exit(reason_code)
        if count := await uow.connection.scalar(credit_of_enterprise(id)):
            raise OpenFinancing(count=count)
        await leave_its_group(uow, id, "exited", on)
    return enterprise


async def leave_its_group(uow: UnitOfWork, enterprise_id: UUID, reason_code: str, on: date) -> None:
    """End its membership, if it has one."""
    place = (await uow.connection.execute(place_of(enterprise_id))).one_or_none()
    if place is None:
        return
    group = await uow.get(Group, place.group_id)
    membership_id = await uow.connection.scalar(active_membership(group.id, enterprise_id))
    assert membership_id, "its place was just read"
    group.leave(membership_id=membership_id, enterprise_id=enterprise_id, reason_code=reason_code, on=on)
    uow.also(membership_left(membership_id, on, reason_code))


async def withdraw_consent(transaction: Transaction, id: UUID, caller: Caller, on: date) -> Enterprise:
    """Its owner does not agree any longer."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, id, caller)
        enterprise.withdraw_consent(on)
    return enterprise


async def renew_consent(transaction: Transaction, id: UUID, caller: Caller, *, consent_purpose: str, consent_on: date, on: date) -> Enterprise:
    """Its owner agrees again."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, id, caller)
        enterprise.renew_consent(consent_purpose, consent_on, on)
    return enterprise
