"""What stands in the way of an application for financing."""

from shared.errors import Conflict, Forbidden, Refused


class NoActiveMembership(Refused):
    """The ministry serves enterprises through groups, never alone."""

    code = "no_active_membership"
    message = ("Usaha ini bukan anggota aktif kelompok mana pun.", "The enterprise is not an active member of any group.")
    action = ("Daftarkan usaha ke sebuah kelompok terlebih dahulu.", "Have the enterprise join a group first.")


class GroupNotActive(Refused):
    """The group is not open to facilitation."""

    code = "group_not_active"
    message = ("Kelompok usaha ini belum aktif.", "The enterprise's group is not active.")
    action = ("Aktifkan kelompoknya terlebih dahulu.", "Activate the group first.")


class ProductNotOpen(Refused):
    """No version of the product takes applications today."""

    code = "product_not_open"
    message = ("Produk pembiayaan ini tidak dibuka saat ini.", "This product is not open for applications now.")
    action = ("Lihat GET /facilitation/v1/financing-products.", "See GET /facilitation/v1/financing-products.")


class AmountOutsideProduct(Refused):
    """The amount is not one that the product is for."""

    code = "amount_outside_product"
    message = ("Jumlah di luar batas produk.", "The amount lies outside the product's limits.")
    action = (
        "Ajukan di atas {above_idr} sampai dengan {ceiling_idr} rupiah, atau pilih produk lain.",
        "Ask for more than {above_idr}, up to {ceiling_idr} rupiah, or choose another product.",
    )


class AmountAboveRequested(Refused):
    """A lender grants at most what was asked for, and at most the product's ceiling."""

    code = "amount_above_requested"
    message = ("Jumlah yang disetujui melebihi {limit_idr} rupiah.", "More than {limit_idr} rupiah cannot be granted.")
    action = ("Setujui paling banyak jumlah yang diajukan dan pagu produk.", "Grant at most what was requested and the product's ceiling.")


class TenorTooLong(Refused):
    """The product has a longest tenor."""

    code = "tenor_too_long"
    message = ("Jangka waktu melebihi {max_tenor_months} bulan.", "The tenor exceeds {max_tenor_months} months.")
    action = ("Kurangi jangka waktu.", "Shorten the tenor.")


class GrantDateImpossible(Refused):
    """A contract is signed after the application reached the lender, and not in the future."""

    code = "grant_date_impossible"
    message = ("Tanggal akad tidak mungkin.", "The date of the contract is impossible.")
    action = ("Isi tanggal antara {earliest} dan {latest}.", "Give a date between {earliest} and {latest}.")


class OpenApplicationExists(Conflict):
    """One open application for each enterprise and product."""

    code = "open_application_exists"
    message = ("Usaha ini masih memiliki pengajuan terbuka untuk produk tersebut.", "The enterprise has an open application for this product.")
    action = ("Lanjutkan atau tarik pengajuan itu.", "Go on with that application, or withdraw it.")


class LenderReferenceTaken(Conflict):
    """A lender's reference names one contract."""

    code = "lender_reference_taken"
    message = ("Nomor referensi penyalur ini sudah dipakai.", "The lender's reference was used for another grant.")
    action = ("Periksa nomor akad.", "Check the number of the contract.")


class ApplicantNotServed(Refused):
    """The product is for other borrowers."""

    code = "applicant_not_served"
    message = ("Produk ini tidak untuk pemohon seperti ini.", "The product is not for such an applicant.")
    action = ("Ajukan sebagai: {applicants}, atau pilih produk lain.", "Apply as: {applicants}, or choose another product.")


class AllocationsDiffer(Refused):
    """The members' parts are the whole."""

    code = "allocations_differ"
    message = (
        "Bagian anggota berjumlah {sum_idr} rupiah, permohonannya {amount_idr} rupiah.",
        "The members' parts sum to {sum_idr} rupiah, the application is for {amount_idr}.",
    )
    action = (
        "Beri setiap anggota satu bagian yang berjumlah tepat; tanpa bagian bila bukan permohonan kelompok.",
        "Give each member one part so that they sum exactly; none where no group applies.",
    )


class MemberConsentInFuture(Refused):
    """A member agrees before the group applies."""

    code = "member_consent_in_future"
    message = ("Persetujuan seorang anggota bertanggal di masa depan.", "A member's consent is dated in the future.")
    action = ("Mintakan persetujuan lebih dahulu, lalu isi tanggalnya.", "Obtain the consent first, then give its date.")


class MemberNotInGroup(Refused):
    """Who has a part is a member."""

    code = "member_not_in_group"
    message = ("Seorang penerima bagian bukan anggota aktif kelompok ini.", "Somebody with a part is no active member of this group.")
    action = ("Lihat GET /facilitation/v1/groups/{{id}}/members.", "See GET /facilitation/v1/groups/{{id}}/members.")


class BusinessTooYoung(Refused):
    """The product asks for an older business."""

    code = "business_too_young"
    message = ("Usaha belum berjalan {months} bulan.", "The business is younger than {months} months.")
    action = ("Ajukan sesudah {months} bulan, atau pilih KUR super mikro.", "Apply after {months} months, or choose KUR super mikro.")


class BusinessAgeUnknown(Refused):
    """Nobody said since when the business runs."""

    code = "business_age_unknown"
    message = ("Belum diketahui sejak kapan usaha berjalan.", "It is not known since when the business runs.")
    action = ("Isi business_started_on; diperlukan {months} bulan.", "Give business_started_on; {months} months are needed.")


class KurBefore(Refused):
    """The product is for who never had KUR."""

    code = "kur_before"
    message = ("Pemilik pernah menerima KUR.", "The owner had KUR before.")
    action = ("Pilih KUR mikro.", "Choose KUR mikro.")


class DocumentsMissing(Refused):
    """The amount asks for documents."""

    code = "documents_missing"
    message = ("Dokumen belum lengkap: {document_codes}.", "Documents are missing: {document_codes}.")
    action = (
        "Lampirkan dengan POST /facilitation/v1/financing-applications/{{id}}/documents.",
        "Attach them with POST /facilitation/v1/financing-applications/{{id}}/documents.",
    )


class NotYourStage(Forbidden):
    """A stage is decided by its role."""

    code = "not_your_stage"
    message = ("Tahap {stage} diputus oleh peran lain.", "The stage {stage} is decided by another role.")


class DecidedBefore(Conflict):
    """An officer decides once on an application."""

    code = "officer_decided_before"
    message = ("Anda sudah memutus permohonan ini pada tahap lain.", "You decided this application before, at another stage.")
    action = ("Minta pejabat lain memutus tahap ini.", "Ask another officer to decide this stage.")


class RateRequired(Refused):
    """Where the product has no rate the lender states it."""

    code = "rate_required"
    message = ("Produk ini tidak menetapkan suku bunga.", "The product sets no rate.")
    action = ("Isi annual_rate_percent menurut akad.", "Give annual_rate_percent as in the contract.")


class RateAboveProduct(Refused):
    """A lender takes at most the product's rate."""

    code = "rate_above_product"
    message = ("Suku bunga melebihi {limit_percent} persen setahun untuk akses ini.", "The rate exceeds {limit_percent} per cent a year for this access.")
    action = ("Gunakan paling tinggi suku bunga produk.", "Use at most the product's rate.")


class RespondByImpossible(Refused):
    """There is time left to answer."""

    code = "respond_by_impossible"
    message = ("Batas waktu melengkapi sudah lewat.", "The date to respond by is over.")
    action = ("Isi tanggal sesudah {earliest}.", "Give a date after {earliest}.")
