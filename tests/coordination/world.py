"""A programme with institutions and priority locations, and a calendar that moves when it is told."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.coordination.app import SERVICE
from services.coordination.calendar.days import calendar
from services.coordination.clock import pass_day
from shared.clock import new_id
from shared.contracts.mapping import LocationPrioritised
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.messages import record

EVIDENCE = "ab" * 32
PROGRAMME = {
    "code": "PKE-2026",
    "title": "Pengentasan kemiskinan ekstrem melalui usaha mikro",
    "legal_basis": "Inpres 8/2025",
    "valid_from": "2025-03-27",
    "valid_to": "2027-12-31",
    "area_quota": 48,
    "province_quota": 8,
    "funding_sources": ["apbn", "apbd"],
}


class Calendar:
    """Today, as far as the services know."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: date) -> None:
        self.today = start
        monkeypatch.setattr("shared.clock._system", lambda: datetime(self.today.year, self.today.month, self.today.day, 5, tzinfo=UTC))


class World:
    """Coordination served in process, with people and what they made, by code."""

    def __init__(self, served: Served, person: Callable[..., Person], moving: Calendar, eventually: Callable[..., Any]) -> None:
        self.served, self.person, self.calendar, self.eventually = served, person, moving, eventually
        self.coordinator, self.owner, self.deputy = person(Role.COORDINATOR), person(Role.PROGRAMME_OWNER), person(Role.PROGRAMME_OWNER)
        self.institution: dict[str, str] = {}
        self.people: dict[str, Person] = {}
        self.programme_id = ""

    async def ok(self, answer: httpx.Response, status: int = 200) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()

    async def create(self, path: str, who: Person, body: Any) -> Any:
        return await self.ok(await self.served.post(path, who, body), 201)

    async def change(self, path: str, verb: str, who: Person, body: Any = None) -> Any:
        """A transition by somebody who may not read the thing: the coordinator reads its ETag."""
        return await self.ok(await self.act(path, verb, who, body))

    async def act(self, path: str, verb: str, who: Person, body: Any = None) -> httpx.Response:
        etag = (await self.served.get(path, self.coordinator)).headers.get("etag", '"1"')
        return await self.served.post(f"{path}/{verb}", who, body, if_match=etag)

    async def add_institution(self, code: str, kind: str = "ministry", parent: str | None = None, role: Role = Role.PARTNER_MINISTRY, **more: Any) -> str:
        body = {"code": code, "name": code.upper(), "institution_type": kind, "parent_institution_id": self.institution.get(parent or "")} | more
        made = await self.create("/v1/institutions", self.owner, body)
        await self.change(f"/v1/institutions/{made['id']}", "verify", self.coordinator)
        self.institution[code] = made["id"]
        self.people[code] = self.person(role, institution_id=UUID(made["id"]), name=f"officer-{code}-{uuid4().hex[:4]}")
        return str(made["id"])

    async def start_programme(self, lead: str, **more: Any) -> str:
        drafted = await self.create("/v1/programmes", self.owner, PROGRAMME | {"lead_institution_id": self.institution[lead]} | more)
        path = f"/v1/programmes/{drafted['id']}"
        await self.change(path, "submit", self.owner)
        await self.change(path, "activate", self.coordinator)
        self.programme_id = drafted["id"]
        return self.programme_id

    async def join(self, code: str, area_scope: Sequence[str] = (), role_code: str = "implementer") -> str:
        body = {
            "programme_id": self.programme_id,
            "institution_id": self.institution[code],
            "role_code": role_code,
            "area_scope": list(area_scope),
            "respond_by": str(self.calendar.today + timedelta(days=30)),
        }
        invited = await self.create("/v1/participations", self.coordinator, body)
        await self.change(f"/v1/participations/{invited['id']}", "accept", self.people[code])
        return str(invited["id"])

    async def prioritise(self, codes: Sequence[str]) -> None:
        """What mapping publishes, and wait until the locations are open."""
        records = [
            record(
                LocationPrioritised(
                    location_priority_id=uuid4(),
                    programme_id=UUID(self.programme_id),
                    run_id=uuid4(),
                    region_code=code,
                    province_code=code[:2],
                    rank=rank,
                    score="0.9",  # type: ignore[arg-type]
                    poverty_score="0.9",  # type: ignore[arg-type]
                    potential_score="0.9",  # type: ignore[arg-type]
                    model_version=1,
                    effective_from=self.calendar.today,
                ),
                subject=new_id(),
                sequence=1,
            )
            for rank, code in enumerate(codes, 1)
        ]
        await self.served.runtime.event_log.append(records)

        async def all_open() -> bool:
            found = (await self.served.get(f"/v1/locations?limit=200&programme_id={self.programme_id}", self.owner)).json()["items"]
            return len(found) == len(codes)

        await self.eventually(all_open)

    def line(self, location: str, intervention: str, quarter: str, amount: int = 1_000, output: int = 10) -> dict[str, Any]:
        whole = {"location_code": location, "intervention_code": intervention, "quarter": quarter, "amount_idr": amount, "output_quantity": output}
        return whole | {"output_unit": "enterprises", "funding_source": "apbn"}

    async def plan(self, code: str, lines: Sequence[dict[str, Any]], fiscal_year: int = 2026) -> str:
        """A plan approved by both tiers."""
        path = await self.submit_plan(code, lines, fiscal_year)
        await self.change(path, "approve", self.owner, {"tier": 1})
        await self.change(path, "approve", self.coordinator, {"tier": 2})
        return path.rsplit("/", 1)[1]

    async def submit_plan(self, code: str, lines: Sequence[dict[str, Any]], fiscal_year: int = 2026) -> str:
        body = {"programme_id": self.programme_id, "fiscal_year": fiscal_year, "lines": list(lines)}
        path = f"/v1/action-plans/{(await self.create('/v1/action-plans', self.people[code], body))['id']}"
        await self.change(path, "submit", self.people[code])
        return path

    def pledge(self, location: str, intervention: str = "business_training", *, due_on: str = "2026-06-30", amount: int = 1_000, **more: Any) -> dict[str, Any]:
        return {
            "programme_id": self.programme_id,
            "location_code": location,
            "intervention_code": intervention,
            "amount_idr": amount,
            "funding_source": "apbn",
            "output_quantity": 10,
            "output_unit": "enterprises",
            "due_on": due_on,
        } | more

    async def commit(self, code: str, location: str, intervention: str = "business_training", **more: Any) -> str:
        """The path of a pledged commitment."""
        made = await self.create("/v1/commitments", self.people[code], self.pledge(location, intervention, **more))
        return f"/v1/commitments/{made['id']}"

    async def report(self, path: str, code: str, output: int, amount: int, as_of: str | None = None) -> Any:
        body = {"cumulative_output": output, "cumulative_amount_idr": amount, "as_of": as_of or str(self.calendar.today), "evidence_hashes": [EVIDENCE]}
        return await self.change(path, "progress-reports", self.people[code], body)

    async def pass_days_to(self, day: date) -> None:
        """Every working day until `day`, as the hourly look would find it."""
        while self.calendar.today < day:
            self.calendar.today += timedelta(days=1)
            if calendar().is_working_day(self.calendar.today) or self.calendar.today == day:
                await pass_day(self.served.runtime.database, self.calendar.today)

    async def settled(self) -> None:
        """Every event of coordination is published and consumed."""
        seen = -1

        async def quiet() -> bool:
            nonlocal seen
            rows = await self.served.outbox()
            async with self.served.runtime.engine.connect() as connection:
                waiting = (await connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE published_at IS NULL")).scalar_one()
                behind = (
                    await connection.exec_driver_sql(
                        "SELECT count(*) FROM (SELECT subject::text AS s, max(sequence) AS n FROM outbox GROUP BY 1) o"
                        " LEFT JOIN inbox i ON i.subject LIKE '%' || o.s WHERE i.sequence IS NULL OR i.sequence < o.n"
                    )
                ).scalar_one()
            before, seen = seen, len(rows)
            return waiting == 0 and behind == 0 and before == seen

        await self.eventually(quiet, 60.0)

    async def events(self) -> list[str]:
        return [row.type.split(".")[2] for row in await self.served.outbox()]


async def build(
    serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any], start: date
) -> World:
    moving = Calendar(monkeypatch, start)
    return World(await serving(SERVICE), person, moving, eventually)
