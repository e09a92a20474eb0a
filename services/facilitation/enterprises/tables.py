"""The register of enterprises, how it is searched, and an enterprise's place in its group."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ColumnElement, Date, Index, LargeBinary, Text, UniqueConstraint, or_, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.facilitation.enterprises.domain import Enterprise, EnterpriseStatus, Household, Legality, Merge, Sex
from services.facilitation.enterprises.problems import NibAlreadyRegistered, NikAlreadyRegistered
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted

enterprises = persisted(
    metadata,
    Enterprise,
    "enterprises",
    Column("name", Text, nullable=False),
    Column("owner_name", Text, nullable=False),
    Column("owner_nik", LargeBinary, nullable=False, comment="sealed; see shared/security/personal_data.py"),
    Column("owner_nik_index", LargeBinary, nullable=False, comment="keyed hash, for equality"),
    Column("owner_nik_masked", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("kbli_section", Text, nullable=False),
    Column("scale_code", Text, nullable=False),
    Column("capital_idr", BigInteger, nullable=False),
    Column("annual_sales_idr", BigInteger, nullable=False),
    Column("nib", Text),
    Column("consent_purpose", Text, nullable=False),
    Column("consent_on", Date, nullable=False),
    Column("registered_on", Date, nullable=False),
    Column("status", Code(EnterpriseStatus), nullable=False),
    Column("kbli_code", Text),
    Column("owner_sex", Code(Sex)),
    Column("owner_birth_index", LargeBinary, comment="keyed hash of date of birth and sex in the NIK, for equality"),
    Column("owner_keys", ARRAY(Text), nullable=False, comment="the owner's name as it is compared; see enterprises/names.py"),
    Column("name_keys", ARRAY(Text), nullable=False),
    Column("warnings", Typed(list[str]), nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("verified_by", Text),
    Column("legality", Typed(list[Legality]), nullable=False),
    Column("household", Typed(Household)),
    Column("activated_on", Date),
    Column("ladder_step", Text, nullable=False),
    Column("ladder_since", Date),
    Column("reason_code", Text),
    Column("consent_withdrawn_on", Date),
    Column("merge", Typed(Merge)),
    Column("graduated_on", Date),
    UniqueConstraint("owner_nik_index"),
    CheckConstraint("capital_idr >= 0 AND annual_sales_idr >= 0", name="amounts_not_negative"),
    refusals={"uq_enterprises_owner_nik_index": NikAlreadyRegistered, "uq_enterprises_nib": NibAlreadyRegistered},
)
_c = enterprises.c
Index("ix_enterprises_region_code", _c.region_code)
Index("uq_enterprises_nib", _c.nib, unique=True, postgresql_where=_c.nib.is_not(None))
Index("ix_enterprises_owner_birth_index", _c.owner_birth_index)
Index("ix_enterprises_owner_keys", _c.owner_keys, postgresql_using="gin")
Index("ix_enterprises_name_keys", _c.name_keys, postgresql_using="gin")

IN_USE = _c.status.not_in([EnterpriseStatus.EXITED, EnterpriseStatus.MERGED])


def named(keys: list[str]) -> ColumnElement[bool]:
    """The owner or the enterprise bears all these keys."""
    return or_(_c.owner_keys.contains(keys), _c.name_keys.contains(keys))


def bearing_any(keys: list[str]) -> ColumnElement[bool]:
    """The owner or the enterprise bears one of these keys at least."""
    return or_(_c.owner_keys.overlap(keys), _c.name_keys.overlap(keys))


_PLACE = text("""
SELECT g.id AS group_id, g.programme_id, m.member_role, g.status
FROM memberships AS m JOIN groups AS g ON g.id = m.group_id
WHERE m.enterprise_id = :enterprise_id AND m.left_on IS NULL
""")


def place_of(enterprise_id: UUID) -> Any:
    """The group that an enterprise is in now, its role there, and the programme that the group is active for."""
    return _PLACE.bindparams(enterprise_id=enterprise_id)
