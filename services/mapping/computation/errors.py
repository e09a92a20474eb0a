"""Why figures cannot be ranked or regions cannot be selected: each message says what to do, each code stays stable for programs."""

from collections.abc import Sequence
from typing import ClassVar


class PrioritisationError(ValueError):
    """The computation refuses its inputs or cannot vouch for its result."""

    code: ClassVar[str]


class RankingError(PrioritisationError):
    """The figures cannot be ranked by this method."""


class ShapeMismatch(RankingError):
    """Matrix, regions and criteria are not of one size."""

    code = "ranking.shape_mismatch"


class DuplicateCode(RankingError):
    """A criterion or a region occurs twice."""

    code = "ranking.duplicate_code"


class UnknownChoice(RankingError):
    """A method names a normalisation or aggregation that does not exist."""

    code = "ranking.unknown_choice"


class InvalidWeights(RankingError):
    """Weights are not positive or do not sum to exactly 1."""

    code = "ranking.invalid_weights"


class IncompatibleMethod(RankingError):
    """The normalisation and the aggregation do not go together."""

    code = "ranking.incompatible_method"


class MissingValues(RankingError):
    """Figures are missing and the method refuses to go on without them."""

    code = "ranking.missing_values"


class TooFewRegions(RankingError):
    """There is nothing to compare."""

    code = "ranking.too_few_regions"


class UnusableValue(RankingError):
    """A figure is infinite or beyond what can be computed exactly."""

    code = "ranking.unusable_value"


class NonPositiveValue(RankingError):
    """The method divides by or takes powers of figures, which must then be above 0."""

    code = "ranking.non_positive_value"


class ConstantCriterion(RankingError):
    """A criterion is the same everywhere and cannot tell regions apart."""

    code = "ranking.constant_criterion"


class UndescribedCriterion(RankingError):
    """A criterion came without unit, source and period."""

    code = "ranking.undescribed_criterion"


class SelectionError(PrioritisationError):
    """No selection can be vouched for."""


class InvalidQuota(SelectionError):
    """The quota contradicts itself."""

    code = "selection.invalid_quota"


class InvalidCandidates(SelectionError):
    """Regions, provinces and scores do not belong together."""

    code = "selection.invalid_candidates"


class Infeasible(SelectionError):
    """No selection keeps the quota; ``reasons`` holds one sentence for each constraint that cannot hold."""

    code = "selection.infeasible"

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(self.reasons))


class TimeLimitReached(SelectionError):
    """The solver was not done in time."""

    code = "selection.time_limit_reached"


class NotProvenOptimal(SelectionError):
    """Two independent computations of the selection disagree."""

    code = "selection.not_proven_optimal"
