"""What can be asked about assessments: which regions may be ranked, and what other sources say."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.assessments.content import Value
from services.mapping.assessments.domain import Assessment, AssessmentKind, is_stale
from services.mapping.assessments.tables import accepted_of, neighbours_of, published_values


class StandingState(StrEnum):
    """How a region stands in one dimension."""

    CURRENT = "current"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a region stands in both dimensions, and by which assessment where there is one, stale or not."""

    states: dict[AssessmentKind, StandingState]
    assessment_ids: dict[AssessmentKind, UUID] = field(default_factory=dict)

    @property
    def rankable(self) -> bool:
        """Whether both dimensions are validated and current, so that the region may be ranked without a waiver."""
        return all(state is StandingState.CURRENT for state in self.states.values())

    @property
    def waivable(self) -> bool:
        """Whether nothing is missing but freshness, which a waiver can replace."""
        return all(state is not StandingState.MISSING for state in self.states.values())


async def standing(connection: AsyncConnection, region_codes: Collection[str], on: date, period: str | None = None) -> dict[str, Standing]:
    """For each region, in the order given: which kinds are validated and current, stale or missing for a period or the newest, seen from a day.

    Age is judged by the policy of that day, so an assessment that has expired since still counts for a day on which it was not too old.
    """
    ids: dict[tuple[str, AssessmentKind], UUID] = {}
    states: dict[tuple[str, AssessmentKind], StandingState] = {}
    for row in (await connection.execute(accepted_of(region_codes, period))).all():
        key = row.region_code, row.kind
        ids[key] = row.id
        states[key] = StandingState.STALE if is_stale(row.kind, row.data_until, on) else StandingState.CURRENT
    return {
        code: Standing(
            states={kind: states.get((code, kind), StandingState.MISSING) for kind in AssessmentKind},
            assessment_ids={kind: ids[code, kind] for kind in AssessmentKind if (code, kind) in ids},
        )
        for code in region_codes
    }


async def other_values(connection: AsyncConnection, assessment: Assessment) -> list[Value]:
    """What other assessments and the published indicators say of the same region and period."""
    neighbours = (await connection.execute(neighbours_of(assessment))).all()
    values = [value for neighbour in neighbours for value in neighbour.content.values(neighbour.source_code)]
    rows = (await connection.execute(published_values(assessment.region_code, assessment.period))).all()
    return [*values, *(Value(row.indicator_code, row.value, row.unit, row.source_code) for row in rows)]
