"""A product of a group: price, monthly capacity, certificates, and evidence for marketplaces."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.group_products.categories import category_of
from services.facilitation.located import Located
from shared.aggregate import Living, step
from shared.contracts.facilitation_market import (
    GroupProductCertificateLapsed,
    GroupProductCertified,
    GroupProductEvidenceFiled,
    GroupProductListed,
    GroupProductRevised,
    GroupProductWithdrawn,
)
from shared.errors import Conflict, Refused
from shared.money import Rupiah


class ProductStatus(StrEnum):
    """Where a product stands."""

    LISTED = "listed"
    WITHDRAWN = "withdrawn"


class CertificateKind(StrEnum):
    """Sertifikat halal (BPJPH), P-IRT of home food industry, SNI."""

    HALAL = "halal"
    PIRT = "pirt"
    SNI = "sni"


class ProductAlreadyListed(Conflict):
    """A group offers one product of a category."""

    code = "product_already_listed"
    message = ("Kelompok ini sudah menawarkan produk kategori tersebut.", "The group offers a product of this category already.")
    action = ("Ubah produk yang ada, atau tarik dahulu.", "Revise the product that exists, or withdraw it first.")


class LotAboveCapacity(Refused):
    """Nobody can order a lot that no month can make."""

    code = "minimum_lot_above_capacity"
    message = ("Lot minimum melebihi kapasitas bulanan.", "The minimum lot is above the monthly capacity.")
    action = ("Kecilkan lot minimum.", "Lower the minimum lot.")


class CapacityBelowReserved(Conflict):
    """Orders reserved more of a coming month than the new capacity."""

    code = "capacity_below_reserved"
    message = ("Pesanan untuk bulan mendatang sudah memakai lebih dari itu.", "Orders of a coming month use more than that.")
    action = ("Tunggu, atau batalkan pesanan terlebih dahulu.", "Wait, or cancel orders first.")


class CertificateExpired(Refused):
    """A certificate is recorded while it is valid."""

    code = "certificate_expired"
    message = ("Sertifikat sudah berakhir pada {expires_on}.", "The certificate expired on {expires_on}.")
    action = ("Catat sertifikat yang masih berlaku.", "Record a certificate that is still valid.")


class CertificateExpiredOnDelivery(Refused):
    """A certificate has to be valid on the day of delivery, not on that of the order."""

    code = "certificate_expired_on_delivery"
    message = ("Sertifikat {certificate_kinds} tidak berlaku pada hari pengantaran {day}.", "{certificate_kinds} not valid on the day of delivery {day}.")
    action = ("Perbarui sertifikat, atau majukan hari pengantaran.", "Renew the certificate, or deliver earlier.")


class ProductNotListed(Conflict):
    """Only what is listed is ordered."""

    code = "product_not_listed"
    message = ("Produk tidak ditawarkan.", "The product is not listed.")
    action = ("Pilih produk lain.", "Choose another product.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate in force of a kind; its number leaves the service in no event, and in answers only masked."""

    kind: CertificateKind
    number: str
    expires_on: date | None
    lapse_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A document or photograph for an item of a checklist, by its SHA-256."""

    item_code: str
    sha256: str
    filed_on: date


def _refuse_lot_above_capacity(minimum_lot: int, monthly_capacity: int) -> None:
    if minimum_lot > monthly_capacity:
        raise LotAboveCapacity


@dataclass(eq=False, kw_only=True)
class GroupProduct(Living, Located):
    """What a group makes: `specifications` are codes that buyers ask for, `minimum_lot` is the smallest order worth making."""

    group_id: UUID
    category_code: str
    kbli_code: str
    unit: str
    price_idr: Rupiah
    monthly_capacity: int
    minimum_lot: int
    specifications: list[str]
    status: ProductStatus
    certificates: list[Certificate] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)

    LIFE: ClassVar = {
        "revise": step(ProductStatus.LISTED),
        "certify": step(ProductStatus.LISTED),
        "lapse": step(ProductStatus.LISTED),
        "file_evidence": step(ProductStatus.LISTED),
        "withdraw": step(ProductStatus.LISTED, to=ProductStatus.WITHDRAWN),
    }

    @classmethod
    def list_product(
        cls,
        *,
        id: UUID,
        group_id: UUID,
        region_code: str,
        category_code: str,
        kbli_code: str,
        unit: str,
        price_idr: Rupiah,
        monthly_capacity: int,
        minimum_lot: int,
        specifications: list[str],
    ) -> Self:
        """Offer a product."""
        category_of(category_code, unit)
        _refuse_lot_above_capacity(minimum_lot, monthly_capacity)
        product = cls(
            id=id,
            region_code=region_code,
            group_id=group_id,
            category_code=category_code,
            kbli_code=kbli_code,
            unit=unit,
            price_idr=price_idr,
            monthly_capacity=monthly_capacity,
            minimum_lot=minimum_lot,
            specifications=sorted(set(specifications)),
            status=ProductStatus.LISTED,
        )
        product.record(
            GroupProductListed(
                product_id=id,
                group_id=group_id,
                product_category_code=category_code,
                kbli_code=kbli_code,
                unit=unit,
                price_idr=price_idr,
                monthly_capacity=monthly_capacity,
                region_code=region_code,
            )
        )
        return product

    def revise(self, *, price_idr: Rupiah, monthly_capacity: int, minimum_lot: int) -> None:
        """Change price, capacity or minimum lot."""
        self.move("revise")
        if (price_idr, monthly_capacity, minimum_lot) == (self.price_idr, self.monthly_capacity, self.minimum_lot):
            return
        _refuse_lot_above_capacity(minimum_lot, monthly_capacity)
        self.price_idr, self.monthly_capacity, self.minimum_lot = price_idr, monthly_capacity, minimum_lot
        self.record(GroupProductRevised(product_id=self.id, price_idr=price_idr, monthly_capacity=monthly_capacity, minimum_lot=minimum_lot))

    def certify(self, kind: CertificateKind, number: str, expires_on: date | None, on: date) -> None:
        """Record a certificate; it replaces one of the same kind."""
        self.move("certify")
        if expires_on is not None and expires_on < on:
            raise CertificateExpired(expires_on=str(expires_on))
        self.certificates = [each for each in self.certificates if each.kind != kind] + [Certificate(kind=kind, number=number, expires_on=expires_on)]
        self.record(GroupProductCertified(product_id=self.id, certificate_kind=kind, expires_on=expires_on))

    def lapse(self, on: date) -> None:
        """Tell of certificates whose last day passed, once for each."""
        self.move("lapse")
        kept = []
        for each in self.certificates:
            if each.expires_on is not None and each.expires_on < on and not each.lapse_told:
                kept.append(Certificate(kind=each.kind, number=each.number, expires_on=each.expires_on, lapse_told=True))
                self.record(GroupProductCertificateLapsed(product_id=self.id, group_id=self.group_id, certificate_kind=each.kind, expired_on=each.expires_on))
            else:
                kept.append(each)
        self.certificates = kept

    def file_evidence(self, item_code: str, sha256: str, on: date) -> None:
        """Record evidence for an item of a checklist; it replaces that of the same item."""
        self.move("file_evidence")
        self.evidence = [each for each in self.evidence if each.item_code != item_code] + [Evidence(item_code=item_code, sha256=sha256, filed_on=on)]
        self.record(GroupProductEvidenceFiled(product_id=self.id, item_code=item_code, evidence_hash=sha256))

    def withdraw(self, reason_code: str) -> None:
        """Offer it no more; orders placed go on."""
        self.move("withdraw")
        self.record(GroupProductWithdrawn(product_id=self.id, reason_code=reason_code))

    def valid_until(self) -> dict[str, date | None]:
        """The last valid day of each certificate by kind."""
        return {str(each.kind): each.expires_on for each in self.certificates}

    def refuse_uncertified(self, kinds: frozenset[str], day: date) -> None:
        """Raise unless the certificates asked for, and those of the category, are valid on a day."""
        ends = self.valid_until()
        needed = kinds | set(category_of(self.category_code).required_certificates)
        lacking = sorted(kind for kind in needed if kind not in ends or ((last := ends[kind]) is not None and last < day))
        if lacking:
            raise CertificateExpiredOnDelivery(certificate_kinds=lacking, day=str(day))
