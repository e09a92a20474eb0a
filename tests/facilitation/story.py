"""Facilitation's people and the steps of its story, over the real service."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.clock import new_id, today
from shared.contracts.mapping import LocationPrioritised
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.messages import record

REGION = "53.04"
ENTERPRISE = {
    "name": "Tenun Ikat Mama Lodia",
    "owner_name": "Lodia Nenohai",
    "region_code": REGION,
    "kbli_section": "C",
    "capital_idr": 15_000_000,
    "annual_sales_idr": 48_000_000,
    "consent_purpose": "programme_facilitation",
    "consent_on": "2024-01-15",
}
GROUP = {"name": "Kelompok Tenun Amanuban", "group_type": "kelompok", "region_code": REGION, "kbli_section": "C"}
LENDER = UUID("0195d3a0-0000-7000-8000-000000000001")


def nik(serial: int = 1, *, born: str = "570889") -> str:
    """A made-up NIK of a woman born on 17 August 1989; sub-district 99 exists nowhere, so nobody holds it."""
    return f"530499{born}{serial:04d}"


class Story:
    """Who acts, and the steps up to a forwarded application."""

    def __init__(self, served: Served, person: Callable[..., Person]) -> None:
        self.served = served
        self.person = person
        self.mentor = person(Role.MENTOR, name="mentor-1", regions=["53.04"])
        self.regency = person(Role.REGENCY, name="regency-1", regions=["53.04"])
        self.owner = person(Role.PROGRAMME_OWNER, name="owner-1")
        self.lender = person(Role.LENDER, name="lender-1", institution_id=LENDER)
        self.programme_id = str(uuid4())

    async def prioritise(self, region_code: str = REGION) -> None:
        """Mapping announces a location, and facilitation has heard of it."""
        event = LocationPrioritised(
            location_priority_id=uuid4(),
            programme_id=UUID(self.programme_id),
            run_id=uuid4(),
            region_code=region_code,
            province_code=region_code[:2],
            rank=1,
            score="0.900000",  # type: ignore[arg-type]
            poverty_score="0.900000",  # type: ignore[arg-type]
            potential_score="0.900000",  # type: ignore[arg-type]
            model_version=1,
            effective_from="2024-01-01",  # type: ignore[arg-type]
        )
        runtime = self.served.runtime
        await runtime.event_log.start(runtime.topics)
        await runtime.event_log.append([record(event, subject=new_id(), sequence=1)])

    async def knows(self, region_code: str = REGION) -> bool:
        """Whether facilitation knows the location."""
        answer = await self.served.get("/v1/priority-locations", self.owner, params={"programme_id": self.programme_id})
        return any(item["region_code"] == region_code for item in answer.json()["items"])

    async def enterprise(self, serial: int = 1, **given: Any) -> str:
        """A registered enterprise."""
        answer = await self.served.post("/v1/enterprises", self.mentor, ENTERPRISE | {"owner_nik": nik(serial)} | given)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def group(self, **given: Any) -> str:
        """A group without members."""
        answer = await self.served.post("/v1/groups", self.mentor, GROUP | given)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def join(self, group_id: str, enterprise_id: str, role: str = "member") -> httpx.Response:
        """One enterprise joins."""
        return await self.served.act(f"/v1/groups/{group_id}", "members", self.mentor, {"enterprise_id": enterprise_id, "member_role": role})

    async def verify(self, group_id: str, **facts: str) -> httpx.Response:
        """The regency finds the group complete."""
        return await self.served.act(f"/v1/groups/{group_id}", "verify", self.regency, {"facts": facts or {"minutes_hash": "9f" * 32}})

    async def activate(self, group_id: str) -> httpx.Response:
        """The regency opens the group to facilitation."""
        return await self.served.act(f"/v1/groups/{group_id}", "activate", self.regency, {"programme_id": self.programme_id})

    async def active_group(self, **given: Any) -> tuple[str, list[str]]:
        """An active group of three; its id and those of its members."""
        members = [await self.enterprise(serial) for serial in (1, 2, 3)]
        group_id = await self.group(**given)
        for position, member in enumerate(members):
            assert (await self.join(group_id, member, "member" if position else "head")).status_code == 200
        verified = await self.verify(group_id)
        assert verified.status_code == 200, verified.text
        answer = await self.activate(group_id)
        assert answer.status_code == 200, answer.text
        return group_id, members

    async def draft(self, enterprise_id: str, **given: Any) -> httpx.Response:
        """An application for KUR super mikro."""
        body = {
            "programme_id": self.programme_id,
            "enterprise_id": enterprise_id,
            "product_code": "kur_super_mikro",
            "requested_amount_idr": 9_000_000,
        }
        return await self.served.post("/v1/financing-applications", self.mentor, body | given)

    async def act(self, application_id: str, verb: str, person: Person, body: Any = None, **kwargs: Any) -> httpx.Response:
        """A transition of an application."""
        return await self.served.act(f"/v1/financing-applications/{application_id}", verb, person, body, **kwargs)

    async def forwarded(self, enterprise_id: str, *, lender: UUID = LENDER, **given: Any) -> str:
        """An application on a lender's desk."""
        drafted = await self.draft(enterprise_id, **given)
        assert drafted.status_code == 201, drafted.text
        application_id = str(drafted.json()["id"])
        for verb, person, body in (
            ("submit", self.mentor, None),
            ("start-review", self.owner, None),
            ("approve", self.owner, {"comment": "Layak."}),
            ("forward", self.owner, {"lender_institution_id": str(lender)}),
        ):
            answer = await self.act(application_id, verb, person, body)
            assert answer.status_code == 200, answer.text
        return application_id


def grant(reference: str = "AKAD-1", **given: Any) -> dict[str, Any]:
    """The body of a grant."""
    return {"amount_idr": 8_000_000, "tenor_months": 24, "granted_on": str(today()), "lender_reference": reference} | given
