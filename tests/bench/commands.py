"""POST with all guarantees against plain applications that insert the same two rows; servers take turns."""

import asyncio
import os
from contextlib import ExitStack
from uuid import uuid4

from shared.security.demo_issuer import demo_settings, issue_token
from shared.security.identity import Role
from tests.bench import load
from tests.bench.rig import RUNS, Result, World, process, spread
from tests.kafka import free_port

SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
WHAT = "POST with authentication, validation, Idempotency-Key, lock and outbox"


def measure(world: World) -> list[Result]:
    """Requests a second of ours, of a plain ORM application, and of raw asyncpg."""
    postgres = world.postgres
    settings = demo_settings(world.issuer)
    token = issue_token(world.issuer, subject="bench", role=Role.PROGRAMME_OWNER)
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
        stack.enter_context(process(["-m", "services.coordination"], ours, environment, core=0))
        plain_command = ["-m", "uvicorn", "tests.bench.plain_apps:app", "--port", str(plain), "--log-level", "warning", "--no-access-log"]
        stack.enter_context(process(plain_command, plain, {"BENCH_DATABASE_URL": postgres.url("plain")}, core=0))
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
    details = {"requests_per_second": {name: spread(values) for name, values in rates.items()}}

    def against(name: str) -> list[float]:
        return [mine / theirs for mine, theirs in zip(rates["ours"], rates[name], strict=True)]

    return [
        Result(WHAT, "plain FastAPI and SQLAlchemy ORM, the same two rows", 1.5, against("orm"), details=details),
        Result(WHAT, "raw asyncpg in FastAPI, the same two rows", 0.5, against("raw"), details=details),
    ]
