"""Mentors, groups and visits on a calendar that moves when it is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert, select

from services.facilitation.app import SERVICE
from services.facilitation.enterprises.tables import enterprises
from services.facilitation.groups.tables import groups, memberships
from services.facilitation.mentoring.clock import pass_day as pass_mentoring_day
from services.facilitation.mentoring.instrument import instruments
from services.facilitation.region_points.tables import region_points
from services.facilitation.visits.clock import pass_day as pass_visits_day
from shared.clock import new_id
from shared.security.identity import Role
from tests.facilitation.rows import filled
from tests.kit import Person, Served

REGION = "53.04"
CENTRE = (124.9684, -9.1539)
EVIDENCE = "ab" * 32
UNITS = ["M.70PEN00.009.1", "M.70PEN00.021.1"]


class Calendar:
    """Now, as far as the services know: noon in western Indonesia unless told otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: date) -> None:
        self.today = start
        monkeypatch.setattr("shared.clock._system", self.now)

    def now(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 5, tzinfo=UTC)


class MentoringWorld:
    """Facilitation served in process, with people, mentors and groups."""

    def __init__(self, served: Served, person: Callable[..., Person], calendar: Calendar) -> None:
        self.served, self.person, self.calendar = served, person, calendar
        self.owner, self.other_owner = person(Role.PROGRAMME_OWNER, name="owner-1"), person(Role.PROGRAMME_OWNER, name="owner-2")
        self.regency = person(Role.REGENCY, name="regency-1", regions=[REGION])
        self.people: dict[str, Person] = {}
        self._serial = 0

    async def ok(self, answer: httpx.Response, status: int = 200) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, who: Person, body: Any = None, *, key: str | None = None, **kwargs: Any) -> httpx.Response:
        """As a client does: told that the service is overrun (503), it asks again under the same key, a few times."""
        key = key or uuid4().hex
        for _ in range(10):
            answer = await self.served.post(path, who, body, key=key, **kwargs)
            if answer.status_code != 503:
                break
        return answer

    async def act(self, path: str, verb: str, who: Person, body: Any = None) -> httpx.Response:
        """A transition by somebody; the ETag is read by the programme's owner."""
        etag = (await self.served.get(path, self.owner)).headers.get("etag", '"1"')
        return await self.post(f"{path}/{verb}", who, body, if_match=etag)

    async def events(self, name: str) -> list[Any]:
        return [row for row in await self.served.outbox() if row.type.split(".")[2] == name]

    async def mentor(self, *, verified: bool = True, region: str = REGION, units: list[str] | None = None, **given: Any) -> str:
        """A mentor with a login of their own."""
        self._serial += 1
        subject = f"mentor-{self._serial}-{uuid4().hex[:6]}"
        competences = [{"unit_code": u, "valid_from": "2024-01-01", "valid_to": "2027-12-31", "certificate_hash": EVIDENCE} for u in units or UNITS]
        body = {"subject": subject, "region_code": region, "area_codes": [region], "competences": competences} | given
        made = await self.ok(await self.served.post("/v1/mentors", self.owner, body), 201)
        if verified:
            await self.ok(await self.act(f"/v1/mentors/{made['id']}", "verify", self.other_owner))
        self.people[made["id"]] = self.person(Role.MENTOR, name=subject, regions=[region[:2]])
        return str(made["id"])

    async def group(self, members: int = 3, region: str = REGION, status: str = "active") -> str:
        """A group with members, as the register would hold it."""
        group_id, joined = new_id(), self.calendar.today
        rows = [
            {
                "id": new_id(), "version": 1, "name": "Usaha", "owner_name": "Pemilik", "owner_nik": b"x", "owner_nik_index": uuid4().bytes,
                "owner_nik_masked": "530499******0001", "region_code": region, "kbli_section": "C", "scale_code": "micro", "capital_idr": 1,
                "annual_sales_idr": 1, "nib": None, "consent_purpose": "programme_facilitation", "consent_on": joined, "registered_on": joined,
            }
            for _ in range(members)
        ]  # fmt: skip
        group = {
            "id": group_id, "version": 1, "name": f"Kelompok {group_id}", "group_type": "kelompok", "region_code": region, "kbli_section": "C",
            "status": status, "member_count": members, "formed_on": joined, "programme_id": uuid4(), "activated_on": joined,
        }  # fmt: skip
        async with self.served.runtime.engine.begin() as connection:
            await connection.execute(insert(groups).values(filled(groups, **group)))
            if rows:
                await connection.execute(insert(enterprises), [filled(enterprises, **row) for row in rows])
                await connection.execute(
                    insert(memberships),
                    [{"id": new_id(), "group_id": group_id, "enterprise_id": row["id"], "member_role": "member", "joined_on": joined} for row in rows],
                )
        return str(group_id)

    async def place(self, region: str = REGION, longitude: float = CENTRE[0], latitude: float = CENTRE[1]) -> None:
        """Facilitation knows where a region lies."""
        async with self.served.runtime.engine.begin() as connection:
            await connection.execute(insert(region_points).values(region_code=region, longitude=longitude, latitude=latitude))

    async def members(self, group_id: str) -> list[str]:
        async with self.served.runtime.engine.connect() as connection:
            found = await connection.scalars(select(memberships.c.enterprise_id).where(memberships.c.group_id == UUID(group_id)))
            return sorted(str(each) for each in found)

    async def offer(self, mentor_id: str, group_id: str, **given: Any) -> httpx.Response:
        body = {"group_id": group_id, "mentor_id": mentor_id, "topic_codes": ["business_plan"]} | given
        return await self.post("/v1/mentoring-assignments", self.regency, body)

    async def mentoring(self, mentor_id: str | None = None, group_id: str | None = None, **given: Any) -> Any:
        """Mentoring under way."""
        mentor_id, group_id = mentor_id or await self.mentor(), group_id or await self.group()
        offered = await self.ok(await self.offer(mentor_id, group_id, **given), 201)
        return await self.ok(await self.mentoring_act(offered, "accept"))

    async def mentoring_act(self, assignment: Any, verb: str, body: Any = None, who: Person | None = None) -> httpx.Response:
        """A transition, by the mentor unless somebody else is named."""
        return await self.act(f"/v1/mentoring-assignments/{assignment['id']}", verb, who or self.people[assignment["mentor_id"]], body)

    def points(self, value: int) -> dict[str, int]:
        return {item.code: value for item in instruments()[1].items}

    async def diagnose(self, assignment: Any, enterprise_id: str, value: int, **given: Any) -> httpx.Response:
        body = {"enterprise_id": enterprise_id, "instrument_version": 1, "points": self.points(value)} | given
        return await self.mentoring_act(assignment, "diagnose", body)

    def report(self, assignment: Any, visit_id: str | None = None, **given: Any) -> dict[str, Any]:
        """A visit of today from nine to ten, central Indonesian time, at the region's centre."""
        day = self.calendar.today
        return {
            "visit_id": visit_id or str(uuid4()),
            "assignment_id": assignment["id"],
            "started_at": f"{day}T09:00:00+08:00",
            "ended_at": f"{day}T10:00:00+08:00",
            "topic_codes": ["business_plan"],
            "attendee_count": 3,
            "evidence_hashes": [uuid4().hex * 2],
            "position": {"longitude": CENTRE[0], "latitude": CENTRE[1], "accuracy_m": 8},
        } | given

    async def send(self, assignment: Any, body: Any, **kwargs: Any) -> httpx.Response:
        return await self.post("/v1/visit-reports", self.people[assignment["mentor_id"]], body, **kwargs)

    async def visit_act(self, visit_id: str, verb: str, who: Person, body: Any = None) -> httpx.Response:
        return await self.act(f"/v1/mentoring-visits/{visit_id}", verb, who, body)

    async def pass_days(self, days: int) -> int:
        """So many days go by; how many things the clock did."""
        done = 0
        for _ in range(days):
            self.calendar.today += timedelta(days=1)
            for look in (pass_mentoring_day, pass_visits_day):
                done += await look(self.served.runtime.database, self.calendar.today)
        return done


async def mentoring_world(serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> MentoringWorld:
    """On Monday, 2 March 2026."""
    calendar = Calendar(monkeypatch, date(2026, 3, 2))
    return MentoringWorld(await serving(SERVICE), person, calendar)
