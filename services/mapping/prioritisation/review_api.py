"""Routes of what happens to a computed run: review, overrides, objections' window, lock, publication, and its end."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from services.mapping.prioritisation import handlers
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.representations import (
    DECIDERS,
    DRAFTERS,
    READERS,
    DecidedOtherwise,
    DeprioritisedOut,
    DeprioritiseLocation,
    DiscardRun,
    ForcedOut,
    OpenObjections,
    OverrideOut,
    OverrideRun,
    PublishRun,
    RevokeRun,
    RunOut,
    UnderWayOut,
)
from shared.clock import today
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.commands import Changing
from shared.http.requests import router
from shared.security.identity import Caller, Role

routes = router("prioritisation")
Region = Annotated[str, Path(pattern=r"^[1-9][0-9]\.[0-9]{2}$", description="Kemendagri code", examples=["53.04"])]


@routes.post(
    "/prioritisation-runs/{run_id}/submit-review",
    operation_id="submit_prioritisation_review",
    summary="Serahkan untuk ditelaah / Hand over for review",
    response_model=RunOut,
)
async def submit_review(run_id: UUID, command: Changing, caller: Caller = allow(*DRAFTERS)) -> Response:
    """Only while the stored result is what was computed, and once forced regions are confirmed."""
    return await command.change(run_id, lambda transaction: handlers.submit_review(transaction, run_id, caller.subject), RunOut, PrioritisationRun)


@routes.post(
    "/prioritisation-runs/{run_id}/override",
    operation_id="override_prioritisation",
    summary="Usulkan pengecualian / Propose an override",
    response_model=RunOut,
)
async def override_run(run_id: UUID, body: OverrideRun, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """A region takes the place of a selected one. All constraints still hold, the programme's cap counts, a second person decides."""
    return await command.change(
        run_id, lambda transaction: handlers.override_run(transaction, run_id, **dict(body), by=caller.subject, on=today()), RunOut, PrioritisationRun
    )


@routes.post(
    "/prioritisation-runs/{run_id}/confirm-override",
    operation_id="confirm_prioritisation_override",
    summary="Setujui pengecualian / Confirm the override",
    response_model=RunOut,
)
async def confirm_override(run_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than who proposed it (prinsip empat mata)."""
    return await command.change(run_id, lambda transaction: handlers.confirm_override(transaction, run_id, caller.subject, today()), RunOut, PrioritisationRun)


@routes.post(
    "/prioritisation-runs/{run_id}/refuse-override",
    operation_id="refuse_prioritisation_override",
    summary="Tolak pengecualian / Refuse the override",
    response_model=RunOut,
)
async def refuse_override(run_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than who proposed it; the computed order stands."""
    return await command.change(run_id, lambda transaction: handlers.refuse_override(transaction, run_id, caller.subject), RunOut, PrioritisationRun)


@routes.post(
    "/prioritisation-runs/{run_id}/open-objections",
    operation_id="open_objection_window",
    summary="Buka masa keberatan / Open the objection window",
    response_model=RunOut,
    dependencies=[allow(*DECIDERS)],
)
async def open_objections(run_id: UUID, body: OpenObjections, command: Changing) -> Response:
    """From today, for as many days as given, at least as many as the programme's rules demand."""
    return await command.change(
        run_id, lambda transaction: handlers.open_objections(transaction, run_id, days=body.days, on=today()), RunOut, PrioritisationRun
    )


@routes.post("/prioritisation-runs/{run_id}/lock", operation_id="lock_prioritisation_run", summary="Kunci hasil / Lock the selection", response_model=RunOut)
async def lock_run(run_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than the analyst, once the window is closed and every objection decided, while the result is what was computed."""
    return await command.change(run_id, lambda transaction: handlers.lock_run(transaction, run_id, caller.subject, today()), RunOut, PrioritisationRun)


@routes.post("/prioritisation-runs/{run_id}/publish", operation_id="publish_prioritisation_run", summary="Terbitkan / Publish", response_model=RunOut)
async def publish_run(run_id: UUID, body: PublishRun, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """Under a decree; every location becomes a priority location in the same transaction, and what a replaced run had alone leaves the list."""
    return await command.change(
        run_id, lambda transaction: handlers.publish_run(transaction, run_id, **dict(body), by=caller.subject), RunOut, PrioritisationRun
    )


@routes.get(
    "/prioritisation-runs/{run_id}/exceptions",
    operation_id="get_prioritisation_exceptions",
    summary="Pengecualian pada penetapan / What was decided otherwise than computed",
)
async def get_exceptions(request: Request, run_id: UUID, caller: Caller | None = allow(Role.PUBLIC)) -> DecidedOtherwise:
    """Overrides, forced regions and locations that left the list, for the decree; public once the run is published."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
    if not (run.is_public or (caller and caller.role in READERS)):
        raise NotFound
    return DecidedOtherwise(
        overrides=[OverrideOut.model_validate(each, from_attributes=True) for each in run.overrides],
        forced=[ForcedOut.model_validate(each, from_attributes=True) for each in run.constraints.forced],
        deprioritised=[DeprioritisedOut.model_validate(each, from_attributes=True) for each in run.deprioritised],
    )


@routes.get(
    "/prioritisation-runs/{run_id}/locations/{region_code}/under-way",
    operation_id="get_location_under_way",
    summary="Fasilitasi yang berjalan di lokasi / What is under way in a location",
    dependencies=[allow(*READERS)],
)
async def get_under_way(request: Request, run_id: UUID, region_code: Region) -> UnderWayOut:
    """Look here before a location leaves the list: it is written down with that decision."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        found = (await handlers.under_way(uow.connection, run.programme_id, [region_code]))[region_code]
    return UnderWayOut(
        region_code=region_code,
        active_groups=found.active_groups,
        open_applications=found.open_applications,
        requested_idr=found.requested_idr,
        credits=found.credits,
        granted_idr=found.granted_idr,
    )


@routes.post(
    "/prioritisation-runs/{run_id}/deprioritise",
    operation_id="deprioritise_location",
    summary="Keluarkan lokasi / Take a location off the list",
    response_model=RunOut,
)
async def deprioritise_location(run_id: UUID, body: DeprioritiseLocation, command: Changing, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """With a reason; what is under way there is in the answer, under `deprioritised`."""
    return await command.change(
        run_id, lambda transaction: handlers.deprioritise_location(transaction, run_id, **dict(body), by=caller.subject), RunOut, PrioritisationRun
    )


@routes.post("/prioritisation-runs/{run_id}/revoke", operation_id="revoke_prioritisation_run", summary="Cabut penetapan / Revoke a run", response_model=RunOut)
async def revoke_run(run_id: UUID, body: RevokeRun, command: Changing, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """The decree no longer holds: all its locations leave the list, and the programme may get another run."""
    return await command.change(
        run_id, lambda transaction: handlers.revoke_run(transaction, run_id, **dict(body), by=caller.subject), RunOut, PrioritisationRun
    )


@routes.post(
    "/prioritisation-runs/{run_id}/discard",
    operation_id="discard_prioritisation_run",
    summary="Batalkan penetapan / Discard a run",
    response_model=RunOut,
    dependencies=[allow(*DECIDERS)],
)
async def discard_run(run_id: UUID, body: DiscardRun, command: Changing) -> Response:
    """Before regions were asked to object."""
    return await command.change(run_id, lambda transaction: handlers.discard_run(transaction, run_id, body.reason_code, today()), RunOut, PrioritisationRun)
