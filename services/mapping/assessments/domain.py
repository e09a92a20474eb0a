"""An assessment (penilaian): one person says what a region is like, another validates it, and it holds until a newer one or its age ends it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.mapping.assessments.checks import Discrepancy, discrepancies, findings_of
from services.mapping.assessments.content import Content, Value
from services.mapping.assessments.errors import (
    CommentRequired,
    ContentOfOtherKind,
    CriteriaMissing,
    DeclaredMissingButPresent,
    NoDiscrepancy,
    NotExpired,
    PeriodInFuture,
    UsedByPublishedRun,
)
from services.mapping.assessments.periods import last_day, months_between
from services.mapping.assessments.policy import policy_on
from shared.aggregate import Aggregate
from shared.contracts.mapping import (
    AssessmentDrafted,
    AssessmentExpired,
    AssessmentRevisionRequested,
    AssessmentSubmitted,
    AssessmentSuperseded,
    AssessmentValidated,
    AssessmentWithdrawn,
    SourceDiscrepancyDetected,
)
from shared.errors import SamePerson


class AssessmentKind(StrEnum):
    """The two dimensions; both are needed before a region may be ranked."""

    POVERTY = "poverty"
    LOCAL_POTENTIAL = "local_potential"


class AssessmentStatus(StrEnum):
    """Where an assessment stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVISION = "revision"
    VALIDATED = "validated"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(eq=False, kw_only=True)
