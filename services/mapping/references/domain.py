"""A reference list (daftar acuan): places that somebody else named, to compare a selection with."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from services.mapping.computation.result import sha256
from services.mapping.regions.codes import Scheme
from shared.aggregate import Aggregate
from shared.contracts.mapping_runs import ReferenceListRecorded
from shared.errors import Conflict, Refused


class UnknownListCode(Refused):
    """A code of a reference list means no regency or city of today in its scheme."""

    code = "reference_code_unknown"
    message = ("Kode tidak dikenal dalam skema {scheme}: {unknown_codes}.", "Codes that are unknown in the scheme {scheme}: {unknown_codes}.")
    action = ("Periksa skema dan kodenya; kode adalah teks, bukan angka.", "Check the scheme and the codes; codes are text, not numbers.")


class ListCodeTwice(Refused):
    """A reference list names a place more than once."""

    code = "reference_code_twice"
    message = ("Kode disebut lebih dari sekali: {repeated_codes}.", "Codes are given more than once: {repeated_codes}.")
    action = ("Sebutkan setiap wilayah sekali saja.", "Name each region once.")


class NotComputed(Conflict):
    """There is no selection yet to compare."""

    code = "run_not_computed"
    message = ("Penetapan ini belum dihitung.", "This run is not computed.")
    action = ("Panggil compute lebih dahulu.", "Call compute first.")


@dataclass(eq=False, kw_only=True)
class ReferenceList(Aggregate):
    """A list with its citation; never changed, another version is another list.

    `given_codes` are as they were sent, in their `scheme`; `region_codes` are the Kemendagri codes they mean, in order. `year` is
    the one that the list is for. `list_hash` is SHA-256 of `region_codes`.
    """

    name: str
    source: str
    year: int
    scheme: Scheme
    given_codes: list[str]
    region_codes: list[str]
    list_hash: str
    recorded_by: str

    @classmethod
    def write_down(cls, *, id: UUID, name: str, source: str, year: int, scheme: Scheme, given_codes: list[str], region_codes: list[str], by: str) -> Self:
        """Record it."""
        if repeated := sorted({code for code in given_codes if given_codes.count(code) > 1}):
            raise ListCodeTwice(repeated_codes=repeated)
        ordered = sorted(region_codes)
        written = cls(
            id=id,
            name=name,
            source=source,
            year=year,
            scheme=scheme,
            given_codes=given_codes,
            region_codes=ordered,
            list_hash=sha256(ordered),
            recorded_by=by,
        )
        written.record(ReferenceListRecorded(reference_list_id=id, scheme=scheme, region_count=len(ordered), list_hash=written.list_hash))
        return written
