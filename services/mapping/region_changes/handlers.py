"""What can be done with changes of the register of regions."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from services.mapping.region_changes.domain import (
    ChangeType,
    ChildrenActive,
    Details,
    ProgrammeRunning,
    RegionChange,
    RegionUnknown,
    SuccessorNotActive,
)
from services.mapping.region_changes.tables import regencies_in, running_programmes
from services.mapping.regions.codes import RegionLevel, level_of, parent_of
from services.mapping.regions.crosswalk import Change, ChangeKind
from services.mapping.regions.domain import BeforeRegionBegan, Region, RegionCodeTaken, RegionKind, RegionStatus, id_of
from services.mapping.regions.tables import changes_of, end_below, write_changes
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork


async def draft_change(
    transaction: Transaction,
    *,
    change_type: ChangeType,
    region_code: str,
    effective_from: date,
    decree_ref: str,
    reason: str,
    details: Details,
    author: str,
) -> RegionChange:
    """Write a change down, if the register as it is would allow it."""
    async with transaction() as uow:
        change = RegionChange.draft(
            id=new_id(),
            change_type=change_type,
            region_code=region_code,
            effective_from=effective_from,
            decree_ref=decree_ref,
            reason=reason,
            details=details,
            author=author,
        )
        await _check(uow, change)
        uow.add(change)
    return change


async def confirm_change(transaction: Transaction, change_id: UUID, by: str, today: date) -> RegionChange:
    """Change the register; regions, their events and the crosswalk are written in one transaction."""
    async with transaction() as uow:
        change = await uow.get(RegionChange, change_id)
        change.confirm(by, today)
        await _check(uow, change)
        await _apply(uow, change)
    return change


async def reject_change(transaction: Transaction, change_id: UUID, by: str, reason_code: str) -> RegionChange:
    """Turn a change down."""
    async with transaction() as uow:
        change = await uow.get(RegionChange, change_id)
        change.reject(by, reason_code)
    return change


async def _check(uow: UnitOfWork, change: RegionChange) -> None:
    """Raise what stands in the way of the change; nothing is changed."""
    details, on = change.details, change.effective_from
    if change.change_type is ChangeType.REGISTER:
        await _require_free(uow, change.region_code)
        await _require_active(uow, parent_of(change.region_code), on)
        return
    region = await uow.find(Region, id_of(change.region_code))
    if region is None:
        raise RegionUnknown(region_code=change.region_code)
    region.require_changeable(on)
    if details.new_region_code:
        await _require_free(uow, details.new_region_code)
        await _require_active(uow, parent_of(details.new_region_code), on)
    await _require_active(uow, details.successor_region_code, on)
    for successor in details.successors:
        await _require_active(uow, successor.region_code, on)
    if change.ends_region:
        children: int = await uow.connection.scalar(regencies_in(change.region_code)) or 0
        if children:
            raise ChildrenActive(children_count=children)
    if change.change_type is ChangeType.DEACTIVATE and await uow.connection.scalar(running_programmes(change.region_code, on)):
        raise ProgrammeRunning


async def _require_free(uow: UnitOfWork, region_code: str) -> None:
    """Neither in the register nor a code of the past."""
    used = await uow.find(Region, id_of(region_code)) or (await uow.connection.execute(changes_of(region_code))).first()
    if used:
        raise RegionCodeTaken


async def _require_active(uow: UnitOfWork, region_code: str | None, on: date) -> None:
    if region_code is None:
        return
    region = await uow.find(Region, id_of(region_code))
    if region is None or region.status is not RegionStatus.ACTIVE:
        raise SuccessorNotActive(region_code=region_code)
    if region.valid_from and region.valid_from > on:
        raise BeforeRegionBegan(valid_from=str(region.valid_from))


async def _apply(uow: UnitOfWork, change: RegionChange) -> None:
    if change.change_type is ChangeType.REGISTER:
        uow.add(_registered(change))
        return
    region = await uow.get(Region, id_of(change.region_code))
    name = region.name
    moves = await _moved(uow, change, region)
    if moves:
        rows = [
            Change(from_code=change.region_code, from_name=name, to_code=code, on=change.effective_from, share=share, kind=kind, decree_ref=change.decree_ref)
            for kind, code, share in moves
        ]
        uow.also(*write_changes(rows))
    if change.ends_region and region.level is RegionLevel.REGENCY:
        uow.also(end_below(region))


async def _moved(uow: UnitOfWork, change: RegionChange, region: Region) -> list[tuple[ChangeKind, str, Decimal]]:
    """Do it to the region; what the crosswalk is to say: kind, code and share of each part."""
    details, on, ref, whole = change.details, change.effective_from, change.decree_ref, Decimal(1)
    match change.change_type:
        case ChangeType.CORRECT:
            region.correct(latitude=details.latitude, longitude=details.longitude, area_km2=details.area_km2, name=details.name, on=on, source_ref=ref)
        case ChangeType.RENAME:
            assert details.name
            region.rename(details.name, on, ref)
            return [(ChangeKind.RENAME, region.region_code, whole)]
        case ChangeType.RECODE:
            assert details.new_region_code
            uow.add(region.recode(details.new_region_code, on, ref))
            return [(ChangeKind.RECODE, details.new_region_code, whole)]
        case ChangeType.SPLIT:
            region.split(details.successors, on, ref)
            return [(ChangeKind.SPLIT, successor.region_code, successor.share) for successor in details.successors]
        case ChangeType.MERGE:
            assert details.successor_region_code
            region.merge(await uow.get(Region, id_of(details.successor_region_code)), on, ref)
            return [(ChangeKind.MERGE, details.successor_region_code, whole)]
        case ChangeType.DEACTIVATE:
            region.deactivate(on, ref)
    return []


def _registered(change: RegionChange) -> Region:
    details, code = change.details, change.region_code
    assert details.name
    assert details.latitude is not None
    assert details.longitude is not None
    return Region.register(
        region_code=code,
        level=level_of(code),
        kind=details.region_kind or RegionKind.PROVINSI,
        name=details.name,
        former_name=None,
        parent_region_code=parent_of(code),
        province_code_2021=None,
        bps_code_2021=None,
        bps_code_2024=details.bps_code_2024,
        latitude=details.latitude,
        longitude=details.longitude,
        area_km2=details.area_km2,
        valid_from=change.effective_from,
        source_codes=[],
    )
