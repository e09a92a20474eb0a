"""What can be done with prioritisation runs."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.assessments.queries import standing
from services.mapping.assessments.tables import written_uses
from services.mapping.computation.errors import ConflictingConstraints, Infeasible
from services.mapping.computation.infeasibility import conflicts_of
from services.mapping.computation.phrases import conflict_in_words
from services.mapping.computation.problems import as_problems
from services.mapping.computation.result import Candidate, compute, sha256
from services.mapping.indicators.domain import POPULATION, PeriodUnavailable
from services.mapping.indicators.handlers import periods_of
from services.mapping.models.domain import PrioritisationModel
from services.mapping.models.figures import Figures, figures_of
from services.mapping.objections.tables import undecided_in
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.errors import ConstraintsContradict, ProgrammeNotActive, UnknownConstraintCode
from services.mapping.prioritisation.outcome import Outcome, RunConstraints, SelectedLocation, UnderWay, Waiver, ranked_locations
from services.mapping.prioritisation.rules import Policy
from services.mapping.prioritisation.tables import (
    end_locations,
    latest_start,
    newest_rules,
    place_names,
    priority_locations,
    result_of,
    store_result,
    under_way_in,
)
from services.mapping.programmes.tables import known_programme
from services.mapping.regions.codes import RegionLevel
from shared.clock import new_id
from shared.database import Transaction


async def create_run(transaction: Transaction, *, programme_id: UUID, model_id: UUID, population_period: str, author: str) -> PrioritisationRun:
    """Start a run of a current model for an active programme, under the programme's rules of now."""
    async with transaction() as uow:
        programme = (await uow.connection.execute(known_programme(programme_id))).one_or_none()
        if programme is None:
            raise ProgrammeNotActive
        available = (await periods_of(uow.connection)).get(POPULATION, [])
        if population_period not in available:
            raise PeriodUnavailable(available_periods=available)
        rules = (await uow.connection.execute(newest_rules(programme_id))).one_or_none()
        run = PrioritisationRun.create(
            id=new_id(),
            programme_id=programme_id,
            area_quota=programme.area_quota,
            province_quota=programme.province_quota,
            model=await uow.get(PrioritisationModel, model_id),
            population_period=population_period,
            author=author,
            policy=Policy(override_cap=rules.override_cap, objection_days=rules.objection_days, answer_days=rules.answer_days) if rules else Policy(),
        )
        uow.add(run)
    return run


async def constrain_run(transaction: Transaction, run_id: UUID, constraints: RunConstraints, by: str) -> PrioritisationRun:
    """Say what the selection keeps beside the quota; every code has to be in the register."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        provinces = {bound.province_code for bound in constraints.provinces}
        await _require_regencies(uow.connection, constraints.codes - provinces, provinces)
        run.constrain(constraints, by)
    return run


async def confirm_constraints(transaction: Transaction, run_id: UUID, by: str) -> PrioritisationRun:
    """Answer for the forced regions as the second person."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.confirm_constraints(by)
    return run


