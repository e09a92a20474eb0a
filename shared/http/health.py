"""Liveness and readiness."""

import time
from collections.abc import Awaitable, Callable

from alembic.migration import MigrationContext
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from shared import telemetry
from shared.eventlog import LogUnavailable
from shared.http.access import PUBLIC
from shared.migrations import head_of
from shared.runtime import Runtime

router = APIRouter(tags=["health"], dependencies=[PUBLIC])


class CheckResult(BaseModel):
    """One thing the service needs."""

    ok: bool
    required: bool
    ms: float
    detail: str | None = None


class Readiness(BaseModel):
    """Ready means: requests are answered. Events may still be waiting for the log; then `event_log` says so."""

    ready: bool
    checks: dict[str, CheckResult]


@router.get("/livez", operation_id="livez", summary="Proses hidup / The process is alive")
async def livez() -> dict[str, bool]:
    """Says only that the process answers."""
    return {"alive": True}


@router.get("/readyz", operation_id="readyz", summary="Siap melayani / Ready to serve", response_model=Readiness, responses={503: {"model": Readiness}})
async def readyz(request: Request, response: Response) -> Readiness:
    """The database and its migrations and the background tasks are required; the log is not, since the outbox buffers."""
    runtime: Runtime = request.app.state.runtime
    checks = {
        "database": await _timed(True, lambda: _database(runtime, request.app.state.migrations)),
        "background_tasks": await _timed(True, lambda: _tasks(runtime)),
        "event_log": await _timed(False, lambda: _event_log(runtime)),
        "outbox": await _timed(False, lambda: _outbox(runtime)),
    }
    if runtime.consumer:
        checks["parked_messages"] = await _timed(False, lambda: _parked(runtime))
    ready = all(check.ok for check in checks.values() if check.required)
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return Readiness(ready=ready, checks=checks)


class _NotOk(Exception):
    pass


async def _timed(required: bool, probe: Callable[[], Awaitable[str | None]]) -> CheckResult:
    started = time.perf_counter()
    try:
        ok, detail = True, await probe()
    except _NotOk as error:
        ok, detail = False, str(error)
    except (DBAPIError, LogUnavailable, OSError, TimeoutError) as error:
        ok, detail = False, f"unavailable ({type(error).__name__})"
    return CheckResult(ok=ok, required=required, ms=round((time.perf_counter() - started) * 1000, 1), detail=detail)


async def _database(runtime: Runtime, migrations: str) -> str:
    async with runtime.engine.connect() as connection:
        at: str | None = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    if at != (head := head_of(migrations)):
        raise _NotOk(f"migrations at {at}, expected {head}")
    return f"migrations at {at}"


async def _tasks(runtime: Runtime) -> str | None:
    if dead := runtime.dead_tasks():
        raise _NotOk(", ".join(dead))
    return None


async def _event_log(runtime: Runtime) -> str | None:
    await runtime.event_log.check()
    return None


async def _outbox(runtime: Runtime) -> str:
    unpublished, oldest = await runtime.relay.backlog()
    said = f"{unpublished} unpublished, oldest {oldest:.1f} s"
    if oldest > 60:
        raise _NotOk(said)
    return said


async def _parked(runtime: Runtime) -> str | None:
    assert runtime.consumer
    async with runtime.engine.connect() as connection:
        waiting = await runtime.consumer.inbox.count_waiting(connection)
    telemetry.PARKED.labels(runtime.consumer.group).set(waiting)
    if waiting:
        raise _NotOk(f"{waiting} waiting for an operator")
    return None
