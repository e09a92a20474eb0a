"""Why credit is refused, as codes, and what mentoring can do about each: reference data for lenders and for those who follow a refusal up."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "refusal_reasons.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalReason:
    """A reason (alasan penolakan); no goal where mentoring changes nothing."""

    code: str
    name: str
    name_en: str
    mentoring_goal_code: str | None


@cache
def refusal_reasons() -> list[RefusalReason]:
    """Those that are known; a lender may give others."""
    return [RefusalReason(**each) for each in json.loads(_FILE.read_text())["reasons"]]
