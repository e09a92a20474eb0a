"""People, programmes and runs for the tests of a run's life: small quotas over all 514 regencies and cities."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.mapping.app import SERVICE
from services.mapping.reference import load_reference_tables
from shared.clock import new_id
from shared.contracts.coordination import ProgrammeActivated
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.messages import record

MODEL: dict[str, Any] = json.loads((Path(__file__).parents[2] / "services/mapping/models/default_model.json").read_text(encoding="utf-8"))
AREAS, PROVINCES = 6, 3
WAIVER = {"reason_code": "first_year", "note": "Penilaian daerah belum selesai."}


async def make_current(served: Served, model_id: str, author: Person, other: Person) -> None:
    """Submit, approve and activate a drafted model."""
    for verb, who in (("submit", author), ("approve", other), ("activate", other)):
        answer = await served.act(f"/v1/prioritisation-models/{model_id}", verb, who)
        assert answer.status_code == 200, answer.text


class Life:
    """A served mapping, who acts in it, and the steps of a run."""

    def __init__(self, served: Served, person: Callable[..., Person], eventually: Callable[..., Any]) -> None:
        self.served = served
        self.person = person
        self.eventually = eventually
        self.analyst = person(Role.PROGRAMME_OWNER, name="analyst")
        self.deputy = person(Role.PROGRAMME_OWNER, name="deputy")
        self.coordinator = person(Role.COORDINATOR, name="coordinator")
        self.model_id = ""

    @classmethod
    async def begin(cls, serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> "Life":
        """With the reference tables and an approved model."""
        served: Served = await serving(SERVICE)
        await load_reference_tables(served.runtime.database)
        life = cls(served, person, eventually)
        drafted = await served.post("/v1/prioritisation-models", life.analyst, MODEL)
        life.model_id = drafted.json()["id"]
        await make_current(served, life.model_id, life.analyst, life.coordinator)
        return life

    async def programme(self, **rules: int) -> str:
        """An active programme, with selection rules where they are given."""
        id = new_id()
        event = ProgrammeActivated(
            programme_id=id,
            programme_code="PKE-2024",
            area_quota=AREAS,
            province_quota=PROVINCES,
            valid_from=date(2024, 1, 1),
            valid_to=date(2027, 12, 31),
            legal_basis_ref="Inpres 4/2022",
        )
        await self.served.runtime.event_log.append([record(event, subject=id, sequence=1)])
        await self.eventually(lambda: self.holds("SELECT count(*) FROM programmes WHERE programme_id = :id", id=id))
        if rules:
            body = {"override_cap": 0, "objection_days": 0, "answer_days": 14} | rules
            answer = await self.served.post(f"/v1/programmes/{id}/selection-rules", self.coordinator, body)
            assert answer.status_code == 201, answer.text
        return str(id)

    async def holds(self, query: str, **parameters: Any) -> bool:
        """Whether a count is above 0."""
        async with self.served.runtime.engine.connect() as connection:
            return bool(await connection.scalar(text(query), parameters))

    async def run(self, programme_id: str) -> str:
        """The path of a new run."""
        created = await self.served.post("/v1/prioritisation-runs", self.analyst, {"programme_id": programme_id, "model_id": self.model_id})
        assert created.status_code == 201, created.text
        path = f"/v1/prioritisation-runs/{created.json()['id']}"
        await self.ok(path, "waive-assessments", self.analyst, WAIVER)
        return path

    async def ok(self, path: str, verb: str, person: Person, body: Any = None) -> dict[str, Any]:
        """A transition that succeeds."""
        answer = await self.served.act(path, verb, person, body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def reviewed(self, programme_id: str, constraints: dict[str, Any] | None = None) -> str:
        """A computed run under review."""
        path = await self.run(programme_id)
        if constraints:
            await self.ok(path, "constrain", self.analyst, constraints)
            if constraints.get("forced"):
                await self.ok(path, "confirm-constraints", self.deputy)
        await self.ok(path, "compute", self.analyst)
        await self.ok(path, "submit-review", self.analyst)
        return path

    async def published(self, programme_id: str, constraints: dict[str, Any] | None = None, **decree: Any) -> str:
        """A published run."""
        path = await self.reviewed(programme_id, constraints)
        await self.ok(path, "lock", self.coordinator)
        await self.ok(path, "publish", self.coordinator, {"decree_ref": "Kepdep PMK 12/2024", "effective_from": "2024-03-01"} | decree)
        return path

    async def read(self, path: str) -> dict[str, Any]:
        """A run as it stands."""
        found: dict[str, Any] = (await self.served.get(path, self.coordinator)).json()
        return found

    async def swap(self, path: str) -> dict[str, str]:
        """An override that breaks no constraint: the best one left of a province for its last one chosen."""
        run = await self.read(path)
        document = (await self.served.get(f"{path}/result", self.coordinator)).json()
        ranked = [row["region_code"] for row in document["result"]["ranking"]]
        province_of = {each["region_code"]: each["province_code"] for each in document["inputs"]["candidates"]}
        free = {region["region_code"] for region in run["constraints"]["forced"]}
        leaving = next(code for code in reversed(run["region_codes"]) if code not in free)
        entering = next(code for code in ranked if code not in run["region_codes"] and code not in free and province_of[code] == province_of[leaving])
        return {"region_code": entering, "replaced_region_code": leaving, "reason_code": "objection_upheld", "note": "Keberatan dikabulkan."}

    async def window_passes(self, path: str) -> None:
        """The window was open yesterday, for the last day."""
        async with self.served.runtime.engine.begin() as connection:
            await connection.execute(
                text("UPDATE prioritisation_runs SET opens_on = opens_on - 60, closes_on = opens_on - 30 WHERE id = :id"), {"id": UUID(path.split("/")[-1])}
            )

    async def names(self, path: str) -> list[str]:
        """The events of a run, in order."""
        return [row.type.split(".")[2] for row in await self.served.outbox() if str(row.subject) == path.split("/")[-1]]
