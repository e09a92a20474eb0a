"""The tables of lenders' files and of what became of their rows."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint, Uuid

from services.facilitation.lender_files.domain import FileSentBefore, LenderFile, Outcome
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted

lender_files = persisted(
    metadata,
    LenderFile,
    "lender_files",
    Column("lender_institution_id", Uuid, nullable=False),
    Column("content_hash", Text, nullable=False, comment="SHA-256 of the file"),
    Column("author", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("counts", Typed(dict[str, int]), nullable=False, comment="rows by outcome"),
    Column("booked_idr", BigInteger, nullable=False),
    Column("difference_idr", BigInteger, nullable=False),
    UniqueConstraint("lender_institution_id", "content_hash"),
    refusals={"uq_lender_files_lender_institution_id_content_hash": FileSentBefore},
)

lender_file_rows = Table(
    "lender_file_rows",
    metadata,
    Column("batch_id", Uuid, ForeignKey("lender_files.id"), nullable=False),
    Column("row_number", Integer, nullable=False),
    Column("outcome", Code(Outcome), nullable=False),
    Column("code", Text, comment="why it was not booked, or that balances differ"),
    Column("loan_id", Uuid, ForeignKey("loans.id")),
    Column("amount_idr", BigInteger, nullable=False),
    Column("difference_idr", BigInteger, nullable=False, comment="the lender's balance less ours, after the row"),
    PrimaryKeyConstraint("batch_id", "row_number"),
)
