"""Faults 36 and 37: events as later versions will write them, and as the first version wrote them."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from services.monitoring.overview.fold import Known, fold
from shared.contracts import EVENT_TYPES
from shared.contracts.coordination import TOPIC, InstitutionRegistered
from shared.envelope import decode
from shared.eventlog import Record, StoredRecord
from tests.faults import load
from tests.faults.matrix.records import produce
from tests.faults.processes import until
from tests.faults.run import Fault
from tests.faults.state import State
from tests.faults.world import GROUPS
from tests.messages import record
from tests.shared.world import changed

SAMPLES = Path(__file__).parents[3] / "docs" / "events" / "samples"
READERS = tuple(name for name, (_, topics) in GROUPS.items() if TOPIC in topics)
"""The services that read what coordination publishes."""


class Future(Fault):
    number = 36
    title = "schemas from the future"
    how = "a further field, a further header, a value that no enumeration knows, a v2 of a type, an unknown type - in one subject's sequence"
    plan = load.EVERYTHING
    fresh = True
    seeds = 3

    async def inject(self) -> None:
        before = await self._skipped()
        subjects = [uuid4() for _ in range(10)]
        records = []
        for subject in subjects:

            def registered(sequence: int, kind: str = "ministry", subject: Any = subject) -> Record:
                event = InstitutionRegistered(
                    institution_id=subject, institution_code="future", institution_type=kind, parent_institution_id=None, sector_code=None
                )
                return record(event, subject=subject, sequence=sequence)

            first = registered(1)
            later = [
                changed(first, value=(first.value or b"")[:-1] + b',"since_2031":{"deep":[1,null]}}', ce_region=b"53", traceparent=b"x"),
                changed(registered(2), ce_type=b"entaskan.coordination.InstitutionRegistered.v2", value=b'{"institution":{"id":7}}'),
                changed(registered(3), ce_type=b"entaskan.coordination.InstitutionTeleported.v1", value=b'{"anything":1}'),
                registered(4, kind="village_cooperative_of_2031"),
            ]
            records += later
        await produce(self.world, records)
        self.subjects = frozenset(map(str, subjects))
        self.allowed = replace(self.allowed, subjects=self.subjects, events={"/entaskan/coordination": len(records)})

        async def skipped() -> bool:
            return await self._skipped() - before >= 2 * len(subjects) * len(READERS)

        await until(skipped, 20, "unknown types are counted as skipped", every=0.2)
        self.measured["skipped"] = await self._skipped() - before
        if self.measured["skipped"] != 2 * len(subjects) * len(READERS):
            self.violated("I8", f"{self.measured['skipped']} skipped")

    async def _skipped(self) -> float:
        """By the metric, over all readers."""
        total = 0.0
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            for name in READERS:
                root = self.world.services[name].url.rsplit("/", 1)[0]
                for line in (await client.get(f"{root}/metrics")).text.splitlines():
                    if line.startswith("entaskan_consumed_messages_total{") and 'outcome="unknown_type"' in line:
                        total += float(line.rsplit(" ", 1)[1])
        return total

    async def examine(self, state: State) -> None:
        for name in READERS:
            behind = [subject for subject in self.subjects if state.applied[name].get(subject) != 4]
            if behind:
                self.violated("I4", f"{name} has not applied {len(behind)} subjects to their end", "lost", len(behind))


class Past(Fault):
    number = 37
    title = "the golden samples of every event type"
    how = "docs/events/samples produced as they stand, each subject's numbered in the order of its life"
    plan = load.EVERYTHING
    fresh = True
    seeds = 1

    def _records(self) -> list[Record]:
        """Every sample, those of one aggregate as its life, in the order of the contracts."""
        length: Counter[str] = Counter()
        records = []
        for kind in EVENT_TYPES.values():
            sample = json.loads((SAMPLES / f"{kind.wire_type}.json").read_text())
            length[sample["key"]] += 1
            headers = [(name, value.encode()) for name, value in (sample["headers"] | {"ce_sequence": str(length[sample["key"]])}).items()]
            records.append(Record(sample["topic"], sample["key"].encode(), json.dumps(sample["value"]).encode(), headers))
        return records

    async def inject(self) -> None:
        records = self._records()
        self.messages = [decode(StoredRecord(each.topic, 0, 0, each.key, each.value, each.headers)) for each in records]
        unknown = [message.type for message in self.messages if message.event is None]
        if unknown:
            self.violated("I8", f"not known any more: {unknown}")
        await produce(self.world, records)
        counted = Counter(message.source for message in self.messages)
        self.allowed = replace(self.allowed, subjects=frozenset(message.subject for message in self.messages), events=dict(counted))
        self.note = f"{len(records)} types"

    async def examine(self, state: State) -> None:
        """The samples' effects are there once: taken away from the view, it equals the services' tables again."""
        change = fold(self.messages, Known())
        for (programme, region), figures in change.figures.items():
            for name in ("commitments", "pledged_idr", "verified_idr", "fulfilled", "active_groups", "applications", "requested_idr", "grants",
                         "granted_idr", "declined"):  # fmt: skip
                self._take_away(state, (str(programme), region, name), getattr(figures, name))
        for region, sums in change.region_figures.items():
            for name in ("enterprises", "groups", "members"):
                self._take_away(state, ("-", region, name), getattr(sums, name))
        for (programme, region), location in change.locations.items():
            self._take_away(state, (str(programme), region, "rank"), location.rank)
        self._take_away(state, ("-", "-", "active programmes"), len(change.programmes))
        reacted = await self.world.rows("coordination", "SELECT id::text FROM locations WHERE programme_id = ANY($1)", list(change.programmes))
        # Coordination opened the sample's location, as it should: an aggregate and an event of its own.
        state.allowed = replace(state.allowed, subjects=state.allowed.subjects | {row[0] for row in reacted})
        self.measured["reactions"] = len(reacted)
        wrong = [message.type for message in self.messages if state.applied["monitoring"].get(message.subject, 0) < message.sequence]
        if wrong:
            self.violated("I4", f"not applied: {wrong}", "lost", len(wrong))

    def _take_away(self, state: State, figure: tuple[str, str, str], value: int) -> None:
        if left := state.view.pop(figure, 0) - value:
            state.view[figure] = left
