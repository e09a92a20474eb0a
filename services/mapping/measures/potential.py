"""Local potential (potensi lokal): in which sectors a region is stronger than the nation, and whether it is gaining.

Figures are GRDP by industry (PDRB menurut lapangan usaha, harga konstan where years are compared) or employment by section of
KBLI; any unit will do, as long as a region's sectors share it. They come by sector, ``{"A": 850, "C": 650}``, and region and
nation have the same sectors. All results are exact fractions: what is shown is rounded by who shows it, so that a quotient of
exactly 1 is not taken for a dominant sector and the parts of a change sum to the change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.mapping.measures import Figure, exact
from services.mapping.measures.errors import Empty, InvalidDecimals, InvalidYears, LengthMismatch, NegativeValue, ZeroReference

Sectors = Mapping[str, Figure]


class Klassen(StrEnum):
    """A quadrant of Klassen's typology (tipologi Klassen), by growth and by level."""

    PRIME = "prime"
    """Prima (maju dan cepat tumbuh): grows at least as fast and stands at least as high as the reference."""
    MATURE = "mature"
    """Maju tapi tertekan: stands at least as high, grows more slowly."""
    DEVELOPING = "developing"
    """Berkembang: stands lower, grows at least as fast."""
    LAGGING = "lagging"
    """Relatif tertinggal: stands lower and grows more slowly."""


@dataclass(frozen=True)
class Shift:
    """The change of a sector (or of all) and its three parts, in the unit of the figures; the parts sum to the change exactly.

    ``national`` is what it would have changed at the nation's rate of growth, ``proportional`` what the sector's own rate in the
    nation adds (bauran industri), ``differential`` what is the region's own (keunggulan kompetitif).
    """

    change: Fraction
    national: Fraction
    proportional: Fraction
    differential: Fraction


@dataclass(frozen=True)
class ShiftShare:
    """The parts of a region's change, by sector in the order given, and their sums."""

    sectors: dict[str, Shift]
    total: Shift


def location_quotients(region: Sectors, nation: Sectors) -> dict[str, Fraction]:
    """The static LQ by sector, in the order of ``region``: its share in the region over its share in the nation.

    Weighted with the national shares the quotients sum to 1. Raises Empty, LengthMismatch, UnusableValue, NegativeValue, or
    ZeroReference where the region has nothing at all or the nation nothing in a sector.
    """
    local, national = _exact(region, "region"), _exact(nation, "nation")
    _require_same(local, national)
    whole, reference = _total(local, "region"), _total(national, "nation")
    _require_above_zero(national, "nation")
    return {sector: (figure / whole) / (national[sector] / reference) for sector, figure in local.items()}


def dominant(quotients: Mapping[str, Fraction]) -> list[str]:
    """The sectors in which the region is specialised (sektor basis): LQ above 1, the highest first, then by code."""
    return sorted((sector for sector, quotient in quotients.items() if quotient > 1), key=lambda sector: (-quotients[sector], sector))


def dynamic_location_quotients(region: Sectors, region_later: Sectors, nation: Sectors, nation_later: Sectors) -> dict[str, Fraction]:
    """The dynamic LQ (DLQ) by sector: above 1 the sector gains on the nation, below 1 it falls behind.

    It is [(1 + g_ij) / (1 + g_j)] / [(1 + G_i) / (1 + G)] to the power of t years. With the yearly growth that leads from the
    first figure to the last, this is the later LQ over the earlier one, whatever t. `dynamic_quotient` takes other averages.

    Raises what `location_quotients` raises; ZeroReference also where the region has nothing in a sector at first.
    """
    before, after = location_quotients(region, nation), location_quotients(region_later, nation_later)
    _require_same(before, after)
    _require_above_zero(before, "region, in the earlier year,")
    return {sector: after[sector] / quotient for sector, quotient in before.items()}


def dynamic_quotient(*, sector: Figure, region: Figure, national_sector: Figure, nation: Figure, years: int) -> Fraction:
    """The DLQ of one sector from average yearly rates of growth, as shares (0.05 for 5 percent), over a number of years.

    Raises UnusableValue, InvalidYears, or NegativeValue and ZeroReference where something shrank by all it was or more.
    """
    if years < 1:
        raise InvalidYears(f"The period is {years} years; give at least 1.")
    named = {"sector": sector, "region": region, "national sector": national_sector, "nation": nation}
    factors = {what: 1 + exact(rate, f"growth of the {what}") for what, rate in named.items()}
    for what, factor in factors.items():
        if factor < 0:
            raise NegativeValue(f"The growth of the {what} is below -1; give a rate as a share, -0.02 for a fall by 2 percent.")
        if factor == 0 and what != "sector":
            raise ZeroReference(f"The growth of the {what} is -1, after which nothing is left to compare with; check the rate.")
    return ((factors["sector"] / factors["region"]) / (factors["national sector"] / factors["nation"])) ** years


