"""Monitoring on an embedded PostgreSQL, fed through its event log."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from services.monitoring.app import SERVICE
from services.monitoring.overview import tables
from shared.contracts import EVENT_TYPES
from shared.eventlog.postgres import PostgresLog
from tests.kit import Served

TOPICS = sorted({kind.topic for kind in EVENT_TYPES.values()})


@pytest.fixture
async def log(log_url: str) -> AsyncIterator[PostgresLog]:
    event_log = PostgresLog(log_url)
    await event_log.start(TOPICS)
    yield event_log
    await event_log.close()


@pytest.fixture
async def monitoring(serving: Callable[..., Any]) -> Served:
    served: Served = await serving(SERVICE)
    return served


async def figures(engine: Any) -> dict[tuple[str, str], int]:
    """The view's figures by region code, zeros left out."""
    found: dict[tuple[str, str], int] = {}
    async with engine.connect() as connection:
        for table, names in ((tables.figures, tables.FIGURES), (tables.region_figures, tables.REGION_FIGURES)):
            for row in (await connection.execute(select(table))).all():
                found |= {(row.region_code, name): row._mapping[name] for name in names if row._mapping[name]}
    return found


async def events_applied(engine: Any) -> int:
    async with engine.connect() as connection:
        rows: Sequence[Any] = (await connection.execute(select(tables.freshness.c.events))).scalars().all()
    return sum(rows)
