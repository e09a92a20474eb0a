"""Routes of product categories and of groups' products."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.facilitation.group_products import handlers
from services.facilitation.group_products.categories import categories
from services.facilitation.group_products.domain import CertificateKind, GroupProduct, ProductStatus
from services.facilitation.group_products.readiness import checklist_on, readiness
from services.facilitation.group_products.tables import group_products
from services.facilitation.groups.domain import Group, GroupStatus
from services.facilitation.scope import get_within, under, within
from shared.clock import today
from shared.database import Database
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Count, RegionPrefix, RequestModel, RupiahAmount, Sha256, router
from shared.security.identity import Caller, Role

routes = router("group-products")
COMPANIONS = (Role.MENTOR, Role.REGENCY, Role.PROVINCE)
READERS = (*COMPANIONS, Role.COORDINATOR, Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY, Role.BUYER, Role.AUDITOR)
Kbli = Annotated[str, Field(pattern=r"^[0-9]{5}$", description="KBLI 2020, five digits", examples=["13121"])]
Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{3,63}$", description="stays inside the service", examples=["ID5311000123"])]


class ListProduct(RequestModel):
    """What an active group offers."""

    group_id: UUID
    category_code: Annotated[Code, Field(examples=["woven_cloth"])]
    kbli_code: Kbli
    unit: Annotated[Code, Field(examples=["piece"])]
    price_idr: RupiahAmount
    monthly_capacity: Count
    minimum_lot: Count = 1
    specifications: Annotated[list[Code], Field(default_factory=list, max_length=30, examples=[["natural_dye"]])]


class ReviseProduct(RequestModel):
    """The three as they are from now on."""

    price_idr: RupiahAmount
    monthly_capacity: Count
    minimum_lot: Count


class CertifyProduct(RequestModel):
    """A certificate, valid up to and including `expires_on`; without it there is no end."""

    kind: CertificateKind
    number: Number
    expires_on: date | None = None


class FileEvidence(RequestModel):
    """Evidence for an item of a checklist."""

    item_code: Annotated[Code, Field(examples=["product_photo"])]
    sha256: Sha256


class WithdrawProduct(RequestModel):
    """Why it is offered no more."""

    reason_code: Annotated[Code, Field(examples=["season_over"])]


class CertificateOut(BaseModel):
    """A certificate; of its number the last four characters."""

    kind: CertificateKind
    number_masked: str
    expires_on: date | None


class EvidenceOut(BaseModel):
    """Evidence by its SHA-256."""

    item_code: str
    sha256: str
    filed_on: date


class GroupProductOut(Representation[GroupProduct]):
    """A product of a group (produk kelompok)."""

    id: UUID
    group_id: UUID
    region_code: str
    category_code: str
    kbli_code: str
    unit: str
    price_idr: int
    monthly_capacity: int
    minimum_lot: int
    specifications: list[str]
    status: ProductStatus
    certificates: list[CertificateOut]
    evidence: list[EvidenceOut]

    @classmethod
    def of(cls, aggregate: GroupProduct) -> "GroupProductOut":
        """Numbers masked."""
        return cls(**{name: getattr(aggregate, name) for name in cls.model_fields if name not in _NESTED}, **_nested(aggregate))


_NESTED = ("certificates", "evidence")


def _nested(product: GroupProduct) -> dict[str, list[BaseModel]]:
    certificates = [CertificateOut(kind=each.kind, number_masked=f"****{each.number[-4:]}", expires_on=each.expires_on) for each in product.certificates]
    evidence = [EvidenceOut(item_code=each.item_code, sha256=each.sha256, filed_on=each.filed_on) for each in product.evidence]
    return {"certificates": [*certificates], "evidence": [*evidence]}


class GroupProductRow(BaseModel):
    """A product in a list; certificates and evidence are read with the product itself."""

    id: UUID
    group_id: UUID
    region_code: str
    category_code: str
    kbli_code: str
    unit: str
    price_idr: int
    monthly_capacity: int
    minimum_lot: int
    specifications: list[str]
    status: ProductStatus


class CategoryOut(BaseModel):
    """A category of products (kategori produk), the unit in which it is counted, and the certificates it requires."""

    code: str
    name_id: str
    name_en: str
    unit: str
    required_certificates: list[str]


class Categories(BaseModel):
    """All categories."""

    items: list[CategoryOut]


class ItemOut(BaseModel):
    """A requirement, and whether it is met."""

    code: str
    label_id: str
    label_en: str
    met: bool


class ReadinessOut(BaseModel):
    """Readiness of a product for a marketplace (kesiapan) on a day: `missing` are the codes of what is not met."""

    product_id: UUID
    channel_code: str
    on: date
    ready: bool
    missing: list[str]
    source: str
    source_checked: bool
    items: list[ItemOut]


@routes.get("/product-categories", operation_id="list_product_categories", summary="Kategori produk / Product categories", dependencies=[PUBLIC])
async def list_categories() -> Categories:
    """The code list that products and demands share."""
    return Categories(items=[CategoryOut(**{name: getattr(each, name) for name in CategoryOut.model_fields}) for each in categories().values()])


@routes.post(
    "/group-products", operation_id="list_group_product", summary="Tawarkan produk kelompok / List a product", status_code=201, response_model=GroupProductOut
)
async def list_product(body: ListProduct, command: Creating, caller: Caller = allow(*COMPANIONS)) -> Response:
    """One product of a category for each active group, counted in the category's unit."""
    return await command.create(lambda transaction: handlers.list_product(transaction, caller, **dict(body)), GroupProductOut, GroupProduct)