def shift_share(region: Sectors, region_later: Sectors, nation: Sectors, nation_later: Sectors) -> ShiftShare:
    """The region's change by sector, split into the nation's growth, the mix of sectors and the region's own.

    Dunn, "A statistical and analytical technique for regional analysis", Papers in Regional Science 6 (1960). With the region's
    E, the nation's growth G and the sector's national growth G_i: E * G, E * (G_i - G), and the rest of the change. A sector new
    to the region is all differential.

    Raises Empty, LengthMismatch, UnusableValue, NegativeValue, or ZeroReference where the nation has nothing in a sector at first.
    """
    before, after = _exact(region, "region"), _exact(region_later, "region later")
    nation_before, nation_after = _exact(nation, "nation"), _exact(nation_later, "nation later")
    for figures in (after, nation_before, nation_after):
        _require_same(before, figures)
    _require_above_zero(nation_before, "nation, in the earlier year,")
    growth = sum(nation_after.values(), Fraction()) / _total(nation_before, "nation") - 1
    sectors = {}
    for sector, figure in before.items():
        own_growth = nation_after[sector] / nation_before[sector] - 1
        sectors[sector] = Shift(
            change=after[sector] - figure,
            national=figure * growth,
            proportional=figure * (own_growth - growth),
            differential=after[sector] - figure * (1 + own_growth),
        )
    parts = list(sectors.values())
    return ShiftShare(
        sectors,
        Shift(
            change=sum((part.change for part in parts), Fraction()),
            national=sum((part.national for part in parts), Fraction()),
            proportional=sum((part.proportional for part in parts), Fraction()),
            differential=sum((part.differential for part in parts), Fraction()),
        ),
    )


def klassen(*, growth: Figure, reference_growth: Figure, level: Figure, reference_level: Figure) -> Klassen:
    """The quadrant of a region (level: GRDP per head) or of a sector (level: its share); what equals the reference counts as above it.

    Klassen's typology as used for Indonesian regions by Sjafrizal, *Prisma* 3 (1997). Raises UnusableValue.
    """
    fast = exact(growth, "growth") >= exact(reference_growth, "growth of the reference")
    high = exact(level, "level") >= exact(reference_level, "level of the reference")
    if high:
        return Klassen.PRIME if fast else Klassen.MATURE
    return Klassen.DEVELOPING if fast else Klassen.LAGGING


def agrees(stated: Figure, value: Figure, decimals: int) -> bool:
    """Whether a published figure with so many decimals is this value rounded, by whichever rule for halves.

    A misprint is caught: 4.2 is published for a quotient of 0.735. Raises UnusableValue or InvalidDecimals.
    """
    if decimals < 0:
        raise InvalidDecimals(f"The number of decimals is {decimals}; give 0 or more.")
    return abs(exact(stated, "stated figure") - exact(value, "value")) <= Fraction(1, 2 * 10**decimals)


def _exact(figures: Sectors, whose: str) -> dict[str, Fraction]:
    if not figures:
        raise Empty(f"The {whose} has no sectors; give at least one.")
    known = {sector: exact(figure, f"figure of the {whose} for sector {sector}") for sector, figure in figures.items()}
    for sector, figure in known.items():
        if figure < 0:
            raise NegativeValue(f"The figure of the {whose} for sector {sector} is below 0; check its sign.")
    return known


def _require_same(one: Mapping[str, Fraction], other: Mapping[str, Fraction]) -> None:
    if odd := sorted(one.keys() ^ other.keys()):
        raise LengthMismatch(f"Sector {', '.join(odd)} is not on both sides; give region and nation the same sectors, 0 where there is nothing.")


def _total(figures: Mapping[str, Fraction], whose: str) -> Fraction:
    if not (total := sum(figures.values(), Fraction())):
        raise ZeroReference(f"All figures of the {whose} are 0; give at least one above 0.")
    return total


def _require_above_zero(figures: Mapping[str, Fraction], whose: str) -> None:
    if nothing := sorted(sector for sector, figure in figures.items() if not figure):
        raise ZeroReference(f"The {whose} has nothing in sector {', '.join(nothing)}, which cannot be compared; leave the sector out.")
