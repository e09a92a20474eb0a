"""A region in the register: a province, regency or city, with what decrees do to it; districts and villages, as official lists name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID, uuid5

from services.mapping.regions.codes import RegionLevel as RegionLevel  # also to be had from here
from services.mapping.regions.codes import level_of, parent_of
from shared.aggregate import Aggregate
from shared.contracts.mapping import RegionCorrected, RegionDeactivated, RegionMerged, RegionRecoded, RegionRegistered, RegionSplit
from shared.errors import Conflict, Refused

FIRST_DAY = date(1945, 8, 17)
"""No decree about a region of the Republic is older."""

_NAMESPACE = UUID("6f5a0c1e-3b1d-5c58-9d1f-0a2f8e0d9c11")


def id_of(region_code: str) -> UUID:
    """The id of a region, which follows from its Kemendagri code: the same in every installation."""
    return uuid5(_NAMESPACE, region_code)


class RegionKind(StrEnum):
    """What the region is called by law."""

    PROVINSI = "provinsi"
    KABUPATEN = "kabupaten"
    KOTA = "kota"
    KECAMATAN = "kecamatan"
    KELURAHAN = "kelurahan"
    DESA = "desa"
    DESA_ADAT = "desa_adat"


class RegionStatus(StrEnum):
    """Where a region stands. All but `active` are ends: a code is never used again."""

    ACTIVE = "active"
    SPLIT = "split"
    MERGED = "merged"
    RECODED = "recoded"
    INACTIVE = "inactive"


class BpsSchemeMissing(Refused):
    """A BPS code means nothing without the year of its table."""

    code = "bps_scheme_missing"
    message = ("Kode BPS tidak bermakna tanpa tahun tabelnya.", "A BPS code means nothing without the year of its table.")
    action = ("Kirim bps_code bersama scheme bps-2021 atau bps-2024.", "Send bps_code together with scheme bps-2021 or bps-2024.")


class RegionCodeTaken(Conflict):
    """A code is given once, and never again."""

    code = "region_code_taken"
    message = ("Kode wilayah ini sudah pernah dipakai.", "This region code has been used.")
    action = ("Gunakan kode baru dari peraturan.", "Use the new code of the decree.")


class BpsCodeTaken(Conflict):
    """Another region has this code of BPS."""

    code = "bps_code_taken"
    message = ("Kode BPS ini milik wilayah lain.", "This BPS code is another region's.")
    action = ("Periksa kode pada tabel BPS.", "Check the code in the table of BPS.")


class FollowsOfficialList(Refused):
    """Districts and villages change with the next official list, not one by one."""

    code = "follows_official_list"
    message = (
        "Kecamatan dan desa/kelurahan berubah melalui impor daftar resmi, tidak satu per satu.",
        "Districts and villages change by import of the official list, not one by one.",
    )
    action = ("Kirim daftar resmi ke /v1/region-imports.", "Send the official list to /v1/region-imports.")


class NothingToCorrect(Refused):
    """The register says so already."""

    code = "nothing_to_correct"
    message = ("Daftar wilayah sudah memuat keterangan itu.", "The register says so already.")
    action = ("Baca wilayahnya dan kirim hanya yang berbeda.", "Read the region and send only what differs.")


class SharesNotWhole(Refused):
    """The parts of a divided region do not make the whole."""

    code = "shares_not_whole"
    message = ("Bagian penduduk berjumlah {total}, seharusnya tepat 1.", "The shares of population sum to {total}; they must be exactly 1.")
    action = ("Sertakan wilayah induk bila masih ada, dan hitung ulang bagiannya.", "Include what is left of the old region, and compute the shares again.")


class LevelDiffers(Refused):
    """A region is succeeded by regions of its own level."""

    code = "level_differs"
    message = ("Wilayah penerus harus setingkat dengan wilayah asal.", "A successor must be of the same level as the region.")
    action = ("Gunakan kode dengan tingkat yang sama.", "Use codes of the same level.")


class BeforeRegionBegan(Conflict):
    """The change would take effect before the region began."""

    code = "before_region_began"
    message = ("Wilayah ini baru berlaku sejak {valid_from}.", "This region is valid only from {valid_from}.")
    action = ("Gunakan tanggal berlaku pada atau sesudah tanggal itu.", "Use a date on or after that day.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A part of a divided region, with its share of the population in 0..1."""

    region_code: str
    share: Decimal


