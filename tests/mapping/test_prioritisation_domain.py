"""Models and runs without I/O: who may do what, in which order, and what is recorded."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.mapping.computation import errors
from services.mapping.computation.problems import _PROBLEMS, as_problems
from services.mapping.models.domain import DimensionMissing, PrioritisationModel, WeightedIndicator
from services.mapping.prioritisation.domain import (
    EffectiveOutsideProgramme,
    ModelNotCurrent,
    Outcome,
    PrioritisationRun,
    QuotaNotMet,
    ResultChanged,
    RunStatus,
    SelectedLocation,
)
from shared.contracts.mapping import (
    LocationPrioritised,
    PrioritisationModelApproved,
    PrioritisationModelDrafted,
    PrioritisationModelSubmitted,
    PrioritisationRunPublished,
)
from shared.errors import IllegalTransition, SamePerson

PROGRAMME, MODEL, RUN = (UUID(int=n) for n in (1, 2, 3))
RATE = WeightedIndicator(indicator_code="poverty_rate", weight=Decimal("0.6"), direction="benefit", dimension="poverty")
WORK = WeightedIndicator(indicator_code="labour_force_participation", weight=Decimal("0.4"), direction="benefit", dimension="potential")
VALID = (date(2024, 1, 1), date(2027, 12, 31))


def draft(*criteria: WeightedIndicator, **changed: Any) -> PrioritisationModel:
    given = {"normalisation": "min_max", "aggregation": "saw", "missing": "refuse", "rationale": "because"} | changed
    return PrioritisationModel.draft(id=MODEL, code="both", model_version=1, title="Both", criteria=list(criteria or (RATE, WORK)), author="ani", **given)


def approved() -> PrioritisationModel:
    model = draft()
    model.submit("ani")
    model.approve("budi")
    model.activate(date(2024, 1, 2))
    return model


def location(code: str, rank: int) -> SelectedLocation:
    return SelectedLocation(
        region_code=code,
        province_code=code[:2],
        rank=rank,
        score=Decimal("0.900000"),
        poverty_score=Decimal("0.900000"),
        potential_score=Decimal("0.900000"),
    )


OUTCOME = Outcome(
    candidate_count=514, excluded_region_codes=[], input_hash="a" * 64, result_hash="b" * 64, selected=[location("53.04", 1), location("11.10", 2)]
)


TODAY = date(2024, 2, 1)


def computed(outcome: Outcome = OUTCOME) -> PrioritisationRun:
    run = PrioritisationRun.create(id=RUN, programme_id=PROGRAMME, area_quota=2, province_quota=2, model=approved(), population_period="2017", author="ani")
    run.compute(outcome, "citra")
    run.recorded.clear()
    return run


def reviewed(outcome: Outcome = OUTCOME) -> PrioritisationRun:
    run = computed(outcome)
    run.submit_review("citra", outcome.result_hash)
    return run


def test_a_model_is_approved_by_another_person_than_its_author() -> None:
    model = draft()
    model.submit("ani")
    with pytest.raises(SamePerson):
        model.approve("ani")
    model.approve("budi")
    assert [type(event) for event in model.recorded] == [PrioritisationModelDrafted, PrioritisationModelSubmitted, PrioritisationModelApproved]
    with pytest.raises(IllegalTransition):
        model.approve("citra")


def test_a_model_needs_both_dimensions() -> None:
    with pytest.raises(DimensionMissing):
        draft(RATE, replace(WORK, dimension="poverty"))


@pytest.mark.parametrize(
    ("criteria", "changed", "error"),
    [
        ((RATE, replace(WORK, weight=Decimal("0.400001"))), {}, errors.InvalidWeights),
        ((replace(RATE, weight=Decimal(1)), replace(WORK, weight=Decimal(0))), {}, errors.InvalidWeights),
        ((RATE, replace(WORK, indicator_code=RATE.indicator_code)), {}, errors.DuplicateCode),
        ((RATE, WORK), {"aggregation": "wpm"}, errors.IncompatibleMethod),
    ],
)
def test_what_is_no_method_is_refused_by_name(criteria: Any, changed: dict[str, Any], error: type[errors.PrioritisationError]) -> None:
    with pytest.raises(error):
        draft(*criteria, **changed)


def test_every_refusal_of_the_computation_has_words_in_both_languages() -> None:
    def leaves(cls: type[Any]) -> set[type[Any]]:
        return {cls} if not cls.__subclasses__() else {leaf for sub in cls.__subclasses__() for leaf in leaves(sub)}

    assert set(_PROBLEMS) == leaves(errors.PrioritisationError)
    for error, problem in _PROBLEMS.items():
        assert (problem.code, problem.status) == (error.code, 422)
        assert problem.message[0] != problem.message[1]
    with pytest.raises(_PROBLEMS[errors.Infeasible]) as caught, as_problems():
        raise errors.Infeasible(["There are 3 candidates for 48 places."])
    assert caught.value.facts == {"explanation": "There are 3 candidates for 48 places."}


def test_the_hash_of_a_model_follows_its_rule_and_not_its_spelling() -> None:
    plain = draft()
    spelled = draft(replace(RATE, weight=Decimal("0.60")), WORK, rationale="other words")
    assert plain.model_hash == spelled.model_hash
    assert draft(replace(RATE, weight=Decimal("0.5")), replace(WORK, weight=Decimal("0.5"))).model_hash != plain.model_hash


def test_a_run_needs_a_current_model() -> None:
    with pytest.raises(ModelNotCurrent):
        PrioritisationRun.create(id=RUN, programme_id=PROGRAMME, area_quota=2, province_quota=2, model=draft(), population_period="2017", author="ani")


def test_computing_the_same_again_changes_nothing() -> None:
    run = computed()
    assert run.compute(OUTCOME, "dewi") is False
    assert (run.recorded, run.analyst) == ([], "citra")


@pytest.mark.parametrize("by", ["ani", "citra"])
def test_whoever_started_or_computed_a_run_does_not_lock_it(by: str) -> None:
    with pytest.raises(SamePerson):
        reviewed().lock(by, OUTCOME.result_hash, TODAY)


def test_a_changed_result_or_a_missed_quota_is_not_locked() -> None:
    with pytest.raises(ResultChanged):
        reviewed().lock("budi", "c" * 64, TODAY)
    with pytest.raises(QuotaNotMet):
        reviewed(replace(OUTCOME, selected=OUTCOME.selected[:1])).lock("budi", OUTCOME.result_hash, TODAY)


def test_a_run_is_published_once_locked_with_one_event_for_each_location() -> None:
    run = computed()
    with pytest.raises(IllegalTransition) as refused:
        run.publish("budi", "SK 1", date(2024, 3, 1), *VALID)
    assert refused.value.facts["allowed_transitions"] == ["compute", "confirm_constraints", "discard", "submit_review", "waive_assessments"]
    run.submit_review("citra", OUTCOME.result_hash)
    run.lock("budi", OUTCOME.result_hash, TODAY)
    with pytest.raises(EffectiveOutsideProgramme):
        run.publish("budi", "SK 1", date(2028, 1, 1), *VALID)
    run.recorded.clear()
    run.publish("budi", "SK 1", date(2024, 3, 1), *VALID)
    first, *rest = run.recorded
    assert isinstance(first, PrioritisationRunPublished)
    assert first.province_codes == ["11", "53"]
    assert [event.region_code for event in rest if isinstance(event, LocationPrioritised)] == ["53.04", "11.10"]
    assert run.status is RunStatus.PUBLISHED
    with pytest.raises(IllegalTransition):
        run.compute(OUTCOME, "citra")
