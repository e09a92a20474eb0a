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


class WeightingError(PrioritisationError):
    """Judgements or figures give no weights."""


class NotSquare(WeightingError):
    """Judgements do not compare every criterion with every other."""

    code = "weights.not_square"


class MissingJudgement(WeightingError):
    """A pair of criteria was not compared."""

    code = "weights.missing_judgement"


class NotPositive(WeightingError):
    """A judgement is not above 0, or infinite."""

    code = "weights.not_positive"


class NotReciprocal(WeightingError):
    """The two judgements of one pair contradict each other, or a criterion is not compared with itself as 1."""

    code = "weights.not_reciprocal"


class TooManyJudgements(WeightingError):
    """Consistency is only known for matrices up to a size."""

    code = "weights.too_many_judgements"


class InconsistentJudgements(WeightingError):
    """The judgements contradict each other more than is accepted; ``ratio`` is their consistency ratio."""

    code = "weights.inconsistent_judgements"

    def __init__(self, ratio: float, limit: float) -> None:
        self.ratio = ratio
        super().__init__(f"The consistency ratio is {ratio:.4f}, above {limit:.2f}; revise the judgements or waive the limit with a reason.")


class NegativeValue(WeightingError):
    """Entropy takes shares of figures, which must not be below 0."""

    code = "weights.negative_value"


class NoContrast(WeightingError):
    """All criteria order the regions in proportion, so that none says more than another."""

    code = "weights.no_contrast"


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


class InvalidConstraints(SelectionError):
    """A constraint means nothing, whatever the candidates."""

    code = "selection.invalid_constraints"


class ConflictingConstraints(SelectionError):
    """No selection keeps the constraints.

    ``explanations`` says for each minimal contradiction in Indonesian and in English what is there and what would help;
    ``constraints`` names the constraints of each, such as ``areas`` or ``province_min:53``.
    """

    code = "selection.conflicting_constraints"

    def __init__(self, explanations: Sequence[tuple[str, str]], constraints: Sequence[tuple[str, ...]]) -> None:
        self.explanations = tuple(explanations)
        self.constraints = tuple(constraints)
        super().__init__(" ".join(english for _, english in self.explanations))


class CertificateError(PrioritisationError):
    """No certificate of robustness can be given."""


class InvalidSpread(CertificateError):
    """How weights or figures vary is not stated soundly."""

    code = "certificate.invalid_spread"


class TooManyDraws(CertificateError):
    """More draws than can be computed while somebody waits."""

    code = "certificate.too_many_draws"


class TooManyCandidates(CertificateError):
    """More candidates than the draws can take."""

    code = "certificate.too_many_candidates"
