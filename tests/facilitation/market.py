"""Market access over the real service: groups with members and products, a buyer, and a calendar that moves when it is told."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.facilitation.enterprises.domain import EnterpriseStatus
from services.facilitation.enterprises.tables import enterprises
from services.facilitation.groups.domain import GroupStatus, MemberRole
from services.facilitation.groups.minimums import GroupType
from services.facilitation.groups.tables import groups, memberships
from shared.clock import new_id
from shared.security.identity import Role
from tests.kit import Person, Served

BUYER = UUID("0195d3a0-0000-7000-8000-0000000000b1")
EVIDENCE = "ab" * 32
START = date(2026, 3, 2)


class Market:
    """Who trades, and the steps up to a paid order."""

    def __init__(self, served: Served, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> None:
        self.served, self.person = served, person
        self.today = START
        monkeypatch.setattr("shared.clock._system", lambda: datetime(self.today.year, self.today.month, self.today.day, 5, tzinfo=UTC))
        self.mentor = person(Role.MENTOR, name="mentor-1", regions=["53", "11"])
        self.owner = person(Role.PROGRAMME_OWNER, name="owner-1")
        self.buyer = person(Role.BUYER, name="buyer-1", institution_id=BUYER)
        self.other_buyer = person(Role.BUYER, name="buyer-2", institution_id=uuid4())

    async def ok(self, answer: httpx.Response, status: int = 200) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()

    async def refused(self, answer: httpx.Response, status: int, code: str) -> Any:
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        return answer.json()

    async def create(self, path: str, who: Person, body: Any = None) -> Any:
        return await self.ok(await self.served.post(f"/v1/{path}", who, body), 201)

    async def change(self, path: str, verb: str, who: Person, body: Any = None) -> Any:
        return await self.ok(await self.act(path, verb, who, body))

    async def act(self, path: str, verb: str, who: Person, body: Any = None) -> httpx.Response:
        etag = (await self.served.get(f"/v1/{path}", self.owner)).headers.get("etag", '"1"')
        return await self.served.post(f"/v1/{path}/{verb}", who, body, if_match=etag)

    async def group(self, region_code: str = "53.04", members: int = 3, status: GroupStatus = GroupStatus.ACTIVE) -> tuple[str, list[str]]:
        """An active group, put where it is read from: how groups come about is told elsewhere."""
        group_id, ids = new_id(), [new_id() for _ in range(members)]
        async with self.served.runtime.engine.begin() as connection:
            rows = [_enterprise(id, region_code) for id in ids]
            await connection.execute(enterprises.insert(), rows)
            await connection.execute(groups.insert(), [_group(group_id, region_code, members, status)])
            joined = [
                {"id": new_id(), "group_id": group_id, "enterprise_id": id, "member_role": MemberRole.MEMBER, "joined_on": date(2025, 1, 1)} for id in ids
            ]
            await connection.execute(memberships.insert(), joined)
        return str(group_id), [str(id) for id in ids]

    async def product(self, group_id: str, **given: Any) -> str:
        body = {
            "group_id": group_id,
            "category_code": "woven_cloth",
            "kbli_code": "13121",
            "unit": "piece",
            "price_idr": 250_000,
            "monthly_capacity": 100,
        }
        return str((await self.create("group-products", self.mentor, body | given))["id"])

    def demand(self, **given: Any) -> dict[str, Any]:
        return {
            "buyer_institution_id": str(BUYER),
            "region_code": "53.71",
            "category_code": "woven_cloth",
            "quantity": 150,
            "unit": "piece",
            "needed_by": "2026-04-20",
            "price_ceiling_idr": 300_000,
        } | given

    async def register(self, **given: Any) -> str:
        return str((await self.create("market-demands", self.buyer, self.demand(**given)))["id"])

    async def match(self) -> Any:
        return await self.create("matching-runs", self.owner)

    async def read(self, path: str) -> Any:
        return await self.ok(await self.served.get(f"/v1/{path}", self.owner))

    async def linkage(self, group_id: str, categories: Sequence[str] = ("woven_cloth",), channel: str = "direct") -> str:
        """A linkage with a contract."""
        body = {"group_id": group_id, "buyer_institution_id": str(BUYER), "channel": channel, "category_codes": list(categories)}
        path = f"market-linkages/{(await self.create('market-linkages', self.buyer, body))['id']}"
        await self.change(path, "accept", self.mentor)
        await self.change(path, "contract", self.buyer, {"contract_ref": "SPK-1", "contract_value_idr": 50_000_000, "term_months": 12})
        return path.rsplit("/", 1)[1]

    def order(self, linkage_id: str, *lines: tuple[str, int], **given: Any) -> dict[str, Any]:
        ordered = [{"product_id": product, "quantity": quantity} for product, quantity in lines]
        return {"linkage_id": linkage_id, "deliver_by": "2026-04-15", "lines": ordered} | given

    async def place(self, linkage_id: str, *lines: tuple[str, int], **given: Any) -> str:
        """The path of a placed order."""
        return f"orders/{(await self.create('orders', self.buyer, self.order(linkage_id, *lines, **given)))['id']}"

    async def confirm(self, path: str, *shares: tuple[str, str, int]) -> Any:
        body = [{"enterprise_id": enterprise, "product_id": product, "quantity": quantity} for enterprise, product, quantity in shares]
        return await self.change(path, "confirm", self.mentor, {"shares": body})

    def delivery(self, *lines: tuple[str, int]) -> dict[str, Any]:
        ordered = [{"product_id": product, "quantity": quantity} for product, quantity in lines]
        return {"delivered_on": str(self.today), "lines": ordered, "evidence_hashes": [EVIDENCE]}

    async def deliver(self, path: str, *lines: tuple[str, int]) -> Any:
        return await self.change(path, "deliveries", self.mentor, self.delivery(*lines))

    async def events(self) -> list[str]:
        return [row.type.split(".")[2] for row in await self.served.outbox()]


def _enterprise(id: UUID, region_code: str) -> dict[str, Any]:
    return {
        "id": id,
        "version": 1,
        "name": "Usaha",
        "owner_name": "Pemilik",
        "owner_nik": b"sealed",
        "owner_nik_index": id.bytes,
        "owner_nik_masked": "530499******0001",
        "region_code": region_code,
        "kbli_section": "C",
        "scale_code": "micro",
        "capital_idr": 1_000_000,
        "annual_sales_idr": 12_000_000,
        "consent_purpose": "programme_facilitation",
        "consent_on": date(2025, 1, 1),
        "registered_on": date(2025, 1, 1),
        "status": EnterpriseStatus.ACTIVE,
        "owner_keys": [],
        "name_keys": [],
        "warnings": [],
        "registered_by": "mentor-1",
        "legality": [],
        "ladder_step": "micro",
    }


def _group(id: UUID, region_code: str, members: int, status: GroupStatus) -> dict[str, Any]:
    return {
        "id": id,
        "version": 1,
        "name": f"Kelompok {id}",
        "group_type": GroupType.KELOMPOK,
        "region_code": region_code,
        "kbli_section": "C",
        "status": status,
        "member_count": members,
        "formed_on": date(2025, 1, 1),
        "programme_id": uuid4(),
        "activated_on": date(2026, 1, 5),  # not so long ago that the calendar would call it dormant
        "facts": {},
        "annual_meetings": [],
        "successor_group_ids": [],
    }
