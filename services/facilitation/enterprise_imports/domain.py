"""What a file of enterprises comes to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """What is wrong with a row, never what it holds."""

    row_number: int
    column: str
    code: str
