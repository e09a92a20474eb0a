"""The table of procurement figures."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, UniqueConstraint, Uuid

from services.facilitation.procurement.domain import FigureExists, ProcurementFigure, Stage
from services.facilitation.schema import metadata
from shared.tables import Code, persisted

procurement_figures = persisted(
    metadata,
    ProcurementFigure,
    "procurement_figures",
    Column("institution_id", Uuid, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    Column("stage", Code(Stage), nullable=False),
    Column("total_idr", BigInteger, nullable=False),
    Column("small_business_idr", BigInteger, nullable=False),
    Column("domestic_idr", BigInteger, nullable=False),
    UniqueConstraint("institution_id", "fiscal_year", "stage"),
    CheckConstraint("small_business_idr BETWEEN 0 AND total_idr AND domestic_idr BETWEEN 0 AND total_idr", name="parts_within_total"),
    refusals={"uq_procurement_figures_institution_id_fiscal_year_stage": FigureExists},
)
