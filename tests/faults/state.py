"""What a world holds when it is quiet, read from outside: databases as superuser, the log record by record, HTTP as a probe would."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from services.embedded.system import SERVICES
from shared.envelope import Malformed, decode
from shared.eventlog.kafka import KafkaLog
from tests.faults.client import Mark, Sent
from tests.faults.world import GROUPS, NAMES, POOL, TOPICS, Backlog

if TYPE_CHECKING:
    from tests.faults.world import World

Figure = tuple[str, str, str]
"""A programme (or `-`), a region code, and the name of a figure."""


@dataclass(frozen=True)
class Recorded:
    """An outbox row."""

    id: str
    source: str
    topic: str
    subject: str
    sequence: int


@dataclass(frozen=True)
class Logged:
    """An event on the log."""

    topic: str
    partition: int
    offset: int
    id: str
    source: str
    subject: str
    sequence: int


@dataclass(frozen=True)
class Allowed:
    """What a fault put there on purpose: such subjects are not checked, such parked messages are expected."""

    subjects: frozenset[str] = frozenset()
    events: dict[str, int] = field(default_factory=dict)
    """Events that the view counted though no outbox has them, by source."""
    parked: frozenset[str] | None = frozenset()
    """Subjects that may wait for an operator; None: any."""
    log_may_lack: bool = False
    """The log itself lost records, as the fault intends."""


@dataclass
class State:
    """The evidence that the invariants are checked on."""

    outbox: dict[str, list[Recorded]] = field(default_factory=dict)
    log: list[Logged] = field(default_factory=list)
    malformed: int = 0
    aggregates: dict[str, dict[str, int]] = field(default_factory=dict)
    """By service: the version of each aggregate."""
    consumed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By service: the topics that it reads."""
    applied: dict[str, dict[str, int]] = field(default_factory=dict)
    """By service: how far each subject was applied."""
    parked: dict[str, list[tuple[str, int | None, str]]] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    """By source: the events that the view counted as it applied them."""
    view: dict[Figure, int] = field(default_factory=dict)
    own: dict[Figure, int] = field(default_factory=dict)
    posted: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Rupiah by what they are: the sum over the events, the sum over the tables."""
    sent: list[Sent] = field(default_factory=list)
    marked: dict[Mark, list[str]] = field(default_factory=dict)
    """The ids of the rows found under each command's mark."""
    known: dict[str, set[str]] = field(default_factory=dict)
    """By service: aggregates that were there before any command."""
    caused: dict[str, str] = field(default_factory=dict)
    """Aggregates that a command makes beside the one that it answers with, by that one: each granted application's loan."""
    backlog: Backlog = field(default_factory=Backlog)
    unready: list[str] = field(default_factory=list)
    sessions: dict[str, int] = field(default_factory=dict)
    sessions_allowed: dict[str, int] = field(default_factory=dict)
    idle_in_transaction: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)
    allowed: Allowed = field(default_factory=Allowed)


