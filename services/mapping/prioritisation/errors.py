"""Why figures cannot be ranked or regions cannot be selected: each message says what to do, each code stays stable for programs."""

from collections.abc import Sequence
from typing import ClassVar


class PrioritisationError(ValueError):
    """The computation refuses its inputs or cannot vouch for its result."""

    code: ClassVar[str]


class RankingError(PrioritisationError):
    """The figures cannot be ranked by this method."""


class ShapeMismatch(RankingError):
    code = "ranking.shape_mismatch"


class DuplicateCode(RankingError):
    code = "ranking.duplicate_code"


class UnknownChoice(RankingError):
    code = "ranking.unknown_choice"


class InvalidWeights(RankingError):
    code = "ranking.invalid_weights"


class IncompatibleMethod(RankingError):
    code = "ranking.incompatible_method"


class MissingValues(RankingError):
    code = "ranking.missing_values"


class TooFewRegions(RankingError):
    code = "ranking.too_few_regions"


class UnusableValue(RankingError):
    code = "ranking.unusable_value"


class NonPositiveValue(RankingError):
    code = "ranking.non_positive_value"


class ConstantCriterion(RankingError):
    code = "ranking.constant_criterion"


class UndescribedCriterion(RankingError):
    code = "ranking.undescribed_criterion"


class SelectionError(PrioritisationError):
    """No selection can be vouched for."""


class InvalidQuota(SelectionError):
    code = "selection.invalid_quota"


class InvalidCandidates(SelectionError):
    code = "selection.invalid_candidates"


class Infeasible(SelectionError):
    """No selection keeps the quota; ``reasons`` holds one sentence for each constraint that cannot hold."""

    code = "selection.infeasible"

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(self.reasons))


class TimeLimitReached(SelectionError):
    code = "selection.time_limit_reached"


class NotProvenOptimal(SelectionError):
    code = "selection.not_proven_optimal"
