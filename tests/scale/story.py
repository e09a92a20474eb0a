"""What happens in one location and in one group: from the file of enterprises to the paid order and the settled loan.

Dates are today's: registration of a training with as many seats as nominees closes when it is full, a loan of one month is paid back at
once, an order is delivered on the day it is placed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from random import Random
from uuid import NAMESPACE_URL, uuid4, uuid5

import httpx

from shared.clock import WIB
from shared.security.identity import Role
from tests.faults.world import World
from tests.scale.people import Caller, Invented, as_csv, invented

MENTORED_EVERY, MEMBERS = 5, 20
TOPIC, UNITS = "business_plan", ["M.70PEN00.009.1", "M.70PEN00.021.1"]
BUYER = str(uuid5(NAMESPACE_URL, "entaskan.scale.buyer"))


def evidence(of: object) -> str:
    """A SHA-256 that stands for a document."""
    return sha256(str(of).encode()).hexdigest()


@dataclass
class Teller:
    """Tells the story of all locations; `people` is whoever was invented."""

    world: World
    http: httpx.AsyncClient
    seed: int

    def __post_init__(self) -> None:
        self.people: list[Invented] = []
        self.callers: list[Caller] = []
        self.owner, self.deputy = self.caller("scale-owner", Role.PROGRAMME_OWNER), self.caller("scale-deputy", Role.PROGRAMME_OWNER)
        self.lender = self.caller("scale-bank", Role.LENDER, self.world.story.lender_id)
        self.buyer = self.caller("scale-buyer", Role.BUYER, BUYER)
        self.ministry = self.caller("scale-ministry", Role.PARTNER_MINISTRY, self.world.story.ministry_id)
        self.course_id = ""

    def caller(self, name: str, role: Role, institution: str | None = None, regions: tuple[str, ...] = ()) -> Caller:
        made = Caller(self.world, self.http, name, role, institution, regions)
        self.callers.append(made)
        return made

    async def begin(self) -> None:
        """The course that all trainings teach."""
        terms = {
            "valid_from": str(today()),
            "hours": 8,
            "competence_unit_codes": UNITS,
            "target_group_types": ["kelompok"],
            "attendance_percent": 80,
            "pass_mark": 70,
        }
        body = {"course_code": "bookkeeping", "title": "Pembukuan", "provider_institution_id": self.world.story.ministry_id, "terms": terms}
        self.course_id = (await self.owner.create("courses", body))["id"]

    async def locate(self, region_code: str, enterprises: int, groups: int) -> None:
        """A location: its enterprises by file, its groups one after the other."""
        random = Random(f"{self.seed}-{region_code}")
        people = invented(region_code, enterprises, random)
        self.people += people
        regency = self.caller(f"scale-regency-{region_code}", Role.REGENCY, regions=(region_code,))
        mentor = self.caller(f"scale-mentor-{region_code}", Role.MENTOR, regions=(region_code,))
        sent = await regency.send("POST", "enterprise-imports", headers={"Content-Type": "text/csv"}, content=as_csv(people))
        import_id = sent.json()["id"]
        while (found := await regency.get(f"enterprise-imports/{import_id}"))["state"] == "running":
            await asyncio.sleep(0.2)
        assert (found["state"], found["registered"]) == ("done", enterprises), found
        ids = await self._ids(regency, region_code)
        for number in range(groups):
            await self._group(regency, mentor, region_code, number, ids[number * MEMBERS : (number + 1) * MEMBERS])

    async def _ids(self, regency: Caller, region_code: str) -> list[str]:
        ids: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await regency.get("enterprises", region_code=region_code, limit=200, **cursor)
            ids += [item["id"] for item in page["items"]]
            if not page["next_cursor"]:
                return ids
            cursor = {"cursor": page["next_cursor"]}

    async def _group(self, regency: Caller, mentor: Caller, region_code: str, number: int, members: Sequence[str]) -> None:
        body = {"name": f"Kelompok {region_code}-{number}", "group_type": "kelompok", "region_code": region_code, "kbli_section": "C"}
        group_id = (await mentor.create("groups", body))["id"]
        path, version = f"groups/{group_id}", 1
        for member in members:
            joining = {"enterprise_id": member, "member_role": "member" if version > 1 else "head"}
            _, version = await mentor.change(path, "members", joining, version=version)
        facts = {"facts": {"minutes_hash": evidence(group_id)}}
        await regency.changes(path, ("verify", facts), ("activate", {"programme_id": self.world.story.programme_id}), version=version)
        one = members[0]
        await mentor.changes(f"enterprises/{one}", ("verify", {"method": "field_visit"}), version=1)
        await regency.changes(f"enterprises/{one}", ("activate", None), version=2)
        if number % MENTORED_EVERY == 0:
            await self._mentor(regency, region_code, group_id, number)
            await self._train(regency, mentor, region_code, group_id, members)
        await self._lend(mentor, one)
        await self._sell(mentor, group_id, members)

    async def _mentor(self, regency: Caller, region_code: str, group_id: str, number: int) -> None:
        """A mentor of the group's own, verified by another; one visit, approved."""
        pendamping = self.caller(f"scale-pendamping-{region_code}-{number}", Role.MENTOR, regions=(region_code,))
        competences = [{"unit_code": unit, "valid_from": "2024-01-01", "certificate_hash": evidence(pendamping.name + unit)} for unit in UNITS]
        body = {"subject": pendamping.name, "region_code": region_code, "area_codes": [region_code], "competences": competences, "case_ceiling": MEMBERS}
        mentor_id = (await regency.create("mentors", body))["id"]
        await self.owner.change(f"mentors/{mentor_id}", "verify", version=1)
        offer = {"group_id": group_id, "mentor_id": mentor_id, "topic_codes": [TOPIC], "planned_visits": 1}
        assignment_id = (await regency.create("mentoring-assignments", offer))["id"]
        await pendamping.change(f"mentoring-assignments/{assignment_id}", "accept", version=1)
        now = datetime.now(UTC)
        report = {
            "visit_id": str(uuid4()),
            "assignment_id": assignment_id,
            "started_at": (now - timedelta(minutes=50)).isoformat(),
            "ended_at": (now - timedelta(minutes=10)).isoformat(),
            "topic_codes": [TOPIC],
            "attendee_count": 5,
            "evidence_hashes": [evidence(assignment_id)],
        }
        answer = await pendamping.send("POST", "visit-reports", report)
        visit = answer.json()
        await regency.change(f"mentoring-visits/{visit['id']}", "approve", version=int(answer.headers["ETag"].strip('"')))

    async def _train(self, regency: Caller, mentor: Caller, region_code: str, group_id: str, members: Sequence[str]) -> None:
        """A training for the group, full and held on one day; all are there and pass."""
        day = str(today())
        schedule = {"opens_on": day, "closes_on": day, "quota": len(members), "minimum_participants": 1, "sessions": [{"on": day, "hours": 8}]}
        body = {"programme_id": self.world.story.programme_id, "course_id": self.course_id, "region_code": region_code, "venue": "Balai", "schedule": schedule}
        training_id = (await regency.create("trainings", body))["id"]
        path = f"trainings/{training_id}"
        await regency.changes(path, ("publish", None), ("open-registration", None), version=1)
        named = [{"enterprise_id": member, "gender": "female", "consent_purpose": "training_participation", "consent_on": day} for member in members]
        rows = (await mentor.create(f"{path}/nominations", {"group_id": group_id, "nominees": named}))["rows"]
        enrolled = [row["enrolment_id"] for row in rows if row["outcome"] == "enrolled"]
        assert len(enrolled) == len(members), rows
        await regency.changes(path, ("close-registration", None), ("start", None), version=await self._version(regency, path))
        attendance = [{"enrolment_id": each, "present": True} for each in enrolled]
        await regency.create(f"{path}/lists", {"list_kind": "attendance", "session_no": 1, "attendance": attendance})
        await regency.create(f"{path}/lists", {"list_kind": "post_test", "scores": [{"enrolment_id": each, "score": 90} for each in enrolled]})
        await regency.changes(path, ("complete", {"cost_idr": 2_500_000}), version=await self._version(regency, path))

    async def _version(self, who: Caller, path: str) -> int:
        return int((await who.send("GET", path)).headers["ETag"].strip('"'))

    async def _lend(self, mentor: Caller, enterprise_id: str) -> None:
        """A loan of one month: applied for, recommended, granted, paid out, paid back."""
        day, amount = str(today()), 5_000_000
        body = {
            "programme_id": self.world.story.programme_id,
            "enterprise_id": enterprise_id,
            "product_code": "kur_super_mikro",
            "requested_amount_idr": amount,
        }
        application_id = (await mentor.create("financing-applications", body))["id"]
        path = f"financing-applications/{application_id}"
        _, version = await mentor.change(path, "submit", version=1)
        steps = ("start-review", None), ("approve", {"comment": "Layak."}), ("forward", {"lender_institution_id": self.world.story.lender_id})
        _, version = await self.owner.changes(path, *steps, version=version)
        contract = {"amount_idr": amount, "tenor_months": 1, "granted_on": day, "lender_reference": f"AKAD-{application_id}"}
        granted, _ = await self.lender.change(path, "grant", contract, version=version)
        loan = f"loans/{granted['financing_id']}"
        paid_out = {"amount_idr": amount, "disbursed_on": day, "reference": f"OUT-{application_id}"}
        _, version = await self.lender.change(loan, "disbursements", paid_out, version=await self._version(self.lender, loan))
        due = sum(each["amount_idr"] for each in (await self.lender.get(f"{loan}/schedule"))["instalments"])
        settled, _ = await self.lender.change(loan, "repayments", {"amount_idr": due, "paid_on": day, "reference": f"IN-{application_id}"}, version=version)
        assert settled["status"] == "settled", settled

    async def _sell(self, mentor: Caller, group_id: str, members: Sequence[str]) -> None:
        """A linkage with the buyer and one order: placed, shared out, delivered, accepted, invoiced, paid."""
        day, price, quantity = str(today()), 250_000, len(members)
        product = {
            "group_id": group_id,
            "category_code": "woven_cloth",
            "kbli_code": "13121",
            "unit": "piece",
            "price_idr": price,
            "monthly_capacity": 100,
        }
        product_id = (await mentor.create("group-products", product))["id"]
        linkage = {"group_id": group_id, "buyer_institution_id": BUYER, "channel": "direct", "category_codes": ["woven_cloth"]}
        linkage_id = (await self.buyer.create("market-linkages", linkage))["id"]
        await mentor.change(f"market-linkages/{linkage_id}", "accept", version=1)
        contract = {"contract_ref": f"SPK-{linkage_id}", "contract_value_idr": 50_000_000, "term_months": 12}
        await self.buyer.change(f"market-linkages/{linkage_id}", "contract", contract, version=2)
        lines = [{"product_id": product_id, "quantity": quantity}]
        order_id = (await self.buyer.create("orders", {"linkage_id": linkage_id, "deliver_by": day, "lines": lines}))["id"]
        path = f"orders/{order_id}"
        shares = {"shares": [{"enterprise_id": member, "product_id": product_id, "quantity": 1} for member in members]}
        delivered = {"delivered_on": day, "lines": lines, "evidence_hashes": [evidence(order_id)]}
        _, version = await mentor.changes(path, ("confirm", shares), ("deliveries", delivered), version=1)
        _, version = await self.buyer.change(path, "accept", version=version)
        _, version = await mentor.change(path, "invoice", {"invoice_number": f"INV-{order_id}"}, version=version)
        paid, _ = await self.buyer.change(path, "pay", {"amount_idr": price * quantity, "paid_on": day}, version=version)
        assert paid["status"] == "paid", paid


def today() -> date:
    """The business date."""
    return datetime.now(UTC).astimezone(WIB).date()