_OWN = {
    "coordination": """
        SELECT programme_id::text, location_code, f.name, f.value FROM (
            SELECT programme_id, location_code, count(*) n, sum(amount_idr) p, sum(verified_amount_idr) v, count(*) FILTER (WHERE status = 'fulfilled') f
            FROM commitments GROUP BY 1, 2) s, LATERAL (VALUES ('commitments', n), ('pledged_idr', p), ('verified_idr', v), ('fulfilled', f)) f(name, value)
        UNION ALL SELECT '-', '-', 'active programmes', count(*) FROM programmes WHERE status = 'active'""",
    "mapping": """
        SELECT programme_id::text, region_code, 'rank', rank FROM priority_locations
        UNION ALL SELECT '-', '-', 'regions', count(*) FROM regions""",
    "facilitation": """
        SELECT programme_id::text, region_code, f.name, f.value FROM (
            SELECT programme_id, region_code, count(*) a, sum(requested_amount_idr) r, count(*) FILTER (WHERE status = 'granted') g,
                coalesce(sum(granted_amount_idr), 0) i, count(*) FILTER (WHERE status = 'declined') d
            FROM financing_applications WHERE submitted_on IS NOT NULL GROUP BY 1, 2) s,
            LATERAL (VALUES ('applications', a), ('requested_idr', r), ('grants', g), ('granted_idr', i), ('declined', d)) f(name, value)
        UNION ALL SELECT programme_id::text, region_code, 'active_groups', count(*) FROM groups WHERE status = 'active' GROUP BY 1, 2
        UNION ALL SELECT '-', region_code, 'enterprises', count(*) FROM enterprises GROUP BY 2
        UNION ALL SELECT '-', region_code, 'groups', count(*) FROM groups GROUP BY 2
        UNION ALL SELECT '-', g.region_code, 'members', count(*) FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.left_on IS NULL GROUP BY 2""",
}
_VIEW = """
    SELECT programme_id::text, region_code, f.name, f.value FROM view.figures, LATERAL (VALUES ('commitments', commitments), ('pledged_idr', pledged_idr),
        ('verified_idr', verified_idr), ('fulfilled', fulfilled), ('active_groups', active_groups), ('applications', applications),
        ('requested_idr', requested_idr), ('grants', grants), ('granted_idr', granted_idr), ('declined', declined)) f(name, value)
    UNION ALL SELECT '-', region_code, f.name, f.value FROM view.region_figures, LATERAL (VALUES ('enterprises', enterprises), ('groups', groups),
        ('members', members)) f(name, value)
    UNION ALL SELECT programme_id::text, region_code, 'rank', rank FROM view.locations
    UNION ALL SELECT '-', '-', 'regions', count(*) FROM view.regions
    UNION ALL SELECT '-', '-', 'active programmes', count(*) FROM view.programmes"""
_POSTED = {
    ("coordination", "pledged_idr"): """
        SELECT (SELECT coalesce(sum((data::jsonb->>'amount_idr')::bigint), 0) FROM outbox WHERE type LIKE '%.CommitmentPledged.%'),
               (SELECT coalesce(sum(amount_idr), 0) FROM commitments)""",
    ("facilitation", "granted_idr"): """
        SELECT (SELECT coalesce(sum((data::jsonb->>'granted_amount_idr')::bigint), 0) FROM outbox WHERE type LIKE '%.FinancingGranted.%'),
               (SELECT coalesce(sum(granted_amount_idr), 0) FROM financing_applications)""",
}
_AGGREGATES = {service.name: [statements.table.name for statements in service.metadata.info.get("aggregates", {}).values()] for service in SERVICES}


async def aggregates(world: "World", name: str) -> dict[str, int]:
    """The version of each of a service's aggregates."""
    tables = " UNION ALL ".join(f"SELECT id::text, version FROM {table}" for table in _AGGREGATES[name])
    return {row[0]: row[1] for row in await world.rows(name, tables)} if tables else {}


async def read_log(bootstrap: str) -> tuple[list[Logged], int]:
    """Every event on the log, each partition's in order, and how many records are none."""
    log, malformed = [], 0
    async for partition, records in KafkaLog(bootstrap).replay(TOPICS, {}):
        for record in records:
            try:
                message = decode(record)
            except Malformed:
                malformed += 1
            else:
                log.append(Logged(partition.topic, partition.number, record.offset, str(message.id), message.source, message.subject, message.sequence))
    return log, malformed


