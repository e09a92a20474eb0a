"""What a run's certificate of robustness (sertifikat ketahanan) may do: one for each result, and none other once the result is public."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.errors import Conflict


class CertificateStale(Conflict):
    """The certificate was made of another result than the run has now."""

    code = "certificate_stale"
    message = ("Sertifikat ini dibuat dari hasil yang sudah dihitung ulang.", "This certificate was made of a result that was computed anew since.")
    action = (
        "Buat sertifikat baru: POST /v1/prioritisation-runs/{run_id}/certificate.",
        "Make a new one: POST /v1/prioritisation-runs/{run_id}/certificate.",
    )


class CertificatePublished(Conflict):
    """A published result keeps the certificate that it has: nobody picks the seed or the margins that please."""

    code = "certificate_published"
    message = ("Hasil ini sudah diumumkan bersama sertifikatnya.", "This result is published together with its certificate.")
    action = (
        "Gunakan sertifikat yang ada: GET /v1/prioritisation-runs/{run_id}/certificate.",
        "Use the certificate there is: GET /v1/prioritisation-runs/{run_id}/certificate.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as it is kept: `document` is canonical JSON, `result_hash` that of the result it was made of."""

    run_id: UUID
    result_hash: str
    certificate_hash: str
    document: str
    made_by: str

    def require_current(self, result_hash: str | None) -> None:
        """Refuse to speak of a result that was computed anew."""
        if self.result_hash != result_hash:
            raise CertificateStale(run_id=str(self.run_id))

    def require_replaceable(self, by: "Certificate", *, public: bool) -> None:
        """Refuse another certificate of a public result; the same one again changes nothing."""
        if public and self.result_hash == by.result_hash and self.certificate_hash != by.certificate_hash:
            raise CertificatePublished(run_id=str(self.run_id))

    @classmethod
    def of(cls, run_id: UUID, certificate: Mapping[str, str], document: str, result_hash: str, by: str) -> "Certificate":
        """From what was computed."""
        return cls(run_id=run_id, result_hash=result_hash, certificate_hash=certificate["certificate_hash"], document=document, made_by=by)
