"""What was there before loans were kept: applications in work go on, and whoever was granted credit keeps that one place."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from shared.database import create_engine
from shared.migrations import folder_of

BEFORE = """
INSERT INTO enterprises (id, version, name, owner_name, owner_nik, owner_nik_index, owner_nik_masked, region_code, kbli_section, scale_code, capital_idr,
                         annual_sales_idr, consent_purpose, consent_on, registered_on)
SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 1, 'U', 'P', '\\x00', ('\\x0' || n)::bytea, 'x', '53.04', 'C', 'micro', 1, 1, 'p', '2024-01-01',
       '2024-01-01' FROM generate_series(1, 2) n;
INSERT INTO groups (id, version, name, group_type, region_code, kbli_section, status, member_count, formed_on)
VALUES ('00000000-0000-0000-0000-0000000000aa', 1, 'G', 'kelompok', '53.04', 'C', 'active', 2, '2024-01-01');
INSERT INTO financing_applications (id, version, region_code, programme_id, enterprise_id, group_id, product_code, product_version, requested_amount_idr,
                                    status, drafted_by, lender_institution_id, granted_amount_idr, tenor_months, granted_on, lender_reference, reason_codes)
VALUES ('00000000-0000-0000-0000-0000000000b1', 6, '53.04', '00000000-0000-0000-0000-0000000000cc', '00000000-0000-0000-0000-000000000001',
        '00000000-0000-0000-0000-0000000000aa', 'kur_super_mikro', 2, 9, 'granted', 'm',
        '00000000-0000-0000-0000-0000000000dd', 9, 60, '2024-02-01', 'A-1', '[]'),
       ('00000000-0000-0000-0000-0000000000b2', 3, '53.04', '00000000-0000-0000-0000-0000000000cc', '00000000-0000-0000-0000-000000000002',
        '00000000-0000-0000-0000-0000000000aa', 'umi', 1, 9, 'under_review', 'm', NULL, NULL, NULL, NULL, NULL, '[]');
"""
CLASH = "UPDATE financing_borrowers SET open = true, product_code = 'umi', enterprise_id = '00000000-0000-0000-0000-000000000002'"


def _to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder_of("facilitation")))
    config.attributes["connection"] = connection
    (command.upgrade if revision == "0010" else command.downgrade)(config, revision)


async def test_applications_and_grants_of_before_are_taken_along(database_url: Callable[..., Any]) -> None:
    engine = create_engine(await database_url("facilitation"))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_to, "0005")
            for statement in filter(str.strip, BEFORE.split(";\n")):
                await connection.execute(text(statement))
            await connection.run_sync(_to, "0010")
        async with engine.connect() as connection:
            [credit] = (await connection.execute(text("SELECT contract_reference, family, closed_on FROM credits"))).all()
            assert tuple(credit) == ("A-1", "kur", None)
            borrowers = (await connection.execute(text("SELECT product_code, open FROM financing_borrowers ORDER BY 1"))).all()
            assert [tuple(row) for row in borrowers] == [("kur_super_mikro", False), ("umi", True)]
            [stages] = (await connection.execute(text("SELECT DISTINCT stages::text FROM financing_applications"))).scalars().all()
            assert stages == '[{"code": "ministry", "role": "programme_owner"}]'
        with pytest.raises(IntegrityError, match="uq_financing_borrowers_open"):
            async with engine.begin() as connection:
                await connection.execute(
                    text("UPDATE financing_borrowers SET open = true, product_code = 'umi', enterprise_id = '00000000-0000-0000-0000-000000000002'")
                )
    finally:
        await engine.dispose()
