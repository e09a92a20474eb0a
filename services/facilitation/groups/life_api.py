"""Routes of a group's later life: head, transfer, cooperative, split, merger, end."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.facilitation.groups import handlers
from services.facilitation.groups.api import ACTIVATORS, COMPANIONS, GroupFacts, GroupOut
from services.facilitation.groups.domain import Group
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing
from shared.http.requests import Code, Name, RequestModel, Sha256, router
from shared.security.identity import Caller

routes = router("groups")


class TransferMember(RequestModel):
    """Where the member goes, and the SHA-256 of the minutes in which either group agreed."""

    to_group_id: UUID
    minutes_hash: Sha256
    other_minutes_hash: Sha256


class ChangeHead(RequestModel):
    """Who becomes head, and the SHA-256 of the minutes of the meeting."""

    enterprise_id: UUID
    minutes_hash: Sha256


class Incorporate(RequestModel):
    """The cooperative's numbers, checked by who sends them."""

    facts: Annotated[GroupFacts, Field(examples=[{"cooperative_number": "5304010010012", "legal_entity_ref": "AHU-0001234.AH.01.26.2024"}])]


class RecordAnnualMeeting(RequestModel):
    """About which book year, and the SHA-256 of the minutes."""

    book_year: Annotated[int, Field(strict=True, ge=1945, le=2200, examples=[2025])]
    minutes_hash: Sha256


class Successor(RequestModel):
    """A group that comes of the split: its name and its members, the first of whom is its head."""

    name: Name
    enterprise_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]


class SplitGroup(RequestModel):
    """Every member in exactly one of them."""

    successors: Annotated[list[Successor], Field(min_length=2, max_length=20)]


class MergeGroup(RequestModel):
    """The group that goes on."""

    surviving_group_id: UUID


class DissolveGroup(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["members_left"])]


@routes.post(
    "/groups/{group_id}/members/{enterprise_id}/transfer",
    operation_id="transfer_member",
    summary="Pindahkan anggota / Transfer a member",
    response_model=GroupOut,
)
async def transfer(group_id: UUID, enterprise_id: UUID, body: TransferMember, command: Changing, caller: Caller = allow(*ACTIVATORS)) -> Response:
    """To another open group of the region; both agreed."""
    return await command.change(
        group_id,
        lambda transaction: handlers.transfer_member(transaction, group_id, enterprise_id, caller, to_group_id=body.to_group_id, on=today()),
        GroupOut,
        Group,
    )


@routes.post("/groups/{group_id}/change-head", operation_id="change_group_head", summary="Ganti ketua / Change the head", response_model=GroupOut)
async def change_head(group_id: UUID, body: ChangeHead, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """A present member becomes head; the one before stays a member."""
    return await command.change(group_id, lambda transaction: handlers.change_head(transaction, group_id, caller, **dict(body)), GroupOut, Group)


@routes.post("/groups/{group_id}/incorporate", operation_id="incorporate_group", summary="Jadikan koperasi / Incorporate", response_model=GroupOut)
async def incorporate(group_id: UUID, body: Incorporate, command: Changing, caller: Caller = allow(*ACTIVATORS)) -> Response:
    """An active kelompok or klaster with members enough becomes a cooperative."""
    return await command.change(
        group_id, lambda transaction: handlers.incorporate(transaction, group_id, caller, facts=body.facts.given(), on=today()), GroupOut, Group
    )


@routes.post(
    "/groups/{group_id}/annual-meetings", operation_id="record_annual_meeting", summary="Catat RAT / Record an annual meeting", response_model=GroupOut
)
async def annual_meeting(group_id: UUID, body: RecordAnnualMeeting, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """A cooperative's, about a book year that has ended; one for each."""
    return await command.change(
        group_id, lambda transaction: handlers.record_annual_meeting(transaction, group_id, caller, **dict(body), on=today()), GroupOut, Group
    )


@routes.post("/groups/{group_id}/split", operation_id="split_group", summary="Pecah kelompok / Split a group", response_model=GroupOut)
async def split(group_id: UUID, body: SplitGroup, command: Changing, caller: Caller = allow(*ACTIVATORS)) -> Response:
    """Into two or more new ones, which are verified and activated anew; no credit through it is under way."""
    successors = [(each.name, each.enterprise_ids) for each in body.successors]
    return await command.change(
        group_id, lambda transaction: handlers.split_group(transaction, group_id, caller, successors=successors, on=today()), GroupOut, Group
    )


@routes.post("/groups/{group_id}/merge", operation_id="merge_group", summary="Gabungkan kelompok / Merge a group", response_model=GroupOut)
async def merge(group_id: UUID, body: MergeGroup, command: Changing, caller: Caller = allow(*ACTIVATORS)) -> Response:
    """Into another open one of the region, where its members are members then; no credit through it is under way."""
    return await command.change(
        group_id,
        lambda transaction: handlers.merge_groups(transaction, group_id, caller, surviving_group_id=body.surviving_group_id, on=today()),
        GroupOut,
        Group,
    )


@routes.post("/groups/{group_id}/dissolve", operation_id="dissolve_group", summary="Bubarkan kelompok / Dissolve a group", response_model=GroupOut)
async def dissolve(group_id: UUID, body: DissolveGroup, command: Changing, caller: Caller = allow(*ACTIVATORS)) -> Response:
    """Its members are free to join another; no credit through it is under way."""
    return await command.change(
        group_id, lambda transaction: handlers.dissolve_group(transaction, group_id, caller, reason_code=body.reason_code, on=today()), GroupOut, Group
    )
