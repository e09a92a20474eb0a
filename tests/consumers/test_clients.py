"""The four readers of the handbook's page, run as they stand there against a real broker."""

import sqlite3
from collections import defaultdict
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.contracts import EVENT_TYPES, Event
from shared.contracts.coordination import ProgrammeSubmitted
from shared.contracts.mapping import PrioritisationModelApproved
from shared.eventlog import Record
from shared.eventlog.kafka import KafkaLog
from tests.consumers.page import COMMANDS, PAGE, Line, blocks, read, readers
from tests.kafka import Broker
from tests.messages import record

SUBJECTS = 12
ROUNDS = 15
CRASHES = {5: 2, 10: 4}
"""After this round the relay sends again what it sent in the last so many rounds."""

pytestmark = pytest.mark.kafka


def _event(number: int, subject: UUID, sequence: int) -> Event:
    if number % 2:
        return ProgrammeSubmitted(programme_id=subject, area_quota=sequence, province_quota=1)
    return PrioritisationModelApproved(model_id=subject, model_version=sequence, model_hash="0" * 64)


def _rounds() -> list[list[Record]]:
    """What the relay sends: one event of every subject in a round; after a crash some rounds again."""
    subjects = [uuid4() for _ in range(SUBJECTS)]
    once = [
        [record(_event(number, subject, sequence), subject=subject, sequence=sequence) for number, subject in enumerate(subjects)]
        for sequence in range(1, ROUNDS + 1)
    ]
    sent: list[list[Record]] = []
    for sequence, records in enumerate(once, start=1):
        sent.append(records)
        sent += once[sequence - CRASHES.get(sequence, 0) : sequence] if sequence in CRASHES else []
    return sent


def _by_subject(lines: list[Line]) -> dict[str, list[tuple[str, int]]]:
    found = defaultdict(list)
    for line in lines:
        assert set(line) == {"type", "subject", "sequence"}
        found[line["subject"]].append((line["type"], line["sequence"]))
    return dict(found)


def _line(sent: Record) -> Line:
    headers = {name: value.decode() for name, value in sent.headers}
    return {"type": headers["ce_type"], "subject": headers["ce_subject"], "sequence": int(headers["ce_sequence"])}


async def test_all_four_readers_see_every_event_in_order_and_drop_doubles_by_sequence(kafka: Broker, kafka_log: str, tmp_path: Path) -> None:
    rounds = _rounds()
    topics = sorted({sent.topic for records in rounds for sent in records})
    assert len(topics) == 2
    log = KafkaLog(kafka.bootstrap)
    await log.start(topics)
    for records in rounds:
        await log.append(records)
    await log.close()
    expected = [_line(sent) for records in rounds for sent in records]
    assert len(expected) == SUBJECTS * (ROUNDS + sum(CRASHES.values()))

    common = {"KAFKA_SERVERS": kafka.bootstrap, "KAFKA_TOPICS": ",".join(topics)}
    each = {name: common | {"KAFKA_GROUP": f"ext.test.{name}-{uuid4()}"} for name in COMMANDS}
    begun = read(tmp_path, {name: given | {"COUNT": "50"} for name, given in each.items()})
    left = {name: len(expected) - len(lines) for name, lines in begun.items()}
    went_on = read(tmp_path, {name: given | {"COUNT": str(left[name])} for name, given in each.items() if left[name]})

    assert went_on, "at least one reader was interrupted before the end"
    for name in COMMANDS:
        assert len(begun[name]) >= 50
        seen = _by_subject(begun[name] + went_on.get(name, []))
        assert seen == _by_subject(expected), name
        for events in seen.values():
            applied = 0
            for _, sequence in events:
                if sequence > applied:
                    assert sequence == applied + 1, "no gap"
                    applied = sequence
            assert applied == ROUNDS


def test_the_page_has_the_four_readers_and_each_fits_on_a_screen() -> None:
    assert set(readers()) == set(COMMANDS)
    assert {name: count for name, text in readers().items() if (count := len(text.splitlines())) > 40} == {}


def test_the_sql_of_the_page_drops_doubles() -> None:
    create, upsert = blocks("sql")
    database = sqlite3.connect(":memory:")
    database.execute(create)
    applied = []
    for subject, sequence in [("a", 1), ("a", 2), ("b", 1), ("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2)]:
        if database.execute(upsert, {"source": "/entaskan/mapping", "subject": subject, "sequence": sequence}).rowcount:
            applied.append((subject, sequence))
    database.close()
    assert applied == [("a", 1), ("a", 2), ("b", 1), ("a", 3), ("b", 2)]


def test_the_page_names_every_header_and_topic() -> None:
    sent = record(_event(0, uuid4(), 1), subject=uuid4(), sequence=1)
    written = {name for name, _ in sent.headers} | {"ce_causationid", "ce_traceparent"}  # absent here, and optional
    table = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith(("| `ce_", "| `content-"))}
    assert table == written
    topics = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `entaskan.")}
    assert topics == {kind.topic for kind in EVENT_TYPES.values()}
