"""The page that walks through one command and one event says what really runs."""

import ast
import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import UUID

from services.coordination.app import SERVICE as COORDINATION
from services.monitoring.app import SERVICE as MONITORING
from shared import clock
from shared.contracts.coordination_commitments import CommitmentPledged
from shared.outbox import outbox_of, publish_pending
from shared.security.identity import Role
from tests.messages import record
from tests.shared.world import stored

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "handbook" / "one-command.md").read_text()
MOST_FILES = 7


def walk(heading: str) -> list[tuple[str, str]]:
    """File and function of each row below a heading."""
    section = PAGE.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    return re.findall(r"^\|(?: \d+ \|)? `([\w/.]+)` \| `([\w.]+)` \|", section, re.MULTILINE)


COMMAND, SURROUNDINGS = walk("## The command: `POST /coordination/v1/institutions`"), walk("### What surrounds every request")
EVENT = walk("## The event: `CommitmentPledged`")


@contextmanager
def traced() -> Iterator[list[tuple[str, str]]]:
    """Our own functions that this task calls, in the order of their first call."""
    met: list[tuple[str, str]] = []
    task = asyncio.current_task()

    def note(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in ("shared", "services") and asyncio.current_task() is task:
            step = str(path.relative_to(ROOT)), frame.f_code.co_qualname.split(".<locals>")[0]
            if step not in met:
                met.append(step)

    sys.setprofile(note)
    try:
        yield met
    finally:
        sys.setprofile(None)


def defined(path: str) -> set[str]:
    """Functions of a module, and methods as `Class.method`."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        found.update({getattr(node, "name", "")} | {f"{getattr(node, 'name', '')}.{getattr(inner, 'name', '')}" for inner in getattr(node, "body", [])})
    return found


def test_every_step_names_a_file_and_a_function_that_exist() -> None:
    assert len(COMMAND) == len(EVENT) == MOST_FILES
    assert SURROUNDINGS
    for path, function in (*COMMAND, *SURROUNDINGS, *EVENT):
        assert function in defined(path), f"{path} has no {function}"


async def test_the_command_passes_through_these_files_in_this_order(serving: Callable[..., Any], person: Callable[..., Any]) -> None:
    coordination = await serving(COORDINATION)
    owner = person(Role.PROGRAMME_OWNER)
    body = {"name": "Lembaga", "institution_type": "other"}
    await coordination.post("/v1/institutions", owner, {"code": "first", **body})  # keys and statements are prepared by the first one
    with traced() as met:
        answer = await coordination.post("/v1/institutions", owner, {"code": "second", **body})
    assert answer.status_code == 201
    assert [step for step in met if step in COMMAND] == COMMAND
    assert {step for step in SURROUNDINGS if step not in met} == set()
    assert {path for path, _ in met} == {path for path, _ in (*COMMAND, *SURROUNDINGS)}


async def test_the_event_passes_through_these_files_in_this_order(serving: Callable[..., Any], person: Callable[..., Any]) -> None:
    coordination, monitoring = await serving(COORDINATION), await serving(MONITORING)
    runtime = monitoring.runtime
    async with coordination.runtime.engine.begin() as connection:  # a row that the relay finds
        await connection.execute(outbox_of(COORDINATION.metadata).insert().values(_row()))
    pledged = CommitmentPledged(**_pledge(clock.new_id()))
    batch = stored([record(pledged, subject=pledged.commitment_id, sequence=1)])
    with traced() as met:
        while not await publish_pending(coordination.runtime.engine, outbox_of(COORDINATION.metadata), coordination.runtime.event_log):
            await asyncio.sleep(0.01)  # the service's own relay may hold the lock just now
            async with coordination.runtime.engine.begin() as connection:
                await connection.execute(outbox_of(COORDINATION.metadata).insert().values(_row()))
        await runtime.consumer.apply(batch)
    assert [step for step in met if step in EVENT] == EVENT
    strangers = {path for path, _ in met} - {path for path, _ in EVENT}
    assert strangers <= {path for path, _ in SURROUNDINGS} | {"services/monitoring/overview/tables.py", "shared/eventlog/__init__.py"}


def _pledge(id: UUID) -> dict[str, Any]:
    return {
        "commitment_id": id,
        "programme_id": clock.new_id(),
        "institution_id": clock.new_id(),
        "location_code": "53.04",
        "intervention_code": "village_market",
        "amount_idr": 1_000_000,
        "funding_source": "apbn",
        "output_quantity": 1,
        "output_unit": "unit",
        "due_on": clock.today(),
    }


def _row() -> dict[str, Any]:
    id = clock.new_id()
    written = record(CommitmentPledged(**_pledge(id)), subject=id, sequence=1)
    headers = {name: value.decode() for name, value in written.headers}
    return {
        "id": UUID(headers["ce_id"]),
        "type": headers["ce_type"],
        "topic": written.topic,
        "subject": id,
        "sequence": 1,
        "time": clock.now(),
        "data": (written.value or b"").decode(),
        "correlation_id": "test",
    }
