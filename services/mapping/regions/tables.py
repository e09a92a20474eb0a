"""The tables of regions and of what became of them, and how they are found."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Insert,
    Numeric,
    Select,
    Table,
    Text,
    UniqueConstraint,
    Update,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.regions.codes import RegionLevel, Scheme
from services.mapping.regions.crosswalk import Change, ChangeKind, Crosswalk, Place
from services.mapping.regions.domain import BpsCodeTaken, Region, RegionCodeTaken, RegionKind, RegionStatus
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

UPPER = (RegionLevel.PROVINCE, RegionLevel.REGENCY)
"""The levels that have events; districts and villages come from official lists and have none."""

regions = persisted(
    metadata,
    Region,
    "regions",
    Column("region_code", Text, nullable=False),
    Column("level", Code(RegionLevel), nullable=False),
    Column("kind", Code(RegionKind), nullable=False),
    Column("name", Text, nullable=False),
    Column("former_name", Text),
    Column("parent_region_code", Text, ForeignKey("regions.region_code"), index=True),
    Column("province_code_2021", Text),
    Column("bps_code_2021", Text),
    Column("bps_code_2024", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("area_km2", Numeric),
    Column("valid_from", Date),
    Column("valid_to", Date, comment="the last day"),
    Column("status", Code(RegionStatus), nullable=False),
    Column("source_codes", Typed(list[str]), nullable=False),
    UniqueConstraint("region_code"),
    UniqueConstraint("bps_code_2021"),
    UniqueConstraint("bps_code_2024"),
    CheckConstraint("level IN ('district', 'village') OR (latitude IS NOT NULL AND longitude IS NOT NULL)", name="point_of_upper_levels"),
    refusals={"pk_regions": RegionCodeTaken, "uq_regions_region_code": RegionCodeTaken, "uq_regions_bps_code_2024": BpsCodeTaken},
)

region_changes = Table(
    "region_crosswalk",
    metadata,
    Column("from_code", Text, primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("kind", Code(ChangeKind), primary_key=True),
    Column("to_code", Text, ForeignKey("regions.region_code"), primary_key=True),
    Column("from_name", Text, nullable=False, comment="the name until then"),
    Column("share", Numeric(7, 6), nullable=False, comment="of the population of what from_code was"),
    Column("decree_ref", Text, nullable=False),
    CheckConstraint("share > 0 AND share <= 1", name="share"),
)


def matching_regions(
    level: RegionLevel | None,
    parent: str | None,
    bps_code: str | None,
    scheme: Scheme | None,
    text: str | None = None,
    *,
    ended: bool = False,
) -> Select[Any]:
    """Regions of a level, inside a parent, under a BPS code of one scheme, whose name holds or whose code begins with a text."""
    statement = select(regions)
    if not ended:
        statement = statement.where(regions.c.status == RegionStatus.ACTIVE)
    if level:
        statement = statement.where(regions.c.level == level)
    if parent:
        statement = statement.where(regions.c.parent_region_code == parent)
    if bps_code and scheme:
        statement = statement.where({Scheme.BPS_2021: regions.c.bps_code_2021, Scheme.BPS_2024: regions.c.bps_code_2024}[scheme] == bps_code)
    if text:
        named = regions.c.name.icontains(text, autoescape=True)
        statement = statement.where(or_(named, regions.c.region_code.startswith(text, autoescape=True)))
    return statement


def active_codes(level: RegionLevel) -> Select[Any]:
    """The code of every region of today at that level, in the order of their codes."""
    return select(regions.c.region_code).where(regions.c.level == level, regions.c.status == RegionStatus.ACTIVE).order_by(regions.c.region_code)


def names_of(region_codes: Collection[str]) -> Select[Any]:
    """Code and name of these regions."""
    return select(regions.c.region_code, regions.c.name).where(regions.c.region_code.in_(list(region_codes)))


def regencies_by_name() -> Select[Any]:
    """Code and name of every regency and city of today, in the order of their codes."""
    return (
        select(regions.c.region_code, regions.c.name)
        .where(regions.c.level == RegionLevel.REGENCY, regions.c.status == RegionStatus.ACTIVE)
        .order_by(regions.c.region_code)
    )


def children_of(region_code: str) -> Select[Any]:
    """How many regions of today lie directly in it."""
    return select(func.count()).where(regions.c.parent_region_code == region_code, regions.c.status == RegionStatus.ACTIVE)


def changes_of(region_code: str) -> Select[Any]:
    """The rows of the crosswalk that lead from a code or to it, oldest first."""
    c = region_changes.c
    return select(region_changes).where((c.from_code == region_code) | (c.to_code == region_code)).order_by(c.effective_from, c.from_code, c.to_code)


def write_changes(changes: Collection[Change]) -> tuple[Insert, list[dict[str, Any]]]:
    """Enter rows in the crosswalk."""
    return insert(region_changes), [change_row(change) for change in changes]


def change_row(change: Change) -> dict[str, Any]:
    """A row of the crosswalk as the table has it."""
    names = ("from_code", "kind", "to_code", "from_name", "share", "decree_ref")
    return {name: getattr(change, name) for name in names} | {"effective_from": change.on}


def end_below(region: Region) -> Update:
    """End the districts and villages of a region that ended: under its successor they come with the next official list."""
    below = regions.c.region_code.startswith(region.region_code + ".", autoescape=True)
    listed = regions.c.level.in_([RegionLevel.DISTRICT, RegionLevel.VILLAGE])
    return update(regions).where(below, listed, regions.c.status == RegionStatus.ACTIVE).values(status=RegionStatus.INACTIVE, valid_to=region.valid_to)


async def load_crosswalk(connection: AsyncConnection, *, levels: Collection[RegionLevel] = UPPER, codes: Collection[str] = ()) -> Crosswalk:
    """The crosswalk over the regions of these levels and, beside them, of these Kemendagri codes.

    Provinces and regencies are some 550 regions; with `levels=LEVELS` all 92,000 are held, in some 20 MB.
    """
    c = regions.c
    columns = (c.region_code, c.name, c.bps_code_2021, c.bps_code_2024, c.valid_from, c.valid_to)
    found = await connection.execute(select(*columns).where(or_(c.level.in_(list(levels)), c.region_code.in_(list(codes)))))
    places = [Place(**row._mapping) for row in found]
    rows = (await connection.execute(select(region_changes))).mappings().all()
    return Crosswalk(places, [Change(**{("on" if name == "effective_from" else name): value for name, value in row.items()}) for row in rows])
