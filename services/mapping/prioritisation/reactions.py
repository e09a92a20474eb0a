"""Reactions by which it becomes known what facilitation has under way in a programme's locations."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from services.mapping.prioritisation.tables import facilitation_under_way
from shared.contracts.facilitation import (
    FinancingApplicationDrafted,
    FinancingDeclined,
    FinancingGranted,
    FinancingRejected,
    FinancingWithdrawn,
    GroupActivated,
)
from shared.contracts.facilitation_registry import GroupBecameDormant, GroupDissolved, GroupMerged, GroupSplit
from shared.database import Transaction
from shared.envelope import Message


async def when_group_activated(transaction: Transaction, event: GroupActivated, _: Message) -> None:
    """A group (kelompok) is facilitated in the location."""
    async with transaction() as uow:
        row = {"subject_id": event.group_id, "kind": "group", "programme_id": event.programme_id, "region_code": event.region_code, "amount_idr": 0}
        uow.also(insert(facilitation_under_way).values(row).on_conflict_do_nothing())


async def when_group_ended(transaction: Transaction, event: GroupBecameDormant | GroupDissolved | GroupMerged | GroupSplit, _: Message) -> None:
    """The group is not facilitated any more, unless it is activated again."""
    async with transaction() as uow:
        uow.also(delete(facilitation_under_way).where(facilitation_under_way.c.subject_id == event.group_id))


async def when_application_drafted(transaction: Transaction, event: FinancingApplicationDrafted, _: Message) -> None:
    """An application for credit is open."""
    async with transaction() as uow:
        row = {
            "subject_id": event.application_id,
            "kind": "application",
            "programme_id": event.programme_id,
            "region_code": event.region_code,
            "amount_idr": event.requested_amount_idr,
        }
        uow.also(insert(facilitation_under_way).values(row).on_conflict_do_nothing())


async def when_financing_granted(transaction: Transaction, event: FinancingGranted, _: Message) -> None:
    """The application became a credit."""
    async with transaction() as uow:
        row = {
            "subject_id": event.application_id,
            "kind": "credit",
            "programme_id": event.programme_id,
            "region_code": event.region_code,
            "amount_idr": event.granted_amount_idr,
        }
        statement = insert(facilitation_under_way).values(row)
        given = statement.excluded
        uow.also(
            statement.on_conflict_do_update(index_elements=[facilitation_under_way.c.subject_id], set_={"kind": given.kind, "amount_idr": given.amount_idr})
        )


async def when_application_ended(transaction: Transaction, event: FinancingDeclined | FinancingRejected | FinancingWithdrawn, _: Message) -> None:
    """The application is not open any more."""
    async with transaction() as uow:
        uow.also(delete(facilitation_under_way).where(facilitation_under_way.c.subject_id == event.application_id))
