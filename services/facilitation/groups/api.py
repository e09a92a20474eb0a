"""Routes of groups and their members."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.facilitation.groups import handlers
from services.facilitation.groups.domain import AnnualMeeting, Group, GroupStatus, MemberRole
from services.facilitation.groups.minimums import GroupType
from services.facilitation.groups.tables import groups, memberships
from services.facilitation.scope import under, within
from shared.clock import today
from shared.http.access import allow, require_region
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, KbliSection, Name, RegionCode, RegionPrefix, RequestModel, Sha256, router
from shared.security.identity import Caller, Role

routes = router("groups")
COMPANIONS = (Role.MENTOR, Role.REGENCY, Role.PROVINCE)
ACTIVATORS = (Role.PROGRAMME_OWNER, Role.PROVINCE, Role.REGENCY)
READERS = (
    *COMPANIONS,
    Role.COORDINATOR,
    Role.PROGRAMME_OWNER,
    Role.PARTNER_MINISTRY,
    Role.AUDITOR,
    Role.DATA_PROTECTION_OFFICER,
)


class GroupFacts(RequestModel):
    """What is known of a group beside its members: kelompok `minutes_hash` (SHA-256 of the minutes of its foundation), sentra `main_product`,
    klaster `commodity_code`, koperasi `cooperative_number` (Nomor Induk Koperasi) and `legal_entity_ref` (badan hukum).
    """

    minutes_hash: Sha256 | None = None
    main_product: Name | None = None
    commodity_code: Code | None = None
    cooperative_number: Annotated[str | None, Field(pattern=r"^[0-9]{10,16}$", examples=["5304010010012"])] = None
    legal_entity_ref: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./ -]{3,63}$", examples=["AHU-0001234.AH.01.26.2024"])] = None

    def given(self) -> dict[str, str]:
        """Those that were given."""
        return {name: value for name, value in self if value is not None}


class FormGroup(RequestModel):
    """A group to begin."""

    name: Annotated[Name, Field(examples=["Kelompok Tenun Amanuban"])]
    group_type: GroupType
    region_code: RegionCode
    kbli_section: KbliSection


class JoinGroup(RequestModel):
    """Who joins, in which role."""

    enterprise_id: UUID
    member_role: MemberRole = MemberRole.MEMBER


class LeaveGroup(RequestModel):
    """Why a member leaves."""

    reason_code: Annotated[Code, Field(examples=["moved_away"])]


class VerifyGroup(RequestModel):
    """What the group's type requires; see `group_facts_missing`."""

    facts: Annotated[GroupFacts, Field(examples=[{"minutes_hash": "9f" * 32}])]


class ActivateGroup(RequestModel):
    """The programme that prioritised the group's location."""

    programme_id: UUID


class GroupOut(Representation[Group]):
    """A group (kelompok, sentra, klaster, koperasi)."""

    id: UUID
    name: str
    group_type: GroupType
    region_code: str
    kbli_section: str
    status: GroupStatus
    member_count: int
    formed_on: date
    programme_id: UUID | None
    activated_on: date | None
    facts: dict[str, str]
    annual_meetings: list[AnnualMeeting]
    incorporated_on: date | None
    reason_code: str | None = Field(description="why it is dormant or was dissolved")
    surviving_group_id: UUID | None
    successor_group_ids: list[UUID]
    ended_on: date | None


class MembershipOut(BaseModel):
    """A membership (keanggotaan), active until `left_on`."""

    id: UUID
    enterprise_id: UUID
    member_role: MemberRole
    joined_on: date
    left_on: date | None
    reason_code: str | None


@routes.post("/groups", operation_id="form_group", summary="Bentuk kelompok / Form a group", status_code=201, response_model=GroupOut)
async def form(body: FormGroup, command: Creating, caller: Caller = allow(*COMPANIONS)) -> Response:
    """In the caller's regions, under a name of its own there; members join afterwards."""
    require_region(caller, body.region_code)
    return await command.create(lambda transaction: handlers.form_group(transaction, **dict(body), on=today()), GroupOut, Group)


@routes.get("/groups", operation_id="list_groups", summary="Daftar kelompok / List groups")
async def list_groups(
    request: Request, page: Paging, region_code: RegionPrefix | None = None, status: GroupStatus | None = None, caller: Caller = allow(*READERS)
) -> Page[GroupOut]:
    """Those in the caller's regions, in the order in which they were formed."""
    statement = groups.select().where(within(groups.c.region_code, caller))
    if region_code:
        statement = statement.where(under(groups.c.region_code, region_code))
    if status:
        statement = statement.where(groups.c.status == status)
    return await page.listing(request, statement, GroupOut, by=[groups.c.id])


@routes.get("/groups/{group_id}", operation_id="get_group", summary="Baca kelompok / Read a group", response_model=GroupOut)
async def get_group(request: Request, group_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, Group, group_id, GroupOut, visible=lambda found: caller.covers(found.region_code))


@routes.get("/groups/{group_id}/members", operation_id="list_members", summary="Daftar anggota kelompok / List a group's members")
async def list_members(request: Request, page: Paging, group_id: UUID, caller: Caller = allow(*READERS)) -> Page[MembershipOut]:
    """Past members too, in the order of joining; none for a group outside the caller's regions."""
    c = memberships.c
    statement = memberships.select().join(groups).where(c.group_id == group_id, within(groups.c.region_code, caller))
    return await page.listing(request, statement, MembershipOut, by=[c.id])


@routes.post("/groups/{group_id}/members", operation_id="join_group", summary="Tambah anggota / Add a member", response_model=GroupOut)
async def join(group_id: UUID, body: JoinGroup, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """An enterprise of the same regency/city that is in no group."""
    return await command.change(group_id, lambda transaction: handlers.join_group(transaction, group_id, caller, **dict(body), on=today()), GroupOut, Group)


@routes.post(
    "/groups/{group_id}/members/{enterprise_id}/leave", operation_id="leave_group", summary="Catat anggota keluar / A member leaves", response_model=GroupOut
)
async def leave(group_id: UUID, enterprise_id: UUID, body: LeaveGroup, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """The membership ends today and remains on record."""
    return await command.change(
        group_id,
        lambda transaction: handlers.leave_group(transaction, group_id, enterprise_id, caller, reason_code=body.reason_code, on=today()),
        GroupOut,
        Group,
    )


@routes.post("/groups/{group_id}/verify", operation_id="verify_group", summary="Verifikasi kelompok / Verify a group", response_model=GroupOut)
async def verify(group_id: UUID, body: VerifyGroup, command: Changing, caller: Caller = allow(*ACTIVATORS)) -> Response:
    """A forming one with members enough, one head, and the facts of its type."""
    return await command.change(
        group_id, lambda transaction: handlers.verify_group(transaction, group_id, caller, facts=body.facts.given(), on=today()), GroupOut, Group
    )


@routes.post("/groups/{group_id}/activate", operation_id="activate_group", summary="Aktifkan kelompok / Activate a group", response_model=GroupOut)
async def activate(group_id: UUID, body: ActivateGroup, command: Changing, caller: Caller = allow(*ACTIVATORS)) -> Response:
    """A verified or dormant one, in a location that the programme prioritised or for which it signed a waiver."""
    return await command.change(
        group_id,
        lambda transaction: handlers.activate_group(transaction, group_id, caller, programme_id=body.programme_id, on=today()),
        GroupOut,
        Group,
    )
