"""The app factory: a service's FastAPI application, and the host that mounts one or several of them."""

import html
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import fastapi_offline
import prometheus_client
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from sqlalchemy import MetaData
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.catalogue.asyncapi import asyncapi_of
from shared.contracts import EVENT_TYPES
from shared.errors import Problem
from shared.http import feed, health, parking
from shared.http.access import Allow
from shared.http.middleware import Surroundings
from shared.http.openapi import describe_exactly
from shared.http.problems import ProblemDocument, install_problem_handlers
from shared.http.requests import StrictRoute
from shared.migrations import folder_of
from shared.runtime import Runtime
from shared.security.identity import Role, TokenVerifier
from shared.settings import Settings

VERSION = "0.1.0"
# Metrics, logs and the trace's parent are ours (`shared.telemetry`); looking for OpenTelemetry's providers costs every request time.
_NO_OPENTELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDocument, "description": text, "content": {"application/problem+json": {}}}
    for status, text in {
        400: "Header, cursor atau isi tidak dapat dibaca / cannot be read",
        401: "Token tidak ada atau ditolak / token missing or refused",
        403: "Peran tidak berwenang / role not allowed",
        404: "Tidak ditemukan atau di luar wilayah kewenangan / not found or out of scope",
        409: "Bertentangan dengan keadaan data / in conflict with the current state",
        412: "If-Match usang / stale If-Match",
        413: "Isi terlalu besar / body too large",
        422: "Tidak memenuhi skema atau aturan / breaks the schema or a rule",
        428: "If-Match wajib / If-Match required",
        503: "Sementara tidak tersedia / temporarily unavailable",
    }.items()
}


@dataclass(frozen=True, kw_only=True)
class Service:
    """What makes one service: its name and words, its tables, its routes, and what it starts with.

    `prepare` is given the running service before it serves: to add a consumer, or what its routes find in `app.state`.
    """

    name: str
    title: str
    description: str
    metadata: MetaData
    routers: Sequence[APIRouter]
    prepare: Callable[[FastAPI, Runtime], None] = lambda app, runtime: None


def create_app(service: Service, settings: Settings) -> FastAPI:
    """The application of one service, to be mounted under `/<name>`."""
    topics = sorted({kind.topic for kind in EVENT_TYPES.values()})

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        runtime = Runtime(service.name, settings, service.metadata, topics)
        app.state.runtime, app.state.database = runtime, runtime.database
        service.prepare(app, runtime)
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    app = FastAPI(
        title=service.title,
        description=service.description,
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=_PROBLEMS,
        openapi_url="/openapi.json",
        separate_input_output_schemas=False,
        telemetry=_NO_OPENTELEMETRY,
    )
    app.router.route_class = StrictRoute
    app.state.settings = settings
    app.state.fingerprint_key = sha256(settings.cursor_secret.encode()).digest()
    app.state.migrations = folder_of(service.name)
    app.state.verifier = TokenVerifier(settings.issuer, f"entaskan.{service.name}", settings.jwks)
    install_problem_handlers(app)
    app.add_middleware(Surroundings, service=service.name)
    for router in (*service.routers, feed.router, parking.router, health.router):
        app.include_router(router)
    _refuse_unguarded(app)
    _add_documentation(app, service.name)
    describe_exactly(app, _public(app))
    return app


def router(tag: str) -> APIRouter:
    """A router for `/v1/…` whose bodies are read strictly."""
    return APIRouter(prefix="/v1", tags=[tag], route_class=StrictRoute)


def _add_documentation(app: FastAPI, name: str) -> None:
    static = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/assets", StaticFiles(directory=static), name="assets")
    asyncapi = asyncapi_of(name)

    @app.get("/asyncapi.json", include_in_schema=False)
    async def asyncapi_document() -> JSONResponse:
        return JSONResponse(asyncapi)

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=f"{app.title} · API",
            swagger_js_url=f"{root}/assets/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/assets/swagger-ui.css",
            swagger_favicon_url=f"{root}/assets/favicon.png",
            swagger_ui_parameters={"persistAuthorization": True, "tryItOutEnabled": True},
        )
        # Swagger UI starts from an inline script and styles itself inline; nothing else on this page does.
        page.headers["Content-Security-Policy"] = (
            "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
        )
        return page


def _refuse_unguarded(app: FastAPI) -> None:
    """Deny by default: a route that does not say who may call it is a mistake that stops the build. Pages outside the schema are open."""
    for route in _routes(app):
        page = not route.include_in_schema and route.methods == {"GET"}
        if not page and not any(isinstance(call, Allow) for call in _dependencies(route.dependant)):
            raise TypeError(f"{route.path} does not say who may call it")


def _public(app: FastAPI) -> frozenset[tuple[str, str]]:
    open_to_all = [route for route in _routes(app) if all(Role.PUBLIC in call.roles for call in _dependencies(route.dependant) if isinstance(call, Allow))]
    return frozenset((method.lower(), str(route.path)) for route in open_to_all for method in route.methods or ())


def _routes(app: FastAPI) -> list[RouteContext]:
    """Also those of included routers, which FastAPI keeps apart until they are asked for."""
    return [route for route in iter_route_contexts(app.routes) if isinstance(route.original_route, APIRoute)]


def _dependencies(dependant: Any) -> list[Any]:
    return [call for inner in dependant.dependencies for call in (inner.call, *_dependencies(inner))]


def host(apps: Mapping[str, FastAPI], portal: APIRouter | None = None) -> ASGIApp:
    """One application with each service under `/<name>`, as behind the gateway; plus problem pages, metrics and the portal."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    outer = FastAPI(title="Entaskan", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, telemetry=_NO_OPENTELEMETRY)
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
