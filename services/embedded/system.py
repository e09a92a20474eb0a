"""The embedded system: PostgreSQL, migrations, reference tables, all four services on one port."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from services.coordination.app import SERVICE as COORDINATION
from services.embedded.portal import portal
from services.embedded.postgres import EmbeddedPostgres
from services.facilitation.app import SERVICE as FACILITATION
from services.mapping.app import SERVICE as MAPPING
from services.mapping.reference import load_reference_tables
from services.monitoring.app import SERVICE as MONITORING
from shared.database import Database, create_engine
from shared.http.app import Service, create_app
from shared.http.host import host
from shared.migrations import folder_of, upgrade
from shared.security.demo_issuer import demo_settings
from shared.settings import Settings, load_settings

SERVICES: tuple[Service, ...] = (COORDINATION, MAPPING, FACILITATION, MONITORING)
LOG_DATABASE = "event_log"


def data_folder() -> Path:
    """Where embedded mode keeps everything: `ENTASKAN_DATA`, or `.data` in the current folder."""
    return Path(os.environ.get("ENTASKAN_DATA", ".data")).absolute()


@dataclass(frozen=True)
class Address:
    """Where the embedded system answers."""

    port: int

    @property
    def url(self) -> str:
        """The root of all paths."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def embedded_system(folder: Path, port: int) -> AsyncIterator[ASGIApp]:
    """The application of all four services, its databases started and up to date; stopped in order on leaving."""
    postgres = EmbeddedPostgres(folder / "postgres")
    await asyncio.to_thread(postgres.start)
    try:
        await postgres.create_databases([*(service.name for service in SERVICES), LOG_DATABASE])
        for service in SERVICES:  # one after the other: Alembic's context is global to the process
            await prepare(service, postgres.url(service.name))
        yield host({service.name: create_app(service, _settings(service, postgres, folder, port)) for service in SERVICES}, portal)
    finally:
        await asyncio.to_thread(postgres.stop)


async def prepare(service: Service, database_url: str) -> None:
    """Bring one service's database to the newest revision, with its reference tables."""
    engine = create_engine(database_url)
    try:
        await upgrade(engine, folder_of(service.name))
        if service is MAPPING:
            await load_reference_tables(Database(engine, service.metadata))
    finally:
        await engine.dispose()


def _settings(service: Service, postgres: EmbeddedPostgres, folder: Path, port: int) -> Settings:
    return load_settings(
        mode="embedded",
        database_url=postgres.url(service.name),
        event_log=os.environ.get("ENTASKAN_EVENT_LOG") or postgres.url(LOG_DATABASE),
        public_url=Address(port).url,
        webhook_networks="127.0.0.0/8,::1/128",  # receivers on the same machine, to try webhooks with
        **demo_settings(folder / "demo-issuer"),
    )


class PortTaken(Exception):
    """Something else listens on the port."""


async def serve_embedded(folder: Path, port: int, when_serving: Callable[[Address], Awaitable[None]]) -> None:
    """Serve until interrupted; `when_serving` runs beside it once the first request would be answered."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise PortTaken(f"port {port} is taken; choose another one with PORT=…") from None
    async with embedded_system(folder, port) as app:
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=10)
        server = uvicorn.Server(config)
        # uvicorn raises the signal that stopped it once more when it is done. As an interrupt it could end the loop before the database
        # is stopped; by then there is nothing left to be told.
        signal.signal(signal.SIGTERM, lambda *_: None)
        serving = asyncio.create_task(server.serve())
        beside = asyncio.create_task(_once_started(server, serving, Address(port), when_serving))
        await serving
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)


async def _once_started(server: uvicorn.Server, serving: "asyncio.Task[None]", address: Address, then: Callable[[Address], Awaitable[None]]) -> None:
    while not server.started and not serving.done():  # noqa: ASYNC110  (uvicorn offers a flag, no event)
        await asyncio.sleep(0.02)
    if server.started:
        await then(address)