async def waive_assessments(transaction: Transaction, run_id: UUID, waiver: Waiver) -> PrioritisationRun:
    """Say which regions may be ranked without assessments; every code has to be in the register."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        await _require_regencies(uow.connection, set(waiver.region_codes or ()))
        run.waive_assessments(waiver)
    return run


async def _require_regencies(connection: AsyncConnection, region_codes: Collection[str], provinces: Collection[str] = ()) -> None:
    level_of = {row.region_code: row.level for row in (await connection.execute(place_names())).all()}
    wanted = dict.fromkeys(region_codes, RegionLevel.REGENCY) | dict.fromkeys(provinces, RegionLevel.PROVINCE)
    if unknown := sorted(code for code, level in wanted.items() if level_of.get(code) is not level):
        raise UnknownConstraintCode(unknown_codes=unknown)


async def compute_run(transaction: Transaction, run_id: UUID, by: str, on: date) -> PrioritisationRun:
    """Rank and select on the newest figures, and keep the whole result; the same figures again change nothing."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.require_computable()
        model = await uow.get(PrioritisationModel, run.model_id)
        figures = await figures_of(uow.connection, [criterion.indicator_code for criterion in model.criteria], run.population_period)
        with as_problems():
            try:
                document, text = await asyncio.to_thread(_computed, model, figures, run)
            except (Infeasible, ConflictingConstraints) as error:
                names = {row.region_code: row.name for row in (await uow.connection.execute(place_names())).all()}
                raise await asyncio.to_thread(_contradiction, figures.candidates, run, names) from error
        outcome = Outcome.of(document)
        ranked = [each.region_code for each in figures.candidates if each.region_code not in outcome.excluded_region_codes]
        stands = await standing(uow.connection, ranked, on)
        changed = run.compute(outcome, by, [code for code, each in stands.items() if not each.rankable])
        if changed and (used := {id for each in stands.values() for id in each.assessment_ids.values()}):
            uow.also(*written_uses(run.id, used))
        if changed or await stored_result(uow.connection, run_id) != text:
            uow.also(store_result(run.id, text))
    return run


def _computed(model: PrioritisationModel, figures: Figures, run: PrioritisationRun) -> tuple[Mapping[str, Any], str]:
    """The document and its canonical text."""
    constraints = run.constraints.for_computation(run.area_quota, run.province_quota)
    document = compute(model.method(), figures.provenance, figures.candidates, constraints.quota, constraints)
    return document, json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _contradiction(candidates: Sequence[Candidate], run: PrioritisationRun, names: Mapping[str, str]) -> ConstraintsContradict:
    """Which constraints contradict each other, among the candidates with all figures, and what would help."""
    by_province: dict[str, list[str]] = {}
    for candidate in candidates:
        if None not in candidate.values:
            by_province.setdefault(candidate.province_code, []).append(candidate.region_code)
    conflicts = conflicts_of(run.constraints.for_computation(run.area_quota, run.province_quota), by_province)
    words = [conflict_in_words(conflict, by_province, names) for conflict in conflicts]
    return ConstraintsContradict(
        conflicts_id=[indonesian for indonesian, _ in words],
        conflicts_en=[english for _, english in words],
        contradicting=[[rule.name for rule in conflict.rules] for conflict in conflicts],
    )


async def submit_review(transaction: Transaction, run_id: UUID, by: str) -> PrioritisationRun:
    """Hand the selection over for review, as it was computed."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.submit_review(by, await _hash_now(uow.connection, run_id))
    return run


async def _hash_now(connection: AsyncConnection, run_id: UUID) -> str:
    text = await stored_result(connection, run_id)
    return await asyncio.to_thread(_rehashed, text) if text else ""


def _rehashed(text: str) -> str:
    document = json.loads(text)
    return sha256({"inputs": document["inputs"], "result": document["result"]})


async def override_run(
    transaction: Transaction, run_id: UUID, *, region_code: str, replaced_region_code: str, reason_code: str, note: str, by: str, on: date
) -> PrioritisationRun:
    """Propose a region in the place of a selected one."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.override(region_code, replaced_region_code, reason_code, note, await _ranked(uow.connection, run_id), by, on)
    return run


async def confirm_override(transaction: Transaction, run_id: UUID, by: str, on: date) -> PrioritisationRun:
    """Let the proposed swap take effect, as the second person."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.confirm_override(await _ranked(uow.connection, run_id), by, on)
    return run


async def refuse_override(transaction: Transaction, run_id: UUID, by: str) -> PrioritisationRun:
    """Let the computed order stand, as the second person."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.refuse_override(by)
    return run


async def _ranked(connection: AsyncConnection, run_id: UUID) -> list[SelectedLocation]:
    """The candidates of the stored result; none before there is one."""
    text = await stored_result(connection, run_id)
    return await asyncio.to_thread(lambda: ranked_locations(json.loads(text))) if text else []


