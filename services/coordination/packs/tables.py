"""The table of packs, and their files by version."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Executable, ForeignKey, Integer, LargeBinary, Select, Table, Text, UniqueConstraint, Uuid, select
from sqlalchemy.dialects.postgresql import insert

from services.coordination.packs.domain import Form, PackExists, PackStatus, QuarterlyPack
from services.coordination.schema import metadata
from shared.tables import Code, persisted

quarterly_packs = persisted(
    metadata,
    QuarterlyPack,
    "quarterly_packs",
    Column("programme_id", Uuid, ForeignKey("programmes.id"), nullable=False),
    Column("quarter", Text, nullable=False),
    Column("form", Code(Form), nullable=False),
    Column("deadline", Date, nullable=False),
    Column("pack_version", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("status", Code(PackStatus), nullable=False),
    Column("pdf_hash", Text),
    Column("xlsx_hash", Text),
    Column("frozen_on", Date),
    Column("reason_code", Text),
    UniqueConstraint("programme_id", "quarter", "form"),
    refusals={"uq_quarterly_packs_programme_id_quarter_form": PackExists},
)

pack_files = Table(
    "quarterly_pack_files",
    metadata,
    Column("pack_id", Uuid, primary_key=True),
    Column("pack_version", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""`kind` is json, pdf or xlsx; what is frozen is never written again, which a trigger of the database sees to."""


def kept(pack_id: UUID, pack_version: int, kind: str, sha256: str, body: bytes) -> Executable:
    """Keep a file of a version that is not frozen."""
    row = {"pack_id": pack_id, "pack_version": pack_version, "kind": kind, "sha256": sha256, "body": body}
    keep = insert(pack_files).values(row)
    return keep.on_conflict_do_update(constraint="pk_quarterly_pack_files", set_={"sha256": keep.excluded.sha256, "body": keep.excluded.body})


def file_of(pack_id: UUID, pack_version: int, kind: str) -> "Select[Any]":
    """A file with its hash."""
    f = pack_files.c
    return select(f.sha256, f.body).where(f.pack_id == pack_id, f.pack_version == pack_version, f.kind == kind)


def pack_of(programme_id: UUID, quarter: str, form: Form) -> "Select[UUID]":
    """The id of a pack."""
    p = quarterly_packs.c
    return select(p.id).where(p.programme_id == programme_id, p.quarter == quarter, p.form == form)


def to_freeze(before: date) -> "Select[UUID]":
    """Ids of packs whose deadline lies before a day and that were never frozen."""
    p = quarterly_packs.c
    return select(p.id).where(p.status == PackStatus.COMPILED, p.pack_version == 1, p.deadline < before).order_by(p.id)
