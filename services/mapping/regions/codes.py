"""Region codes as text with their scheme: how each is written, at which level it stands, and what is left of one read as a number.

Kemendagri writes PP.RR.DD.VVVV (province, regency/city, district, village; 01-69 kabupaten, 71-99 kota; the village's first digit
is 1 kelurahan, 2 desa, 3 desa adat). BPS writes digits alone: PP, PPRR, PPRRDDD, PPRRDDDVVV. The digits of one scheme are the
valid code of another region in another, so that no code means anything without its scheme.
"""

import re
from decimal import Decimal
from enum import StrEnum

_DOTTED = re.compile(r"[1-9][0-9](\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
_DIGITS = {2: (2,), 4: (2, 2), 6: (2, 2, 2), 10: (2, 2, 2, 4)}
_BPS = re.compile(r"[1-9][0-9]([0-9]{2}([0-9]{3}([0-9]{3})?)?)?")
_NUMBER = re.compile(r"[0-9]{1,12}([.,][0-9]{1,9})?([eE]\+?[0-9]{1,2})?")
_THOUSANDS = re.compile(r"[0-9]{1,3}([.,\u00a0 ][0-9]{3})+")
MAX_LENGTH = 40


class Scheme(StrEnum):
    """Whose code it is: Kemendagri's, or BPS's of 34 provinces (2021) or of 38 (2024)."""

    KEMENDAGRI = "kemendagri"
    BPS_2021 = "bps-2021"
    BPS_2024 = "bps-2024"

    @classmethod
    def _missing_(cls, value: object) -> "Scheme | None":
        # The spelling with an underscore, as other codes are written.
        return next((each for each in cls if value == each.value.replace("-", "_")), None)


class RegionLevel(StrEnum):
    """Where in the tree: provinsi, kabupaten/kota, kecamatan, desa/kelurahan."""

    PROVINCE = "province"
    REGENCY = "regency"
    DISTRICT = "district"
    VILLAGE = "village"


LEVELS = tuple(RegionLevel)
CODE_LENGTH = dict(zip(LEVELS, (2, 5, 8, 13), strict=True))
"""Characters of a Kemendagri code in its canonical form, by level."""


def canonical(text: str, scheme: Scheme) -> str | None:
    """The code as its scheme writes it, or nothing where it cannot be one. Kemendagri's may come without its dots."""
    code = text.strip()
    if scheme is not Scheme.KEMENDAGRI:
        return code if _BPS.fullmatch(code) else None
    if code.isascii() and code.isdigit() and code[0] != "0" and (parts := _DIGITS.get(len(code))):
        begins = [sum(parts[:n]) for n in range(len(parts))]
        return ".".join(code[begin : begin + length] for begin, length in zip(begins, parts, strict=True))
    return code if _DOTTED.fullmatch(code) else None


def level_of(region_code: str) -> RegionLevel:
    """The level of a Kemendagri code in its canonical form, which its dots tell."""
    return LEVELS[region_code.count(".")]


def parent_of(region_code: str) -> str | None:
    """The code of the region that it lies in; nothing for a province."""
    return region_code.rpartition(".")[0] or None


def numbers_in(text: str) -> list[Decimal]:
    """What the text says when it is taken for a number: `11.1`, `11,01`, `1101.0`, `1.101`; nothing where it is none."""
    found = []
    if len(text) <= MAX_LENGTH and _NUMBER.fullmatch(text := text.strip()):
        found.append(Decimal(text.replace(",", ".")))
    if len(text) <= MAX_LENGTH and _THOUSANDS.fullmatch(text):
        found.append(Decimal(re.sub(r"\D", "", text)))
    return found


def as_numbers(code: str) -> list[Decimal]:
    """The numbers for which a spreadsheet takes a canonical code: Kemendagri's with its first dot as decimal point, and all digits."""
    digits = [Decimal(code.replace(".", ""))]
    return [Decimal(code), *digits] if code.count(".") == 1 else digits
