"""Seeded load: several clients that tell stories of coordination and facilitation through the public APIs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from shared.clock import today
from shared.security.identity import Role
from tests.faults.base import Story
from tests.faults.client import AckedLog, Client, GivenUp, Mark, Person
from tests.faults.processes import until

Url = Callable[[str], str]


@dataclass(frozen=True)
class Plan:
    """How much load. Each client tells `stories` stories (None: until told to finish), of each kind in turn."""

    clients: int = 6
    stories: int | None = 2
    kinds: tuple[str, ...] = ("commitment", "programme")
    patience: float = 90.0
    pause_between: float = 0.0
    """Seconds between two stories of one client, for loads that run long."""


COORDINATION = Plan()
FACILITATION = Plan(kinds=("group",))
EVERYTHING = Plan(kinds=("commitment", "group", "programme"), stories=3)


class Load:
    """The load of one run. `start`, wait for `acked(n)`, and `finish`."""

    def __init__(self, plan: Plan, seed: int, run: int, story: Story, issuer: Path, log: AckedLog, url_of: Url) -> None:
        self.plan = plan
        self.log = log
        self._story = story
        self._issuer = issuer
        self._before = len(log.sent)
        self._run = run
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._clients = []
        for number in range(plan.clients):
            random = Random(f"{seed}-{number}")
            self._clients.append(Teller(self, Client(log, url_of, Random(f"{seed}-{number}-{run}-keys"), patience=plan.patience), random, f"r{run}c{number}"))

    def start(self) -> None:
        """Let all clients begin."""
        self._tasks = [asyncio.create_task(client.tell(number)) for number, client in enumerate(self._clients)]

    @property
    def sent(self) -> list[Any]:
        """The commands of this run."""
        return self.log.sent[self._before :]

    @property
    def count(self) -> int:
        """How many of them were acknowledged."""
        return sum(sent.outcome == "acked" for sent in self.sent)

    @property
    def running(self) -> bool:
        return any(not task.done() for task in self._tasks)

    async def acked(self, count: int, seconds: float = 60.0) -> None:
        """Wait until so many commands were acknowledged, or the load is over."""
        await until(lambda: self.count >= count or not self.running, seconds, f"{count} acknowledged commands")

    async def finish(self) -> None:
        """Begin no further story; wait for the answers to what is under way."""
        self._stopping.set()
        try:
            await asyncio.gather(*self._tasks)
        finally:
            for client in self._clients:
                await client.client.close()

    async def complete(self) -> None:
        """Wait until every story that was planned is told; for a load without end the same as `finish`."""
        if self.plan.stories is not None:
            await asyncio.gather(*self._tasks)
        await self.finish()


class Teller:
    """One client."""

    def __init__(self, load: Load, client: Client, random: Random, name: str) -> None:
        self.client = client
        self._load = load
        self._random = random
        self._name = name
        self._told = 0

    async def tell(self, first: int) -> None:
        """Story after story; one that was refused or given up is left, the next begins."""
        plan = self._load.plan
        while not self._load._stopping.is_set() and (plan.stories is None or self._told < plan.stories):
            kind = plan.kinds[(first + self._told) % len(plan.kinds)]
            self._told += 1
            try:
                await getattr(self, f"_{kind}")(f"{self._name}s{self._told}")
            except GivenUp:
                continue
            if plan.pause_between:
                await asyncio.sleep(plan.pause_between * self._random.uniform(0.5, 1.5))

    def _person(self, name: str, role: Role, institution: str | None = None, regions: tuple[str, ...] = ()) -> Person:
        return Person(self._load._issuer, f"load-{name}", role, institution, regions)

    async def _institution(self, code: str) -> str:
        body = {"code": code, "name": f"Lembaga {code}", "institution_type": "ministry", "sector_code": "trade"}
        owner = self._person("owner", Role.PROGRAMME_OWNER)
        made = await self.client.create("coordination", "institutions", owner, body, Mark("coordination", "institutions", "code", code))
        await self.client.change("coordination", f"institutions/{made['id']}", "verify", owner, None, made["_version"])
        return str(made["id"])

    async def _programme(self, code: str) -> None:
        client, random = self.client, self._random
        owner, coordinator = self._person("owner", Role.PROGRAMME_OWNER), self._person("coordinator", Role.COORDINATOR)
        lead = await self._institution(f"lead_{code}")
        programme_code = f"P-{code}".upper()
        body = {
            "code": programme_code,
            "title": f"Program {code}",
            "legal_basis": "Inpres 8/2025",
            "valid_from": "2025-01-01",
            "valid_to": "2029-12-31",
            "area_quota": random.randint(10, 40),
            "province_quota": random.randint(2, 8),
            "funding_sources": ["apbn"],
            "lead_institution_id": lead,
        }
        drafted = await client.create("coordination", "programmes", owner, body, Mark("coordination", "programmes", "code", programme_code))
        path = f"programmes/{drafted['id']}"
        submitted = await client.change("coordination", path, "submit", owner, None, drafted["_version"])
        await client.change("coordination", path, "activate", coordinator, None, submitted["_version"])

    async def _commitment(self, code: str) -> None:
        client, random, story = self.client, self._random, self._load._story
        coordinator = self._person("coordinator", Role.COORDINATOR)
        mine = await self._institution(f"inst_{code}")
        invitation = {
            "programme_id": story.programme_id,
            "institution_id": mine,
            "role_code": "implementer",
            "area_scope": [],
            "respond_by": "2029-12-31",
        }
        mark = Mark("coordination", "participations", "institution_id", mine)
        invited = await client.create("coordination", "participations", coordinator, invitation, mark)
        ministry = self._person(code, Role.PARTNER_MINISTRY, mine)
        await client.change("coordination", f"participations/{invited['id']}", "accept", ministry, None, invited["_version"])
        amount, output = 1_000_003 * random.randint(2, 900), random.randint(2, 60)
        body = {
            "programme_id": story.programme_id,
            "location_code": random.choice(story.locations),
            "intervention_code": "market_access",
            "amount_idr": amount,
            "funding_source": random.choice(["apbn", "apbd"]),
            "output_quantity": output,
            "output_unit": f"unit_{code}",
            "due_on": "2027-12-15",
        }
        pledged = await client.create("coordination", "commitments", ministry, body, Mark("coordination", "commitments", "output_unit", f"unit_{code}"))
        path, version = f"commitments/{pledged['id']}", pledged["_version"]
        verifier = self._person("verifier", Role.PROGRAMME_OWNER, story.ministry_id)
        for number, share in enumerate(sorted(random.choice([(0.4, 1.0), (0.3, 0.7)])), start=1):
            report = {
                "cumulative_output": round(output * share),
                "cumulative_amount_idr": round(amount * share),
                "as_of": f"2025-1{number}-28",
                "evidence_hashes": [f"{random.getrandbits(256):064x}"],
            }
            reported = await client.change("coordination", path, "progress-reports", ministry, report, version)
            verb = f"progress-reports/{reported['reports'][-1]['id']}/verify"
            version = (await client.change("coordination", path, verb, verifier, None, reported["_version"]))["_version"]
            if share == 1.0:
                version = (await client.change("coordination", path, "report-fulfilled", ministry, None, version))["_version"]
                version = (await client.change("coordination", path, "confirm-fulfilled", verifier, None, version))["_version"]

    async def _group(self, code: str) -> None:
        client, random, story = self.client, self._random, self._load._story
        region = random.choice(story.locations)
        mentor = self._person(f"mentor-{region}", Role.MENTOR, None, (region,))
        owner = self._person("owner", Role.PROGRAMME_OWNER)
        members = [await self._enterprise(mentor, region, f"{code}e{number}") for number in range(3)]
        body = {"name": f"Kelompok {code}", "group_type": "kelompok", "region_code": region, "kbli_section": "C"}
        group = await client.create("facilitation", "groups", mentor, body, Mark("facilitation", "groups", "name", f"Kelompok {code}"))
        path, version = f"groups/{group['id']}", group["_version"]
        for member in members:
            joining = {"enterprise_id": member, "member_role": "head" if member == members[0] else "member"}
            version = (await client.change("facilitation", path, "members", mentor, joining, version))["_version"]
        version = (await client.change("facilitation", path, "verify", owner, {"facts": {"minutes_hash": "9f" * 32}}, version))["_version"]
        await client.change("facilitation", path, "activate", owner, {"programme_id": story.programme_id}, version)
        for number, member in enumerate(members[:2]):
            await self._finance(mentor, owner, member, f"{code}a{number}")

    async def _enterprise(self, mentor: Person, region: str, code: str) -> str:
        random = self._random
        born = date(1970, 1, 1) + timedelta(days=random.randrange(10_000))
        self._load.log.niks += 1
        body = {
            "name": f"Usaha {code}",
            "owner_name": f"Pemilik {code}",
            # Sub-district 99 exists nowhere: no living person holds such a number.
            "owner_nik": f"{region.replace('.', '')}99{born:%d%m%y}{self._load.log.niks % 9999 + 1:04d}",
            "region_code": region,
            "kbli_section": "C",
            "capital_idr": 1_000_000 * random.randint(3, 40),
            "annual_sales_idr": 1_000_000 * random.randint(12, 150),
            "consent_purpose": "programme_facilitation",
            "consent_on": "2025-05-02",
        }
        mark = Mark("facilitation", "enterprises", "name", f"Usaha {code}")
        return str((await self.client.create("facilitation", "enterprises", mentor, body, mark))["id"])

    async def _finance(self, mentor: Person, owner: Person, enterprise: str, code: str) -> None:
        client, random, story = self.client, self._random, self._load._story
        amount = 500_000 * random.randint(6, 20)
        body = {"programme_id": story.programme_id, "enterprise_id": enterprise, "product_code": "kur_super_mikro", "requested_amount_idr": amount}
        mark = Mark("facilitation", "financing_applications", "enterprise_id", enterprise)
        application = await client.create("facilitation", "financing-applications", mentor, body, mark)
        path, version = f"financing-applications/{application['id']}", application["_version"]
        for verb, who, given in (
            ("submit", mentor, None),
            ("start-review", owner, None),
            ("approve", owner, {"comment": "Layak."}),
            ("forward", owner, {"lender_institution_id": story.lender_id}),
        ):
            version = (await client.change("facilitation", path, verb, who, given, version))["_version"]
        lender = self._person("lender", Role.LENDER, story.lender_id)
        if random.random() < 0.75:
            contract = {"amount_idr": amount, "tenor_months": 24, "granted_on": str(today()), "lender_reference": f"R-{code}"}
            await client.change("facilitation", path, "grant", lender, contract, version)
        else:
            await client.change("facilitation", path, "decline", lender, {"reason_codes": ["insufficient_cash_flow"]}, version)
