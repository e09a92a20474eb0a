"""The host: one or several services on one port, each under its path, as behind the gateway."""

import html
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import prometheus_client
from fastapi import APIRouter, FastAPI
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import Problem
from shared.http.middleware import NO_OPENTELEMETRY, Surroundings
from shared.http.problems import install_problem_handlers


def host(apps: Mapping[str, FastAPI], portal: APIRouter | None = None) -> ASGIApp:
    """One application with each service under `/<name>`, as behind the gateway; plus problem pages, metrics and the portal."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    outer = FastAPI(title="Entaskan", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_OPENTELEMETRY)
    install_problem_handlers(outer)
    outer.add_middleware(Surroundings, service="host")

    @outer.get("/problems/{code}")
    async def problem_page(code: str) -> HTMLResponse:
        return _problem_page(code)

    @outer.get("/metrics")
    async def metrics() -> Response:
        return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)

    @outer.get("/livez")
    async def livez() -> dict[str, bool]:
        return {"alive": True}

    if portal:
        outer.include_router(portal)
    return _by_path(apps, outer)


def _by_path(apps: Mapping[str, FastAPI], outer: FastAPI) -> ASGIApp:
    """Each service's requests go straight to it: a mount would send them through the outer application's layers as well."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].split("/", 2)[1] if scope["type"] == "http" and scope["path"].startswith("/") else ""
        if app := apps.get(name):
            await app({**scope, "root_path": f"{scope.get('root_path', '')}/{name}"}, receive, send)
        else:
            await outer(scope, receive, send)

    return dispatch


def _problem_page(code: str) -> HTMLResponse:
    known = {problem.code: problem for problem in _subclasses(Problem) if hasattr(problem, "code")}
    if (problem := known.get(code)) is None:
        return HTMLResponse("<!doctype html><title>404</title><p>Kode ini tidak dikenal. / This code is not known.</p>", 404)
    lines = "".join(f"<p lang={lang}>{html.escape(problem.message[n])}<br>{html.escape(problem.action[n])}</p>" for n, lang in enumerate(("id", "en")))
    return HTMLResponse(f"<!doctype html><html lang=id><meta charset=utf-8><title>{code}</title><h1>{problem.status} {code}</h1>{lines}</html>")


def _subclasses(cls: type[Any]) -> list[type[Any]]:
    return [found for direct in cls.__subclasses__() for found in (direct, *_subclasses(direct))]
