"""A change of the register of regions: what a decree does to a region, confirmed by another person than who wrote it down."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.mapping.regions.codes import RegionLevel, level_of
from services.mapping.regions.domain import FollowsOfficialList, RegionKind, SharesNotWhole, Successor
from shared.aggregate import Aggregate
from shared.contracts.mapping import RegionChangeConfirmed, RegionChangeDrafted, RegionChangeRejected
from shared.errors import Conflict, Refused, SamePerson


class ChangeType(StrEnum):
    """What is to be done."""

    REGISTER = "register"
    CORRECT = "correct"
    RENAME = "rename"
    RECODE = "recode"
    SPLIT = "split"
    MERGE = "merge"
    DEACTIVATE = "deactivate"


class RegionChangeStatus(StrEnum):
    """Where a change stands."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class RegionUnknown(Refused):
    """The change names a region that the register does not have."""

    code = "region_unknown"
    message = ("Wilayah {region_code} tidak ada pada daftar.", "The register has no region {region_code}.")
    action = ("Periksa kode Kemendagri, atau daftarkan wilayahnya lebih dahulu.", "Check the Kemendagri code, or register the region first.")


class SuccessorNotActive(Conflict):
    """A part of a divided region, or the region it goes into, is not a region of today."""

    code = "successor_not_active"
    message = ("Wilayah {region_code} tidak ada atau sudah berakhir.", "The region {region_code} does not exist or has ended.")
    action = ("Daftarkan wilayah penerus lebih dahulu.", "Register the successor first.")


class ChildrenActive(Conflict):
    """A region cannot end while regencies lie in it."""

    code = "children_active"
    message = ("Masih ada {children_count} kabupaten/kota di dalamnya.", "There are still {children_count} regencies and cities in it.")
    action = ("Ubah kode kabupaten/kota itu lebih dahulu.", "Recode those regencies and cities first.")


class ProgrammeRunning(Conflict):
    """A region cannot be deleted while it is a priority location."""

    code = "programme_running"
    message = ("Wilayah ini masih lokasi prioritas program yang berlaku.", "The region is still a priority location of a programme in force.")
    action = ("Cabut prioritasnya atau tunggu program berakhir.", "Take it off the list or wait for the end of the programme.")


class EffectiveInFuture(Conflict):
    """The register says what is; a change is confirmed on its day or later."""

    code = "effective_in_future"
    message = ("Perubahan ini baru berlaku pada {effective_from}.", "This change takes effect on {effective_from}.")
    action = ("Sahkan pada atau sesudah tanggal itu.", "Confirm it on or after that day.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the change says beside code, day and decree; each kind of change uses its own part of it."""

    region_kind: RegionKind | None = None
    name: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    area_km2: Decimal | None = None
    bps_code_2024: str | None = None
    new_region_code: str | None = None
    successor_region_code: str | None = None
    successors: list[Successor] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class RegionChange(Aggregate):
    """A change as one person wrote it down. `effective_from` is its first day; `decree_ref` the decree that orders it."""

    change_type: ChangeType
    region_code: str
    effective_from: date
    decree_ref: str
    reason: str
    details: Details
    author: str
    decided_by: str | None
    reason_code: str | None
    status: RegionChangeStatus

    TRANSITIONS: ClassVar = {
        RegionChangeStatus.DRAFT: frozenset({"confirm", "reject"}),
        RegionChangeStatus.CONFIRMED: frozenset(),
        RegionChangeStatus.REJECTED: frozenset(),
    }

    @classmethod
    def draft(
        cls, *, id: UUID, change_type: ChangeType, region_code: str, effective_from: date, decree_ref: str, reason: str, details: Details, author: str
    ) -> Self:
        """Write a change down. What the register says is looked at now and again when it is confirmed."""
        if level_of(region_code) in (RegionLevel.DISTRICT, RegionLevel.VILLAGE):
            raise FollowsOfficialList
        if change_type is ChangeType.SPLIT and (total := sum(successor.share for successor in details.successors)) != 1:
            raise SharesNotWhole(total=str(total))
        change = cls(
            id=id,
            change_type=change_type,
            region_code=region_code,
            effective_from=effective_from,
            decree_ref=decree_ref,
            reason=reason,
            details=details,
            author=author,
            decided_by=None,
            reason_code=None,
            status=RegionChangeStatus.DRAFT,
        )
        change.record(
            RegionChangeDrafted(change_id=id, change_kind=change_type.value, region_code=region_code, effective_from=effective_from, source_ref=decree_ref)
        )
        return change

    @property
    def ends_region(self) -> bool:
        """Whether the region does not go on under its code."""
        if self.change_type is ChangeType.SPLIT:
            return all(successor.region_code != self.region_code for successor in self.details.successors)
        return self.change_type in (ChangeType.RECODE, ChangeType.MERGE, ChangeType.DEACTIVATE)

    def confirm(self, by: str, today: date) -> None:
        """Let it happen; `by` is another person than the author."""
        self.refuse_unless(self.status, {RegionChangeStatus.DRAFT})
        if by == self.author:
            raise SamePerson
        if self.effective_from > today:
            raise EffectiveInFuture(effective_from=str(self.effective_from))
        self.status = RegionChangeStatus.CONFIRMED
        self.decided_by = by
        self.record(RegionChangeConfirmed(change_id=self.id, change_kind=self.change_type.value, region_code=self.region_code))

    def reject(self, by: str, reason_code: str) -> None:
        """Turn it down. Its author may, too: to withdraw it."""
        self.refuse_unless(self.status, {RegionChangeStatus.DRAFT})
        self.status = RegionChangeStatus.REJECTED
        self.decided_by = by
        self.reason_code = reason_code
        self.record(RegionChangeRejected(change_id=self.id, change_kind=self.change_type.value, region_code=self.region_code, reason_code=reason_code))
