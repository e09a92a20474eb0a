"""Routes of changes of the register of regions."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Body, Query, Request, Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.mapping.region_changes import handlers
from services.mapping.region_changes.domain import ChangeType, Details, RegionChange, RegionChangeStatus
from services.mapping.region_changes.tables import changes
from services.mapping.regions.domain import FIRST_DAY, RegionKind, Successor
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, Note, RegionPrefix, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("regions")
DRAFTERS = (Role.PROGRAMME_OWNER,)
DECIDERS = (Role.COORDINATOR,)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)

DecreeRef = Annotated[Name, Field(description="the law, government regulation or decree that orders it", examples=["UU 14/2022"])]
Latitude = Annotated[float, Field(ge=-12, le=7, description="degrees (WGS 84), of a point inside", examples=[-6.6684])]
Longitude = Annotated[float, Field(ge=94, le=142, description="degrees (WGS 84), of a point inside", examples=[139.531])]
AreaKm2 = Annotated[Decimal, Field(gt=0, le=1_000_000, max_digits=12, decimal_places=4, examples=["131493.5"])]
Share = Annotated[
    str, Field(pattern=r"^(0\.[0-9]{1,6}|1(\.0{1,6})?)$", description="of the population, a decimal as text; all sum to exactly 1", examples=["0.146140"])
]


class _Ordered(RequestModel):
    """What every change says."""

    region_code: RegionPrefix
    effective_from: Annotated[date, Field(ge=FIRST_DAY, description="its first day, by the decree", examples=["2022-07-25"])]
    decree_ref: DecreeRef
    reason: Annotated[Note, Field(description="what for, in a sentence", examples=["Pembentukan Provinsi Papua Selatan."])]

    def details(self) -> Details:
        """What it says beside these."""
        return Details()


class RegisterRegion(_Ordered):
    """Enter a new province, regency or city; its parent is told by its code."""

    change_type: Literal["register"]
    region_kind: Annotated[RegionKind, Field(examples=["provinsi"])]
    name: Annotated[Name, Field(examples=["Papua Selatan"])]
    latitude: Latitude
    longitude: Longitude
    area_km2: AreaKm2 | None = None
    bps_code_2024: Annotated[str | None, Field(pattern=r"^[1-9][0-9]([0-9]{2})?$", examples=["95"])] = None

    @model_validator(mode="after")
    def _kind_fits_the_code(self) -> "RegisterRegion":
        number = int(self.region_code[3:]) if "." in self.region_code else 0
        fits = RegionKind.PROVINSI if not number else RegionKind.KABUPATEN if number < 70 else RegionKind.KOTA
        if self.region_kind is not fits:
            raise PydanticCustomError("region_kind_differs", "the code is one of another kind of region")
        return self

    def details(self) -> Details:
        """All of it."""
        return Details(
            region_kind=self.region_kind,
            name=self.name,
            latitude=self.latitude,
            longitude=self.longitude,
            area_km2=self.area_km2,
            bps_code_2024=self.bps_code_2024,
        )


class CorrectRegion(_Ordered):
    """Mend what the register says wrongly; what is left out stays. `decree_ref` names the source."""

    change_type: Literal["correct"]
    name: Name | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    area_km2: AreaKm2 | None = None

    def details(self) -> Details:
        """What is to be mended."""
        return Details(name=self.name, latitude=self.latitude, longitude=self.longitude, area_km2=self.area_km2)


class RenameRegion(_Ordered):
    """Give it another name (perubahan nama); the former one stays in the crosswalk."""

    change_type: Literal["rename"]
    name: Annotated[Name, Field(examples=["Kabupaten Mempawah"])]

    def details(self) -> Details:
        """The new name."""
        return Details(name=self.name)


class RecodeRegion(_Ordered):
    """Give it another code (perubahan kode), as when it comes into another province."""

    change_type: Literal["recode"]
    new_region_code: RegionPrefix

    def details(self) -> Details:
        """The new code."""
        return Details(new_region_code=self.new_region_code)


class SuccessorIn(RequestModel):
    """A part."""

    region_code: RegionPrefix
    share: Share


class SplitRegion(_Ordered):
    """Divide it (pemekaran). List what is left under the old code too, if anything is; register the new ones first."""

    change_type: Literal["split"]
    successors: Annotated[list[SuccessorIn], Field(min_length=2, max_length=20)]

    @model_validator(mode="after")
    def _each_once(self) -> "SplitRegion":
        if len({part.region_code for part in self.successors}) != len(self.successors):
            raise PydanticCustomError("successor_twice", "a successor is listed twice")
        return self

    def details(self) -> Details:
        """The parts."""
        return Details(successors=[Successor(region_code=part.region_code, share=Decimal(part.share)) for part in self.successors])


class MergeRegion(_Ordered):
    """Make it part of another (penggabungan)."""

    change_type: Literal["merge"]
    successor_region_code: RegionPrefix

    def details(self) -> Details:
        """What it becomes part of."""
        return Details(successor_region_code=self.successor_region_code)


class DeactivateRegion(_Ordered):
    """End it without a successor (penghapusan)."""

    change_type: Literal["deactivate"]


DraftRegionChange = Annotated[
    RegisterRegion | CorrectRegion | RenameRegion | RecodeRegion | SplitRegion | MergeRegion | DeactivateRegion, Body(discriminator="change_type")
]


class RejectRegionChange(RequestModel):
    """Why not."""

    reason_code: Annotated[Code, Field(examples=["decree_not_in_force"])]


class RegionChangeOut(Representation[RegionChange]):
    """A change of the register (perubahan wilayah)."""

    id: UUID
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


@routes.post(
    "/region-changes",
    operation_id="draft_region_change",
    summary="Susun perubahan wilayah / Draft a change",
    status_code=201,
    response_model=RegionChangeOut,
)
async def draft_change(body: DraftRegionChange, command: Creating, caller: Caller = allow(*DRAFTERS)) -> Response:
    """Under a decree. Nothing changes until another person confirms it."""
    given = {name: getattr(body, name) for name in ("region_code", "effective_from", "decree_ref", "reason")}
    return await command.create(
        lambda transaction: handlers.draft_change(
            transaction, change_type=ChangeType(body.change_type), **given, details=body.details(), author=caller.subject
        ),
        RegionChangeOut,
        RegionChange,
    )


@routes.get("/region-changes", operation_id="list_region_changes", summary="Daftar perubahan wilayah / List changes", dependencies=[allow(*READERS)])
async def list_changes(
    request: Request, page: Paging, status: RegionChangeStatus | None = None, region_code: Annotated[RegionPrefix | None, Query()] = None
) -> Page[RegionChangeOut]:
    """In the order in which they were drafted."""
    statement = changes.select()
    if status:
        statement = statement.where(changes.c.status == status)
    if region_code:
        statement = statement.where(changes.c.region_code == region_code)
    return await page.listing(request, statement, RegionChangeOut, by=[changes.c.id])


@routes.get(
    "/region-changes/{change_id}",
    operation_id="get_region_change",
    summary="Baca perubahan wilayah / Read a change",
    response_model=RegionChangeOut,
    dependencies=[allow(*READERS)],
)
async def get_change(request: Request, change_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, RegionChange, change_id, RegionChangeOut)


@routes.post(
    "/region-changes/{change_id}/confirm",
    operation_id="confirm_region_change",
    summary="Sahkan perubahan / Confirm",
    response_model=RegionChangeOut,
)
async def confirm_change(change_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than its author (prinsip empat mata), on or after its first day; register and crosswalk change with it."""
    return await command.change(
        change_id, lambda transaction: handlers.confirm_change(transaction, change_id, caller.subject, today()), RegionChangeOut, RegionChange
    )


@routes.post(
    "/region-changes/{change_id}/reject",
    operation_id="reject_region_change",
    summary="Tolak perubahan / Reject",
    response_model=RegionChangeOut,
)
async def reject_change(change_id: UUID, body: RejectRegionChange, command: Changing, caller: Caller = allow(*DECIDERS, *DRAFTERS)) -> Response:
    """With a reason; its author may withdraw it."""
    return await command.change(
        change_id,
        lambda transaction: handlers.reject_change(transaction, change_id, caller.subject, body.reason_code),
        RegionChangeOut,
        RegionChange,
    )
