"""A region in the register: a province, regency or city."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self
from uuid import UUID, uuid5

from shared.aggregate import Aggregate
from shared.contracts.mapping import RegionRegistered
from shared.errors import Refused

_NAMESPACE = UUID("6f5a0c1e-3b1d-5c58-9d1f-0a2f8e0d9c11")


def id_of(region_code: str) -> UUID:
    """The id of a region, which follows from its Kemendagri code: the same in every installation."""
    return uuid5(_NAMESPACE, region_code)


class RegionLevel(StrEnum):
    """Where in the tree."""

    PROVINCE = "province"
    REGENCY = "regency"


class RegionKind(StrEnum):
    """What the region is called: provinsi, kabupaten or kota."""

    PROVINSI = "provinsi"
    KABUPATEN = "kabupaten"
    KOTA = "kota"


class BpsScheme(StrEnum):
    """Which of BPS's code tables: 34 provinces (2021) or 38 (2024). The digits of one mean another region in the other."""

    BPS_2021 = "bps_2021"
    BPS_2024 = "bps_2024"


class SchemeMissing(Refused):
    """A BPS code means nothing without the year of its table."""

    code = "bps_scheme_missing"
    message = ("Kode BPS tidak bermakna tanpa tahun tabelnya.", "A BPS code means nothing without the year of its table.")
    action = ("Kirim bps_code dan scheme bersama-sama.", "Send bps_code and scheme together.")


@dataclass(eq=False, kw_only=True)
class Region(Aggregate):
    """A region by its Kemendagri code.

    `bps_code_2021` and `bps_code_2024` are what BPS calls it in either table, null where it did not exist.
    `province_code_2021` is the Kemendagri code of the province it belonged to in 2021, null for provinces. The centroid is in
    degrees (WGS 84) and marks the area, not the capital. `source_codes` name where all this is from.
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
    latitude: float
    longitude: float
    area_km2: Decimal | None
    valid_from: date | None
    source_codes: list[str]

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
        """Enter it in the register."""
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
