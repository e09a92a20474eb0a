"""Credit products: one row for each version of a product's rules, by the days on which it is open for applications.

Amounts are whole rupiah: above `above_idr`, up to and including `ceiling_idr`. Figures are those of the press and web pages
named in `source`; dates and tenors that no source gave are left open (null).
"""

from dataclasses import dataclass
from datetime import date

from shared.money import Rupiah

_KUR_2023 = "cnbcindonesia.com 2023-09-04"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One version of a product's rules."""

    code: str
    version: int
    name: str
    valid_from: date
    valid_to: date | None
    source: str
    above_idr: Rupiah
    ceiling_idr: Rupiah
    max_tenor_months: int | None
    annual_rate_percent: str | None

    def is_open(self, on: date) -> bool:
        """Whether applications may be drafted under it that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


PRODUCTS = (
    Product(
        code="kur_super_mikro",
        version=1,
        name="KUR Super Mikro",
        valid_from=date(2022, 1, 1),
        valid_to=date(2022, 12, 31),
        source="gomediaonline; betv.disway (6 % in 2022)",
        above_idr=Rupiah(0),
        ceiling_idr=Rupiah(10_000_000),
        max_tenor_months=60,
        annual_rate_percent="6",
    ),
    Product(
        code="kur_super_mikro",
        version=2,
        name="KUR Super Mikro",
        valid_from=date(2023, 1, 1),
        valid_to=None,
        source=_KUR_2023,
        above_idr=Rupiah(0),
        ceiling_idr=Rupiah(10_000_000),
        max_tenor_months=60,
        annual_rate_percent="3",
    ),
    Product(
        code="kur_mikro",
        version=1,
        name="KUR Mikro",
        valid_from=date(2023, 1, 1),
        valid_to=None,
        source=_KUR_2023,
        above_idr=Rupiah(10_000_000),
        ceiling_idr=Rupiah(100_000_000),
        max_tenor_months=60,
        annual_rate_percent="6",
    ),
    Product(
        code="kur_kecil",
        version=1,
        name="KUR Kecil",
        valid_from=date(2023, 1, 1),
        valid_to=None,
        source="kur.jogjaprov.go.id; jatim.kupasonline",
        above_idr=Rupiah(100_000_000),
        ceiling_idr=Rupiah(500_000_000),
        max_tenor_months=60,
        annual_rate_percent="6",
    ),
    Product(
        code="kur_khusus",
        version=1,
        name="KUR Khusus",
        valid_from=date(2023, 1, 1),
        valid_to=None,
        source=_KUR_2023,
        above_idr=Rupiah(0),
        ceiling_idr=Rupiah(500_000_000),
        max_tenor_months=None,
        annual_rate_percent="6",
    ),
    Product(
        code="umi",
        version=1,
        name="Pembiayaan Ultra Mikro (UMi)",
        valid_from=date(2020, 12, 1),
        valid_to=None,
        source="PMK 193/PMK.05/2020",
        above_idr=Rupiah(0),
        ceiling_idr=Rupiah(20_000_000),
        max_tenor_months=None,
        annual_rate_percent=None,
    ),
)
_BY_VERSION = {(product.code, product.version): product for product in PRODUCTS}


def open_products(on: date) -> list[Product]:
    """The products open for applications on a day."""
    return [product for product in PRODUCTS if product.is_open(on)]


def open_product(code: str, on: date) -> Product | None:
    """The version of a product that is open on a day, if there is one."""
    return next((product for product in open_products(on) if product.code == code), None)


def product_of(code: str, version: int) -> Product:
    """The version under which an application was drafted; `KeyError` for one that never was."""
    return _BY_VERSION[code, version]
