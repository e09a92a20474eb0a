"""What a pack says, compiled from the tables as one document of codes, dates, whole rupiah and decimal strings."""

import json
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.coordination.action_items.domain import UNFINISHED
from services.coordination.action_items.tables import action_items
from services.coordination.commitments.state import OPEN, STANDING, CommitmentStatus
from services.coordination.commitments.tables import commitments
from services.coordination.convergence.domain import last_day_of, missing, quarter_of, share
from services.coordination.convergence.queries import entries_of
from services.coordination.institutions.tables import institutions
from services.coordination.locations.tables import open_codes
from services.coordination.packs.domain import Form
from services.coordination.plans.tables import approved_plans
from services.coordination.policies.domain import policy_on
from services.coordination.programmes.domain import Programme

SCHEMA = "entaskan.quarterly-pack/1"


def canonical(content: dict[str, Any]) -> bytes:
    """The document as bytes: names sorted, no spaces, UTF-8; its SHA-256 is the pack's hash."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def hash_of(body: bytes) -> str:
    """SHA-256, hexadecimal."""
    return sha256(body).hexdigest()


async def compile_content(
    connection: AsyncConnection, programme: Programme, quarter: str, form: Form, deadline: date, pack_version: int, on: date
) -> dict[str, Any]:
    """The pack of a quarter as the tables stand. Commitments count when they are due up to the quarter's end in its year, or still open from before."""
    last, year = last_day_of(quarter), int(quarter[:4])
    names = {row.id: (row.code, row.name) for row in await connection.execute(select(institutions.c.id, institutions.c.code, institutions.c.name))}
    c = commitments.c
    rows = (
        await connection.execute(select(commitments).where(c.programme_id == programme.id, c.status.in_(STANDING), c.due_on <= last).order_by(c.due_on, c.id))
    ).all()
    counted = [row for row in rows if row.due_on.year == year or row.status in OPEN]
    entries = await entries_of(connection, programme.id, year)
    required, codes = sorted(set(programme.required_interventions)), (await connection.scalars(open_codes(programme.id))).all()
    planned: dict[Any, int] = {}
    for plan in await connection.execute(approved_plans(programme.id, year)):
        upto = sum(line.amount_idr for line in plan.lines if line.quarter <= quarter)
        planned[plan.institution_id] = planned.get(plan.institution_id, 0) + upto
    items = (
        await connection.execute(
            select(action_items).where(action_items.c.programme_id == programme.id, action_items.c.status.in_(UNFINISHED)).order_by(action_items.c.id)
        )
    ).all()
    policy = policy_on(last)
    return {
        "schema": SCHEMA,
        "pack": {"form": form.value, "quarter": quarter, "last_day": str(last), "deadline": str(deadline), "pack_version": pack_version, "as_of": str(on)},
        "programme": {
            "id": str(programme.id),
            "code": programme.code,
            "title": programme.title,
            "legal_basis": programme.legal_basis,
            "area_quota": programme.area_quota,
            "province_quota": programme.province_quota,
        },
        "policy": {"code": policy.code, "legal_basis": policy.legal_basis, "data_source": policy.data_source},
        "totals": _sums(counted, quarter) | {"planned_idr": sum(planned.values()), "locations": len(codes)},
        "institutions": [
            {"code": names[id][0], "name": names[id][1], "planned_idr": planned.get(id, 0)}
            | _sums([row for row in counted if row.institution_id == id], quarter)
            for id in sorted({*planned, *(row.institution_id for row in counted)}, key=lambda id: names[id][0])
        ],
        "locations": [
            _sums([row for row in counted if row.location_code == code], quarter)
            | {"code": code, "missing_intervention_codes": (lacking := missing(code, required, entries))}
            | {"convergence_score": str(share(len(required) - len(lacking), len(required)))}
            for code in codes
        ],
        "overdue": [_late(row, names) for row in counted if row.status is CommitmentStatus.OVERDUE],
        "action_items": [
            {
                "id": str(row.id),
                "owner": names[row.owner_institution_id][0],
                "origin": row.origin_type.value,
                "title": row.title,
                "due_on": str(row.due_on),
                "status": row.status.value,
                "obstacle": row.blocker_code,
            }
            for row in items
        ],
    }


def _sums(rows: Sequence[Any], quarter: str) -> dict[str, int]:
    return {
        "commitments": len(rows),
        "due_in_quarter": sum(quarter_of(row.due_on) == quarter for row in rows),
        "fulfilled": sum(row.status is CommitmentStatus.FULFILLED for row in rows),
        "overdue": sum(row.status is CommitmentStatus.OVERDUE for row in rows),
        "pledged_idr": sum(row.amount_idr for row in rows),
        "verified_idr": sum(row.verified_amount_idr for row in rows),
    }


def _late(row: Any, names: dict[Any, tuple[str, str]]) -> dict[str, Any]:
    return {
        "commitment_id": str(row.id),
        "institution": names[row.institution_id][0],
        "location_code": row.location_code,
        "intervention_code": row.intervention_code,
        "due_on": str(row.due_on),
        "outstanding_output": max(0, row.output_quantity - row.verified_output),
        "output_unit": row.output_unit,
        "outstanding_idr": max(0, row.amount_idr - row.verified_amount_idr),
        "escalation_level": max((each.level for each in row.escalations if each.due_version == row.due_version), default=0),
    }
