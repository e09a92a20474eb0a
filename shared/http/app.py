"""The app factory: what makes a service, and its FastAPI application."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from sqlalchemy import MetaData

from shared.contracts import EVENT_TYPES
from shared.http import feed, health, parking, webhooks
from shared.http.access import Allow
from shared.http.documentation import add_documentation
from shared.http.middleware import NO_OPENTELEMETRY, Surroundings
from shared.http.openapi import describe_exactly
from shared.http.problems import ProblemDocument, install_problem_handlers
from shared.http.requests import StrictRoute
from shared.migrations import folder_of
from shared.runtime import Runtime
from shared.security.identity import Role, TokenVerifier
from shared.settings import Settings
from shared.webhooks.sender import Sender

VERSION = "0.1.0"
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
        sender = Sender(service.name, runtime.database, app.state.webhook_key, settings.webhook_networks)
        app.state.webhook_sender = sender
        runtime.spawn("webhooks", sender.run(runtime.stopping))
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
        telemetry=NO_OPENTELEMETRY,
    )
    app.router.route_class = StrictRoute
    app.state.settings = settings
    app.state.fingerprint_key = sha256(settings.cursor_secret.encode()).digest()
    app.state.webhook_key = sha256(b"entaskan-webhooks:" + settings.cursor_secret.encode()).digest()
    app.state.migrations = folder_of(service.name)
    app.state.verifier = TokenVerifier(settings.issuer, f"entaskan.{service.name}", settings.jwks)
    install_problem_handlers(app)
    app.add_middleware(Surroundings, service=service.name)
    for router in (*service.routers, feed.router, webhooks.router, parking.router, health.router):
        app.include_router(router)
    add_documentation(app, service.name)
    _refuse_unguarded(app)
    describe_exactly(app, _public(app))
    return app


def _refuse_unguarded(app: FastAPI) -> None:
    """Deny by default: a route that does not say who may call it is a mistake that stops the build."""
    for route in _routes(app):
        if not any(isinstance(call, Allow) for call in _dependencies(route.dependant)):
            raise TypeError(f"{route.path} does not say who may call it")


def _public(app: FastAPI) -> frozenset[tuple[str, str]]:
    open_to_all = [route for route in _routes(app) if all(Role.PUBLIC in call.roles for call in _dependencies(route.dependant) if isinstance(call, Allow))]
    return frozenset((method.lower(), str(route.path)) for route in open_to_all for method in route.methods or ())


def _routes(app: FastAPI) -> list[RouteContext]:
    """Also those of included routers, which FastAPI keeps apart until they are asked for."""
    return [route for route in iter_route_contexts(app.routes) if isinstance(route.original_route, APIRoute)]


def _dependencies(dependant: Any) -> list[Any]:
    return [call for inner in dependant.dependencies for call in (inner.call, *_dependencies(inner))]
