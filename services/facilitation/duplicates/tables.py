"""The table of candidates, and which enterprises are worth comparing."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, Select, Text, UniqueConstraint, Uuid, and_, or_, select, text

from services.facilitation.duplicates.domain import CandidateStatus, Decision, DuplicateCandidate
from services.facilitation.duplicates.scoring import Compared
from services.facilitation.enterprises.tables import IN_USE, enterprises
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted

duplicate_candidates = persisted(
    metadata,
    DuplicateCandidate,
    "duplicate_candidates",
    Column("region_code", Text, nullable=False),
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), nullable=False),
    Column("other_enterprise_id", Uuid, ForeignKey("enterprises.id"), nullable=False),
    Column("score", Integer, nullable=False),
    Column("matched_field_codes", Typed(list[str]), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("status", Code(CandidateStatus), nullable=False),
    Column("proposed_by", Text),
    Column("proposed_decision", Code(Decision)),
    Column("surviving_enterprise_id", Uuid),
    Column("decided_by", Text),
    UniqueConstraint("enterprise_id", "other_enterprise_id"),
)
_d, _e = duplicate_candidates.c, enterprises.c
Index("ix_duplicate_candidates_region_code_status", _d.region_code, _d.status)
Index("ix_duplicate_candidates_other_enterprise_id", _d.other_enterprise_id)
AT_MOST = 100
"""So many are compared with one; what looks alike is among those of the same birth, or of the same place and names."""

_COMPARED = _e.id, _e.owner_keys, _e.name_keys, _e.owner_birth_index, _e.region_code


def compared_of(ids: Collection[UUID]) -> "Select[*tuple[Any, ...]]":
    """What is compared of these enterprises."""
    return select(*_COMPARED).where(_e.id.in_(ids))


def worth_comparing(one: Compared) -> "Select[*tuple[Any, ...]]":
    """Enterprises in use that share part of the owner's name and the birth, or part of both names and the place."""
    alike = _e.owner_keys.overlap(one.owner_keys)
    same_birth = and_(_e.owner_birth_index == one.owner_birth_index, alike)
    same_place = and_(_e.region_code == one.region_code, _e.name_keys.overlap(one.name_keys), alike)
    return select(*_COMPARED).where(IN_USE, or_(same_birth, same_place)).order_by(_e.id).limit(AT_MOST)


PAIRS = text("""
SELECT a.id AS enterprise_id, b.id AS other_id
FROM enterprises AS a
JOIN enterprises AS b ON b.id < a.id AND b.status NOT IN ('exited', 'merged') AND b.owner_keys && a.owner_keys
  AND (b.owner_birth_index = a.owner_birth_index OR (b.region_code = a.region_code AND b.name_keys && a.name_keys))
WHERE a.region_code = :region_code AND a.status NOT IN ('exited', 'merged')
ORDER BY a.id, b.id
""")
"""Pairs worth comparing of which one lies in a regency/city."""
