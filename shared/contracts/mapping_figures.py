"""Events of mapping about files of figures and of points."""

from uuid import UUID

from shared.contracts.mapping import TOPIC
from shared.contracts.registry import event


@event("entaskan.mapping.FigureImportReceived.v1", topic=TOPIC)
class FigureImportReceived:
    """A file of figures arrived and is being checked; the hash is SHA-256 of its bytes."""

    import_id: UUID
    content_hash: str
    source_code: str


@event("entaskan.mapping.FigureImportChecked.v1", topic=TOPIC)
class FigureImportChecked:
    """Every row of a file was checked; nothing of it counts yet."""

    import_id: UUID
    row_count: int
    refused_row_count: int
    suspicion_codes: list[str]


@event("entaskan.mapping.FigureImportFailed.v1", topic=TOPIC)
class FigureImportFailed:
    """A file could not be read to its end; nothing of it is kept."""

    import_id: UUID
    reason_code: str


@event("entaskan.mapping.FigureImportCommitted.v1", topic=TOPIC)
class FigureImportCommitted:
    """Another person took a file over: its figures count from now on."""

    import_id: UUID
    content_hash: str
    source_code: str
    indicator_codes: list[str]
    periods: list[str]
    entered_count: int
    changed_count: int


@event("entaskan.mapping.FigureImportDiscarded.v1", topic=TOPIC)
class FigureImportDiscarded:
    """A file was thrown away, or its check cancelled."""

    import_id: UUID
    reason_code: str


@event("entaskan.mapping.RegionPointsChecked.v1", topic=TOPIC)
class RegionPointsChecked:
    """A file of points of regions was checked; none of them moved yet."""

    import_id: UUID
    content_hash: str
    row_count: int
    refused_row_count: int


@event("entaskan.mapping.RegionPointsCommitted.v1", topic=TOPIC)
class RegionPointsCommitted:
    """Another person took the points over; they are read from the register."""

    import_id: UUID
    content_hash: str
    moved_count: int


@event("entaskan.mapping.RegionPointsDiscarded.v1", topic=TOPIC)
class RegionPointsDiscarded:
    """A file of points was thrown away."""

    import_id: UUID
    reason_code: str
