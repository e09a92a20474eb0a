"""A ministry that teaches, a regency, a mentor, groups with members, and a calendar that moves when it is told."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from services.facilitation.enterprises.tables import enterprises
from services.facilitation.groups.tables import groups, memberships
from services.facilitation.trainings.clock import pass_day
from services.facilitation.trainings.tables import last_turn
from shared.clock import new_id
from shared.outbox import outbox_of
from shared.security.identity import Role
from tests.facilitation.rows import filled
from tests.facilitation.story import REGION, Story
from tests.kit import Person
from tests.messages import record

START = date(2026, 7, 1)
TERMS = {
    "valid_from": "2026-07-01",
    "hours": 16,
    "competence_unit_codes": ["M.70PEN00.009.1"],
    "target_group_types": ["kelompok"],
    "attendance_percent": 75,
    "pass_mark": 70,
    "certificate_months": 36,
}
SCHEDULE = {
    "opens_on": "2026-07-10",
    "closes_on": "2026-07-31",
    "sessions": [{"on": "2026-08-03", "hours": 8}, {"on": "2026-08-04", "hours": 8}],
    "quota": 3,
    "minimum_participants": 2,
}


class _Nowhere(dict[UUID, asyncio.Lock]):
    """Nobody queues up in it."""

    def setdefault(self, key: UUID, default: Any = None) -> Any:
        return default


def in_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every request came to a process of its own: only the database keeps them apart."""
    monkeypatch.setattr("services.facilitation.trainings.turns._queues", _Nowhere())


