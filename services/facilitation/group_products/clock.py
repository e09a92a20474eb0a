"""What the calendar does to products: certificates lapse."""

from datetime import date

from services.facilitation.group_products.domain import GroupProduct, ProductStatus
from services.facilitation.group_products.tables import listed_with_certificates
from shared.database import Database
from shared.errors import StaleVersion


async def pass_day(database: Database, on: date) -> int:
    """Tell of certificates whose last day passed; how many products had one. Repeating it changes nothing."""
    told = 0
    async with database.reading() as connection:
        ids = (await connection.scalars(listed_with_certificates())).all()
    for id in ids:
        try:
            async with database.transaction() as uow:
                product = await uow.get(GroupProduct, id)
                if product.status is ProductStatus.LISTED:
                    product.lapse(on)
                told += bool(product.recorded)
        except StaleVersion:
            continue  # somebody changed it at this moment; the next look finds what is left to do
    return told
