"""How many members a group needs before it is facilitated: one row for each rule, by the days on which it holds."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class GroupType(StrEnum):
    """What kind of group."""

    KELOMPOK = "kelompok"
    SENTRA = "sentra"
    KLASTER = "klaster"
    KOPERASI = "koperasi"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMinimum:
    """So many members, by law or by the programme's own choice."""

    group_type: GroupType
    valid_from: date
    valid_to: date | None
    source: str
    members: int


_PROGRAMME = "ketentuan program / programme rule"

MEMBER_MINIMUMS = (
    MemberMinimum(group_type=GroupType.KOPERASI, valid_from=date(1992, 10, 21), valid_to=date(2020, 11, 1), source="UU 25/1992 Pasal 6", members=20),
    MemberMinimum(
        group_type=GroupType.KOPERASI,
        valid_from=date(2020, 11, 2),
        valid_to=None,
        source="UU 25/1992 Pasal 6, diubah UU Cipta Kerja / as amended",
        members=9,
    ),
    MemberMinimum(group_type=GroupType.KELOMPOK, valid_from=date(2021, 1, 1), valid_to=None, source=_PROGRAMME, members=3),
    MemberMinimum(group_type=GroupType.KLASTER, valid_from=date(2021, 1, 1), valid_to=None, source=_PROGRAMME, members=5),
    MemberMinimum(group_type=GroupType.SENTRA, valid_from=date(2021, 1, 1), valid_to=None, source=_PROGRAMME, members=5),
)


def minimum_on(day: date, group_type: GroupType) -> MemberMinimum:
    """The minimum in force for a type of group on a day; `LookupError` before the first."""
    for minimum in MEMBER_MINIMUMS:
        if minimum.group_type == group_type and minimum.valid_from <= day and (minimum.valid_to is None or day <= minimum.valid_to):
            return minimum
    raise LookupError(f"no minimum was in force for {group_type} on {day}")
