"""The demonstration: the whole process once, from pledges to grants, through the public HTTP APIs alone.

Regions and statistics are real; institutions' pledges, enterprises, people and credits are invented and say so in their names.
Every request carries a key that follows from the story, so that playing it again changes nothing and an interrupted play goes on.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.embedded.demo_actors import Actor, DemoFailed, Stage
from shared.clock import today
from shared.security.identity import Role

__all__ = ["DemoFailed", "play", "play_once"]

MODEL = Path(__file__).parent.parent / "mapping" / "models" / "default_model.json"
INSTITUTIONS = (
    ("kemenko_pmk", "Kementerian Koordinator Bidang Pembangunan Manusia dan Kebudayaan", "coordinating_ministry", None),
    ("kemenkop_ukm", "Kementerian Koperasi dan UKM", "ministry", "cooperatives_and_smes"),
    ("kemnaker", "Kementerian Ketenagakerjaan", "ministry", "manpower"),
    ("kemenperin", "Kementerian Perindustrian", "ministry", "industry"),
    ("kemendag", "Kementerian Perdagangan", "ministry", "trade"),
    ("kemenpar", "Kementerian Pariwisata", "ministry", "tourism"),
    ("kementan", "Kementerian Pertanian", "ministry", "agriculture"),
    ("kkp", "Kementerian Kelautan dan Perikanan", "ministry", "fisheries"),
    ("bkpm", "Kementerian Investasi/BKPM", "ministry", "investment"),
    ("bank_peragaan", "Bank Penyalur KUR (peragaan)", "lender", "finance"),
)
INTERVENTIONS = {
    "kemnaker": "vocational_training",
    "kemenperin": "small_industry_equipment",
    "kemendag": "market_access",
    "kemenpar": "village_tourism",
    "kementan": "farm_inputs",
    "kkp": "fishery_processing",
    "bkpm": "business_licensing",
}
REQUIRED = ["vocational_training", "market_access", "small_industry_equipment"]
DUE = ("2026-10-30", "2026-12-11", "2026-12-15", "2026-12-23", "2027-03-31")
MEMBERS = 3
"""Enterprises in each location's one group (kelompok)."""


async def play_once(url: str, folder: Path, console: Console) -> None:
    """Play it unless it was played to the end before in this folder; say so when it fails, and go on serving."""
    played = folder / "demo-played.json"
    if played.exists():
        console.print("Peragaan sudah pernah diputar; data tersimpan. / The demonstration was played before; its data are kept.")
        return
    try:
        summary = await play(url, folder, console)
    except (DemoFailed, httpx.HTTPError) as error:
        console.print(
            f"Peragaan terhenti / the demonstration stopped: {error}\nUlangi dengan / repeat with: entaskan demo --url {url}", style="bold red", markup=False
        )
        return
    played.write_text(json.dumps(summary))


async def play(url: str, folder: Path, console: Console) -> dict[str, Any]:
    """Play the story against the embedded system at `url`, whose demo issuer is in `folder`; totals at the end."""
    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        with Progress(*columns, console=console) as progress:
            story = Story(client, folder, progress)
            await story.coordinate()
            locations = await story.map()
            await story.pledge(locations)
            await story.facilitate(locations)
            summary = await story.monitor()
        console.print_json(data=summary)
        return summary


def _mandate(intervention: str, sector: str | None) -> dict[str, Any]:
    task = f"Tugas peragaan: {intervention} bagi usaha mikro di lokasi prioritas"
    whole = {"task": task, "pillar_code": "raise_income", "intervention_codes": [intervention], "legal_basis": "Inpres 8/2025", "valid_from": "2025-03-27"}
    return whole | ({"sector_code": sector} if sector else {})


