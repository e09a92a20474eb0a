"""What stands in the way of an assessment."""

from shared.errors import Conflict, Refused


class RegionNotAssessable(Refused):
    """Only a regency or city of today is assessed."""

    code = "region_not_assessable"
    message = ("Hanya kabupaten/kota yang masih berlaku yang dapat dinilai.", "Only a regency or city of today can be assessed.")
    action = ("Periksa kode wilayah pada /v1/regions/resolve.", "Check the code at /v1/regions/resolve.")


class PeriodInFuture(Refused):
    """Figures of a period exist after it has ended."""

    code = "period_in_future"
    message = ("Periode ini baru berakhir pada {period_end}.", "This period ends on {period_end} only.")
    action = ("Gunakan periode yang sudah berakhir.", "Use a period that has ended.")


class CriteriaMissing(Refused):
    """A mandatory criterion has neither a value nor a reason why not."""

    code = "criteria_missing"
    message = ("Kriteria wajib belum diisi: {missing_criteria}.", "Mandatory criteria have no value: {missing_criteria}.")
    action = ("Isi nilainya, atau nyatakan tidak ada pada `missing` beserta alasannya.", "Give their values, or declare them in `missing` with a reason.")


class DeclaredMissingButPresent(Refused):
    """A criterion cannot be both."""

    code = "declared_missing_but_present"
    message = ("Kriteria dinyatakan tidak ada, padahal diisi: {criteria}.", "Criteria are declared missing and have a value: {criteria}.")
    action = ("Hapus pernyataannya atau nilainya.", "Remove the declaration or the value.")


class ContentOfOtherKind(Refused):
    """The content belongs to the other kind of assessment."""

    code = "content_of_other_kind"
    message = ("Isi ini bukan untuk penilaian jenis {kind}.", "This content is not for an assessment of kind {kind}.")
    action = ("Kirim isi sesuai jenis penilaiannya.", "Send the content of its kind.")


class CommentRequired(Refused):
    """Findings are passed only with a comment."""

    code = "comment_required"
    message = ("Ada temuan pemeriksaan yang belum diberi catatan: {findings}.", "Checks found something that has no comment: {findings}.")
    action = ("Beri catatan mengapa angka tetap diterima, atau minta perbaikan.", "Comment why the figures are accepted, or request a revision.")


class NoDiscrepancy(Refused):
    """The rule finds no pair of sources that is not flagged yet."""

    code = "no_discrepancy"
    message = ("Tidak ada perbedaan antarsumber yang baru di atas batas {threshold}.", "No two sources differ newly by more than {threshold}.")
    action = ("Tidak perlu tindakan.", "Nothing needs to be done.")


class AnotherValidated(Conflict):
    """Another assessment of the same region, kind and period was validated at the same moment."""

    code = "another_validated"
    message = (
        "Penilaian lain untuk wilayah, jenis, dan periode ini baru saja disahkan.",
        "Another assessment of this region, kind and period was just validated.",
    )
    action = ("Baca penilaian itu; sahkan yang ini hanya bila memang menggantikannya.", "Read that one; validate this only if it is to supersede it.")


class UsedByPublishedRun(Conflict):
    """A published selection rests on it."""

    code = "used_by_published_run"
    message = ("Penilaian ini dipakai penetapan yang sudah diumumkan.", "A published run uses this assessment.")
    action = ("Sahkan penilaian yang lebih baru, yang menggantikannya.", "Validate a newer one, which supersedes it.")


class NotExpired(Conflict):
    """It is not older than the policy allows."""

    code = "not_expired"
    message = ("Penilaian ini belum melewati {max_months} bulan.", "This assessment is not older than {max_months} months.")
    action = ("Tidak perlu tindakan.", "Nothing needs to be done.")
