"""Who does what where, read from plans in force and off-plan commitments."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.coordination.commitments.state import STANDING
from services.coordination.commitments.tables import commitments
from services.coordination.convergence.domain import Entry, quarter_of
from services.coordination.plans.tables import approved_plans


async def entries_of(connection: AsyncConnection, programme_id: UUID, fiscal_year: int, location_codes: Sequence[str] | None = None) -> list[Entry]:
    """Every entry of a programme and a year, of all locations or of some."""
    found = [
        Entry(
            institution_id=plan.institution_id,
            location_code=line.location_code,
            intervention_code=line.intervention_code,
            quarter=line.quarter,
            plan_id=plan.id,
            output_quantity=line.output_quantity,
            amount_idr=line.amount_idr,
        )
        for plan in await connection.execute(approved_plans(programme_id, fiscal_year))
        for line in plan.lines
        if location_codes is None or line.location_code in location_codes
    ]
    c = commitments.c
    off_plan = select(c.id, c.institution_id, c.location_code, c.intervention_code, c.due_on, c.output_quantity, c.amount_idr).where(
        c.programme_id == programme_id,
        c.plan_id.is_(None),
        c.status.in_(STANDING),
        c.due_on.between(date(fiscal_year, 1, 1), date(fiscal_year, 12, 31)),
    )
    if location_codes is not None:
        off_plan = off_plan.where(c.location_code.in_(location_codes))
    found += [
        Entry(
            institution_id=row.institution_id,
            location_code=row.location_code,
            intervention_code=row.intervention_code,
            quarter=quarter_of(row.due_on),
            commitment_id=row.id,
            output_quantity=row.output_quantity,
            amount_idr=row.amount_idr,
        )
        for row in await connection.execute(off_plan.order_by(c.id))
    ]
    return found
