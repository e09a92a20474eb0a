"""A candidate: two enterprises that may be the same, until two people agree, or what spoke for it is gone."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.duplicates.scoring import Score
from services.facilitation.located import Located
from shared.aggregate import Living, step
from shared.contracts.facilitation_registry import (
    DuplicateCandidateCleared,
    DuplicateCandidateDecided,
    DuplicateCandidateDisputed,
    DuplicateCandidateFlagged,
    DuplicateCandidateProposed,
)
from shared.errors import Refused, SamePerson


class CandidateStatus(StrEnum):
    """Where a candidate stands."""

    OPEN = "open"
    PROPOSED = "proposed"
    DISTINCT = "distinct"
    MERGED = "merged"
    CLEARED = "cleared"


class Decision(StrEnum):
    """What people think of a candidate."""

    DISTINCT = "distinct"
    SAME = "same"


class SurvivorUnknown(Refused):
    """Of two that are the same, one of the two goes on."""

    code = "survivor_unknown"
    message = ("Untuk keputusan same, sebut salah satu dari kedua usaha sebagai penerus.", "For the decision same, name one of the two as the survivor.")
    action = ("Isi surviving_enterprise_id; kosongkan untuk keputusan distinct.", "Give surviving_enterprise_id; leave it out for the decision distinct.")


S = CandidateStatus


@dataclass(eq=False, kw_only=True)
class DuplicateCandidate(Located, Living):
    """Two enterprises that look alike (calon duplikat); nothing is held back while it is open."""

    enterprise_id: UUID
    other_enterprise_id: UUID
    score: int
    matched_field_codes: list[str]
    rule_version: int
    status: CandidateStatus
    proposed_by: str | None = None
    proposed_decision: Decision | None = None
    surviving_enterprise_id: UUID | None = None
    decided_by: str | None = None

    LIFE: ClassVar = {
        "propose": step(S.OPEN, to=S.PROPOSED),
        "disagree": step(S.PROPOSED, to=S.OPEN),
        "agree_distinct": step(S.PROPOSED, to=S.DISTINCT),
        "agree_same": step(S.PROPOSED, to=S.MERGED),
        "reverse": step(S.MERGED, to=S.DISTINCT),
        "clear": step(S.OPEN, S.PROPOSED, to=S.CLEARED),
        "reflag": step(S.CLEARED, to=S.OPEN),
    }

    @classmethod
    def flag(cls, *, id: UUID, region_code: str, enterprise_id: UUID, other_enterprise_id: UUID, score: Score, rule_version: int) -> Self:
        """Two people should look at them."""
        candidate = cls(
            id=id,
            region_code=region_code,
            enterprise_id=enterprise_id,
            other_enterprise_id=other_enterprise_id,
            score=score.points,
            matched_field_codes=list(score.matched),
            rule_version=rule_version,
            status=S.OPEN,
        )
        candidate._flagged()
        return candidate

    def _flagged(self) -> None:
        self.record(
            DuplicateCandidateFlagged(
                candidate_id=self.id,
                enterprise_id=self.enterprise_id,
                other_enterprise_id=self.other_enterprise_id,
                score_points=self.score,
                matched_field_codes=self.matched_field_codes,
            )
        )

    def reflag(self, score: Score, rule_version: int) -> None:
        """They look alike again."""
        self.move("reflag")
        self.score, self.matched_field_codes, self.rule_version = score.points, list(score.matched), rule_version
        self.proposed_by = self.proposed_decision = self.surviving_enterprise_id = None
        self._flagged()

    def clear(self) -> None:
        """They do not look alike any longer."""
        self.move("clear")
        self.record(DuplicateCandidateCleared(candidate_id=self.id))

    def propose(self, by: str, decision: Decision, surviving_enterprise_id: UUID | None) -> None:
        """The first of two people says what they are."""
        self.move("propose")
        pair = {self.enterprise_id, self.other_enterprise_id}
        if (surviving_enterprise_id in pair) != (decision is Decision.SAME) or (decision is Decision.DISTINCT and surviving_enterprise_id):
            raise SurvivorUnknown
        self.proposed_by, self.proposed_decision, self.surviving_enterprise_id = by, decision, surviving_enterprise_id
        self.record(DuplicateCandidateProposed(candidate_id=self.id, decision_code=decision))

    def disagree(self, by: str) -> None:
        """The second of two people sees it differently: it is open again."""
        self.move("disagree")
        self._require_other(by)
        self.proposed_by = self.proposed_decision = self.surviving_enterprise_id = None
        self.record(DuplicateCandidateDisputed(candidate_id=self.id))

    def agree(self, by: str) -> None:
        """The second of two people agrees."""
        decision = self.proposed_decision or Decision.DISTINCT
        self.move(f"agree_{decision}")
        self._require_other(by)
        self.decided_by = by
        self.record(DuplicateCandidateDecided(candidate_id=self.id, decision_code=decision))

    def _require_other(self, by: str) -> None:
        if by == self.proposed_by:
            raise SamePerson

    def reverse(self, by: str) -> None:
        """They were merged and are different after all."""
        self.move("reverse")
        self.decided_by, self.proposed_decision = by, Decision.DISTINCT
        self.record(DuplicateCandidateDecided(candidate_id=self.id, decision_code=Decision.DISTINCT))

    @property
    def merged_enterprise_id(self) -> UUID:
        """Of two that are the same, the one that does not go on."""
        return self.other_enterprise_id if self.surviving_enterprise_id == self.enterprise_id else self.enterprise_id
