"""`make bench`: prints the table of ratios and writes `.data/bench.json`. Bounded in time, on loopback only."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from services.coordination.app import SERVICE as COORDINATION
from services.embedded.postgres import EmbeddedPostgres
from services.embedded.system import prepare
from services.monitoring.app import SERVICE as MONITORING
from shared.security.demo_issuer import demo_settings, issue_token
from shared.security.identity import Role
from tests.bench import load, stream

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "deploy" / "kafka"))

from broker import Broker, free_port  # noqa: E402  (a script beside the deployment, not a package)

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "200000"))


@contextmanager
def process(arguments: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    """A server on the first core; the load and the database share the other."""
    command = [sys.executable, *arguments]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, {0}))
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and server.poll() is None:
            try:
                httpx.get(f"http://127.0.0.1:{port}/livez")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(20)


def spread(values: list[float]) -> dict[str, float]:
    """Median and range."""
    return {"median": round(statistics.median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3)}


def commands(postgres: EmbeddedPostgres, folder: Path) -> dict[str, Any]:
    """POST with all guarantees against plain applications that insert the same two rows; servers take turns."""
    settings = demo_settings(folder / "issuer")
    token = issue_token(folder / "issuer", subject="bench", role=Role.PROGRAMME_OWNER)
    ours, plain = free_port(), free_port()
    environment = {f"ENTASKAN_{name.upper()}": value for name, value in settings.items()} | {
        "ENTASKAN_MODE": "embedded",
        "ENTASKAN_DATABASE_URL": postgres.url("coordination"),
        "ENTASKAN_EVENT_LOG": postgres.url("event_log"),
        "ENTASKAN_LOG_LEVEL": os.environ.get("BENCH_LOG_LEVEL", "WARNING"),
        "PORT": str(ours),
    }
    rates: dict[str, list[float]] = {"ours": [], "orm": [], "raw": []}
    with ExitStack() as stack:
        stack.enter_context(process(["-m", "services.coordination"], ours, environment))
        plain_command = ["-m", "uvicorn", "tests.bench.plain_apps:app", "--port", str(plain), "--log-level", "warning", "--no-access-log"]
        stack.enter_context(process(plain_command, plain, {"BENCH_DATABASE_URL": postgres.url("plain")}))
        authorised = {"Authorization": f"Bearer {token}"}
        makers = {
            "ours": (
                ours,
                lambda: load.request("/coordination/v1/institutions", authorised | {"Idempotency-Key": uuid4().hex}, load.institution()),
            ),
            "orm": (plain, lambda: load.request("/orm", {}, load.institution())),
            "raw": (plain, lambda: load.request("/raw", {}, load.institution())),
        }
        for n in range(RUNS + 1):
            for name, (port, make) in makers.items():
                measured = asyncio.run(load.rate(port, make, seconds=SECONDS if n else 1))
                if n:  # the first round only warms up
                    rates[name].append(measured)

    def against(name: str) -> dict[str, float]:
        return spread([mine / theirs for mine, theirs in zip(rates["ours"], rates[name], strict=True)])

    return {
        "requests_per_second": {name: spread(values) for name, values in rates.items()},
        "post_to_plain_orm": against("orm"),
        "post_to_raw_asyncpg": against("raw"),
    }


async def prepared(postgres: EmbeddedPostgres) -> None:
    """Databases for everything below."""
    await postgres.create_databases(["coordination", "monitoring", "event_log", "plain"])
    for service in (COORDINATION, MONITORING):
        await prepare(service, postgres.url(service.name))


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        postgres = EmbeddedPostgres(folder / "postgres")
        postgres.start()
        try:
            asyncio.run(prepared(postgres))
            results = commands(postgres, folder)
            with Broker(port=free_port(), data=folder / "kafka") as broker:
                results |= asyncio.run(stream.rebuild(postgres.url("monitoring"), broker.bootstrap, EVENTS, RUNS))
                results |= asyncio.run(stream.latency(postgres, broker.bootstrap, folder))
        finally:
            postgres.stop()
    print(json.dumps(results, indent=2))
    written = ROOT / ".data" / "bench.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
