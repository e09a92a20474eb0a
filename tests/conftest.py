"""Fixtures: one embedded PostgreSQL for the session, a migrated database for every test, services in process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import hypothesis
import pytest

from services.embedded.postgres import EmbeddedPostgres
from shared.database import create_engine
from shared.http.app import Service, create_app
from shared.migrations import folder_of, upgrade
from shared.security.demo_issuer import demo_settings
from shared.security.identity import Role
from shared.settings import Settings
from tests.kafka import Broker, free_port, without_topics
from tests.kit import Person, Served

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of our own."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False)
    postgres.start()
    yield postgres
    postgres.stop()


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo issuer's folder."""
    folder = tmp_path_factory.mktemp("issuer")
    demo_settings(folder)
    return folder


@pytest.fixture
def person(issuer: Path) -> Callable[..., Person]:
    """`person(Role.LENDER, institution_id=…, regions=["53"])`."""

    def make(role: Role, **kwargs: Any) -> Person:
        return Person(issuer, role, **kwargs)

    return make


@pytest.fixture(scope="session")
def _templates(cluster: EmbeddedPostgres) -> dict[str, str]:
    return {}


@pytest.fixture
async def database_url(cluster: EmbeddedPostgres, _templates: dict[str, str]) -> AsyncIterator[Callable[..., Any]]:
    """`await database_url("mapping")`: a fresh database with the service's migrations; `await database_url()`: an empty one."""
    made: list[str] = []

    async def make(service: str | None = None) -> str:
        if service and service not in _templates:
            _templates[service] = await _new_database(cluster, "postgres")
            engine = create_engine(cluster.url(_templates[service], role="postgres"))
            await upgrade(engine, folder_of(service))
            await engine.dispose()
        made.append(await _new_database(cluster, "postgres", _templates[service] if service else "template1"))
        return cluster.url(made[-1], role="postgres")

    yield make
    admin = await asyncpg.connect(cluster.url("postgres").replace("+asyncpg", ""))
    for name in made:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


async def _new_database(cluster: EmbeddedPostgres, owner: str, template: str = "template1") -> str:
    name = f"test_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(cluster.url("postgres").replace("+asyncpg", ""))
    try:
        await admin.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE "{template}" STRATEGY file_copy')
    finally:
        await admin.close()
    return name


@pytest.fixture(autouse=True)
def _background_tasks_live(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A relay or consumer that dies fails the test, as it would end the process."""
    deaths: list[str] = []
    monkeypatch.setattr("shared.runtime.stop_process", lambda: deaths.append("a background task ended unexpectedly"))
    yield
    assert not deaths, "a background task ended unexpectedly; see the captured log"


@pytest.fixture
async def log_url(database_url: Callable[..., Any]) -> str:
    """An empty embedded event log."""
    url: str = await database_url()
    return url


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A real Kafka broker of our own; without Java or Maven the error says what to install."""
    with Broker(port=free_port(), data=tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture
async def kafka_log(kafka: Broker) -> str:
    """The URL of an event log on Kafka without any topic."""
    await without_topics(kafka.bootstrap)
    return f"kafka://{kafka.bootstrap}"


@pytest.fixture(params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
async def either_log(request: pytest.FixtureRequest, database_url: Callable[..., Any]) -> str:
    """The URL of an empty event log, on each adapter in turn."""
    if request.param == "kafka":
        broker: Broker = request.getfixturevalue("kafka")
        await without_topics(broker.bootstrap)
        return f"kafka://{broker.bootstrap}"
    url: str = await database_url()
    return url


@pytest.fixture
def settings(issuer: Path) -> Callable[..., Settings]:
    """Settings of embedded mode."""

    def make(database_url: str, event_log: str, **given: Any) -> Settings:
        return Settings(mode="embedded", database_url=database_url, event_log=event_log, **demo_settings(issuer), **given)

    return make


@pytest.fixture
async def serving(database_url: Callable[..., Any], log_url: str, settings: Callable[..., Settings]) -> AsyncIterator[Callable[..., Any]]:
    """`served = await serving(SERVICE)`: the service on a fresh database, with its relay and consumer; all share one event log."""
    async with AsyncExitStack() as stack:

        async def serve(service: Service, **given: Any) -> Served:
            app = create_app(service, settings(await database_url(service.name), given.pop("event_log", log_url), **given))
            await stack.enter_async_context(app.router.lifespan_context(app))
            served = Served(service, app)
            stack.push_async_callback(served.client.aclose)
            return served

        yield serve


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """`await eventually(condition)`: wait until an async condition holds, at most ten seconds."""

    async def wait(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            if outcome := await condition():
                return outcome
            assert asyncio.get_running_loop().time() < deadline, "did not happen in time"
            await asyncio.sleep(0.02)

    return wait
