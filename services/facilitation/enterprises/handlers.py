"""What can be done with an enterprise."""

from datetime import date

from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.enterprises.nik import checked_nik
from shared.clock import new_id
from shared.database import Transaction
from shared.money import Rupiah
from shared.security.personal_data import Vault, masked_nik


async def register_enterprise(
    transaction: Transaction,
    vault: Vault,
    *,
    name: str,
    owner_name: str,
    owner_nik: str,
    region_code: str,
    kbli_section: str,
    capital_idr: int,
    annual_sales_idr: int,
    nib: str | None,
    consent_purpose: str,
    consent_on: date,
    on: date,
) -> Enterprise:
    """Enter a micro enterprise in the register; its owner's NIK is sealed before anything is kept."""
    nik, id = checked_nik(owner_nik, on), new_id()
    async with transaction() as uow:
        enterprise = Enterprise.register(
            id=id,
            name=name,
            owner_name=owner_name,
            owner_nik=vault.encrypt(nik, place=f"enterprises.owner_nik:{id}"),
            owner_nik_index=vault.blind_index(nik),
            owner_nik_masked=masked_nik(nik),
            region_code=region_code,
            kbli_section=kbli_section,
            capital_idr=Rupiah(capital_idr),
            annual_sales_idr=Rupiah(annual_sales_idr),
            nib=nib,
            consent_purpose=consent_purpose,
            consent_on=consent_on,
            on=on,
        )
        uow.add(enterprise)
    return enterprise