class TrainingWorld:
    """Facilitation served in process; `self.today` is what the service takes for today."""

    def __init__(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        self.story, self.served, self.today = story, story.served, START
        monkeypatch.setattr("shared.clock._system", lambda: datetime(self.today.year, self.today.month, self.today.day, 5, tzinfo=UTC))
        self.provider = uuid4()
        self.ministry = story.person(Role.PARTNER_MINISTRY, institution_id=self.provider)
        self.owner, self.regency, self.mentor = story.owner, story.regency, story.mentor
        self.course_code = f"pembukuan_{uuid4().hex[:6]}"
        self.course_id = ""

    async def announce(self, event: Any, sequence: int = 1) -> None:
        """What coordination publishes about an institution."""
        await self.served.runtime.event_log.append([record(event, subject=event.institution_id, sequence=sequence)])

    async def knows_provider(self, status: str = "verified") -> bool:
        """Whether facilitation has heard."""
        known = (await self.ok(await self.served.get("/v1/training-providers", self.owner, params={"status": status})))["items"]
        return str(self.provider) in {each["institution_id"] for each in known}

    async def ok(self, answer: httpx.Response, status: int = 200) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()

    async def offer(self, **terms: Any) -> dict[str, Any]:
        """The course, in the catalogue."""
        body = {"course_code": self.course_code, "title": "Pembukuan sederhana", "provider_institution_id": str(self.provider), "terms": TERMS | terms}
        course: dict[str, Any] = await self.ok(await self.served.post("/v1/courses", self.ministry, body), 201)
        self.course_id = course["id"]
        return course

    async def draft(self, **given: Any) -> httpx.Response:
        """A training for the course; `quota` and the like change its schedule."""
        schedule = SCHEDULE | {name: given.pop(name) for name in list(given) if name in SCHEDULE}
        body = {"programme_id": self.story.programme_id, "course_id": self.course_id, "region_code": REGION, "venue": "Balai Latihan Kerja SoE"}
        return await self.served.post("/v1/trainings", self.regency, body | {"schedule": schedule} | given)

    async def training(self, *, open_: bool = True, **given: Any) -> str:
        """The path of a training whose registration is open; the day is then that of the opening."""
        if not self.course_id:
            await self.offer()
        path = f"/v1/trainings/{(await self.ok(await self.draft(**given), 201))['id']}"
        await self.act(path, "publish")
        if open_:
            self.today = max(self.today, date(2026, 7, 10))
            await self.act(path, "open-registration")
        return path

    async def act(self, path: str, verb: str, body: Any = None, person: Person | None = None) -> Any:
        return await self.ok(await self.served.act(path, verb, person or self.regency, body))

    async def tried(self, path: str, verb: str, body: Any = None, person: Person | None = None) -> tuple[int, str]:
        answer = await self.served.act(path, verb, person or self.regency, body)
        return answer.status_code, answer.json().get("code", "")

    async def group(self, members: int = 3, group_type: str = "kelompok", region: str = REGION, status: str = "active") -> tuple[str, list[str]]:
        """A group with members, written straight into the tables; its id and theirs."""
        group_id, ids = new_id(), [new_id() for _ in range(members)]
        at = {"region_code": region, "version": 1}
        async with self.served.runtime.engine.begin() as connection:
            named = {"name": uuid4().hex, "group_type": group_type, "status": status, "member_count": members}
            await connection.execute(groups.insert().values(filled(groups, id=group_id, **at, **named)))
            for id in ids:
                owner = {"name": "Tenun Mama Lodia", "owner_name": "Lodia Nenohai", "owner_nik_masked": "530499******0001"}
                await connection.execute(enterprises.insert().values(filled(enterprises, id=id, **at, **owner)))
                await connection.execute(memberships.insert().values(id=new_id(), group_id=group_id, enterprise_id=id, member_role="member", joined_on=START))
        return str(group_id), [str(id) for id in ids]

    def nominee(self, enterprise_id: str, **given: Any) -> dict[str, Any]:
        return {"enterprise_id": enterprise_id, "gender": "female", "consent_purpose": "training_participation", "consent_on": "2026-07-01"} | given

    async def nominate(self, path: str, group_id: str, ids: Sequence[str], person: Person | None = None, **given: Any) -> httpx.Response:
        body = {"group_id": group_id, "nominees": [self.nominee(id, **given) for id in ids]}
        return await self.served.post(f"{path}/nominations", person or self.mentor, body)

    async def nominated(self, path: str, group_id: str, ids: Sequence[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await self.ok(await self.nominate(path, group_id, ids), 201))["rows"]
        return rows

    async def running(self, members: int = 3, **given: Any) -> tuple[str, list[str]]:
        """A training under way and the ids of its enrolments, in the order of seats."""
        path = await self.training(quota=max(members, 1), **given)
        group_id, ids = await self.group(members)
        enrolled = [row["enrolment_id"] for row in await self.nominated(path, group_id, ids)]
        self.today = date(2026, 8, 3)
        await self.act(path, "close-registration")
        await self.act(path, "start")
        self.today = date(2026, 8, 4)
        return path, enrolled

    async def attend(self, path: str, session_no: int, present: dict[str, bool]) -> httpx.Response:
        rows = [{"enrolment_id": id, "present": value} for id, value in present.items()]
        return await self.served.post(f"{path}/lists", self.regency, {"list_kind": "attendance", "session_no": session_no, "attendance": rows})

    async def score(self, path: str, scores: dict[str, int], test: str = "post_test") -> httpx.Response:
        rows = [{"enrolment_id": id, "score": value} for id, value in scores.items()]
        return await self.served.post(f"{path}/lists", self.regency, {"list_kind": test, "scores": rows})

    async def passed(self, members: int = 1, **given: Any) -> tuple[str, list[str]]:
        """A completed training whose participants all passed."""
        path, ids = await self.running(members, minimum_participants=1, **given)
        for session_no in (1, 2):
            await self.ok(await self.attend(path, session_no, dict.fromkeys(ids, True)), 201)
        await self.ok(await self.score(path, dict.fromkeys(ids, 80)), 201)
        await self.act(path, "complete", {"cost_idr": 5_000_000})
        return path, ids

    async def enrolment(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.ok(await self.served.get(f"/v1/enrolments/{id}", self.mentor))
        return found

    async def enrolments(self, path: str) -> list[dict[str, Any]]:
        params = {"training_id": path.rsplit("/", 1)[1], "limit": 200}
        found: list[dict[str, Any]] = (await self.ok(await self.served.get("/v1/enrolments", self.mentor, params=params)))["items"]
        return found

    async def pass_days_to(self, day: date) -> None:
        """Day by day, as the hourly look finds them."""
        while self.today < day:
            self.today += timedelta(days=1)
            await pass_day(self.served.runtime.database, self.today)

    async def events(self, *names: str) -> list[Any]:
        """What was recorded under these names, or everything; (name, data)."""
        rows = [(row.type.split(".")[2], json.loads(row.data)) for row in await self.served.outbox()]
        return [row for row in rows if not names or row[0] in names]

    async def told_of(self, path: str, *names: str) -> list[Any]:
        """What was recorded about one training under these names; (name, data)."""
        outbox = outbox_of(self.served.service.metadata)
        statement = select(outbox.c.type, outbox.c.data).where(outbox.c.data.contains(str(self.id_of(path)))).order_by(outbox.c.position)
        async with self.served.runtime.engine.connect() as connection:
            rows = [(type.split(".")[2], json.loads(data)) for type, data in await connection.execute(statement)]
        return [row for row in rows if row[0] in names]

    async def turns(self, path: str) -> int:
        """How many turns were taken at a training."""
        async with self.served.runtime.engine.connect() as connection:
            return int(await connection.scalar(last_turn(self.id_of(path))) or 0)

    def id_of(self, path: str) -> UUID:
        return UUID(path.rsplit("/", 1)[1])
