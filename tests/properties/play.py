"""What people do, and what they know of it: commands through the services' own handlers, each with an idempotency key."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from services.coordination.approvals.domain import Officer
from services.coordination.commitments import handlers as commitments
from services.coordination.commitments.domain import Commitment
from services.coordination.institutions.domain import Institution, InstitutionType
from services.coordination.institutions.handlers import register_institution, verify_institution
from services.coordination.participation import handlers as participation
from services.coordination.participation.domain import Participation, ParticipationRole
from services.coordination.programmes import handlers as programmes
from services.coordination.programmes.domain import Programme
from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.enterprises.handlers import register_enterprise
from services.facilitation.financing import handlers as financing
from services.facilitation.financing import lending
from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.state import OPEN, FinancingStatus
from services.facilitation.groups import handlers as groups
from services.facilitation.groups.domain import Group, MemberRole
from services.facilitation.groups.minimums import GroupType
from services.mapping.computation.result import sha256
from services.mapping.models.domain import PrioritisationModel, WeightedIndicator
from services.mapping.prioritisation.domain import Outcome, PrioritisationRun, SelectedLocation
from services.mapping.prioritisation.errors import ProgrammeNotActive
from services.mapping.prioritisation.handlers import lock_run, publish_run
from services.mapping.prioritisation.tables import store_result
from services.mapping.programmes.tables import known_programme
from services.mapping.regions.domain import Region, RegionKind, RegionLevel
from shared.aggregate import Aggregate
from shared.clock import new_id, today
from shared.database import Remembered, Transaction, UnitOfWork
from shared.errors import Problem
from shared.security.identity import Caller, Role
from shared.security.personal_data import Vault
from tests.properties.faults import Killed
from tests.properties.system import System

REGIONS = ("52.01", "53.01", "53.04", "53.05")
PROVINCES = ("52", "53")
PRODUCTS = {"kur_super_mikro": 10_000_000, "umi": 20_000_000, "kur_khusus": 100_000_000}  # one stage of review
MENTOR = Caller("mentor", Role.MENTOR, None, PROVINCES)
MINISTRY = Caller("ministry", Role.PROGRAMME_OWNER, None)
FROM, TO = date(2024, 1, 1), date(2099, 12, 31)


class Mishap:
    """What may go wrong with a command."""

    REPEATED = "sent twice under one key"
    STALE = "sent for an older version"
    OVERTAKEN = "overtaken by itself between reading and saving"
    BEFORE = "api.before_commit"
    MIDDLE = "api.mid_tx"
    AFTER = "api.after_commit"
    ALL = (REPEATED, STALE, OVERTAKEN, BEFORE, MIDDLE, AFTER)


@dataclass(frozen=True)
class Command:
    """One request; `id` is that of the aggregate to be changed, and absent when one is created."""

    service: str
    aggregate: type[Aggregate]
    handler: Callable[[Transaction], Awaitable[Any]]
    id: UUID | None = None


@dataclass
class Knowledge:
    """What the callers were told: the newest version of everything, by kind and id."""

    things: dict[type[Aggregate], dict[UUID, Any]] = field(default_factory=dict)
    owners: dict[UUID, str] = field(default_factory=dict)
    regions_of: dict[UUID, tuple[str, ...]] = field(default_factory=dict)
    group_of: dict[UUID, UUID] = field(default_factory=dict)
    keys: Counter[str] = field(default_factory=Counter)
    drawn: int = 0

    def all(self, kind: type[Any]) -> list[Any]:
        """Everything of a kind, the oldest first."""
        return list(self.things.get(kind, {}).values())

    def nth(self, kind: type[Any], n: int, likely: Callable[[Any], bool] = lambda _: True) -> Any:
        """One of a kind, of which there must be some; small numbers mean those with which a command is likely to be legal."""
        found = sorted(self.all(kind), key=lambda thing: not likely(thing))
        return found[n % len(found)]

    def learn(self, service: str, thing: Aggregate) -> None:
        """Remember an answer."""
        self.things.setdefault(type(thing), {})[thing.id] = thing
        self.owners[thing.id] = service

    def taking_part(self, programme_id: UUID) -> set[UUID]:
        """The institutions that were invited to a programme and did not decline."""
        return {each.institution_id for each in self.all(Participation) if each.programme_id == programme_id and each.status != "declined"}

    def next(self) -> int:
        """A number that was not used before."""
        self.drawn += 1
        return self.drawn

    def events(self, service: str) -> int:
        """How many events the commands of a service must have caused."""
        return sum(thing.version for found in self.things.values() for thing in found.values() if self.owners[thing.id] == service)


@dataclass
class Unfinished:
    """A command whose transaction is still open: its place in the outbox is drawn, and nobody sees it yet."""

    connection: Any
    service: str
    thing: Aggregate


class Play:
    """The commands that there are; whether they are legal at the moment is for the services to say."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.known = Knowledge()
        self.unfinished: list[Unfinished] = []
        self._vault = Vault("properties: wraps the keys of NIKs", "properties: keys the index over NIKs")
        self._kept: dict[str, tuple[Knowledge, int]] = {}

    async def keep(self, name: str) -> None:
        """Remember the state of the system and what is known of it."""
        self._kept[name] = deepcopy(self.known), await self.system.keep(name)

    async def begin(self, name: str) -> None:
        """Start from a kept state."""
        while self.unfinished:
            await self.finish(commit=False)
        known, ids = self._kept[name]
        self.known = deepcopy(known)
        await self.system.restore(name, ids)

    # How a command is sent

    async def send(self, command: Command, mishap: str | None = None) -> Any | None:
        """Send a command and whatever the mishap brings about; nothing is answered when it is refused."""
        database = self.system.sides[command.service].database
        key = f"key-{self.known.next()}".encode()
        remembered = Remembered(key=key, fingerprint=key, status=200, aggregate=command.aggregate, answer=_answer)
        expected = (command.id, self.known.things[command.aggregate][command.id].version) if command.id else None
        transaction = partial(database.transaction, remembered, expected)

        async def attempt(transaction: Transaction = transaction) -> Any | None:
            try:
                return await command.handler(transaction)
            except Problem:
                return None

        answer = None
        if mishap == Mishap.STALE and expected:
            stale = partial(database.transaction, None, (expected[0], expected[1] - 1))
            assert await attempt(stale) is None, "a stale version was accepted"
        elif mishap == Mishap.OVERTAKEN:
            faster: list[Any] = []

            @asynccontextmanager
            async def overtaken() -> AsyncIterator[UnitOfWork]:
                async with transaction() as uow:
                    yield uow
                    faster.append(await attempt())

            slower = await attempt(overtaken)
            answer = faster[0] if faster else None
            assert answer is None or slower is None, "two commands changed one version, or used one key"
            answer = answer or slower
        elif mishap in (Mishap.BEFORE, Mishap.MIDDLE, Mishap.AFTER):
            try:
                with self.system.faults.at(mishap):
                    answer = await attempt()
            except Killed:
                answer = await attempt()
                stored = await database.stored_answer(key)
                assert (mishap == Mishap.AFTER) == (answer is None and stored is not None), "after its death a command is repeated, or answered from memory"
                if stored and answer is None:
                    answer = await self._load(command, msgspec.json.decode(stored.answer)["id"])
        else:
            answer = await attempt()
            if mishap == Mishap.REPEATED and answer:
                assert await attempt() is None, "one key had two effects"
        if answer:
            self.known.learn(command.service, answer)
            self.known.keys[command.service] += 1
        if mishap or not answer:
            await self.every_key_had_one_effect(command.service)
        return answer

    async def _load(self, command: Command, id: str) -> Any:
        async with self.system.sides[command.service].database.transaction() as uow:
            return await uow.get(command.aggregate, UUID(id))

    async def every_key_had_one_effect(self, service: str) -> None:
        """As many events as the answers tell of, and an answer for every key; a grant opens one account, of which its answer does not tell."""
        (row,) = await self.system.sides[service].look(
            """
            SELECT count(*) FILTER (WHERE causation_id IS NULL AND type NOT LIKE '%.FinancingAccountOpened.%') AS events,
                   count(*) FILTER (WHERE type LIKE '%.FinancingAccountOpened.%') AS accounts,
                   count(*) FILTER (WHERE type LIKE '%.FinancingGranted.%') AS grants,
                   (SELECT count(*) FROM idempotency_keys) AS keys FROM outbox
            """
        )
        told = self.known.events(service), self.known.keys[service]
        assert (row["events"], row["keys"]) == told, f"events and keys of {service} differ from what was answered"
        assert row["accounts"] == row["grants"]

    # Coordination

    async def register_institution(self, code: int, mishap: str | None = None) -> Any | None:
        registered = await self.send(self._institution(f"L-{code}"), mishap)
        return await self._verify_institution(registered) if registered else None

    async def _verify_institution(self, registered: Any) -> Any | None:
        handler = partial(verify_institution, institution_id=registered.id, by_institution=None)
        return await self.send(Command("coordination", Institution, handler, registered.id))

    def _institution(self, code: str) -> Command:
        handler = partial(
            register_institution, code=code, name=code, institution_type=InstitutionType.MINISTRY, parent_institution_id=None, sector_code=None
        )  # fmt: skip
        return Command("coordination", Institution, handler)

    async def draft_programme(self, institution: int, regions: tuple[str, ...], mishap: str | None = None) -> Any | None:
        handler = partial(
            programmes.draft_programme, code=f"P-{self.known.next()}", title="Program", legal_basis="Inpres 4/2022", valid_from=FROM, valid_to=TO,
            area_quota=len(regions), province_quota=len({code[:2] for code in regions}), funding_sources=["apbn"],
            lead_institution_id=self.known.nth(Institution, institution).id, author="author",
        )  # fmt: skip
        drafted = await self.send(Command("coordination", Programme, handler), mishap)
        if drafted:
            self.known.regions_of[drafted.id] = regions
        return drafted

    async def advance_programme(self, programme: int, mishap: str | None = None, *, by: str = "approver") -> Any | None:
        id, status = self._at(Programme, programme, lambda each: each.status != "active")
        officer = Officer(subject=by, role="coordinator")
        activating = partial(programmes.activate_programme, programme_id=id, by=officer, on=today())
        handler = partial(programmes.submit_programme, programme_id=id) if status == "draft" else activating
        return await self.send(Command("coordination", Programme, handler, id), mishap)

    async def invite(self, programme: int, institution: int, mishap: str | None = None, *, accept: bool = True) -> Any | None:
        programme_id = self.known.nth(Programme, programme).id
        invited_institution = self.known.nth(Institution, institution, lambda each: each.id not in self.known.taking_part(programme_id)).id
        inviting = partial(
            participation.invite_institution, programme_id=programme_id, institution_id=invited_institution,
            role_code=ParticipationRole.FUNDER, area_scope=[], respond_by=TO,
        )  # fmt: skip
        invited = await self.send(Command("coordination", Participation, inviting), mishap)
        if invited is None:
            return None
        common: dict[str, Any] = {"participation_id": invited.id, "by_institution": invited_institution, "on": today()}
        answering = partial(participation.accept_invitation, **common) if accept else partial(participation.decline_invitation, **common, reason_code="budget")
        return await self.send(Command("coordination", Participation, answering, invited.id), mishap)

    async def pledge(self, programme: int, institution: int, region: str, amount_idr: int, mishap: str | None = None) -> Any | None:
        programme_id = self.known.nth(Programme, programme, _is_active).id
        giver = self.known.nth(Institution, institution, lambda each: each.id in self.known.taking_part(programme_id))
        handler = partial(
            commitments.pledge_commitment, programme_id=programme_id, institution_id=giver.id, location_code=region, intervention_code="business_training",
            amount_idr=amount_idr, funding_source="apbn", output_quantity=1, output_unit="enterprises", due_on=TO,
        )  # fmt: skip
        return await self.send(Command("coordination", Commitment, handler), mishap)

    async def report(self, commitment: int, percent: int, mishap: str | None = None) -> Any | None:
        """So much more of what was promised."""
        found = self.known.nth(Commitment, commitment, lambda each: each.status not in ("fulfilled", "reported_fulfilled"))
        reported = found.reports[-1].cumulative_amount_idr if found.reports else 0
        handler = partial(
            commitments.report_progress, commitment_id=found.id, cumulative_output=1, cumulative_amount_idr=reported + found.amount_idr * percent // 100,
            as_of=today(), evidence_hashes=[], by_institution=found.institution_id,
        )  # fmt: skip
        return await self.send(Command("coordination", Commitment, handler, found.id), mishap)

    async def verify(self, commitment: int, report: int, mishap: str | None = None) -> Any | None:
        found = self.known.nth(Commitment, commitment, lambda each: each.status == "in_progress")
        if not found.reports:
            return None
        verifier = next(each.id for each in self.known.all(Institution) if each.id != found.institution_id)
        unverified_first = sorted(found.reports, key=lambda each: each.verified_by_institution_id is not None)
        chosen = unverified_first[report % len(found.reports)].id
        handler = partial(commitments.verify_progress, commitment_id=found.id, report_id=chosen, by_institution=verifier)
        return await self.send(Command("coordination", Commitment, handler, found.id), mishap)

    async def fulfil(self, commitment: int, well: bool, mishap: str | None = None) -> Any | None:
        """All is reported as done, and another institution confirms that or does not."""
        found = self.known.nth(Commitment, commitment, lambda each: each.status == "in_progress")
        reported = partial(commitments.report_fulfilled, commitment_id=found.id, by_institution=found.institution_id)
        if not await self.send(Command("coordination", Commitment, reported, found.id), mishap):
            return None
        verifier = next(each.id for each in self.known.all(Institution) if each.id != found.institution_id)
        confirming = partial(commitments.confirm_fulfilled, commitment_id=found.id, by_institution=verifier, on=today())
        rejecting = partial(commitments.reject_fulfilled, commitment_id=found.id, by_institution=verifier, reason_code="unclear")
        return await self.send(Command("coordination", Commitment, confirming if well else rejecting, found.id), mishap)

    # Mapping

    async def register_regions(self) -> None:
        for code in (*PROVINCES, *REGIONS):
            level = RegionLevel.REGENCY if "." in code else RegionLevel.PROVINCE
            region = partial(
                Region.register, region_code=code, level=level, kind=RegionKind.KABUPATEN, name=code, former_name=None,
                parent_region_code=code[:2] if "." in code else None, province_code_2021=None, bps_code_2021=None, bps_code_2024=None, latitude=0.0,
                longitude=0.0, area_km2=None, valid_from=None, source_codes=[],
            )  # fmt: skip
            await self.send(Command("mapping", Region, partial(_adding, region)))

    async def approve_model(self) -> None:
        criteria = [
            WeightedIndicator(indicator_code=code, weight=Decimal("0.5"), direction="benefit", dimension=code)  # type: ignore[arg-type]
            for code in ("poverty", "potential")
        ]

        def drafted() -> PrioritisationModel:
            model = PrioritisationModel.draft(
                id=new_id(), code="both", model_version=1, title="Both", rationale="because", criteria=criteria, normalisation="min_max",  # type: ignore[arg-type]
                aggregation="saw", missing="refuse", author="author",  # type: ignore[arg-type]
            )  # fmt: skip
            model.submit("author")
            model.approve("approver")
            model.activate(today())
            return model

        await self.send(Command("mapping", PrioritisationModel, partial(_adding, drafted)))

    async def prioritise(self, programme: int, mishap: str | None = None) -> Any | None:
        """A computed run is locked and published; the computation itself is not of interest here."""
        published = {run.programme_id for run in self.known.all(PrioritisationRun) if run.status == "published"}
        found = self.known.nth(Programme, programme, lambda each: _is_active(each) and each.id not in published)
        computed = await self.send(
            Command("mapping", PrioritisationRun, partial(_compute, found, self.known.nth(PrioritisationModel, 0).id, self._outcome(found)))
        )
        if computed is None:
            return None
        locked = await self.send(Command("mapping", PrioritisationRun, partial(lock_run, run_id=computed.id, by="locker", on=today()), computed.id), mishap)
        if locked is None:
            return None
        handler = partial(publish_run, run_id=computed.id, decree_ref="SK 1", effective_from=FROM, replaces_run_id=None, by="publisher")
        return await self.send(Command("mapping", PrioritisationRun, handler, computed.id), mishap)

    def _outcome(self, programme: Programme) -> Outcome:
        half = Decimal("0.500000")
        selected = [
            SelectedLocation(region_code=code, province_code=code[:2], rank=n + 1, score=half, poverty_score=half, potential_score=half)
            for n, code in enumerate(self.known.regions_of[programme.id])
        ]
        return Outcome(candidate_count=4, excluded_region_codes=[], input_hash="", result_hash=sha256(_document(programme)), selected=selected)

    # Facilitation

    async def register_enterprise(self, serial: int, region: str, mishap: str | None = None) -> Any | None:
        return await self.send(self._enterprise(serial, region), mishap)

    def _enterprise(self, serial: int, region: str) -> Command:
        handler = partial(
            register_enterprise, vault=self._vault, name=f"Tenun {serial}", owner_name=f"Lodia {serial}", owner_nik=f"530499570889{serial:04d}",
            region_code=region,
            kbli_section="C", capital_idr=1, annual_sales_idr=1, nib=None, consent_purpose="programme_facilitation", consent_on=FROM, on=today(),
        )  # fmt: skip
        return Command("facilitation", Enterprise, handler)

    async def form_group(self, region: str, mishap: str | None = None) -> Any | None:
        handler = partial(
            groups.form_group, name=f"G-{self.known.next()}", group_type=GroupType.KELOMPOK, region_code=region, kbli_section="C", on=today()
        )  # fmt: skip
        return await self.send(Command("facilitation", Group, handler), mishap)

    async def join(self, group: int, enterprise: int, mishap: str | None = None) -> Any | None:
        found = self.known.nth(Group, group)
        comer = self.known.nth(Enterprise, enterprise, lambda each: each.id not in self.known.group_of and each.region_code == found.region_code)
        handler = partial(
            groups.join_group,
            group_id=found.id,
            caller=MENTOR,
            enterprise_id=comer.id,
            member_role=MemberRole.MEMBER if found.member_count else MemberRole.HEAD,
            on=today(),
        )
        joined = await self.send(Command("facilitation", Group, handler, found.id), mishap)
        if joined:
            self.known.group_of[comer.id] = found.id
        return joined

    async def leave(self, group: int, enterprise: int, mishap: str | None = None) -> Any | None:
        found = self.known.nth(Group, group, lambda each: each.member_count > 0)
        goer = self.known.nth(Enterprise, enterprise, lambda each: self.known.group_of.get(each.id) == found.id)
        handler = partial(groups.leave_group, group_id=found.id, enterprise_id=goer.id, caller=MENTOR, reason_code="moved", on=today())
        left = await self.send(Command("facilitation", Group, handler, found.id), mishap)
        if left:
            del self.known.group_of[goer.id]
        return left

    async def verify_group(self, group: int, mishap: str | None = None) -> Any | None:
        id = self.known.nth(Group, group, lambda each: each.status == "forming" and each.member_count >= 3).id
        handler = partial(groups.verify_group, group_id=id, caller=MENTOR, facts={"minutes_hash": "9f" * 32}, on=today())
        return await self.send(Command("facilitation", Group, handler, id), mishap)

    async def dissolve_group(self, group: int, mishap: str | None = None) -> Any | None:
        id = self.known.nth(Group, group, lambda each: each.status != "dissolved").id
        handler = partial(groups.dissolve_group, group_id=id, caller=MENTOR, reason_code="members_left", on=today())
        dissolved = await self.send(Command("facilitation", Group, handler, id), mishap)
        if dissolved:
            self.known.group_of = {member: of for member, of in self.known.group_of.items() if of != id}
        return dissolved

    async def activate_group(self, group: int, programme: int, mishap: str | None = None) -> Any | None:
        id = self.known.nth(Group, group, lambda each: each.status in ("verified", "dormant") and each.member_count >= 3).id
        handler = partial(groups.activate_group, group_id=id, caller=MENTOR, programme_id=self.known.nth(Programme, programme, _is_active).id, on=today())
        return await self.send(Command("facilitation", Group, handler, id), mishap)

    async def apply(self, programme: int, enterprise: int, product: str, share: int, mishap: str | None = None) -> Any | None:
        active = {group.id for group in self.known.all(Group) if _is_active(group)}
        applicant = self.known.nth(Enterprise, enterprise, lambda each: self.known.group_of.get(each.id) in active)
        drafting = partial(
            financing.draft_application, caller=MENTOR, programme_id=self.known.nth(Programme, programme, _is_active).id, enterprise_id=applicant.id,
            product_code=product, requested_amount_idr=PRODUCTS[product] * share // 100, on=today(), documents={"business_letter": "ab" * 32},
        )  # fmt: skip
        return await self.send(Command("facilitation", FinancingApplication, drafting), mishap)

    async def advance_application(self, application: int, well: bool, amount_idr: int, mishap: str | None = None) -> Any | None:
        """The next step of an application, on the way to a grant or off it."""
        id, status = self._at(FinancingApplication, application, lambda each: each.status in OPEN)
        lender = self.known.nth(Institution, 0).id
        grant = partial(
            lending.grant_financing, by_institution=lender, amount_idr=amount_idr, tenor_months=12, granted_on=today(),
            lender_reference=f"AKAD-{self.known.next()}", annual_rate_percent="3", today=today(),
        )  # fmt: skip
        withdraw = partial(financing.withdraw_application, caller=MENTOR, reason_code="moved")
        steps: dict[Any, tuple[Any, Any]] = {
            FinancingStatus.DRAFT: (partial(financing.submit_application, caller=MENTOR, on=today()), withdraw),
            FinancingStatus.SUBMITTED: (partial(financing.start_review, caller=MINISTRY, on=today()), withdraw),
            FinancingStatus.UNDER_REVIEW: (
                partial(financing.approve_application, caller=MINISTRY, comment="Layak."),
                partial(financing.reject_application, caller=MINISTRY, reason_codes=["risk"], comment="Belum layak."),
            ),
            FinancingStatus.APPROVED: (partial(financing.forward_application, lender_institution_id=lender, on=today()), withdraw),
            FinancingStatus.FORWARDED: (grant, partial(lending.decline_financing, by_institution=lender, reason_codes=["collateral"])),
        }
        handler = steps.get(status, (grant, withdraw))[0 if well else 1]
        return await self.send(Command("facilitation", FinancingApplication, partial(handler, application_id=id), id), mishap)

    def _at(self, kind: type[Any], n: int, likely: Callable[[Any], bool]) -> tuple[UUID, str]:
        found = self.known.nth(kind, n, likely)
        return found.id, found.status

    # Transactions that take long

    async def start_slowly(self, region: str | None) -> None:
        """Begin to register an enterprise in a region, or an institution without one; `finish` decides what becomes of it."""
        number = self.known.next()
        command = self._enterprise(5000 + number, region) if region else self._institution(f"slow-{number}")
        side = self.system.sides[command.service]
        connection = await side.database.engine.connect()
        await connection.begin()
        # How long an example takes on a busy machine is not what is tested.
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        thing = await command.handler(side.database.joining(connection))
        self.unfinished.append(Unfinished(connection, command.service, thing))

    async def finish(self, n: int = 0, *, commit: bool) -> None:
        """Commit, or die."""
        ended = self.unfinished.pop(n % len(self.unfinished))
        if commit:
            await ended.connection.commit()
            self.known.learn(ended.service, ended.thing)
        await ended.connection.close()


def _is_active(thing: Any) -> bool:
    return bool(thing.status == "active")


def _answer(thing: Any) -> bytes:
    return msgspec.json.encode({"id": str(thing.id), "version": thing.version})


async def _adding(make: Callable[[], Aggregate], transaction: Transaction) -> Aggregate:
    async with transaction() as uow:
        made = make()
        uow.add(made)
    return made


async def _compute(programme: Programme, model_id: UUID, outcome: Outcome, transaction: Transaction) -> PrioritisationRun:
    async with transaction() as uow:
        known = (await uow.connection.execute(known_programme(programme.id))).one_or_none()
        if known is None:
            raise ProgrammeNotActive
        run = PrioritisationRun.create(
            id=new_id(), programme_id=programme.id, area_quota=known.area_quota, province_quota=known.province_quota,
            model=await uow.get(PrioritisationModel, model_id), population_period="2024", author="author",
        )  # fmt: skip
        run.compute(outcome, "analyst")
        run.submit_review("analyst", outcome.result_hash)
        uow.add(run)
        uow.also(store_result(run.id, msgspec.json.encode(_document(programme)).decode()))
    return run


def _document(programme: Programme) -> dict[str, Any]:
    return {"inputs": {"programme": str(programme.id)}, "result": {}}
