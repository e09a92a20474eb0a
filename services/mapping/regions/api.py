"""Routes of regions; all of it is public."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.mapping.regions.codes import MAX_LENGTH, RegionLevel, Scheme, canonical
from services.mapping.regions.crosswalk import Change, ChangeKind, at
from services.mapping.regions.domain import BpsSchemeMissing, Region, RegionKind, RegionStatus, id_of
from services.mapping.regions.tables import changes_of, children_of, load_crosswalk, matching_regions, regions
from shared.database import Database
from shared.http.access import PUBLIC
from shared.http.commands import Representation
from shared.http.pages import Page, Paging
from shared.http.requests import ProvinceCode, router

routes = router("regions")
CODE_PATTERN = r"^[1-9][0-9](\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$"
AnyRegionCode = Annotated[str, Path(pattern=CODE_PATTERN, description="Kemendagri code of any level", examples=["11.10"])]


class RegionOut(Representation[Region]):
    """A province (provinsi), regency (kabupaten), city (kota), district (kecamatan) or village (desa/kelurahan)."""

    region_code: str = Field(description="Kemendagri code (Kepmendagri 300.2.2-2430/2025); text, never a number", examples=["11.10"])
    level: RegionLevel
    kind: RegionKind
    name: str = Field(examples=["Kabupaten Bireuen"])
    former_name: str | None = Field(description="a name that older tables use")
    parent_region_code: str | None = Field(description="Kemendagri code of the region it lies in; null for a province", examples=["11"])
    province_code_2021: str | None = Field(description="Kemendagri code of the province it belonged to in 2021, before Papua was divided")
    bps_code_2021: str | None = Field(description="code of BPS, table of 34 provinces (2021)", examples=["1111"])
    bps_code_2024: str | None = Field(description="code of BPS, table of 38 provinces (2024)", examples=["1111"])
    latitude: float | None = Field(description="degrees; centroid of the area, not the capital; null for districts and villages", examples=[5.0835])
    longitude: float | None = Field(description="degrees; centroid of the area, not the capital; null for districts and villages", examples=[96.6102])
    area_km2: Decimal | None
    valid_from: date | None = Field(description="null: since before these tables begin")
    valid_to: date | None = Field(description="its last day; null for a region of today")
    status: RegionStatus
    source_codes: list[str] = Field(description="see GET /v1/sources", examples=[["kemendagri-2025"]])


class ChangeOut(BaseModel):
    """A row of the crosswalk: from `on`, `share` of the population of what `from_code` was is in `to_code`."""

    from_code: str
    from_name: str = Field(description="the name until then")
    to_code: str
    on: date
    share: Decimal
    kind: ChangeKind
    decree_ref: str

    @classmethod
    def of(cls, change: Change) -> "ChangeOut":
        """As the crosswalk has it."""
        return cls(**{name: getattr(change, name) for name in cls.model_fields})


class RegionDetail(RegionOut):
    """A region with what lies in it and what became of it."""

    children_count: int = Field(description="regions of today that lie directly in it")
    crosswalk: list[ChangeOut] = Field(description="changes that lead to this code or from it, oldest first")


class ResolvedRegion(BaseModel):
    """The region of today that a code named."""

    region_code: str = Field(examples=["94.01"])
    region_code_then: str = Field(description="its Kemendagri code on the day asked about", examples=["91.04"])
    level: RegionLevel
    name: str = Field(examples=["Kabupaten Nabire"])
    scheme: Scheme
    how: str = Field(description="same_code, code_table (a code of BPS), or the kind of the last change followed", examples=["recode"])
    since: date | None = Field(description="from when it has had its present code, name and extent; null: since before these tables begin")
    changes: list[ChangeOut] = Field(description="what was followed from then to today, oldest first")


@routes.get("/regions", operation_id="list_regions", summary="Daftar wilayah / List regions", dependencies=[PUBLIC])
async def list_regions(
    request: Request,
    page: Paging,
    level: RegionLevel | None = None,
    parent: Annotated[str | None, Query(pattern=CODE_PATTERN, description="the regions directly in this one", examples=["11.10"])] = None,
    q: Annotated[str | None, Query(min_length=2, max_length=100, description="part of a name, or the beginning of a code", examples=["nabire"])] = None,
    ended: Annotated[bool, Query(description="also regions that have ended")] = False,
    province_code: Annotated[ProvinceCode | None, Query(description="the same as parent, of a province")] = None,
    bps_code: Annotated[str | None, Query(pattern=r"^[0-9]{2}([0-9]{2})?$", description="together with scheme", examples=["1101"])] = None,
    scheme: Annotated[Scheme | None, Query(description="which code table of BPS bps_code is from")] = None,
) -> Page[RegionOut]:
    """By Kemendagri code. 169 BPS codes are the valid Kemendagri code of another region, so a BPS code needs its scheme."""
    if (bps_code is None) != (scheme is None) or scheme is Scheme.KEMENDAGRI:
        raise BpsSchemeMissing
    found = matching_regions(level, parent or province_code, bps_code, scheme, q, ended=ended)
    return await page.listing(request, found, RegionOut, by=[regions.c.region_code])


@routes.get("/regions/resolve", operation_id="resolve_region", summary="Cari wilayah dari kode / Resolve a code", dependencies=[PUBLIC])
async def resolve_region(
    request: Request,
    code: Annotated[str, Query(min_length=1, max_length=MAX_LENGTH, description="as written in the table that you read", examples=["9404"])],
    scheme: Annotated[Scheme | None, Query(description="whose code it is; required, since a code means nothing without it")] = None,
    on: Annotated[date | None, Query(description="the day that the figure is about; today, unless given", examples=["2021-12-31"])] = None,
) -> ResolvedRegion:
    """The region of today. What cannot be told for certain is a named problem: unknown_code, code_of_another_scheme, code_read_as_number,
    ambiguous_code, scheme_missing.
    """
    written = canonical(code, Scheme.KEMENDAGRI)
    database: Database = request.app.state.database
    async with database.reading() as connection:
        crosswalk = await load_crosswalk(connection, codes=[written] if written else [])
    found = at(crosswalk, code, scheme, on)
    return ResolvedRegion(
        region_code=found.region_code,
        region_code_then=found.region_code_then,
        level=found.level,
        name=found.name,
        scheme=found.scheme,
        how=found.how,
        since=found.since,
        changes=[ChangeOut.of(change) for change in found.followed],
    )


@routes.get("/regions/{region_code}", operation_id="get_region", summary="Baca wilayah / Read a region", response_model=RegionDetail, dependencies=[PUBLIC])
async def get_region(request: Request, region_code: AnyRegionCode) -> Response:
    """With all codes, names, dates, centroid and sources, how many regions lie in it, and what became of it."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        region = await uow.get(Region, id_of(region_code))
        children = await uow.connection.scalar(children_of(region_code)) or 0
        changes = (await uow.connection.execute(changes_of(region_code))).mappings().all()
    answer = RegionDetail(**RegionOut.of(region).model_dump(), children_count=children, crosswalk=[_change(row) for row in changes])
    # No 304: a list of villages changes what lies in a region without changing the region.
    return Response(answer.model_dump_json(), headers={"ETag": f'"{region.version}"', "Cache-Control": "no-cache"}, media_type="application/json")


def _change(row: Any) -> ChangeOut:
    return ChangeOut(on=row["effective_from"], **{name: row[name] for name in ChangeOut.model_fields if name != "on"})
