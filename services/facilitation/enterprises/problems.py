"""What stands in the way of an enterprise."""

from shared.errors import Conflict, Refused


class NikAlreadyRegistered(Conflict):
    """One enterprise for each owner."""

    code = "nik_already_registered"
    message = ("NIK pemilik ini sudah terdaftar.", "The owner's NIK is already registered.")
    action = ("Cari usaha yang sudah terdaftar atas nama pemilik ini.", "Look for the enterprise already registered for this owner.")


class NibAlreadyRegistered(Conflict):
    """A NIB belongs to one enterprise."""

    code = "nib_already_registered"
    message = ("NIB ini sudah dipakai usaha lain.", "Another enterprise has this NIB.")
    action = ("Periksa NIB pada OSS, atau cari usaha yang memakainya.", "Check the NIB at OSS, or look for the enterprise that has it.")


class NotMicro(Refused):
    """The programme is for micro enterprises."""

    code = "not_micro"
    message = (
        "Bukan usaha mikro: modal melebihi {capital_max_idr} rupiah dan penjualan setahun melebihi {annual_sales_max_idr} rupiah ({source}).",
        "Not a micro enterprise: capital exceeds {capital_max_idr} rupiah and annual sales exceed {annual_sales_max_idr} rupiah ({source}).",
    )
    action = ("Periksa modal usaha (tanpa tanah dan bangunan) dan penjualan setahun.", "Check capital (without land and buildings) and annual sales.")


class ConsentInFuture(Refused):
    """Consent is given before data are written down."""

    code = "consent_in_future"
    message = ("Persetujuan pemilik data bertanggal di masa depan.", "The owner's consent is dated in the future.")
    action = ("Catat persetujuan lebih dahulu, lalu isi tanggalnya.", "Obtain the consent first, then give its date.")


class ConsentMissing(Refused):
    """The owner withdrew the consent under which the data are processed."""

    code = "consent_missing"
    message = ("Pemilik menarik persetujuannya.", "The owner withdrew the consent.")
    action = ("Minta persetujuan baru, lalu catat dengan renew-consent.", "Obtain a new consent and record it with renew-consent.")


class KbliOutsideSection(Refused):
    """The first two digits of a KBLI code lie in another section."""

    code = "kbli_outside_section"
    message = ("Kode KBLI {kbli_code} berada di kategori {section}.", "KBLI code {kbli_code} lies in section {section}.")
    action = ("Samakan kategori dan kode KBLI 2020.", "Make section and KBLI 2020 code agree.")


class RegistrarVerifies(Conflict):
    """Four eyes: who registered an enterprise does not verify it."""

    code = "registrar_verifies"
    message = ("Pendaftar tidak boleh memverifikasi usaha yang didaftarkannya.", "Who registered an enterprise does not verify it.")
    action = ("Minta petugas lain memverifikasi.", "Ask another officer to verify it.")


class NoActiveMembership(Refused):
    """The programme reaches enterprises through groups."""

    code = "no_active_membership"
    message = ("Usaha ini bukan anggota kelompok yang aktif.", "The enterprise is no member of an active group.")
    action = ("Gabungkan usaha ke kelompok dan aktifkan kelompoknya.", "Have it join a group, and have the group activated.")


class LegalityEnded(Refused):
    """A document that has expired is no step up."""

    code = "legality_ended"
    message = ("Dokumen berakhir {valid_until}.", "The document ended on {valid_until}.")
    action = ("Perpanjang dokumennya lebih dahulu.", "Have the document renewed first.")


class OpenFinancing(Conflict):
    """Credit under way comes to its end first."""

    code = "open_financing"
    message = ("Masih ada {count} pengajuan atau pinjaman yang berjalan.", "{count} applications or loans are still under way.")
    action = ("Tarik pengajuannya atau lunasi pinjamannya lebih dahulu.", "Withdraw the applications or settle the loans first.")


class NotGraduatedYet(Refused):
    """Some criteria of graduation do not hold."""

    code = "criteria_not_met"
    message = ("Kriteria belum terpenuhi: {unmet_criteria}.", "Criteria are not met: {unmet_criteria}.")
    action = ("Lihat GET /facilitation/v1/enterprises/{{id}}/ladder.", "See GET /facilitation/v1/enterprises/{{id}}/ladder.")


class MergeTooOld(Conflict):
    """A merge is reversed within a time."""

    code = "merge_too_old"
    message = ("Penggabungan hanya dapat dibatalkan sampai {reversible_until}.", "The merge could be reversed until {reversible_until}.")
    action = ("Daftarkan usaha sebagai usaha baru bila memang berbeda.", "Register the enterprise anew if it is a different one.")


class DeciderReverses(Conflict):
    """Four eyes: who decided a merge does not reverse it."""

    code = "decider_reverses"
    message = ("Pemutus penggabungan tidak boleh membatalkannya sendiri.", "Who decided a merge does not reverse it alone.")
    action = ("Minta petugas lain membatalkan.", "Ask another officer.")
