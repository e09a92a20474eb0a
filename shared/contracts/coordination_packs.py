"""Events of coordination about the quarterly pack (laporan triwulan)."""

from datetime import date
from uuid import UUID

from shared.contracts.coordination import TOPIC
from shared.contracts.registry import event


@event("entaskan.coordination.QuarterlyPackCompiled.v1", topic=TOPIC)
class QuarterlyPackCompiled:
    """The pack of a programme and a quarter (`2026-Q3`) was compiled from the data of the moment; it may be compiled anew until it is frozen."""

    pack_id: UUID
    programme_id: UUID
    quarter: str
    pack_version: int
    content_hash: str


@event("entaskan.coordination.QuarterlyPackFrozen.v1", topic=TOPIC)
class QuarterlyPackFrozen:
    """The deadline passed: this content is the quarter's pack. The hashes are SHA-256 of canonical JSON, PDF and XLSX."""

    pack_id: UUID
    programme_id: UUID
    quarter: str
    pack_version: int
    deadline: date
    content_hash: str
    pdf_hash: str
    xlsx_hash: str


@event("entaskan.coordination.QuarterlyPackCorrected.v1", topic=TOPIC)
class QuarterlyPackCorrected:
    """A further version of a frozen pack was begun, for a reason; the former one stays readable."""

    pack_id: UUID
    programme_id: UUID
    quarter: str
    pack_version: int
    previous_hash: str
    reason_code: str