@dataclass(eq=False, kw_only=True)
class Region(Aggregate):
    """A region by its Kemendagri code.

    `bps_code_2021` and `bps_code_2024` are what BPS calls it in either table, null where it did not exist.
    `province_code_2021` is the Kemendagri code of the province it belonged to in 2021, null for provinces. The centroid is in
    degrees (WGS 84) and marks the area, not the capital; lists of districts and villages have none. `valid_from` is null for
    since before these tables begin; `valid_to` is the last day. `source_codes` name where all this is from. Districts and
    villages have version 0: they record no events and are changed by imports of official lists alone.
    """

    region_code: str
    level: RegionLevel
    kind: RegionKind
    name: str
    former_name: str | None
    parent_region_code: str | None
    province_code_2021: str | None
    bps_code_2021: str | None
    bps_code_2024: str | None
    latitude: float | None
    longitude: float | None
    area_km2: Decimal | None
    valid_from: date | None
    valid_to: date | None = None
    status: RegionStatus = RegionStatus.ACTIVE
    source_codes: list[str]

    TRANSITIONS: ClassVar = {RegionStatus.ACTIVE: frozenset({"correct", "rename", "recode", "split", "merge", "deactivate"})}

    @classmethod
    def register(
        cls,
        *,
        region_code: str,
        level: RegionLevel,
        kind: RegionKind,
        name: str,
        former_name: str | None,
        parent_region_code: str | None,
        province_code_2021: str | None,
        bps_code_2021: str | None,
        bps_code_2024: str | None,
        latitude: float,
        longitude: float,
        area_km2: Decimal | None,
        valid_from: date | None,
        source_codes: list[str],
    ) -> Self:
        """Enter a province, regency or city in the register."""
        region = cls(
            id=id_of(region_code),
            region_code=region_code,
            level=level,
            kind=kind,
            name=name,
            former_name=former_name,
            parent_region_code=parent_region_code,
            province_code_2021=province_code_2021,
            bps_code_2021=bps_code_2021,
            bps_code_2024=bps_code_2024,
            latitude=latitude,
            longitude=longitude,
            area_km2=area_km2,
            valid_from=valid_from,
            source_codes=source_codes,
        )
        region.record(
            RegionRegistered(
                region_code=region_code,
                bps_code=bps_code_2024,
                region_level=level,
                parent_region_code=parent_region_code,
                name=name,
                latitude=latitude,
                longitude=longitude,
                valid_from=valid_from,
            )
        )
        return region

    def require_changeable(self, on: date) -> None:
        """Raise unless a decree may change the region from that day."""
        if self.level in (RegionLevel.DISTRICT, RegionLevel.VILLAGE):
            raise FollowsOfficialList
        self.refuse_unless(self.status, {RegionStatus.ACTIVE})
        if self.valid_from and on < self.valid_from:
            raise BeforeRegionBegan(valid_from=str(self.valid_from))

    def correct(self, *, latitude: float | None, longitude: float | None, area_km2: Decimal | None, name: str | None, on: date, source_ref: str) -> None:
        """Mend what the register says; what is not given stays. A new name by decree is `rename`."""
        self.require_changeable(on)
        given = {"area_km2": area_km2, "latitude": latitude, "longitude": longitude, "name": name}
        changed = sorted(field for field, value in given.items() if value is not None and value != getattr(self, field))
        if not changed:
            raise NothingToCorrect
        for field in changed:
            setattr(self, field, given[field])
        self.record(RegionCorrected(region_code=self.region_code, changed_fields=changed, source_ref=source_ref))

    def rename(self, name: str, on: date, source_ref: str) -> None:
        """Give it another name by decree; the former one is kept."""
        self.require_changeable(on)
        if name == self.name:
            raise NothingToCorrect
        self.former_name, self.name = self.name, name
        self.record(RegionCorrected(region_code=self.region_code, changed_fields=["former_name", "name"], source_ref=source_ref))

    def recode(self, region_code: str, on: date, source_ref: str) -> "Region":
        """End it under this code; the region that goes on under the new one. Codes of BPS stay with the code they were paired with."""
        self.require_changeable(on)
        if level_of(region_code) is not self.level:
            raise LevelDiffers
        assert self.latitude is not None
        assert self.longitude is not None
        successor = Region.register(
            region_code=region_code,
            level=self.level,
            kind=self.kind,
            name=self.name,
            former_name=self.former_name,
            parent_region_code=parent_of(region_code),
            province_code_2021=self.province_code_2021,
            bps_code_2021=None,
            bps_code_2024=None,
            latitude=self.latitude,
            longitude=self.longitude,
            area_km2=self.area_km2,
            valid_from=on,
            source_codes=self.source_codes,
        )
        self._end(RegionStatus.RECODED, on)
        self.record(RegionRecoded(previous_region_code=self.region_code, region_code=region_code, effective_from=on, source_ref=source_ref))
        return successor

    def split(self, successors: Sequence[Successor], on: date, source_ref: str) -> None:
        """Divide it (pemekaran). It goes on when its own code is among the successors, as the law usually has it."""
        self.require_changeable(on)
        if (total := sum(successor.share for successor in successors)) != 1:
            raise SharesNotWhole(total=str(total))
        codes = [successor.region_code for successor in successors]
        if any(level_of(code) is not self.level for code in codes):
            raise LevelDiffers
        if self.region_code not in codes:
            self._end(RegionStatus.SPLIT, on)
        shares = [successor.share for successor in successors]
        self.record(RegionSplit(region_code=self.region_code, successor_region_codes=codes, population_shares=shares, effective_from=on, source_ref=source_ref))

    def merge(self, successor: "Region", on: date, source_ref: str) -> None:
        """Make it part of another (penggabungan), which is active."""
        self.require_changeable(on)
        successor.require_changeable(on)
        if successor.level is not self.level or successor is self:
            raise LevelDiffers
        self._end(RegionStatus.MERGED, on)
        self.record(RegionMerged(region_code=self.region_code, successor_region_code=successor.region_code, effective_from=on, source_ref=source_ref))

    def deactivate(self, on: date, source_ref: str) -> None:
        """End it without a successor."""
        self.require_changeable(on)
        self._end(RegionStatus.INACTIVE, on)
        self.record(RegionDeactivated(region_code=self.region_code, effective_from=on, source_ref=source_ref))

    def _end(self, status: RegionStatus, on: date) -> None:
        self.status = status
        self.valid_to = on - timedelta(days=1)
