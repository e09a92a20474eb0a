"""Credit products (produk pembiayaan): dated versions of their rules, each rule with its source, in `reference/products.json`.

Amounts are whole rupiah: above `above_idr`, up to and including `ceiling_idr`; for a group both bound each member's part. Figures are
those of the press and web pages named; what no source gave is left open (null). Tenors follow the purpose, rates the number of credits
of the same product that the owner had before, documents the amount.
"""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from shared.money import Rupiah

_FILE = Path(__file__).parent / "reference" / "products.json"


class Purpose(StrEnum):
    """What a credit is for."""

    WORKING_CAPITAL = "working_capital"
    INVESTMENT = "investment"


class ApplicantType(StrEnum):
    """Who borrows: an enterprise, the members of a group each for their part, or a cooperative itself."""

    ENTERPRISE = "enterprise"
    GROUP = "group"
    COOPERATIVE = "cooperative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The annual rate from so many accesses on (akses ke-n)."""

    access_from: int
    percent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRule:
    """A document asked for above an amount."""

    code: str
    above_idr: Rupiah
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Who is not served."""

    code: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessAge:
    """How old a business has to be, and what makes up for it."""

    months: int
    except_when: list[str]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy:
    """The interest subsidy (subsidi bunga) of contracts signed from a day on, by access or by amount."""

    signed_from: date
    access_from: int
    up_to_idr: Rupiah | None
    percent: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One version of a product's rules."""

    code: str
    version: int
    name: str
    family: str
    valid_from: date
    valid_to: date | None
    source: str
    above_idr: Rupiah
    ceiling_idr: Rupiah
    tenor_months: dict[Purpose, int | None]
    tenor_source: str
    rates: list[Rate]
    minimum_business_age: BusinessAge | None
    exclusions: list[Exclusion]
    documents: list[DocumentRule]
    applicants: list[ApplicantType]
    group_types: list[str] | None
    channels: list[str]
    government_credit: bool
    interest_subsidy: list[Subsidy]
    notes: list[str]

    def is_open(self, on: date) -> bool:
        """Whether applications may be drafted under it that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def rule_version(self) -> str:
        """How this version is named where its rules were applied."""
        return f"{self.code}.v{self.version}"

    @property
    def max_tenor_months(self) -> int | None:
        """The longest tenor for any purpose."""
        return max((months for months in self.tenor_months.values() if months), default=None)

    @property
    def annual_rate_percent(self) -> str | None:
        """The rate of a first access."""
        return self.rate_at(1)

    def rate_at(self, access_number: int) -> str | None:
        """The annual rate of the nth access; nothing where the channel sets it."""
        return next((rate.percent for rate in reversed(self.rates) if rate.access_from <= access_number), None)

    def documents_for(self, amount_idr: int) -> list[str]:
        """What has to be attached for such an amount."""
        return [rule.code for rule in self.documents if amount_idr > rule.above_idr]

    def subsidy_percent(self, signed_on: date, access_number: int, amount_idr: int) -> str | None:
        """The interest subsidy of a contract; nothing where no source gives one."""
        found = [
            row.percent
            for row in self.interest_subsidy
            if row.signed_from <= signed_on and row.access_from <= access_number and (row.up_to_idr is None or amount_idr <= row.up_to_idr)
        ]
        # By access the last row that is reached holds, by amount the first that the amount fits.
        return (found[0] if self.interest_subsidy[0].up_to_idr else found[-1]) if found else None


def _product(row: dict[str, Any]) -> Product:
    tenor = row.pop("tenor_months")
    age = row.pop("minimum_business_age")
    return Product(
        **row
        | {
            "valid_from": date.fromisoformat(row["valid_from"]),
            "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            "tenor_months": {purpose: tenor[purpose] for purpose in Purpose},
            "tenor_source": tenor["source"],
            "rates": [Rate(**each) for each in row["rates"]],
            "minimum_business_age": BusinessAge(**age) if age else None,
            "exclusions": [Exclusion(**each) for each in row["exclusions"]],
            "documents": [DocumentRule(**each) for each in row["documents"]],
            "applicants": [ApplicantType(each) for each in row["applicants"]],
            "interest_subsidy": [Subsidy(**each | {"signed_from": date.fromisoformat(each["signed_from"])}) for each in row["interest_subsidy"]],
        }
    )


PRODUCTS = tuple(_product(row) for row in json.loads(_FILE.read_text()))
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
