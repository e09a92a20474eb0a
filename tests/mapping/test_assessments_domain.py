"""Assessments without I/O: transitions, criteria, checks, age, sources that differ, ministries."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mapping.assessments.checks import discrepancies, findings_of
from services.mapping.assessments.content import Content, Missing, StatedFigure, Value
from services.mapping.assessments.domain import Assessment, AssessmentKind, AssessmentStatus
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
from services.mapping.assessments.measuring import Household, SectorFigures, potential_of, poverty_of
from services.mapping.assessments.ministries import EVERY_SECTOR, all_ministries, ministries_of
from services.mapping.assessments.periods import last_day, months_between
from services.mapping.assessments.policy import policy_on
from shared.clock import new_id
from shared.errors import IllegalTransition, SamePerson

DAY = date(2025, 6, 30)
OTHER = Value("poverty_rate", Decimal("20.00"), "percent", "p3ke-2024")
COMMANDS: dict[str, Callable[[Assessment], None]] = {
    "submit": lambda it: it.submit("regency", DAY, []),
    "request_revision": lambda it: it.request_revision("checker", "source_unclear", "Sebutkan galatnya."),
    "validate": lambda it: it.validate("checker", DAY),
    "flag_discrepancy": lambda it: it.flag_discrepancy(DAY, [OTHER]),
    "supersede": lambda it: it.supersede(new_id(), DAY),
    "expire": lambda it: it.expire(DAY + timedelta(days=3650)),
    "withdraw": lambda it: it.withdraw("wrong_region", DAY, used=False),
}
WAYS: dict[AssessmentStatus, list[str]] = {
    AssessmentStatus.DRAFT: [],
    AssessmentStatus.SUBMITTED: ["submit"],
    AssessmentStatus.REVISION: ["submit", "request_revision"],
    AssessmentStatus.VALIDATED: ["submit", "validate"],
    AssessmentStatus.SUPERSEDED: ["submit", "validate", "supersede"],
    AssessmentStatus.EXPIRED: ["submit", "validate", "expire"],
    AssessmentStatus.WITHDRAWN: ["withdraw"],
}


def stated(code: str, value: str, **given: Any) -> StatedFigure:
    default: dict[str, Any] = {"unit": "percent", "source_code": "bps-p0-2024", "year": 2024, "method_code": "susenas_march", "margin": None}
    return StatedFigure(indicator_code=code, value=Decimal(value), licence_code="bps_terms_of_use", **default | given)


FIGURES = [
    stated("poverty_rate", "13.25"), stated("number_of_poor", "30100", unit="persons"), stated("poverty_gap", "2.1"), stated("poverty_severity", "0.5"),
]  # fmt: skip
WHOLE = Content(figures=FIGURES, missing=[Missing(criterion_code="multidimensional", reason_code="not_surveyed")])


def drafted(content: Content = WHOLE, kind: AssessmentKind = AssessmentKind.POVERTY, period: str = "2024") -> Assessment:
    return Assessment.draft(id=new_id(), kind=kind, region_code="53.04", period=period, source_code="bps-p0-2024", content=content, author="regency", on=DAY)


def at(status: AssessmentStatus) -> Assessment:
    assessment = drafted()
    for command in WAYS[status]:
        COMMANDS[command](assessment)
    assert assessment.status is status
    return assessment


def test_every_state_has_a_way_and_every_command_is_somewhere_allowed() -> None:
    assert set(WAYS) == set(AssessmentStatus) == set(Assessment.TRANSITIONS)
    assert set(COMMANDS) == {command for commands in Assessment.TRANSITIONS.values() for command in commands}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", AssessmentStatus)
def test_what_the_table_allows_happens_and_nothing_else(status: AssessmentStatus, command: str) -> None:
    assessment = at(status)
    before = len(assessment.recorded)
    if command in Assessment.TRANSITIONS[status]:
        COMMANDS[command](assessment)
        assert len(assessment.recorded) > before, "nothing changes without an event"
    else:
        with pytest.raises(IllegalTransition) as refused:
            COMMANDS[command](assessment)
        assert refused.value.facts == {"state": status, "allowed_transitions": sorted(Assessment.TRANSITIONS[status])}
        assert (assessment.status, len(assessment.recorded)) == (status, before)


def test_neither_author_nor_submitter_decides() -> None:
    assessment = at(AssessmentStatus.SUBMITTED)
    assessment.submitted_by = "colleague"
    for name in ("regency", "colleague"):
        with pytest.raises(SamePerson):
            assessment.validate(name, DAY)
        with pytest.raises(SamePerson):
            assessment.request_revision(name, "source_unclear", "Sebutkan galatnya.")


def test_a_mandatory_criterion_is_present_or_declared_missing() -> None:
    with pytest.raises(CriteriaMissing) as refused:
        drafted(Content(figures=FIGURES[:2])).submit("regency", DAY, [])
    assert refused.value.facts == {"missing_criteria": ["multidimensional", "poverty_gap", "poverty_severity"]}
    declared = [Missing(criterion_code=code, reason_code="not_surveyed") for code in policy_on(DAY).mandatory["local_potential"]]
    drafted(Content(missing=declared), AssessmentKind.LOCAL_POTENTIAL).submit("regency", DAY, [])
    both = Content(figures=FIGURES, missing=[*WHOLE.missing, Missing(criterion_code="poverty_rate", reason_code="not_surveyed")])
    with pytest.raises(DeclaredMissingButPresent):
        drafted(both).submit("regency", DAY, [])


def test_content_is_of_its_kind_and_the_period_is_over() -> None:
    with pytest.raises(ContentOfOtherKind):
        drafted(WHOLE, AssessmentKind.LOCAL_POTENTIAL)
    with pytest.raises(ContentOfOtherKind):
        at(AssessmentStatus.REVISION).submit("regency", DAY, [], Content(sectors=potential_of(sectors(["A"], [1], [1]))))
    with pytest.raises(PeriodInFuture):
        drafted(period="2025-07")
    drafted(period="2025-06")


def test_a_revision_brings_new_content() -> None:
    assessment = at(AssessmentStatus.REVISION)
    old = assessment.content.values_hash
    assessment.submit("regency", DAY, [], Content(figures=[stated("poverty_rate", "12.9"), *FIGURES[1:]], missing=WHOLE.missing))
    assert assessment.content.values_hash != old


FINDINGS: list[tuple[str, list[StatedFigure]]] = [
    ("percentage_out_of_range", [stated("poverty_rate", "100.01")]),
    ("poverty_gap_above_poverty_rate", [stated("poverty_rate", "5"), stated("poverty_gap", "6")]),
    ("poverty_severity_above_poverty_gap", [stated("poverty_gap", "1"), stated("poverty_severity", "2")]),
    ("year_differs_from_period", [stated("poverty_rate", "5", year=2021)]),
    ("margin_above_value", [stated("poverty_rate", "5", margin=Decimal(6))]),
]


@pytest.mark.parametrize(("finding", "figures"), FINDINGS)
def test_a_finding_is_accepted_only_with_a_comment(finding: str, figures: list[StatedFigure]) -> None:
    assert findings_of(Content(figures=figures), 2024) == [finding]
    replaced = {figure.indicator_code: figure for figure in [*FIGURES, *figures]}
    assessment = drafted(Content(figures=list(replaced.values()), missing=WHOLE.missing))
    assessment.submit("regency", DAY, [])
    assert finding in assessment.findings
    with pytest.raises(CommentRequired):
        assessment.validate("checker", DAY)
    assessment.validate("checker", DAY, "Telah dicocokkan dengan publikasi.")
    assert assessment.status is AssessmentStatus.VALIDATED


def test_plain_figures_have_no_finding() -> None:
    assert findings_of(WHOLE, 2024) == []


def test_sources_that_differ_are_flagged_once() -> None:
    assessment = drafted()
    assessment.submit("regency", DAY, [OTHER, Value("poverty_rate", Decimal("13.30"), "percent", "susenas-region")])
    flagged = [event for event in assessment.recorded if type(event).__name__ == "SourceDiscrepancyDetected"]
    assert [(event.source_a, event.source_b, event.relative_difference) for event in flagged] == [  # type: ignore[attr-defined]
        ("bps-p0-2024", "p3ke-2024", Decimal("0.337500"))
    ]
    with pytest.raises(NoDiscrepancy):
        assessment.flag_discrepancy(DAY, [OTHER])
    with pytest.raises(CommentRequired) as refused:
        assessment.validate("checker", DAY)
    assert refused.value.facts == {"findings": ["source_discrepancy"]}
    assessment.flag_discrepancy(DAY, [OTHER, Value("poverty_rate", Decimal(9), "percent", "dtsen-2025")])
    assert [each.source_b for each in assessment.discrepancies] == ["dtsen-2025", "p3ke-2024"]


def test_other_units_and_the_same_source_are_not_compared() -> None:
    own = [Value("number_of_poor", Decimal(30), "thousand_persons", "a"), Value("poverty_rate", Decimal(10), "percent", "a")]
    others = [Value("number_of_poor", Decimal(60000), "persons", "b"), Value("poverty_rate", Decimal(20), "percent", "a")]
    assert discrepancies(own, others, Decimal("0.1")) == []
    exactly = [Value("poverty_rate", Decimal(9), "percent", "b")]
    assert discrepancies(own, exactly, Decimal("0.1")) == [], "as much as the threshold is not above it"


def test_it_expires_a_month_after_the_policy_and_not_before() -> None:
    assessment = at(AssessmentStatus.VALIDATED)
    months = policy_on(DAY).max_months["poverty"]
    last = date(2024 + months // 12, 12, 31)
    assert not assessment.is_stale(last)
    with pytest.raises(NotExpired):
        assessment.expire(last + timedelta(days=30))
    assessment.expire(last + timedelta(days=31))
    assert assessment.recorded[-1].months_old == months + 1  # type: ignore[attr-defined]


def test_one_that_a_published_run_uses_is_not_withdrawn() -> None:
    assessment = at(AssessmentStatus.VALIDATED)
    with pytest.raises(UsedByPublishedRun):
        assessment.withdraw("wrong_region", DAY, used=True)
    assert assessment.status is AssessmentStatus.VALIDATED


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2021", "2021-12-31"),
        ("2021-03", "2021-03-31"),
        ("2024-02", "2024-02-29"),
        ("2021-S1", "2021-06-30"),
        ("2021-Q4", "2021-12-31"),
        ("2021-Q1", "2021-03-31"),
    ],
)
def test_the_last_day_of_a_period(period: str, day: str) -> None:
    assert last_day(period) == date.fromisoformat(day)


@given(st.dates(date(2000, 1, 1), date(2040, 12, 31)), st.integers(0, 120))
def test_months_grow_by_one_a_month(first: date, months: int) -> None:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    end = last_day(f"{year}-{month + 1:02}")
    assert months_between(first, min(end, date(year, month + 1, min(first.day, end.day)))) == months
    if first.day > 1:
        assert months_between(first, date(year, month + 1, 1)) == months - 1


def sectors(codes: list[str], region: list[int], reference: list[int]) -> SectorFigures:
    return SectorFigures(
        measure="employment", unit="persons", source_code="bps-sakernas", reference_area="national", year=2024,
        region=dict(zip(codes, map(Decimal, region), strict=True)), reference=dict(zip(codes, map(Decimal, reference), strict=True)),
    )  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=1, max_size=17).filter(lambda pairs: any(own for own, _ in pairs)))
def test_quotients_weighted_with_the_reference_make_one(pairs: list[tuple[int, int]]) -> None:
    found = potential_of(sectors([f"s{n}" for n in range(len(pairs))], [own for own, _ in pairs], [other for _, other in pairs]))
    whole = sum(other for _, other in pairs)
    weighted = sum(each.location_quotient * each.reference_value / whole for each in found.sectors)
    assert weighted == pytest.approx(Decimal(1), abs=Decimal("0.000001"))
    assert found.dominant_sectors == [] or len(pairs) > 1, "a region with one sector is not specialised in it"


def test_who_is_in_charge_of_a_sector() -> None:
    on = date(2026, 1, 1)
    assert [each.ministry_code for each in ministries_of("A", on)] == ["kementan", "kkp", "kemnaker", "bkpm"]
    assert [each.ministry_code for each in ministries_of("A03", on)] == ["kkp", "kemnaker", "bkpm"]
    assert [each.ministry_code for each in ministries_of("G,I", on)] == ["kemendag", "kemenpar", "kemnaker", "bkpm"]
    assert [each.ministry_code for each in ministries_of("B", on)] == ["kemnaker", "bkpm"]
    assert ministries_of("I", date(2023, 6, 1))[0].ministry_code == "kemenparekraf"
    assert {each.field for each in all_ministries()} == {"farming", "fisheries", "industry", "trade", "tourism", "manpower", "investment"}


def test_lines_of_the_table_do_not_overlap_and_name_their_basis() -> None:
    for each in all_ministries():
        assert each.legal_basis
        assert each.citation_checked or each.note, "what nobody compared says so"
        same = [o for o in all_ministries() if o is not each and (o.sector, o.field) == (each.sector, each.field)]
        assert all(o.valid_from > (each.valid_to or date.max) or (o.valid_to or date.max) < each.valid_from for o in same)
    assert {each.field for each in all_ministries() if each.sector == EVERY_SECTOR} == {"manpower", "investment"}


def test_figures_from_records_are_compared_with_those_that_the_source_states() -> None:
    content = Content(figures=FIGURES, households=poverty_of(125, [Household(each, 1.0, None) for each in (100, 110, 150, 160)]), missing=WHOLE.missing)
    assessment = drafted(content)
    assessment.submit("regency", DAY, [])
    rates = [each for each in assessment.discrepancies if each.indicator_code == "poverty_rate"]
    assert [(each.source_a, each.value_a, each.source_b, each.value_b) for each in rates] == [
        ("bps-p0-2024", Decimal("13.25"), "bps-p0-2024-records", Decimal("50.0"))
    ]
