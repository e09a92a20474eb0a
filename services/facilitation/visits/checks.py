"""The checks of a reported visit: each flag is a reason to look, not a verdict."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.facilitation.region_points.domain import Point, metres_between
from services.facilitation.visits.report import Position, VisitReport
from services.facilitation.visits.rules import VisitRules


class Flag(StrEnum):
    """What a check found."""

    NO_GPS = "no_gps"
    NEAR_OTHER_VISIT = "near_other_visit"
    OUTSIDE_CATCHMENT = "outside_catchment"
    TOO_SHORT = "too_short"
    OUTSIDE_HOURS = "outside_hours"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another visit that was reported and not rejected."""

    group_id: UUID
    mentor_id: UUID
    occurred_on: date
    report: VisitReport


def flags_of(
    report: VisitReport, rules: VisitRules, *, region_code: str, group_id: UUID, mentor_id: UUID, centre: Point | None, others: Iterable[Other]
) -> list[Flag]:
    """What the checks find, in alphabetical order; without a known centre of the region its catchment is not checked."""
    others = list(others)
    begin, end = rules.local(report.started_at, region_code), rules.local(report.ended_at, region_code)
    found = {
        Flag.NO_GPS: report.position is None,
        Flag.TOO_SHORT: report.duration_minutes < rules.minimum_minutes,
        Flag.OUTSIDE_HOURS: begin.time() < rules.earliest or end.time() > rules.latest or begin.date() != end.date(),
        Flag.DUPLICATE: any(_is_double(report, begin.date(), group_id, mentor_id, other) for other in others),
    }
    if position := report.position:
        found[Flag.NEAR_OTHER_VISIT] = any(
            _is_near(position, other, rules.near_metres_same_group if other.group_id == group_id else rules.near_metres) for other in others
        )
        found[Flag.OUTSIDE_CATCHMENT] = centre is not None and metres_between(_point(position), centre) > rules.catchment_km * 1000
    return sorted(flag for flag, raised in found.items() if raised)


def _point(position: Position) -> Point:
    return Point(longitude=position.longitude, latitude=position.latitude)


def _is_near(position: Position, other: Other, near_metres: int) -> bool:
    """As good as the same place; exactly the same point is found twice by no receiver."""
    there = other.report.position
    return there is not None and ((distance := metres_between(_point(position), _point(there))) < near_metres or distance == 0)


def _is_double(report: VisitReport, occurred_on: date, group_id: UUID, mentor_id: UUID, other: Other) -> bool:
    """The same group on the same day, the mentor in two places at once, or the same evidence."""
    if other.mentor_id != mentor_id:
        return False
    overlapping = report.started_at < other.report.ended_at and other.report.started_at < report.ended_at
    return overlapping or (other.group_id == group_id and other.occurred_on == occurred_on) or bool({*report.evidence_hashes} & {*other.report.evidence_hashes})
