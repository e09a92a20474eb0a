"""The base story: one active programme with its lender and prioritised locations, played through the public APIs."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from shared.security.demo_issuer import issue_token
from shared.security.identity import Role

if TYPE_CHECKING:
    from tests.faults.world import World

MODEL = Path(__file__).parents[2] / "services" / "mapping" / "models" / "default_model.json"


@dataclass
class Story:
    """What the load builds on."""

    programme_id: str = ""
    ministry_id: str = ""
    lender_id: str = ""
    locations: list[str] = field(default_factory=list)


class _Played(Exception):
    pass


class Teller:
    """Plays one request after the other while nothing is broken; any refusal ends the story."""

    def __init__(self, world: "World", client: httpx.AsyncClient) -> None:
        self._world = world
        self._client = client

    def headers(self, name: str, role: Role, institution: str | None = None) -> dict[str, str]:
        """Of a person."""
        token = issue_token(self._world.issuer, subject=name, role=role, institution_id=UUID(institution) if institution else None)
        return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    async def send(self, service: str, method: str, path: str, headers: dict[str, str], body: Any = None, **parameters: str) -> httpx.Response:
        """One request."""
        answer = await self._client.request(method, f"{self._world.services[service].url}/v1/{path}", headers=headers, json=body, params=parameters)
        if answer.is_error:
            raise _Played(f"{method} {path}: {answer.status_code} {answer.text[:400]}")
        return answer

    async def create(self, service: str, path: str, who: dict[str, str], body: Any) -> str:
        """Something new; its id."""
        key = {"Idempotency-Key": f"base-{path}-{abs(hash(str(body)))}"}
        return str((await self.send(service, "POST", path, who | key, body)).json()["id"])

    async def change(self, service: str, path: str, verb: str, who: dict[str, str], body: Any = None) -> None:
        """A transition."""
        etag = (await self.send(service, "GET", path, who)).headers["ETag"]
        await self.send(service, "POST", f"{path}/{verb}", who | {"If-Match": etag, "Idempotency-Key": f"base-{path}-{verb}"}, body)


async def play(world: "World") -> Story:
    """Play it, and wait until coordination and facilitation know the locations."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        teller = Teller(world, client)
        owner, deputy = teller.headers("base-owner", Role.PROGRAMME_OWNER), teller.headers("base-deputy", Role.PROGRAMME_OWNER)
        coordinator = teller.headers("base-coordinator", Role.COORDINATOR)
        story = Story()

        def institution(code: str, kind: str) -> Awaitable[str]:
            body = {"code": code, "name": f"Lembaga {code}", "institution_type": kind, "sector_code": None}
            return teller.create("coordination", "institutions", owner, body)

        story.ministry_id, story.lender_id = await institution("base_ministry", "ministry"), await institution("base_lender", "lender")
        await teller.change("coordination", f"institutions/{story.ministry_id}", "verify", coordinator)
        programme = {
            "code": "PKE-BASE",
            "title": "Program dasar",
            "legal_basis": "Inpres 8/2025",
            "valid_from": "2025-03-27",
            "valid_to": "2029-12-31",
            "area_quota": world.spec.areas,
            "province_quota": world.spec.provinces,
            "funding_sources": ["apbn", "apbd"],
            "lead_institution_id": story.ministry_id,
        }
        story.programme_id = await teller.create("coordination", "programmes", owner, programme)
        await teller.change("coordination", f"programmes/{story.programme_id}", "submit", owner)
        await teller.change("coordination", f"programmes/{story.programme_id}", "activate", coordinator)
        model = await teller.create("mapping", "prioritisation-models", owner, json.loads(MODEL.read_text()))
        for verb, who in (("submit", owner), ("approve", deputy), ("activate", deputy)):
            await teller.change("mapping", f"prioritisation-models/{model}", verb, who)
        body = {"programme_id": story.programme_id, "model_id": model}
        run = await _eventually(lambda: teller.create("mapping", "prioritisation-runs", owner, body))
        waiver = {"reason_code": "no_assessments", "note": "Nobody assessed the regions."}
        await teller.change("mapping", f"prioritisation-runs/{run}", "waive-assessments", owner, waiver)
        await teller.change("mapping", f"prioritisation-runs/{run}", "compute", owner)
        await teller.change("mapping", f"prioritisation-runs/{run}", "submit-review", owner)
        await teller.change("mapping", f"prioritisation-runs/{run}", "lock", deputy)
        decree = {"decree_ref": "KEP-BASE/2025", "effective_from": "2025-04-01"}
        await teller.change("mapping", f"prioritisation-runs/{run}", "publish", coordinator, decree)

        async def known() -> list[str]:
            for service, path in (("facilitation", "priority-locations"), ("coordination", "locations")):
                items = (await teller.send(service, "GET", path, owner, programme_id=story.programme_id, limit="200")).json()["items"]
                if len(items) != programme["area_quota"]:
                    raise _Played(f"{service} knows {len(items)} locations")
            return sorted(item["region_code"] for item in items)

        story.locations = await _eventually(known)
        return story


async def _eventually(attempt: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await attempt()
        except _Played:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.1)
