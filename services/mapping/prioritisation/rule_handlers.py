"""What can be done with a programme's selection rules."""

from uuid import UUID

from services.mapping.prioritisation.errors import ProgrammeNotActive
from services.mapping.prioritisation.rules import SelectionRules
from services.mapping.prioritisation.tables import newest_rules
from services.mapping.programmes.tables import known_programme
from shared.clock import new_id
from shared.database import Transaction


async def set_rules(transaction: Transaction, programme_id: UUID, *, override_cap: int, objection_days: int, answer_days: int, by: str) -> SelectionRules:
    """The next version of an active programme's rules."""
    async with transaction() as uow:
        if (await uow.connection.execute(known_programme(programme_id))).one_or_none() is None:
            raise ProgrammeNotActive
        newest = (await uow.connection.execute(newest_rules(programme_id))).one_or_none()
        rules = SelectionRules.set(
            id=new_id(),
            programme_id=programme_id,
            rules_version=newest.rules_version + 1 if newest else 1,
            override_cap=override_cap,
            objection_days=objection_days,
            answer_days=answer_days,
            by=by,
        )
        uow.add(rules)
    return rules
