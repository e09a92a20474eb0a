"""A tracer: one question at one time about one participant."""

from enum import StrEnum


class TracerState(StrEnum):
    """Where a tracer stands."""

    SCHEDULED = "scheduled"
    DUE = "due"
    OVERDUE = "overdue"
    RECORDED = "recorded"