class Assessment(Aggregate):
    """One assessment of one region, kind and period. `data_until` is the period's last day, from which its age counts.

    `findings` are what the checks found at submission, `discrepancies` where sources differ; `comment` is why it was accepted all
    the same, or what was to be revised. `decided_by` is who validated it. `ended_on` is the day on which it was superseded,
    expired or withdrawn.
    """

    kind: AssessmentKind
    region_code: str
    period: str
    data_until: date
    source_code: str
    content: Content
    findings: list[str]
    discrepancies: list[Discrepancy]
    author: str
    submitted_by: str | None
    decided_by: str | None
    validated_on: date | None
    comment: str | None
    reason_code: str | None
    superseded_by_id: UUID | None
    ended_on: date | None
    status: AssessmentStatus

    TRANSITIONS: ClassVar = {
        AssessmentStatus.DRAFT: frozenset({"submit", "withdraw"}),
        AssessmentStatus.SUBMITTED: frozenset({"request_revision", "validate", "flag_discrepancy", "withdraw"}),
        AssessmentStatus.REVISION: frozenset({"submit"}),
        AssessmentStatus.VALIDATED: frozenset({"flag_discrepancy", "supersede", "expire", "withdraw"}),
        AssessmentStatus.SUPERSEDED: frozenset(),
        AssessmentStatus.EXPIRED: frozenset(),
        AssessmentStatus.WITHDRAWN: frozenset(),
    }

    @classmethod
    def draft(cls, *, id: UUID, kind: AssessmentKind, region_code: str, period: str, source_code: str, content: Content, author: str, on: date) -> Self:
        """Write one down; nothing is checked but that its period is over and that the content is of its kind."""
        if (until := last_day(period)) > on:
            raise PeriodInFuture(period_end=str(until))
        _require_kind(kind, content)
        assessment = cls(
            id=id,
            kind=kind,
            region_code=region_code,
            period=period,
            data_until=until,
            source_code=source_code,
            content=content,
            findings=[],
            discrepancies=[],
            author=author,
            submitted_by=None,
            decided_by=None,
            validated_on=None,
            comment=None,
            reason_code=None,
            superseded_by_id=None,
            ended_on=None,
            status=AssessmentStatus.DRAFT,
        )
        assessment.record(AssessmentDrafted(assessment_id=id, region_code=region_code, assessment_kind=kind.value, period=period, source_code=source_code))
        return assessment

    def submit(self, by: str, on: date, others: Collection[Value], content: Content | None = None) -> None:
        """Hand it over, with new content if there is any. `others` are values of other sources for the same region and period."""
        self._require("submit")
        if content is not None:
            _require_kind(self.kind, content)
            self.content = content
        policy = policy_on(on)
        present, declared = set(self.content.criteria), set(self.content.missing_codes)
        if both := sorted(present & declared):
            raise DeclaredMissingButPresent(criteria=both)
        if lacking := sorted(set(policy.mandatory[self.kind]) - present - declared):
            raise CriteriaMissing(missing_criteria=lacking)
        self.status = AssessmentStatus.SUBMITTED
        self.submitted_by = by
        self.findings = findings_of(self.content, self.data_until.year)
        self.record(
            AssessmentSubmitted(
                assessment_id=self.id,
                region_code=self.region_code,
                assessment_kind=self.kind.value,
                period=self.period,
                criteria_count=len(present),
                missing_criteria_codes=sorted(declared),
            )
        )
        found = discrepancies(self.content.values(self.source_code), others, policy.discrepancy_threshold)
        self._flag([each for each in found if each not in self.discrepancies])
        self.discrepancies = found

    def request_revision(self, by: str, reason_code: str, comment: str) -> None:
        """Send it back; not by who wrote or submitted it, who would withdraw it."""
        self._require("request_revision")
        self._require_other_person(by)
        self.status = AssessmentStatus.REVISION
        self.reason_code, self.comment = reason_code, comment
        self.record(AssessmentRevisionRequested(assessment_id=self.id, reason_code=reason_code))

    def validate(self, by: str, on: date, comment: str | None = None) -> None:
        """Accept it, as another person than its author; what the checks found is accepted only with a comment."""
        self._require("validate")
        self._require_other_person(by)
        found = [*self.findings, *(["source_discrepancy"] if self.discrepancies else [])]
        if found and not comment:
            raise CommentRequired(findings=found)
        self.status = AssessmentStatus.VALIDATED
        self.decided_by, self.validated_on = by, on
        self.comment, self.reason_code = comment, None
        self.record(
            AssessmentValidated(
                assessment_id=self.id,
                region_code=self.region_code,
                assessment_kind=self.kind.value,
                period=self.period,
                criteria_codes=self.content.criteria,
                values_hash=self.content.values_hash,
                source_code=self.source_code,
                data_year=self.data_until.year,
            )
        )

    def flag_discrepancy(self, on: date, others: Collection[Value]) -> None:
        """Compare the sources again; refused where the rule finds nothing that is not flagged yet."""
        self._require("flag_discrepancy")
        threshold = policy_on(on).discrepancy_threshold
        found = discrepancies(self.content.values(self.source_code), others, threshold)
        if not (new := [each for each in found if each not in self.discrepancies]):
            raise NoDiscrepancy(threshold=str(threshold))
        self.discrepancies = found
        self._flag(new)

    def supersede(self, by_id: UUID, on: date) -> None:
        """Give way to a newer one of the same region, kind and period."""
        self._require("supersede")
        self.status, self.superseded_by_id, self.ended_on = AssessmentStatus.SUPERSEDED, by_id, on
        self.record(AssessmentSuperseded(assessment_id=self.id, superseded_by_assessment_id=by_id))

    def expire(self, on: date) -> None:
        """End by age, under the policy of that day."""
        self._require("expire")
        if not self.is_stale(on):
            raise NotExpired(max_months=policy_on(on).max_months[self.kind])
        self.status, self.ended_on = AssessmentStatus.EXPIRED, on
        self.record(
            AssessmentExpired(
                assessment_id=self.id, region_code=self.region_code, assessment_kind=self.kind.value, months_old=months_between(self.data_until, on)
            )
        )

    def withdraw(self, reason_code: str, on: date, *, used: bool) -> None:
        """Take it back, unless a published run rests on it."""
        self._require("withdraw")
        if used:
            raise UsedByPublishedRun
        self.status, self.reason_code, self.ended_on = AssessmentStatus.WITHDRAWN, reason_code, on
        self.record(AssessmentWithdrawn(assessment_id=self.id, reason_code=reason_code))

    def is_stale(self, on: date) -> bool:
        """Whether its figures are older on that day than the policy of that day allows."""
        return is_stale(self.kind, self.data_until, on)

    def _require(self, command: str) -> None:
        self.refuse_unless(self.status, {status for status, commands in self.TRANSITIONS.items() if command in commands})

    def _require_other_person(self, by: str) -> None:
        if by in (self.author, self.submitted_by):
            raise SamePerson

    def _flag(self, found: list[Discrepancy]) -> None:
        for each in found:
            self.record(
                SourceDiscrepancyDetected(
                    assessment_id=self.id,
                    region_code=self.region_code,
                    indicator_code=each.indicator_code,
                    source_a=each.source_a,
                    source_b=each.source_b,
                    relative_difference=each.relative_difference,
                )
            )


def is_stale(kind: AssessmentKind, data_until: date, on: date) -> bool:
    """Whether figures until one day are too old on another, by the policy of the latter."""
    return months_between(data_until, on) > policy_on(on).max_months[kind]


def _require_kind(kind: AssessmentKind, content: Content) -> None:
    of_poverty = bool(content.figures or content.households or content.multidimensional)
    of_potential = bool(content.sectors or content.groups or content.market_access or content.finance_access or content.infrastructure)
    if of_potential if kind is AssessmentKind.POVERTY else of_poverty:
        raise ContentOfOtherKind(kind=kind.value)
