"""Routes of waivers."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.facilitation.scope import within
from services.facilitation.waivers import handlers
from services.facilitation.waivers.domain import Waiver, WaiverStatus
from services.facilitation.waivers.tables import waivers
from shared.clock import today
from shared.http.access import allow, require_region
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RegionCode, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("waivers")
REQUESTERS = (Role.REGENCY, Role.PROVINCE)
SIGNERS = (Role.PROGRAMME_OWNER,)
READERS = (*REQUESTERS, *SIGNERS, Role.COORDINATOR, Role.AUDITOR)


class RequestWaiver(RequestModel):
    """For which place or group, why and for how long."""

    programme_id: UUID
    region_code: RegionCode
    group_id: Annotated[UUID | None, Field(description="one group; without it the whole regency/city")] = None
    reason_code: Annotated[Code, Field(examples=["natural_disaster"])]
    valid_from: Annotated[date, Field(examples=["2026-03-01"])]
    valid_to: Annotated[date, Field(examples=["2026-12-31"])]


class WaiverReason(RequestModel):
    """Why it is refused or ends."""

    reason_code: Annotated[Code, Field(examples=["outside_programme"])]


class WaiverOut(Representation[Waiver]):
    """A waiver (dispensasi)."""

    id: UUID
    programme_id: UUID
    region_code: str
    group_id: UUID | None
    reason_code: str
    valid_from: date
    valid_to: date
    requested_by: str
    status: WaiverStatus
    signed_by: str | None
    decision_reason_code: str | None


@routes.post("/waivers", operation_id="request_waiver", summary="Minta dispensasi / Request a waiver", status_code=201, response_model=WaiverOut)
async def request_waiver(body: RequestWaiver, command: Creating, caller: Caller = allow(*REQUESTERS)) -> Response:
    """To facilitate where the programme has no priority location; at most a year, from today on."""
    require_region(caller, body.region_code)
    return await command.create(lambda transaction: handlers.request_waiver(transaction, caller, **dict(body), on=today()), WaiverOut, Waiver)


@routes.get("/waivers", operation_id="list_waivers", summary="Daftar dispensasi / List waivers", response_model=Page[WaiverOut])
async def list_waivers(
    request: Request, page: Paging, programme_id: UUID | None = None, status: WaiverStatus | None = None, caller: Caller = allow(*READERS)
) -> Any:
    """Those in the caller's regions, in the order in which they were asked for."""
    statement = waivers.select().where(within(waivers.c.region_code, caller))
    if programme_id:
        statement = statement.where(waivers.c.programme_id == programme_id)
    if status:
        statement = statement.where(waivers.c.status == status)
    return await page.listing(request, statement, WaiverOut, by=[waivers.c.id])


@routes.get("/waivers/{waiver_id}", operation_id="get_waiver", summary="Baca dispensasi / Read a waiver", response_model=WaiverOut)
async def get_waiver(request: Request, waiver_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, Waiver, waiver_id, WaiverOut, visible=lambda found: caller.covers(found.region_code))


@routes.post("/waivers/{waiver_id}/grant", operation_id="grant_waiver", summary="Tanda tangani dispensasi / Sign a waiver", response_model=WaiverOut)
async def grant(waiver_id: UUID, command: Changing, caller: Caller = allow(*SIGNERS)) -> Response:
    """By the programme's owner, not by who asked: groups there may be activated while it holds."""
    return await command.change(waiver_id, lambda transaction: handlers.grant_waiver(transaction, waiver_id, caller), WaiverOut, Waiver)


@routes.post("/waivers/{waiver_id}/refuse", operation_id="refuse_waiver", summary="Tolak dispensasi / Refuse a waiver", response_model=WaiverOut)
async def refuse(waiver_id: UUID, body: WaiverReason, command: Changing, caller: Caller = allow(*SIGNERS)) -> Response:
    """With a reason; the request remains on record."""
    return await command.change(waiver_id, lambda transaction: handlers.refuse_waiver(transaction, waiver_id, caller, body.reason_code), WaiverOut, Waiver)


@routes.post(
    "/waivers/{waiver_id}/revoke",
    operation_id="revoke_waiver",
    summary="Cabut dispensasi / Revoke a waiver",
    response_model=WaiverOut,
    dependencies=[allow(*SIGNERS)],
)
async def revoke(waiver_id: UUID, body: WaiverReason, command: Changing) -> Response:
    """From today on nothing is activated under it; what is under way goes on."""
    return await command.change(waiver_id, lambda transaction: handlers.revoke_waiver(transaction, waiver_id, body.reason_code, today()), WaiverOut, Waiver)
