"""Routes of prioritisation runs until they are computed, their results, and the public list of priority locations."""

from uuid import UUID

from fastapi import Request, Response

from services.mapping.prioritisation import handlers
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.outcome import ForcedRegion, ProvinceBound, RunConstraints, Waiver
from services.mapping.prioritisation.representations import (
    DECIDERS,
    DRAFTERS,
    READERS,
    ConstrainRun,
    CreateRun,
    PriorityLocation,
    ResultOut,
    RunOut,
    Total,
    Totals,
    WaiveAssessments,
)
from services.mapping.prioritisation.tables import priority_locations, published_locations, runs, totals_of
from shared.clock import today
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, resource
from shared.http.pages import Page, Paging
from shared.http.requests import ProvinceCode, router
from shared.security.identity import Caller, Role

__all__ = ["DECIDERS", "DRAFTERS", "READERS", "RunOut", "routes"]

routes = router("prioritisation")


@routes.post("/prioritisation-runs", operation_id="create_prioritisation_run", summary="Mulai penetapan / Create a run", status_code=201, response_model=RunOut)
async def create_run(body: CreateRun, command: Creating, caller: Caller = allow(*DRAFTERS)) -> Response:
    """Of an approved model, for a programme that coordination has activated; the programme's quota is taken over."""
    return await command.create(lambda transaction: handlers.create_run(transaction, **dict(body), author=caller.subject), RunOut, PrioritisationRun)


@routes.get("/prioritisation-runs", operation_id="list_prioritisation_runs", summary="Daftar penetapan / List runs", dependencies=[allow(*READERS)])
async def list_runs(request: Request, page: Paging, programme_id: UUID | None = None) -> Page[RunOut]:
    """In the order in which they were created."""
    statement = runs.select() if programme_id is None else runs.select().where(runs.c.programme_id == programme_id)
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows, cursor = await page.of(connection, statement, by=[runs.c.id])
    return Page(items=[RunOut.of(PrioritisationRun(**row._mapping)) for row in rows], next_cursor=cursor)


@routes.get(
    "/prioritisation-runs/{run_id}",
    operation_id="get_prioritisation_run",
    summary="Baca penetapan / Read a run",
    response_model=RunOut,
    dependencies=[allow(*READERS)],
)
async def get_run(request: Request, run_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, PrioritisationRun, run_id, RunOut)


@routes.post(
    "/prioritisation-runs/{run_id}/constrain",
    operation_id="constrain_prioritisation_run",
    summary="Tetapkan kendala / Set the constraints",
    response_model=RunOut,
)
async def constrain_run(run_id: UUID, body: ConstrainRun, command: Changing, caller: Caller = allow(*DRAFTERS)) -> Response:
    """In place of what was set before, and before it is computed. What contradicts itself is explained when it is computed."""
    given = dict(body) | {
        "provinces": [ProvinceBound(**dict(bound)) for bound in body.provinces],
        "forced": [ForcedRegion(**dict(region)) for region in body.forced],
    }
    return await command.change(
        run_id, lambda transaction: handlers.constrain_run(transaction, run_id, RunConstraints(**given), caller.subject), RunOut, PrioritisationRun
    )


@routes.post(
    "/prioritisation-runs/{run_id}/confirm-constraints",
    operation_id="confirm_prioritisation_constraints",
    summary="Konfirmasi wilayah wajib dan terlarang / Confirm the forced regions",
    response_model=RunOut,
)
async def confirm_constraints(run_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than who set them (prinsip empat mata)."""
    return await command.change(run_id, lambda transaction: handlers.confirm_constraints(transaction, run_id, caller.subject), RunOut, PrioritisationRun)


@routes.post(
    "/prioritisation-runs/{run_id}/waive-assessments",
    operation_id="waive_assessments",
    summary="Kecualikan dari syarat penilaian / Waive the assessments",
    response_model=RunOut,
)
async def waive_assessments(run_id: UUID, body: WaiveAssessments, command: Changing, caller: Caller = allow(*DRAFTERS)) -> Response:
    """In place of what was waived before; it holds from the next computation and is listed in the annex to the decree."""
    waiver = Waiver(**dict(body), waived_by=caller.subject)
    return await command.change(run_id, lambda transaction: handlers.waive_assessments(transaction, run_id, waiver), RunOut, PrioritisationRun)


@routes.post("/prioritisation-runs/{run_id}/compute", operation_id="compute_prioritisation_run", summary="Hitung / Compute", response_model=RunOut)
async def compute_run(run_id: UUID, command: Changing, caller: Caller = allow(*DRAFTERS)) -> Response:
    """Rank all regencies and cities and select within quota and constraints; the same figures give the same hash and change nothing.

    Each needs validated, current assessments of poverty and of local potential, or a waiver.
    """
    return await command.change(run_id, lambda transaction: handlers.compute_run(transaction, run_id, caller.subject, today()), RunOut, PrioritisationRun)


@routes.get(
    "/prioritisation-runs/{run_id}/result",
    operation_id="get_prioritisation_result",
    summary="Unduh hasil lengkap / Download the whole result",
    response_model=ResultOut,
)
async def get_result(request: Request, run_id: UUID, caller: Caller | None = allow(Role.PUBLIC)) -> Response:
    """Public once the run is published. The bytes are those that were hashed."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        document = await handlers.stored_result(uow.connection, run_id)
    published = run.is_public
    if document is None or not (published or (caller and caller.role in READERS)):
        raise NotFound
    headers = {"ETag": f'"{run.result_hash}"', "Cache-Control": "public, no-cache" if published else "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(document, headers=headers, media_type="application/json")


@routes.get("/priority-locations", operation_id="list_priority_locations", summary="Lokasi prioritas / Priority locations", dependencies=[PUBLIC])
async def list_priority_locations(
    request: Request, page: Paging, programme_id: UUID | None = None, province_code: ProvinceCode | None = None, run_id: UUID | None = None
) -> Page[PriorityLocation]:
    """Those in force, best rank first; `limit=200` holds all of a programme. With `run_id` all that this run published, in force or not."""
    by = [priority_locations.c.rank, priority_locations.c.location_priority_id]
    return await page.listing(request, published_locations(programme_id, province_code, run_id), PriorityLocation, by=by)


@routes.get("/totals", operation_id="get_totals", summary="Angka pembanding / Totals for comparison", dependencies=[PUBLIC])
async def get_totals(request: Request, programme_id: UUID) -> Totals:
    """All priority locations of a programme in force by region code; monitoring reconciles its own count against it."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(totals_of(programme_id))).all()
    return Totals(items=[Total(**row._mapping) for row in rows])
