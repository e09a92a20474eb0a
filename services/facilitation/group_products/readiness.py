"""Readiness for a marketplace: its checklist as dated data, and what of it a product does not meet."""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from services.facilitation.group_products.domain import CertificateExpiredOnDelivery, GroupProduct
from shared.errors import Refused

_FILE = Path(__file__).parent / "reference" / "readiness.json"


class NoChecklist(Refused):
    """No checklist of the channel was in force on the day."""

    code = "no_readiness_checklist"
    message = ("Tidak ada daftar periksa saluran itu pada {on}.", "No checklist of that channel was in force on {on}.")
    action = ("Pilih e_katalog atau padi, atau hari lain.", "Choose e_katalog or padi, or another day.")


class Check(StrEnum):
    """How an item is looked at."""

    GROUP_ACTIVE = "group_active"
    EVIDENCE = "evidence"
    CATEGORY_CERTIFICATES = "category_certificates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One requirement, in both languages."""

    code: str
    kind: Check
    label_id: str
    label_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The requirements of a channel; days are included, `valid_to` null means until further notice."""

    channel_code: str
    valid_from: date
    valid_to: date | None
    source: str
    source_checked: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Whether an item is met."""

    code: str
    label_id: str
    label_en: str
    met: bool


@cache
def checklists() -> tuple[Checklist, ...]:
    """All of them."""
    return tuple(
        Checklist(
            channel_code=entry["channel_code"],
            valid_from=date.fromisoformat(entry["valid_from"]),
            valid_to=date.fromisoformat(entry["valid_to"]) if entry["valid_to"] else None,
            source=entry["source"],
            source_checked=entry["source_checked"],
            items=tuple(Item(**each | {"kind": Check(each["kind"])}) for each in entry["items"]),
        )
        for entry in json.loads(_FILE.read_text(encoding="utf-8"))
    )


def checklist_on(channel_code: str, on: date) -> Checklist:
    """The checklist of a channel on a day."""
    for each in checklists():
        if each.channel_code == channel_code and each.valid_from <= on and (each.valid_to is None or on <= each.valid_to):
            return each
    raise NoChecklist(on=str(on))


def readiness(product: GroupProduct, checklist: Checklist, on: date, *, group_active: bool) -> list[Met]:
    """Every item of the checklist, met or not on a day."""
    return [
        Met(code=item.code, label_id=item.label_id, label_en=item.label_en, met=_met(product, item, on, group_active=group_active)) for item in checklist.items
    ]


def _met(product: GroupProduct, item: Item, on: date, *, group_active: bool) -> bool:
    if item.kind is Check.GROUP_ACTIVE:
        return group_active
    if item.kind is Check.EVIDENCE:
        return any(each.item_code == item.code for each in product.evidence)
    try:
        product.refuse_uncertified(frozenset(), on)
    except CertificateExpiredOnDelivery:
        return False
    return True
