"""The reaction by which institutions become known, and cease to be."""

from sqlalchemy.dialects.postgresql import insert

from services.facilitation.providers.domain import STATUS_AFTER, InstitutionChange
from services.facilitation.providers.tables import training_providers
from shared.database import Transaction
from shared.envelope import Message


async def when_institution_changed(transaction: Transaction, event: InstitutionChange, _message: Message) -> None:
    """Remember where the institution stands; trainings under way go on."""
    status = STATUS_AFTER[type(event)]
    statement = insert(training_providers).values(institution_id=event.institution_id, status=status)
    async with transaction() as uow:
        uow.also(statement.on_conflict_do_update(index_elements=["institution_id"], set_={"status": status}))
