"""Categories of products: the code list that products and demands share, with the unit in which both are counted."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.errors import Refused

_FILE = Path(__file__).parent / "reference" / "categories.json"


class CategoryUnknown(Refused):
    """The code list does not hold the category."""

    code = "product_category_unknown"
    message = ("Kategori produk tidak ada dalam daftar.", "The list of product categories does not hold this one.")
    action = ("Lihat GET /facilitation/v1/product-categories.", "See GET /facilitation/v1/product-categories.")


class UnitNotOfCategory(Refused):
    """A category has one unit, so that quantities can be added."""

    code = "unit_not_of_category"
    message = ("Kategori ini dihitung dalam satuan {unit}.", "This category is counted by the {unit}.")
    action = ("Kirim satuan tersebut.", "Send that unit.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What is counted together, and which certificates a product of it must have."""

    code: str
    name_id: str
    name_en: str
    unit: str
    required_certificates: tuple[str, ...]


@cache
def categories() -> dict[str, Category]:
    """All categories by code."""
    entries = json.loads(_FILE.read_text(encoding="utf-8"))
    made = (Category(**entry | {"required_certificates": tuple(entry["required_certificates"])}) for entry in entries)
    return {category.code: category for category in made}


def category_of(code: str, unit: str | None = None) -> Category:
    """The category; refused where there is none, or where it is counted in another unit."""
    found = categories().get(code)
    if found is None:
        raise CategoryUnknown
    if unit is not None and unit != found.unit:
        raise UnitNotOfCategory(unit=found.unit)
    return found