@routes.get("/group-products", operation_id="list_group_products", summary="Daftar produk kelompok / List products")
async def list_products(
    request: Request,
    page: Paging,
    group_id: UUID | None = None,
    category_code: Code | None = None,
    region_code: RegionPrefix | None = None,
    status: ProductStatus | None = None,
    caller: Caller = allow(*READERS),
) -> Page[GroupProductRow]:
    """Those in the caller's regions; buyers see all regions."""
    c = group_products.c
    statement = group_products.select().where(within(c.region_code, caller))
    for column, value in ((c.group_id, group_id), (c.category_code, category_code), (c.status, status)):
        if value is not None:
            statement = statement.where(column == value)
    if region_code:
        statement = statement.where(under(c.region_code, region_code))
    return await page.listing(request, statement, GroupProductRow, by=[c.id])


@routes.get("/group-products/{product_id}", operation_id="get_group_product", summary="Baca produk / Read a product", response_model=GroupProductOut)
async def get_product(request: Request, product_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, GroupProduct, product_id, GroupProductOut, visible=lambda found: caller.covers(found.region_code))


@routes.get("/group-products/{product_id}/readiness", operation_id="get_readiness", summary="Kesiapan lokapasar / Readiness for a marketplace")
async def get_readiness(
    request: Request,
    product_id: UUID,
    channel_code: Annotated[Code, Field(examples=["e_katalog"])],
    on: Annotated[date | None, Field(description="today, unless given")] = None,
    caller: Caller = allow(*READERS),
) -> ReadinessOut:
    """What of the channel's checklist is met and what is missing."""
    database: Database = request.app.state.database
    day = on or today()
    checklist = checklist_on(channel_code, day)
    async with database.transaction() as uow:
        product = await get_within(uow, GroupProduct, product_id, caller)
        group = await uow.get(Group, product.group_id)
    items = readiness(product, checklist, day, group_active=group.status is GroupStatus.ACTIVE)
    missing = [item.code for item in items if not item.met]
    return ReadinessOut(
        product_id=product_id,
        channel_code=channel_code,
        on=day,
        ready=not missing,
        missing=missing,
        source=checklist.source,
        source_checked=checklist.source_checked,
        items=[ItemOut(code=item.code, label_id=item.label_id, label_en=item.label_en, met=item.met) for item in items],
    )


@routes.post("/group-products/{product_id}/revise", operation_id="revise_group_product", summary="Ubah produk / Revise", response_model=GroupProductOut)
async def revise(product_id: UUID, body: ReviseProduct, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """Never below what orders reserved of this and the coming months."""
    return await command.change(
        product_id, lambda transaction: handlers.revise_product(transaction, product_id, caller, **dict(body), on=today()), GroupProductOut, GroupProduct
    )


@routes.post("/group-products/{product_id}/certify", operation_id="certify_group_product", summary="Catat sertifikat / Certify", response_model=GroupProductOut)
async def certify(product_id: UUID, body: CertifyProduct, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """A newer certificate replaces one of its kind."""
    return await command.change(
        product_id, lambda transaction: handlers.certify_product(transaction, product_id, caller, **dict(body), on=today()), GroupProductOut, GroupProduct
    )


@routes.post(
    "/group-products/{product_id}/evidence",
    operation_id="file_product_evidence",
    summary="Catat bukti kesiapan / File evidence",
    response_model=GroupProductOut,
)
async def evidence(product_id: UUID, body: FileEvidence, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """For an item of a marketplace's checklist."""
    return await command.change(
        product_id, lambda transaction: handlers.file_evidence(transaction, product_id, caller, **dict(body), on=today()), GroupProductOut, GroupProduct
    )


@routes.post("/group-products/{product_id}/withdraw", operation_id="withdraw_group_product", summary="Tarik produk / Withdraw", response_model=GroupProductOut)
async def withdraw(product_id: UUID, body: WithdrawProduct, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """Orders placed go on."""
    return await command.change(
        product_id, lambda transaction: handlers.withdraw_product(transaction, product_id, caller, body.reason_code), GroupProductOut, GroupProduct
    )
