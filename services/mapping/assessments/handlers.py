"""What can be done with assessments."""

from datetime import date
from uuid import UUID

from services.mapping.assessments.content import Content
from services.mapping.assessments.domain import Assessment, AssessmentKind, AssessmentStatus, is_stale
from services.mapping.assessments.errors import RegionNotAssessable
from services.mapping.assessments.queries import other_values
from services.mapping.assessments.tables import current_of, identity_of, used_by_published, validated
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.domain import Region, RegionStatus, id_of
from shared.clock import new_id
from shared.database import Database, Transaction, UnitOfWork
from shared.errors import IllegalTransition, NotFound, StaleVersion
from shared.security.identity import Caller


async def draft_assessment(
    transaction: Transaction, caller: Caller, *, kind: AssessmentKind, region_code: str, period: str, source_code: str, content: Content, on: date
) -> Assessment:
    """Write one down for a regency or city of today, within the caller's regions."""
    if not caller.covers(region_code):
        raise NotFound
    async with transaction() as uow:
        region = await uow.find(Region, id_of(region_code))
        if region is None or region.level is not RegionLevel.REGENCY or region.status is not RegionStatus.ACTIVE:
            raise RegionNotAssessable
        assessment = Assessment.draft(
            id=new_id(), kind=kind, region_code=region_code, period=period, source_code=source_code, content=content, author=caller.subject, on=on
        )
        uow.add(assessment)
    return assessment


async def submit_assessment(transaction: Transaction, assessment_id: UUID, caller: Caller, content: Content | None, on: date) -> Assessment:
    """Hand one over, with new content if there is any; sources that differ are flagged in the same transaction."""
    async with transaction() as uow:
        assessment = await _within(uow, assessment_id, caller)
        assessment.submit(caller.subject, on, await other_values(uow.connection, assessment), content)
    return assessment


async def request_revision(transaction: Transaction, assessment_id: UUID, caller: Caller, reason_code: str, comment: str) -> Assessment:
    """Send one back."""
    async with transaction() as uow:
        assessment = await _within(uow, assessment_id, caller)
        assessment.request_revision(caller.subject, reason_code, comment)
    return assessment


async def validate_assessment(transaction: Transaction, assessment_id: UUID, caller: Caller, comment: str | None, on: date) -> Assessment:
    """Accept one; the validated one of the same region, kind and period before it is superseded in the same transaction."""
    async with transaction() as uow:
        identity = (await uow.connection.execute(identity_of(assessment_id))).one_or_none()
        if identity is None:
            raise NotFound
        current_id = await uow.connection.scalar(current_of(*identity))
        # Met first, so saved first: at no moment are two of them validated.
        current = await uow.find(Assessment, current_id) if current_id else None
        assessment = await _within(uow, assessment_id, caller)
        assessment.validate(caller.subject, on, comment)
        if current and current.status is AssessmentStatus.VALIDATED:
            current.supersede(assessment.id, on)
    return assessment


async def flag_discrepancy(transaction: Transaction, assessment_id: UUID, caller: Caller, on: date) -> Assessment:
    """Compare one with what other sources say by now."""
    async with transaction() as uow:
        assessment = await _within(uow, assessment_id, caller)
        assessment.flag_discrepancy(on, await other_values(uow.connection, assessment))
    return assessment


async def withdraw_assessment(transaction: Transaction, assessment_id: UUID, caller: Caller, reason_code: str, on: date) -> Assessment:
    """Take one back, unless a published run rests on it."""
    async with transaction() as uow:
        assessment = await _within(uow, assessment_id, caller)
        used = bool(await uow.connection.scalar(used_by_published(assessment_id)))
        assessment.withdraw(reason_code, on, used=used)
    return assessment


async def expire_due(database: Database, on: date) -> int:
    """Expire every validated one that is older than the policy of that day allows; how many there were.

    Each in a transaction of its own. One that somebody else ends at the same moment is left to them.
    """
    async with database.reading() as connection:
        due = [row.id for row in await connection.execute(validated()) if is_stale(row.kind, row.data_until, on)]
    expired = 0
    for assessment_id in due:
        try:
            async with database.transaction() as uow:
                (await uow.get(Assessment, assessment_id)).expire(on)
        except (StaleVersion, IllegalTransition):
            continue
        expired += 1
    return expired


async def _within(uow: UnitOfWork, assessment_id: UUID, caller: Caller) -> Assessment:
    assessment = await uow.get(Assessment, assessment_id)
    if not caller.covers(assessment.region_code):
        raise NotFound
    return assessment
