"""An enterprise in the register."""

from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from services.facilitation.enterprises.criteria import criteria_on
from services.facilitation.located import Located
from shared.contracts.facilitation import EnterpriseRegistered
from shared.errors import Conflict, Refused
from shared.money import Rupiah

MICRO = "micro"


class NikAlreadyRegistered(Conflict):
    """One enterprise for each owner."""

    code = "nik_already_registered"
    message = ("NIK pemilik ini sudah terdaftar.", "The owner's NIK is already registered.")
    action = ("Cari usaha yang sudah terdaftar atas nama pemilik ini.", "Look for the enterprise already registered for this owner.")


class NotMicro(Refused):
    """The programme is for micro enterprises."""

    code = "not_micro"
    message = (
        "Bukan usaha mikro: modal melebihi {capital_max_idr} rupiah dan penjualan setahun melebihi {annual_sales_max_idr} rupiah ({source}).",
        "Not a micro enterprise: capital exceeds {capital_max_idr} rupiah and annual sales exceed {annual_sales_max_idr} rupiah ({source}).",
    )
    action = ("Periksa modal usaha (tanpa tanah dan bangunan) dan penjualan setahun.", "Check capital (without land and buildings) and annual sales.")


class ConsentInFuture(Refused):
    """Consent is given before data are written down."""

    code = "consent_in_future"
    message = ("Persetujuan pemilik data bertanggal di masa depan.", "The owner's consent is dated in the future.")
    action = ("Catat persetujuan lebih dahulu, lalu isi tanggalnya.", "Obtain the consent first, then give its date.")


@dataclass(eq=False, kw_only=True)
class Enterprise(Located):
    """A micro enterprise (usaha mikro) and its owner.

    The owner's NIK is kept sealed, with a keyed hash for equality and a mask for showing. Names and NIK stay in this service.
    """

    name: str
    owner_name: str
    owner_nik: bytes
    owner_nik_index: bytes
    owner_nik_masked: str
    kbli_section: str
    scale_code: str
    capital_idr: Rupiah
    annual_sales_idr: Rupiah
    nib: str | None
    consent_purpose: str
    consent_on: date
    registered_on: date

    @classmethod
    def register(
        cls,
        *,
        id: UUID,
        name: str,
        owner_name: str,
        owner_nik: bytes,
        owner_nik_index: bytes,
        owner_nik_masked: str,
        region_code: str,
        kbli_section: str,
        capital_idr: Rupiah,
        annual_sales_idr: Rupiah,
        nib: str | None,
        consent_purpose: str,
        consent_on: date,
        on: date,
    ) -> Self:
        """Enter it in the register, if it is micro on that day and its owner agreed."""
        criteria = criteria_on(on)
        if not criteria.is_micro(capital_idr=capital_idr, annual_sales_idr=annual_sales_idr):
            raise NotMicro(capital_max_idr=criteria.micro_capital_max_idr, annual_sales_max_idr=criteria.micro_annual_sales_max_idr, source=criteria.source)
        if consent_on > on:
            raise ConsentInFuture
        enterprise = cls(
            id=id,
            name=name,
            owner_name=owner_name,
            owner_nik=owner_nik,
            owner_nik_index=owner_nik_index,
            owner_nik_masked=owner_nik_masked,
            region_code=region_code,
            kbli_section=kbli_section,
            scale_code=MICRO,
            capital_idr=capital_idr,
            annual_sales_idr=annual_sales_idr,
            nib=nib,
            consent_purpose=consent_purpose,
            consent_on=consent_on,
            registered_on=on,
        )
        enterprise.record(EnterpriseRegistered(enterprise_id=id, region_code=region_code, kbli_section=kbli_section, scale_code=MICRO))
        return enterprise