async def read(world: "World", sent: list[Sent], allowed: Allowed | None = None) -> State:
    """All of it."""
    state = State(sent=sent, allowed=allowed or Allowed(), known=world.known)
    state.log, state.malformed = await read_log(world.bootstrap)
    for name in NAMES:
        rows = await world.rows(name, "SELECT id::text, split_part(type, '.', 2), topic, subject::text, sequence FROM outbox ORDER BY position")
        state.outbox[name] = [Recorded(row[0], f"/entaskan/{row[1]}", *row[2:]) for row in rows]
        state.aggregates[name] = await aggregates(world, name)
        if name == "facilitation":
            state.caused = {row[0]: row[1] for row in await world.rows(name, "SELECT id::text, application_id::text FROM loans")}
        schema = "view." if name == "monitoring" else ""
        state.consumed[name] = GROUPS[name][1]
        state.applied[name] = {row[0]: row[1] for row in await world.rows(name, f"SELECT subject, sequence FROM {schema}inbox")}
        parked = await world.rows(name, f"SELECT subject, sequence, reason_code FROM {schema}parked_messages WHERE resolution IS NULL")
        state.parked[name] = [tuple(row) for row in parked]
    for name, statement in _OWN.items():
        state.own |= _figures(await world.rows(name, statement))
    state.view = _figures(await world.rows("monitoring", _VIEW))
    state.counted = {row[0]: row[1] for row in await world.rows("monitoring", "SELECT source, events FROM view.freshness")}
    for (name, what), statement in _POSTED.items():
        row = (await world.rows(name, statement))[0]
        state.posted[what] = int(row[0]), int(row[1])
    await _read_marks(world, state)
    state.backlog = await world.backlog()
    await _read_health(world, state)
    await _read_sessions(world, state)
    return state


def _figures(rows: list[Any]) -> dict[Figure, int]:
    return {(row[0], row[1], row[2]): int(row[3]) for row in rows if row[3]}


async def _read_marks(world: "World", state: State) -> None:
    places = {(sent.mark.service, sent.mark.table, sent.mark.column) for sent in state.sent if sent.mark}
    found: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for service, table, column in places:
        rows = await world.rows(service, f"SELECT {column}::text, array_agg(id::text) FROM {table} GROUP BY 1")
        found[service, table, column] = {row[0]: row[1] for row in rows}
    for sent in state.sent:
        if mark := sent.mark:
            state.marked[mark] = found[mark.service, mark.table, mark.column].get(mark.value, [])


async def _read_health(world: "World", state: State) -> None:
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        for process in world.processes:
            try:
                answer = await client.get(f"{process.url}/readyz")
                checks = answer.json()["checks"]
                bad = [f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"]]
            except (httpx.HTTPError, ValueError, KeyError) as error:
                state.unready.append(f"{process.name}: {error!r}")
            else:
                if state.allowed.parked != frozenset():
                    bad = [reason for reason in bad if not reason.startswith("parked_messages")]
                state.unready += [f"{process.name}: {reason}" for reason in bad]


async def _read_sessions(world: "World", state: State) -> None:
    """What lasts: a transaction or a lock seen in three looks over a second in the same transaction."""
    lasting: dict[str, set[str]] = {}
    for look in range(3):
        if look:
            await asyncio.sleep(0.4)
        seen: dict[str, set[str]] = {"idle": set(), "lock": set()}
        for name in NAMES:
            for row in await world.rows(
                name,
                """SELECT a.pid, a.state, a.xact_start::text, EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory')
                FROM pg_stat_activity a WHERE a.datname = $1 AND a.application_name = 'entaskan'""",
                name,
            ):
                if row[1] and row[1].startswith("idle in transaction"):
                    seen["idle"].add(f"{name}: session {row[0]} since {row[2]}")
                if row[3]:
                    seen["lock"].add(f"{name}: session {row[0]} in a transaction since {row[2]}")
            if look == 0:
                count = await world.rows(name, "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'entaskan'", name)
                state.sessions[name] = count[0][0]
                state.sessions_allowed[name] = POOL * sum(process.name == name for process in world.processes)
        lasting = seen if not look else {kind: lasting[kind] & seen[kind] for kind in seen}
    state.idle_in_transaction, state.locks = sorted(lasting["idle"]), sorted(lasting["lock"])