async def open_objections(transaction: Transaction, run_id: UUID, *, days: int, on: date) -> PrioritisationRun:
    """Let regencies and cities object."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.open_objections(days, on)
    return run


async def lock_run(transaction: Transaction, run_id: UUID, by: str, on: date) -> PrioritisationRun:
    """Confirm the selection; `by` neither started nor computed the run, and no objection is open."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        undecided = {row.region_code: row.answer_by for row in (await uow.connection.execute(undecided_in(run_id))).all()}
        run.lock(by, await _hash_now(uow.connection, run_id), on, undecided)
    return run


async def publish_run(
    transaction: Transaction, run_id: UUID, *, decree_ref: str, effective_from: date, replaces_run_id: UUID | None, by: str
) -> PrioritisationRun:
    """Publish the selection under a decree; its locations are on the list in the same transaction, and those of the replaced run off it."""
    async with transaction() as uow:
        # Met first and so saved first: only one run of a programme is in force at any moment.
        earlier = await uow.get(PrioritisationRun, replaces_run_id) if replaces_run_id else None
        run = await uow.get(PrioritisationRun, run_id)
        programme = (await uow.connection.execute(known_programme(run.programme_id))).one()
        latest: date | None = await uow.connection.scalar(latest_start(run.programme_id))
        run.publish(by, decree_ref, effective_from, programme.valid_from, programme.valid_to, earlier=latest)
        if earlier:
            earlier.replace_by(run, effective_from, await under_way(uow.connection, run.programme_id, earlier.region_codes), by)
            uow.also(end_locations(earlier.id, effective_from))
        rows = [
            {
                "location_priority_id": run.location_priority_id(location.region_code),
                "programme_id": run.programme_id,
                "run_id": run.id,
                "region_code": location.region_code,
                "province_code": location.province_code,
                "rank": location.rank,
                "score": location.score,
                "poverty_score": location.poverty_score,
                "potential_score": location.potential_score,
                "effective_from": effective_from,
            }
            for location in run.selected
        ]
        uow.also(insert(priority_locations), rows)
    return run


async def deprioritise_location(
    transaction: Transaction, run_id: UUID, *, region_code: str, reason_code: str, effective_from: date, by: str
) -> PrioritisationRun:
    """Take one location off the list, and write down what is under way there."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        there = await under_way(uow.connection, run.programme_id, [region_code])
        run.deprioritise(region_code, reason_code, effective_from, there[region_code], by)
        uow.also(end_locations(run_id, effective_from, [region_code]))
    return run


async def revoke_run(transaction: Transaction, run_id: UUID, *, reason_code: str, effective_from: date, by: str) -> PrioritisationRun:
    """The decree was revoked: all its locations leave the list."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.revoke(reason_code, effective_from, await under_way(uow.connection, run.programme_id, run.region_codes), by)
        uow.also(end_locations(run_id, effective_from))
    return run


async def discard_run(transaction: Transaction, run_id: UUID, reason_code: str, on: date) -> PrioritisationRun:
    """Give a run up that was never locked."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.discard(reason_code, on)
    return run


async def under_way(connection: AsyncConnection, programme_id: UUID, region_codes: Collection[str]) -> dict[str, UnderWay]:
    """What facilitation has going in each of the regions, as far as its events told."""
    found: dict[str, dict[str, Any]] = {code: {} for code in region_codes}
    for row in (await connection.execute(under_way_in(programme_id, region_codes))).all():
        found[row.region_code][row.kind] = row
    return {code: _under_way(rows) for code, rows in found.items()}


def _under_way(rows: Mapping[str, Any]) -> UnderWay:
    group, application, credit = (rows.get(kind) for kind in ("group", "application", "credit"))
    return UnderWay(
        active_groups=group.count if group else 0,
        open_applications=application.count if application else 0,
        requested_idr=int(application.amount_idr) if application else 0,
        credits=credit.count if credit else 0,
        granted_idr=int(credit.amount_idr) if credit else 0,
    )


async def stored_result(connection: AsyncConnection, run_id: UUID) -> str | None:
    """The canonical text of a run's result, once computed."""
    text: str | None = await connection.scalar(result_of(run_id))
    return text