class Story:
    """The acts of the story, in order."""

    def __init__(self, client: httpx.AsyncClient, folder: Path, progress: Progress) -> None:
        self._client = client
        self._folder = folder
        self._progress = progress
        self._random = Random(2025)
        self._institution: dict[str, UUID] = {}
        self._programme = ""
        self._coordinator = self._actor("kemenko-pmk-1", Role.COORDINATOR)
        self._owner = self._actor("kemenkop-1", Role.PROGRAMME_OWNER)
        self._deputy = self._actor("kemenkop-2", Role.PROGRAMME_OWNER)

    def _actor(self, name: str, role: Role, institution: str | None = None, regions: list[str] | None = None) -> Actor:
        return Actor(self._client, self._folder, f"demo-{name}", role, self._institution[institution] if institution else None, regions or [])

    async def coordinate(self) -> None:
        """Institutions, the programme, invitations."""
        with Stage(self._progress, "1 Koordinasi / Coordination", len(INSTITUTIONS) + 3 + len(INTERVENTIONS)) as stage:
            for code, name, kind, sector in INSTITUTIONS:
                body = {"code": code, "name": name, "institution_type": kind, "sector_code": sector}
                self._institution[code] = UUID((await self._owner.create("/coordination/v1/institutions", body, code))["id"])
                path = f"/coordination/v1/institutions/{self._institution[code]}"
                await self._coordinator.change(path, "verify")
                if code in INTERVENTIONS:
                    await self._coordinator.change(path, "set-mandates", {"mandates": [_mandate(INTERVENTIONS[code], sector)]})
                stage.advance()
            programme = await self._owner.create(
                "/coordination/v1/programmes",
                {
                    "code": "PKE-2025-DEMO",
                    "title": "Pengentasan kemiskinan ekstrem melalui usaha mikro (peragaan)",
                    "legal_basis": "Inpres 8/2025",
                    "valid_from": "2025-03-27",
                    "valid_to": "2029-12-31",
                    "area_quota": 48,
                    "province_quota": 8,
                    "funding_sources": ["apbn", "apbd"],
                    "required_interventions": REQUIRED,
                    "lead_institution_id": str(self._institution["kemenkop_ukm"]),
                },
                "programme",
            )
            self._programme = programme["id"]
            path = f"/coordination/v1/programmes/{self._programme}"
            await self._owner.change(path, "submit")
            await self._coordinator.change(path, "activate")
            stage.advance(3)
            for code in INTERVENTIONS:
                await self._invite_and_accept(code)
                stage.advance()

    async def _invite_and_accept(self, code: str) -> None:
        body = {
            "programme_id": self._programme,
            "institution_id": str(self._institution[code]),
            "role_code": "implementer",
            "area_scope": [],
            "respond_by": "2029-12-31",
        }
        invited = await self._coordinator.create("/coordination/v1/participations", body, f"invite-{code}")
        await self._actor(code, Role.PARTNER_MINISTRY, code).change(f"/coordination/v1/participations/{invited['id']}", "accept")

    async def map(self) -> list[dict[str, Any]]:
        """A model approved by a second person, a run locked by a second person, 48 locations in 8 provinces published."""
        with Stage(self._progress, "2 Pemetaan / Mapping", 6) as stage:
            model = await self._owner.create("/mapping/v1/prioritisation-models", json.loads(MODEL.read_text()), "model")
            model_path = f"/mapping/v1/prioritisation-models/{model['id']}"
            await self._owner.change(model_path, "submit")
            await self._deputy.change(model_path, "approve")
            await self._deputy.change(model_path, "activate")
            stage.advance(2)
            body = {"programme_id": self._programme, "model_id": model["id"]}
            # The programme reaches mapping as an event; until then it answers that it does not know it.
            run = await self._until(lambda: self._owner.create("/mapping/v1/prioritisation-runs", body, "run"))
            path = f"/mapping/v1/prioritisation-runs/{run['id']}"
            waiver = {"reason_code": "demonstration", "note": "Peragaan: penilaian daerah tidak dibuat."}
            await self._owner.change(path, "waive-assessments", waiver)
            await self._owner.change(path, "compute")
            await self._owner.change(path, "submit-review")
            await self._deputy.change(path, "lock")
            stage.advance(3)
            await self._coordinator.change(path, "publish", {"decree_ref": "KEP-PERAGAAN/2025", "effective_from": "2025-04-01"})
            stage.advance()
            return await self._coordinator.all("/mapping/v1/priority-locations", programme_id=self._programme)

    async def pledge(self, locations: list[dict[str, Any]]) -> None:
        """Two ministries pledge for every location; half of them report, and another institution confirms."""
        await self._until(lambda: self._expect("/coordination/v1/locations", len(locations)))
        with Stage(self._progress, "3 Komitmen / Commitments", 2 * len(locations)) as stage:
            for location in locations:
                for code in sorted(self._random.sample(sorted(INTERVENTIONS), 2)):
                    await self._pledge_one(location["region_code"], code)
                    stage.advance()

    async def _pledge_one(self, region_code: str, code: str) -> None:
        ministry = self._actor(code, Role.PARTNER_MINISTRY, code)
        amount, output = 25_000_000 * self._random.randint(2, 20), self._random.randint(10, 60)
        body = {
            "programme_id": self._programme,
            "location_code": region_code,
            "intervention_code": INTERVENTIONS[code],
            "amount_idr": amount,
            "funding_source": self._random.choice(["apbn", "apbd"]),
            "output_quantity": output,
            "output_unit": "enterprises",
            # Spread over the year, so that some are late and some are near.
            "due_on": DUE[sum(map(ord, region_code + code)) % len(DUE)],
        }
        pledged = await ministry.create("/coordination/v1/commitments", body, f"pledge-{region_code}-{code}")
        if self._random.random() < 0.5:
            return
        share = self._random.choice([0.4, 0.7, 1.0])
        path = f"/coordination/v1/commitments/{pledged['id']}"
        report = {
            "cumulative_output": round(output * share),
            "cumulative_amount_idr": round(amount * share),
            "as_of": "2025-11-28",
            "evidence_hashes": [f"{self._random.getrandbits(256):064x}"],
        }
        reported = await ministry.change(path, "progress-reports", report)
        verifier = self._actor("kemenkop-verifikator", Role.PROGRAMME_OWNER, "kemenkop_ukm")
        await verifier.change(path, f"progress-reports/{reported['reports'][0]['id']}/verify", read_as=ministry)
        if share == 1.0:
            await ministry.change(path, "report-fulfilled")
            await verifier.change(path, "confirm-fulfilled", read_as=ministry)

    async def facilitate(self, locations: list[dict[str, Any]]) -> None:
        """In each location a group of micro enterprises; two of them apply, the lender decides."""
        with Stage(self._progress, "4 Fasilitasi / Facilitation", len(locations)) as stage:
            for location in locations:
                await self._facilitate_one(location["region_code"])
                stage.advance()

    async def _facilitate_one(self, region_code: str) -> None:
        mentor = self._actor(f"pendamping-{region_code}", Role.MENTOR, None, [region_code])
        section = self._random.choice("ACGI")
        members = [await self._register(mentor, region_code, section, n) for n in range(1, MEMBERS + 1)]
        body = {"name": f"Kelompok Peragaan {region_code}", "group_type": "kelompok", "region_code": region_code, "kbli_section": section}
        group = await mentor.create("/facilitation/v1/groups", body, f"group-{region_code}")
        path = f"/facilitation/v1/groups/{group['id']}"
        for enterprise_id in members:
            joining = {"enterprise_id": enterprise_id, "member_role": "head" if enterprise_id == members[0] else "member"}
            await mentor.change(path, "members", joining, key=f"join-{enterprise_id}")
        await self._owner.change(path, "verify", {"facts": {"minutes_hash": sha256(path.encode()).hexdigest()}})
        await self._until(lambda: self._owner.change(path, "activate", {"programme_id": self._programme}))
        for enterprise_id in members:
            path = f"/facilitation/v1/enterprises/{enterprise_id}"
            await self._actor(f"verifikator-{region_code}", Role.MENTOR, None, [region_code]).change(path, "verify", {"method": "field_visit"})
            await self._owner.change(path, "activate")
        for enterprise_id in members[:2]:
            await self._apply(mentor, enterprise_id)

    async def _register(self, mentor: Actor, region_code: str, section: str, n: int) -> str:
        born = date(1970, 1, 1) + timedelta(days=self._random.randrange(10_000))
        woman = self._random.random() < 0.6
        # Sub-district 99 exists nowhere: no living person holds such a number.
        nik = f"{region_code.replace('.', '')}99{born.day + 40 * woman:02d}{born:%m%y}{n:04d}"
        body = {
            "name": f"Usaha Peragaan {region_code}-{n}",
            "owner_name": f"Pemilik Peragaan {n}",
            "owner_nik": nik,
            "region_code": region_code,
            "kbli_section": section,
            "capital_idr": 1_000_000 * self._random.randint(3, 40),
            "annual_sales_idr": 1_000_000 * self._random.randint(12, 150),
            "consent_purpose": "programme_facilitation",
            "consent_on": "2025-05-02",
        }
        registered = await mentor.create("/facilitation/v1/enterprises", body, f"enterprise-{region_code}-{n}")
        return str(registered["id"])

    async def _apply(self, mentor: Actor, enterprise_id: str) -> None:
        amount = 500_000 * self._random.randint(6, 20)
        granted = self._random.random() < 0.75
        body = {"programme_id": self._programme, "enterprise_id": enterprise_id, "product_code": "kur_super_mikro", "requested_amount_idr": amount}
        application = await mentor.create("/facilitation/v1/financing-applications", body, f"apply-{enterprise_id}")
        path = f"/facilitation/v1/financing-applications/{application['id']}"
        await mentor.change(path, "submit")
        await self._owner.change(path, "start-review")
        await self._owner.change(path, "approve", {"comment": "Layak menurut pendamping (peragaan)."})
        await self._owner.change(path, "forward", {"lender_institution_id": str(self._institution["bank_peragaan"])})
        lender = self._actor("bank-1", Role.LENDER, "bank_peragaan")
        if granted:
            contract = {"amount_idr": amount, "tenor_months": 24, "granted_on": str(today()), "lender_reference": f"PERAGAAN-{application['id'][-12:]}"}
            await lender.change(path, "grant", contract)
        else:
            await lender.change(path, "decline", {"reason_codes": ["insufficient_cash_flow"]})

    async def monitor(self) -> dict[str, Any]:
        """Wait until the view has everything, to the rupiah."""
        with Stage(self._progress, "5 Pemantauan / Monitoring", 1) as stage:

            async def reconciled() -> Any:
                report = await self._coordinator.get("/monitoring/v1/reconciliation", programme_id=self._programme)
                if not report["all_zero"]:
                    raise DemoFailed(f"differences remain: {report['differences'][:3]}")
                return report

            await self._until(reconciled, seconds=60)
            stage.advance()
        programme: dict[str, Any] = await self._coordinator.get(f"/monitoring/v1/programmes/{self._programme}")
        return programme

    async def _expect(self, path: str, count: int) -> None:
        if len(await self._owner.all(path, programme_id=self._programme)) != count:
            raise DemoFailed(f"{path} does not hold {count} yet")

    async def _until(self, attempt: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
        """Repeat what depends on an event that is still on its way."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                return await attempt()
            except DemoFailed:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.1)
