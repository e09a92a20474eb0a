"""Why figures cannot be measured: each message says what to do, each code stays stable for programs."""

from typing import ClassVar


class MeasureError(ValueError):
    """A measure refuses its figures."""

    code: ClassVar[str]


class Empty(MeasureError):
    """There is nothing to measure."""

    code = "measures.empty"


class LengthMismatch(MeasureError):
    """Figures that belong together are not equally many, or are not about the same sectors."""

    code = "measures.length_mismatch"


class UnusableValue(MeasureError):
    """A figure is NaN, infinite or too fine to be kept exactly."""

    code = "measures.unusable_value"


class NegativeValue(MeasureError):
    """A figure that cannot be below 0 is."""

    code = "measures.negative_value"


class NegativeWeight(MeasureError):
    """A record counts for less than nobody."""

    code = "measures.negative_weight"


class ZeroWeights(MeasureError):
    """All records together, or all of a group, count for nobody."""

    code = "measures.zero_weights"


class InvalidLine(MeasureError):
    """A poverty line (garis kemiskinan) is not above 0."""

    code = "measures.invalid_line"


class InvalidDesignEffect(MeasureError):
    """A design effect (efek rancangan) is not above 0."""

    code = "measures.invalid_design_effect"


class NotDeprivation(MeasureError):
    """A cell of the deprivation matrix says neither yes nor no."""

    code = "measures.not_deprivation"


class InvalidDimensionWeights(MeasureError):
    """Weights of the dimensions are not above 0 or do not sum to exactly 1."""

    code = "measures.invalid_dimension_weights"


class InvalidCutoff(MeasureError):
    """The poverty cutoff k is not above 0 and at most 1."""

    code = "measures.invalid_cutoff"


class DuplicateDimension(MeasureError):
    """A dimension is named twice."""

    code = "measures.duplicate_dimension"


class ZeroReference(MeasureError):
    """A figure to be divided by is 0."""

    code = "measures.zero_reference"


class InvalidDecimals(MeasureError):
    """A number of decimals is below 0."""

    code = "measures.invalid_decimals"


class InvalidYears(MeasureError):
    """A period is shorter than a year."""

    code = "measures.invalid_years"
