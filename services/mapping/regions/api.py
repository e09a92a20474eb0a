"""Routes of regions; all of it is public."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import Field

from services.mapping.regions.domain import BpsScheme, Region, RegionKind, RegionLevel, SchemeMissing, id_of
from services.mapping.regions.tables import matching_regions, regions
from shared.http.access import PUBLIC
from shared.http.commands import Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import ProvinceCode, router

routes = router("regions")


class RegionOut(Representation[Region]):
    """A province (provinsi), regency (kabupaten) or city (kota)."""

    region_code: str = Field(description="Kemendagri code (Kepmendagri 300.2.2-2430/2025); text, never a number", examples=["11.10"])
    level: RegionLevel
    kind: RegionKind
    name: str = Field(examples=["Kabupaten Bireuen"])
    former_name: str | None = Field(description="a name that older tables use")
    parent_region_code: str | None = Field(description="Kemendagri code of the province; null for a province", examples=["11"])
    province_code_2021: str | None = Field(description="Kemendagri code of the province it belonged to in 2021, before Papua was divided")
    bps_code_2021: str | None = Field(description="code of BPS, table of 34 provinces (2021)", examples=["1111"])
    bps_code_2024: str | None = Field(description="code of BPS, table of 38 provinces (2024)", examples=["1111"])
    latitude: float = Field(description="degrees; centroid of the area, not the capital", examples=[5.0835])
    longitude: float = Field(description="degrees; centroid of the area, not the capital", examples=[96.6102])
    area_km2: Decimal | None
    valid_from: date | None = Field(description="null: since before these tables begin")
    source_codes: list[str] = Field(description="see GET /v1/sources", examples=[["kemendagri-2025"]])


@routes.get("/regions", operation_id="list_regions", summary="Daftar wilayah / List regions", dependencies=[PUBLIC])
async def list_regions(
    request: Request,
    page: Paging,
    level: RegionLevel | None = None,
    province_code: Annotated[ProvinceCode | None, Query(description="the regencies and cities of this province")] = None,
    bps_code: Annotated[str | None, Query(pattern=r"^[0-9]{2}([0-9]{2})?$", description="together with scheme", examples=["1101"])] = None,
    scheme: Annotated[BpsScheme | None, Query(description="which code table of BPS bps_code is from")] = None,
) -> Page[RegionOut]:
    """By Kemendagri code. 169 BPS codes are the valid Kemendagri code of another region, so a BPS code needs its scheme."""
    if (bps_code is None) != (scheme is None):
        raise SchemeMissing
    return await page.listing(request, matching_regions(level, province_code, bps_code, scheme), RegionOut, by=[regions.c.region_code])


@routes.get("/regions/{region_code}", operation_id="get_region", summary="Baca wilayah / Read a region", response_model=RegionOut, dependencies=[PUBLIC])
async def get_region(
    request: Request,
    region_code: Annotated[str, Path(pattern=r"^[1-9][0-9](\.[0-9]{2})?$", description="Kemendagri code", examples=["11.10"])],
) -> Response:
    """With both code schemes, names, centroid and sources."""
    return await resource(request, Region, id_of(region_code), RegionOut)
