"""What time does to groups: an active one of which nothing is heard becomes dormant, and so does a cooperative without annual meetings."""

from datetime import date

from sqlalchemy import select

from services.facilitation.groups.domain import Group, GroupStatus
from services.facilitation.groups.minimums import GroupType
from services.facilitation.groups.rules import dormancy_rule
from services.facilitation.groups.tables import groups, silent_groups
from shared.database import Database
from shared.errors import IllegalTransition, StaleVersion


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month."""
    index = day.year * 12 + day.month - 1 - months
    for last in range(day.day, 27, -1):
        try:
            return date(index // 12, index % 12 + 1, last)
        except ValueError:
            continue
    return date(index // 12, index % 12 + 1, min(day.day, 28))


async def pass_day(database: Database, on: date) -> int:
    """Flag what became dormant; how many there were. A group that somebody changes at the same moment is not dormant."""
    rule = dormancy_rule(on)
    async with database.reading() as connection:
        silent = list((await connection.execute(silent_groups(months_before(on, rule.inactive_months)))).scalars())
        cooperatives = select(groups.c.id).where(groups.c.status == GroupStatus.ACTIVE, groups.c.group_type == GroupType.KOPERASI)
        meeting = [id for id in (await connection.execute(cooperatives)).scalars() if id not in silent]
    flagged = 0
    for id in [*silent, *meeting]:
        try:
            async with database.transaction() as uow:
                group = await uow.get(Group, id)
                if id in silent:
                    group.flag_dormant(rule.inactive_months, "inactive")
                elif group.missed_annual_meetings(on) >= rule.missed_annual_meetings:
                    group.flag_dormant(0, "annual_meetings_missed")
                else:
                    continue
            flagged += 1
        except (IllegalTransition, StaleVersion):
            continue
    return flagged
